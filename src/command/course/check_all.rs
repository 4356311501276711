//! `killresume check-all`: every exercise, without a terminal.

use std::time::Instant;

use super::{Course, Stop, ended};
use crate::cli::{CheckAllArgs, Talk};
use crate::command::reports::{summarise, write_suite};
use crate::command::{cancel, exit_of_cases, marked, print, print_progress};
use crate::exit::Exit;
use crate::messages::course as say;
use crate::report::layout::{line, wrapped};
use crate::report::progress::printable;
use crate::report::suite::{Destination, Status, Suite};

/// Runs every exercise. Exit 0 if all pass, 3 if one could not be judged, or else 1.
pub fn check_all(args: &CheckAllArgs, talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.check_all(&args.report, talk))
}

impl Course {
    fn check_all(&self, to: &[Destination], talk: Talk) -> Result<Exit, Stop> {
        let cancel = cancel()?;
        let exercises = self.catalogue.exercises();
        let begin = Instant::now();
        let mut suite = Suite::new();
        // What an earlier check left is none of this one.
        write_suite(&suite, to)?;
        for exercise in exercises {
            if !talk.quiet {
                let now = say::checking(exercise.number, exercises.len(), &exercise.name);
                print_progress(&now);
            }
            let quiet = Talk { quiet: true, ..talk };
            let (attempt, _) = self.try_out(exercise, None, quiet, &cancel)?;
            let case = self.case(exercise, attempt)?;
            let mut text = String::new();
            let why = case.message.clone().unwrap_or_else(say::check_pass);
            let row = format!("{:>2} {}: {why}", exercise.number, exercise.name);
            line(&mut text, &wrapped(&printable(&row), &marked(case.status), "     "));
            if case.reports.is_empty() && !talk.quiet {
                text.push_str(&case.output);
                line(&mut text, "");
            }
            print(&text, talk.color)?;
            suite.cases.push(case);
            suite.seconds = begin.elapsed().as_secs_f64();
            write_suite(&suite, to)?;
        }
        summarise(&suite, to)?;
        let [passed, failed, not_judged] =
            [Status::Pass, Status::Fail, Status::Error].map(|status| suite.count(status));
        print(&format!("\n{}\n", say::check_summary(passed, failed, not_judged)), talk.color)?;
        Ok(exit_of_cases(failed, not_judged))
    }
}
