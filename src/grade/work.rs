//! One submission, graded in a process of its own.

use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use crate::course::{
    AttemptError, Catalogue, Controls, Exercise, Options, TIMEOUT, title, try_until_one_fails,
};
use crate::libtorch::Project;
use crate::messages::{course as say_course, lang};
use crate::report::gradebook::Task;
use crate::report::suite::Case;
use crate::sandbox::Sandbox;
use crate::scenario::{Expect, KillPoint, Scenario};
use crate::supervise::Cancel;

use super::Job;
use super::compile::{Compiled, compile};
use super::handed_in::handed_in;

/// The hidden command that grades the submission which standard input names, as a [`Job`], and writes a
/// [`Case`] a line.
pub const WORK: &str = "grade-one";

/// A run is longer before its kill than the catalogue says, by one epoch up to so many.
const EPOCHS_MORE: u64 = 3;

/// How the trials of a grading are made.
pub(super) const OPTIONS: Options = Options { timeout: TIMEOUT, quiet: true, verbose: false };

/// Grades one submission; `done` gets each case as it comes.
///
/// # Errors
/// What is not the learner's fault, see [`AttemptError`].
pub fn work(
    job: &Job,
    cancel: &Cancel,
    mut done: impl FnMut(Case) -> anyhow::Result<()>,
) -> Result<(), AttemptError> {
    let project = Project::around(&job.bench.project).map_err(anyhow::Error::from)?;
    let catalogue = Catalogue::read(&project).map_err(anyhow::Error::from)?;
    for task in &job.exercises {
        let exercise = catalogue.find(&task.name).map_err(anyhow::Error::from)?;
        let case = case(job, task, exercise, cancel)?;
        done(Case { points: task.points, ..case })?;
    }
    Ok(())
}

fn case(
    job: &Job,
    task: &Task,
    exercise: &Exercise,
    cancel: &Cancel,
) -> Result<Case, AttemptError> {
    let begin = Instant::now();
    let name = &task.name;
    let title = title(exercise, lang())?;
    let not_run = |file, message, output: &str| {
        let seconds = begin.elapsed().as_secs_f64();
        Case::not_run(name, &title, file, seconds, message, output)
    };
    let (place, source) = match handed_in(&job.folder, exercise, job.exercises.len()) {
        Ok(found) => found,
        Err(why) => return Ok(not_run(None, why.to_string(), "")),
    };
    let file = Some(job.folder.join(&place));
    // Nothing of an exercise is left for the next one.
    let dir = tempfile::Builder::new().prefix("killresume-").tempdir();
    let dir = dir.context("cannot create a temporary directory for the compiler")?;
    let (library, limits) = (&job.bench.library, job.limits);
    let program = match compile(library, &source, &place, name, dir.path(), limits, cancel)? {
        Compiled::Program(program) => program,
        Compiled::DoesNotCompile(messages) => {
            return Ok(not_run(file, say_course::check_compile(), &messages));
        }
        Compiled::Limit(message, messages) => {
            let message = crate::messages::grade::compiler_limit(&message);
            return Ok(not_run(file, message, &messages));
        }
    };
    let scenarios = scenarios(job, exercise, &program);
    let controls = Controls::at(&job.bench.controls);
    let reports = try_until_one_fails(scenarios, &controls, OPTIONS, cancel)?;
    let seconds = begin.elapsed().as_secs_f64();
    Ok(Case::of_reports(name, &title, file, seconds, reports))
}

/// The trials of an exercise, with a seed that nobody could know, for a program that nobody vouches for.
fn scenarios(job: &Job, exercise: &Exercise, program: &Path) -> Vec<Scenario> {
    let library = &job.bench.library;
    let trials = exercise.trials.iter();
    let usual = trials
        .map(|trial| trial.scenario(&exercise.name, program, &library.reference, job.timeout));
    usual.map(|scenario| graded(scenario, job)).collect()
}

fn graded(scenario: Scenario, job: &Job) -> Scenario {
    let sandbox =
        Sandbox { limits: job.limits, read: job.bench.library.loaded.clone(), execute: Vec::new() };
    let mut scenario = seeded(scenario, job.seed);
    scenario.trainer.sandbox = Some(sandbox);
    // With other arguments the resumed process is another run from the beginning.
    scenario.scrambled =
        scenario.resume.expect == Expect::SameRun && scenario.resume.args.is_empty();
    scenario
}

/// The scenario with a seed and a kill that nobody could know: a count of epochs or updates that is written
/// into the code is not the one that the checkpoint holds.
pub(super) fn seeded(scenario: Scenario, seed: u64) -> Scenario {
    let mut scenario = Scenario { seed: scenario.seed.wrapping_add(seed), ..scenario };
    if !scenario.resume.args.is_empty() {
        vary(&mut scenario.resume.args, seed);
        return scenario;
    }
    // Never where the catalogue says, which everyone can read.
    let epochs = 1 + seed % EPOCHS_MORE;
    match &mut scenario.kill {
        // Within the same epoch; a checkpoint is saved every five updates, so that it is another one.
        KillPoint::Step(at) | KillPoint::Event(at) => *at += 5 + seed % 6,
        KillPoint::Epoch(epoch) => {
            *epoch += epochs;
            scenario.epochs.before += epochs;
        }
        KillPoint::Save(..) | KillPoint::Inside(..) => scenario.epochs.before += epochs,
    }
    scenario
}

/// Another seed than the run's stays another one, and so does another count of epochs.
fn vary(args: &mut [OsString], seed: u64) {
    let mut name = OsString::new();
    for argument in args {
        let value: Option<u64> = argument.to_str().and_then(|text| text.parse().ok());
        let varied = match name.to_str() {
            Some("--seed") => value.map(|value| value.wrapping_add(seed)),
            Some("--epochs") => value.map(|value| value + seed % EPOCHS_MORE),
            _ => None,
        };
        if let Some(varied) = varied {
            *argument = varied.to_string().into();
        }
        name.clone_from(argument);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_resume_asks_for_stays_another_thing_whatever_the_seed() {
        let varied = |seed| {
            let mut args =
                ["--seed", "1", "--epochs", "6", "--optimizer", "sgd"].map(OsString::from);
            vary(&mut args, seed);
            args.map(|argument| argument.to_string_lossy().into_owned())
        };
        assert_eq!(varied(0), ["--seed", "1", "--epochs", "6", "--optimizer", "sgd"]);
        assert_eq!(varied(5), ["--seed", "6", "--epochs", "8", "--optimizer", "sgd"]);
    }
}
