//! `killresume check-all`: every exercise, without a terminal.

use super::{Course, Stop, ended};
use crate::cli::Talk;
use crate::command::{cancel, print, print_progress};
use crate::course::{Attempt, Outcome};
use crate::exit::Exit;
use crate::judge::Answer;
use crate::messages::course as say;
use crate::report::layout::{BAD, GOOD, UNSURE, line, styled, wrapped};
use crate::report::progress::printable;
use crate::report::words;

/// Runs every exercise. Exit 0 if all pass, 3 if one could not be judged, or else 1.
pub fn check_all(talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.check_all(talk))
}

impl Course {
    fn check_all(&self, talk: Talk) -> Result<Exit, Stop> {
        let cancel = cancel()?;
        let exercises = self.catalogue.exercises();
        let (mut passed, mut failed, mut not_judged) = (0, 0, 0);
        for exercise in exercises {
            if !talk.quiet {
                let now = say::checking(exercise.number, exercises.len(), &exercise.name);
                print_progress(&now);
            }
            let quiet = Talk { quiet: true, ..talk };
            let (attempt, _) = self.try_out(exercise, None, quiet, &cancel)?;
            let (answer, why) = in_short(&attempt);
            let (mark, style, count) = match answer {
                Answer::SameRun => ("✔", GOOD, &mut passed),
                Answer::NotSameRun => ("✘", BAD, &mut failed),
                Answer::NotJudged => ("?", UNSURE, &mut not_judged),
            };
            *count += 1;
            let mut text = String::new();
            let row = format!("{:>2} {}: {why}", exercise.number, exercise.name);
            line(
                &mut text,
                &wrapped(&printable(&row), &styled(style, &format!("{mark} ")), "     "),
            );
            if let (Outcome::DoesNotCompile(messages), false) = (&attempt.outcome, talk.quiet) {
                text.push_str(messages);
                line(&mut text, "");
            }
            print(&text, talk.color)?;
        }
        print(&format!("\n{}\n", say::check_summary(passed, failed, not_judged)), talk.color)?;
        Ok(match (failed, not_judged) {
            (0, 0) => Exit::SameRun,
            (_, 0) => Exit::NotSameRun,
            _ => Exit::NotJudged,
        })
    }
}

/// The verdict on an attempt, and its reason in one line.
fn in_short(attempt: &Attempt) -> (Answer, String) {
    match &attempt.outcome {
        Outcome::DoesNotCompile(_) => (Answer::NotJudged, say::check_compile()),
        Outcome::NoFile => (Answer::NotJudged, say::check_no_file()),
        Outcome::Tried(reports) => match reports.last() {
            Some(report) => (report.verdict, words::because(report)),
            None => (Answer::NotJudged, String::new()),
        },
    }
}
