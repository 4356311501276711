//! `killresume hint`: one more each time.

use super::{Course, Stop, command, ended};
use crate::cli::Talk;
use crate::command::print;
use crate::course::{Exercise, HINTS, hints};
use crate::exit::Exit;
use crate::messages::{course as say, lang};
use crate::report::layout::{FAINT, STRONG, line, prose, styled, wrapped};

/// Shows the hints seen so far, and one more.
pub fn hint(wanted: Option<&str>, talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.exercise(wanted).and_then(|exercise| course.hint(exercise, talk)))
}

impl Course {
    pub(super) fn hint(&self, exercise: &Exercise, talk: Talk) -> Result<Exit, Stop> {
        let hints = hints(exercise, lang())?;
        let mut shown = 0;
        self.progress.update(|progress| {
            shown = (progress.hints(exercise) + 1).min(HINTS);
            progress.set_hints(exercise, shown);
        })?;
        let mut text = String::new();
        for (i, hint) in hints[..shown].iter().enumerate() {
            let style = if i + 1 == shown { STRONG } else { FAINT };
            let heading = format!("{} · {}", exercise.name, say::hint_of(i + 1, HINTS));
            line(&mut text, &styled(style, &heading));
            line(&mut text, &prose(hint, "  "));
            line(&mut text, "");
        }
        let name = &exercise.name;
        let more = if shown == HINTS {
            say::no_more_hints(&command(&format!("solution {name} --spoil")))
        } else {
            say::one_more_hint(&command(&format!("hint {name}")))
        };
        line(&mut text, &wrapped(&more, "", ""));
        print(&text, talk.color)?;
        Ok(Exit::SameRun)
    }
}
