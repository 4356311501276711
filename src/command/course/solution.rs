//! `killresume solution`: the model answer.

use std::fs;

use anyhow::Context;

use super::{Course, Stop, command, ended};
use crate::cli::{SolutionArgs, Talk};
use crate::command::{print, print_error};
use crate::exit::Exit;
use crate::messages::course as say;
use crate::report::layout::{FAINT, link, styled};

/// Shows the model answer of an exercise that passed.
pub fn solution(args: &SolutionArgs, talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.solution(args, talk))
}

impl Course {
    fn solution(&self, args: &SolutionArgs, talk: Talk) -> Result<Exit, Stop> {
        let exercise = self.exercise(args.exercise.as_deref())?;
        if !args.spoil && !self.progress.read()?.was_solved(exercise) {
            let hint = command(&format!("hint {}", exercise.name));
            print_error(&say::solution_not_yet(&exercise.name, &hint));
            return Ok(Exit::Usage);
        }
        let path = exercise.solution();
        let shown = path.display().to_string();
        let text = fs::read_to_string(&path).with_context(|| say::text_not_read(&shown))?;
        print(&format!("{}\n\n{text}", styled(FAINT, &link(&path))), talk.color)?;
        Ok(Exit::SameRun)
    }
}
