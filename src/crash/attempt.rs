//! One kill, in a process of ours of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::survey::KEPT;
use super::{Outcome, State, Survey};
use crate::judge::Answer;
use crate::pipeline::{judged, prove};
use crate::protocol::Event;
use crate::recording::{Kill, Recording};
use crate::report::Report;
use crate::report::progress::Progress;
use crate::scenario::{
    Cut, Epochs, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand,
};
use crate::supervise::{Cancel, Role, SuperviseError, Trial, record};

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
    /// What happens to the save.
    pub to: Happening,
}

/// What happens to a save.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Happening {
    /// A SIGKILL at this point, as a scenario takes it.
    Kill(String),
    /// A power failure that leaves this.
    PowerLoss(State),
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
            keep: None,
        }
    }
}

/// Kills or has the power fail, resumes and judges, one time.
///
/// # Errors
/// The harness could not do its work, or a signal asked it to stop. What the trainer does is an outcome.
pub fn attempt(job: &Attempt, cancel: &Cancel) -> Result<Attempted, SuperviseError> {
    let path = &job.torture.survey;
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let survey: Survey =
        serde_json::from_slice(&bytes).with_context(|| format!("cannot use {}", path.display()))?;
    let work = tempfile::Builder::new().prefix("killresume-").tempdir();
    let work = work.context("cannot create a temporary directory for the runs")?;
    let report = match &job.to {
        Happening::Kill(kill) => {
            let kill = kill.parse().map_err(|why: String| anyhow!(why))?;
            killed(&job.torture.scenario(kill), survey, work.path(), cancel)
        }
        Happening::PowerLoss(state) => power_lost(&job.torture, state, survey, work.path(), cancel),
    };
    let not_judged = |error: SuperviseError| Attempted {
        outcome: Outcome::NotJudged { why: error.to_string() },
        again: 0,
    };
    match report {
        Ok(report) => Ok(Attempted { again: again(&report), outcome: Outcome::of(&report) }),
        Err(
            error @ (SuperviseError::KillPointNotReached { .. }
            | SuperviseError::NoWrite { .. }
            | SuperviseError::Trainer { .. }),
        ) => Ok(not_judged(error)),
        Err(error) => Err(error),
    }
}

fn killed(
    scenario: &Scenario,
    survey: Survey,
    work: &Path,
    cancel: &Cancel,
) -> Result<Report, SuperviseError> {
    let quiet = Progress::new(scenario.epochs.total(), false, true, false);
    prove(scenario, Some(survey.control), work, &quiet, cancel).map(|proof| proof.report)
}

fn power_lost(
    torture: &Torture,
    state: &State,
    survey: Survey,
    work: &Path,
    cancel: &Cancel,
) -> Result<Report, SuperviseError> {
    let begin = Instant::now();
    let dir = work.join(Role::Interrupted.name());
    let kept = torture.survey.with_file_name(KEPT);
    fs::create_dir_all(&dir)
        .and_then(|()| state.write(&dir, &kept))
        .with_context(|| format!("cannot write what is left into {}", dir.display()))?;
    let kill = KillPoint::Inside(survey.save.kind, Cut::Call(state.calls as u32));
    let scenario = torture.scenario(kill);
    let quiet = Progress::new(scenario.epochs.total(), false, true, false);
    let resumed = record(Role::Resumed, &scenario, work, &quiet, cancel)?;
    let interrupted = interrupted(survey.interrupted, state.told, &dir);
    let trial = Trial { control: survey.control, interrupted, resumed, scrambled: None };
    Ok(judged(&scenario, &trial, begin.elapsed()))
}

/// The run up to the power failure, as if it had been at home in this folder.
fn interrupted(mut run: Recording, told: bool, dir: &Path) -> Recording {
    if !told {
        run.events.pop();
    }
    for (_, event) in &mut run.events {
        if let Event::Checkpoint(save) = event
            && let Ok(name) = Path::new(&save.path).strip_prefix(&run.dir)
        {
            save.path = dir.join(name).display().to_string();
        }
    }
    let last = run.events.iter().rev().find_map(|(at, event)| Some((*at, event.position()?)));
    let (after, (epoch, step)) = last.unwrap_or_default();
    run.kill = Some(Kill { signal: 0, at: "power".to_owned(), epoch, step, after, torn: None });
    run.dir = dir.to_owned();
    run.best_files.clear();
    run
}

fn again(report: &Report) -> u64 {
    match (&report.kill, &report.curve, report.verdict) {
        (Some(kill), Some(curve), Answer::SameRun | Answer::NotSameRun) => {
            kill.step.saturating_sub(curve.resumed_at_step)
        }
        _ => 0,
    }
}
