//! One attempt at an exercise: build it, and put it through its trials.

use std::time::{Duration, Instant};

use anyhow::Context;

use super::{Controls, Exercise, file_digest};
use crate::judge::Answer;
use crate::libtorch::{self, BuildError, Project};
use crate::messages::course as say;
use crate::pipeline::prove;
use crate::protocol::Digest;
use crate::report::Report;
use crate::report::progress::Progress;
use crate::scenario::Scenario;
use crate::supervise::{Cancel, SuperviseError};

/// The program that every exercise is held against. It is the whole course's control, so that it need
/// not be trained again after each edit.
pub const CONTROL: &str = "reference";

/// What came of an attempt.
#[derive(Debug)]
pub struct Attempt {
    /// The digest of the learner's file at its beginning; `None` if the file could not be read.
    pub source: Option<Digest>,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub times: Times,
}

/// What came of an attempt.
#[derive(Debug)]
pub enum Outcome {
    /// The reports of its trials. All but the last one passed; none follows one that did not.
    Tried(Vec<Report>),
    /// The compiler's messages.
    DoesNotCompile(String),
    /// The learner's file is not there or cannot be read.
    NoFile,
}

/// How long an attempt took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// To compile and link.
    pub build: Duration,
    /// To train, kill, resume and judge, in all trials.
    pub run: Duration,
}

impl Attempt {
    /// Whether the exercise is solved.
    pub fn passed(&self) -> bool {
        match &self.outcome {
            Outcome::Tried(reports) => {
                reports.iter().all(|report| report.verdict == Answer::SameRun)
            }
            Outcome::DoesNotCompile(_) | Outcome::NoFile => false,
        }
    }
}

/// Why there was no attempt.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// A signal asked the harness to stop.
    #[error(transparent)]
    Supervise(#[from] SuperviseError),
    /// The harness could not do its work.
    #[error(transparent)]
    Harness(#[from] anyhow::Error),
}

/// How long an exercise may be silent. It takes a fraction of a second to start, and then speaks
/// hundreds of times a second.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// How an attempt is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long the program may be silent.
    pub timeout: Duration,
    /// Nothing is shown while it goes on.
    pub quiet: bool,
    /// What the trainers print is shown too.
    pub verbose: bool,
}

/// Builds the learner's program and puts it through the exercise's trials until one fails.
///
/// # Errors
/// What is not the learner's fault, see [`AttemptError`].
pub fn attempt(
    project: &Project,
    exercise: &Exercise,
    options: Options,
    cancel: &Cancel,
) -> Result<Attempt, AttemptError> {
    let mut source = file_digest(&exercise.source());
    if source.is_none() {
        return Ok(Attempt { source, outcome: Outcome::NoFile, times: Times::default() });
    }
    let begin = Instant::now();
    let progress = libtorch::Progress::stderr(options.quiet);
    libtorch::ensure(project, &progress).map_err(anyhow::Error::from)?;
    let built = loop {
        let built = libtorch::build_trainers(project, [&exercise.name, CONTROL], &progress);
        let now = file_digest(&exercise.source());
        if now == source {
            break built;
        }
        // Saved in the meantime: which of the two contents the compiler read, nobody knows.
        source = now;
    };
    let build = begin.elapsed();
    let [program, control] = match built {
        Ok(programs) => programs,
        Err(BuildError::Compile { stderr }) => {
            let times = Times { build, run: Duration::ZERO };
            return Ok(Attempt { source, outcome: Outcome::DoesNotCompile(stderr), times });
        }
        Err(error) => return Err(AttemptError::Harness(error.into())),
    };
    let begin = Instant::now();
    let scenarios = exercise
        .trials
        .iter()
        .map(|trial| trial.scenario(&exercise.name, &program, &control, options.timeout));
    let reports = try_until_one_fails(scenarios, &Controls::of(project), options, cancel)?;
    let times = Times { build, run: begin.elapsed() };
    Ok(Attempt { source, outcome: Outcome::Tried(reports), times })
}

/// Puts a program through trials, and stops after one that it does not pass.
///
/// # Errors
/// What is not the program's fault, see [`AttemptError`].
pub fn try_until_one_fails(
    scenarios: impl IntoIterator<Item = Scenario>,
    controls: &Controls,
    options: Options,
    cancel: &Cancel,
) -> Result<Vec<Report>, AttemptError> {
    let mut reports = Vec::new();
    for scenario in scenarios {
        let report = one_trial(&scenario, controls, options, cancel)?;
        let passed = report.verdict == Answer::SameRun;
        reports.push(report);
        if !passed {
            break;
        }
    }
    Ok(reports)
}

fn one_trial(
    scenario: &Scenario,
    controls: &Controls,
    options: Options,
    cancel: &Cancel,
) -> Result<Report, AttemptError> {
    let work = tempfile::Builder::new()
        .prefix("killresume-")
        .tempdir()
        .context("cannot create a temporary directory for the runs")?;
    let recorded = controls.get(scenario);
    let is_recorded = recorded.is_some();
    let progress =
        Progress::new(scenario.epochs.total(), !is_recorded, options.quiet, options.verbose);
    let begin = Instant::now();
    let proof = prove(scenario, recorded, work.path(), &progress, cancel);
    progress.finish();
    match proof {
        Ok(proof) => {
            if let Some(control) = proof.control.filter(|_| !is_recorded) {
                controls.put(scenario, &control);
            }
            Ok(proof.report)
        }
        // Here the kill point is the course's choice, so not to get there is the learner's doing.
        Err(
            error @ (SuperviseError::KillPointNotReached { .. } | SuperviseError::NoWrite { .. }),
        ) => {
            let reason = match &error {
                SuperviseError::NoWrite { .. } => say::save_not_followed(),
                _ => say::ended_before_the_kill(&scenario.kill.to_string()),
            };
            let report = Report::not_judged(scenario, &error, begin.elapsed());
            Ok(Report { reason: Some(reason), ..report })
        }
        Err(error) => Err(error.into()),
    }
}
