//! `killresume list`: the exercises, and how far the learner is.

use anstyle::Style;

use super::{Course, command};
use crate::cli::Talk;
use crate::command::print;
use crate::course::{Position, Status, title};
use crate::exit::Exit;
use crate::messages::{course as say, lang};
use crate::report::layout::{BAD, FAINT, GOOD, UNSURE, line, link_named, table, wrapped};

/// Lists the exercises with titles, links and states.
pub fn list(talk: Talk) -> anyhow::Result<Exit> {
    Course::open()?.list(talk)
}

impl Course {
    pub(super) fn list(&self, talk: Talk) -> anyhow::Result<Exit> {
        let progress = self.progress.read()?;
        let exercises = self.catalogue.exercises();
        let mut rows = Vec::new();
        let mut solved = 0;
        for exercise in exercises {
            let status = progress.status(exercise);
            solved += usize::from(status.is_solved());
            let name = format!("{:>2} {}", exercise.number, exercise.name);
            let (style, status) = shown(status);
            let title = link_named(&exercise.lesson(lang()), &title(exercise, lang())?);
            rows.push((style, [link_named(&exercise.source(), &name), status, title]));
        }
        let mut out = String::new();
        table(&mut out, [say::column_exercise(), say::column_status(), say::column_lesson()], rows);
        line(&mut out, "");
        let position = match progress.position(&self.catalogue) {
            Position::At(exercise) => say::next_is(&exercise.name, &command("next")),
            Position::Done => say::all_solved(),
        };
        let summary = format!("{}. {position}", say::solved_of(solved, exercises.len()));
        line(&mut out, &wrapped(&summary, "", ""));
        print(&out, talk.color)?;
        Ok(Exit::SameRun)
    }
}

fn shown(status: Status) -> (Style, String) {
    match status {
        Status::Untouched => (FAINT, say::status_untouched()),
        Status::Started => (UNSURE, say::status_started()),
        Status::Solved => (GOOD, say::status_solved()),
        Status::EditedSince => (GOOD, say::status_edited_since()),
        Status::FailsAgain => (BAD, say::status_fails_again()),
    }
}
