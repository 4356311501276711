//! One kill, in a process of ours of its own.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::{Outcome, Survey};
use crate::judge::Answer;
use crate::pipeline::prove;
use crate::report::Report;
use crate::report::progress::Progress;
use crate::scenario::{Epochs, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand};
use crate::supervise::{Cancel, SuperviseError};

/// The hidden command that makes the attempt which standard input names, and writes what came of it.
pub const ATTEMPT: &str = "torture-one";

/// What all attempts share.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Torture {
    /// The trainer's name.
    pub name: String,
    /// Its executable.
    pub program: PathBuf,
    /// Its own arguments.
    pub args: Vec<String>,
    /// Epochs before the save that is killed, which ends the last of them, and after it.
    pub epochs: (u64, u64),
    /// Of the run.
    pub seed: u64,
    /// How long the trainer may be silent.
    pub timeout: Duration,
    /// The file with the [`Survey`].
    pub survey: PathBuf,
}

/// What one attempt is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// What all attempts share.
    pub torture: Torture,
    /// Where the kill lands.
    pub kill: String,
}

/// What came of one attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempted {
    /// In a word.
    pub outcome: Outcome,
    /// Updates that were done before the kill and are done again, which no checkpoint can spare.
    pub again: u64,
}

impl Torture {
    /// The scenario of a kill.
    pub fn scenario(&self, kill: KillPoint) -> Scenario {
        Scenario {
            trainer: TrainerCommand {
                name: self.name.clone(),
                program: self.program.clone(),
                args: self.args.iter().map(Into::into).collect(),
                sandbox: None,
            },
            control: None,
            epochs: Epochs { before: self.epochs.0, after: self.epochs.1 },
            seed: self.seed,
            kill,
            tolerance: None,
            timeout: self.timeout,
            required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
            resume: Resume::default(),
            scrambled: false,
        }
    }
}

/// Kills, resumes and judges one time.
///
/// # Errors
/// The harness could not do its work, or a signal asked it to stop. What the trainer does is an outcome.
pub fn attempt(job: &Attempt, cancel: &Cancel) -> Result<Attempted, SuperviseError> {
    let kill = job.kill.parse().map_err(|why: String| anyhow!(why))?;
    let path = &job.torture.survey;
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let survey: Survey =
        serde_json::from_slice(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
    let work = tempfile::Builder::new().prefix("killresume-").tempdir();
    let work = work.context("cannot create a temporary directory for the runs")?;
    let scenario = job.torture.scenario(kill);
    let quiet = Progress::new(scenario.epochs.total(), false, true, false);
    match prove(&scenario, Some(survey.control), work.path(), &quiet, cancel) {
        Ok(proof) => {
            Ok(Attempted { again: again(&proof.report), outcome: Outcome::of(&proof.report) })
        }
        Err(
            error @ (SuperviseError::KillPointNotReached { .. } | SuperviseError::NoWrite { .. }),
        ) => Ok(Attempted { outcome: Outcome::NotJudged { why: error.to_string() }, again: 0 }),
        Err(error) => Err(error),
    }
}

fn again(report: &Report) -> u64 {
    match (&report.kill, &report.curve, report.verdict) {
        (Some(kill), Some(curve), Answer::SameRun | Answer::NotSameRun) => {
            kill.step.saturating_sub(curve.resumed_at_step)
        }
        _ => 0,
    }
}
