//! One kill, power failure or fault, in a process of ours of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::outside::{self, Program, names};
use super::said::says_something_new;
use super::survey::KEPT;
use super::{At, Outcome, State, Survey};
use crate::judge::Answer;
use crate::messages::crash as say;
use crate::pipeline::judged;
use crate::protocol::{Event, Phase};
use crate::recording::{Kill, Outcome as Ended, Recording};
use crate::report::Report;
use crate::report::progress::Progress;
use crate::scenario::{
    CallFault, Epochs, Injection, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand,
};
use crate::supervise::{Cancel, Role, SuperviseError, Trial, carry_out, record, record_to_its_end};

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
    /// Whose save it is.
    pub subject: Subject,
    /// What happens to the save.
    pub to: Happening,
}

/// Whose saves are tortured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A trainer's that speaks the protocol.
    Trainer(Torture),
    /// A program's that does not.
    Program(Program),
}

/// What happens to a save.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Happening {
    /// A SIGKILL.
    Kill(At),
    /// A power failure that leaves this.
    PowerLoss(State),
    /// That call, counted from 1, fails.
    Fault(u32, CallFault),
}

/// What came of one attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempted {
    /// In a word.
    pub outcome: Outcome,
    /// Updates that were done before the kill and are done again, which no checkpoint can spare; `None` where
    /// nobody counts them.
    pub again: Option<u64>,
}

impl From<Outcome> for Attempted {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, again: None }
    }
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
            inject: None,
            scrambled: false,
            keep: None,
        }
    }
}

/// Has it happen, resumes and judges, one time.
///
/// # Errors
/// The harness could not do its work, or a signal asked it to stop. What the trainer does is an outcome.
pub fn attempt(job: &Attempt, cancel: &Cancel) -> Result<Attempted, SuperviseError> {
    let work = tempfile::Builder::new().prefix("killresume-").tempdir();
    let work = work.context("cannot create a temporary directory for the runs")?;
    let attempted = match &job.subject {
        Subject::Program(program) => {
            let survey = known(&program.survey)?;
            outside::attempt(program, &survey, &job.to, work.path(), cancel).map(Attempted::from)
        }
        Subject::Trainer(torture) => {
            let survey: Survey = known(&torture.survey)?;
            let trial = Trained { torture, survey, work: work.path(), cancel };
            match &job.to {
                Happening::Kill(at) => trial.killed(*at),
                Happening::PowerLoss(state) => trial.without_power(state),
                Happening::Fault(call, fault) => trial.with_a_fault(*call, *fault),
            }
        }
    };
    match attempted {
        Err(
            error @ (SuperviseError::KillPointNotReached { .. }
            | SuperviseError::NoWrite { .. }
            | SuperviseError::NotJudged { .. }
            | SuperviseError::Trainer { .. }),
        ) => Ok(Outcome::NotJudged { why: error.to_string() }.into()),
        attempted => attempted,
    }
}

/// What an earlier process of ours has written.
pub(super) fn known<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("cannot use {}", path.display()))
}

/// A trainer that speaks the protocol.
struct Trained<'a> {
    torture: &'a Torture,
    survey: Survey,
    work: &'a Path,
    cancel: &'a Cancel,
}

impl Trained<'_> {
    fn killed(self, at: At) -> Result<Attempted, SuperviseError> {
        let begin = Instant::now();
        let scenario = self.torture.scenario(at.kill_point(self.survey.save.kind));
        let quiet = quiet(&scenario);
        let control = Some(self.survey.control);
        let trial = carry_out(&scenario, control, self.work, &quiet, self.cancel)?;
        if let Some(cut) = &trial.interrupted.cut_short
            && !names(&self.survey.save.followed.calls).starts_with(&names(&cut.calls))
        {
            return Ok(Outcome::NotJudged { why: say::other_calls_this_time() }.into());
        }
        Ok(attempted(&judged(&scenario, &trial, begin.elapsed())))
    }

    fn without_power(self, state: &State) -> Result<Attempted, SuperviseError> {
        let begin = Instant::now();
        let dir = self.work.join(Role::Interrupted.name());
        let kept = self.torture.survey.with_file_name(KEPT);
        fs::create_dir_all(&dir)
            .and_then(|()| state.write(&dir, &kept))
            .with_context(|| format!("cannot write what is left into {}", dir.display()))?;
        let kill = At::Call(state.calls as u32).kill_point(self.survey.save.kind);
        let scenario = self.torture.scenario(kill);
        let resumed = record(Role::Resumed, &scenario, self.work, &quiet(&scenario), self.cancel)?;
        let interrupted = interrupted(self.survey.interrupted, state.told, &dir);
        let trial = Trial { control: self.survey.control, interrupted, resumed, scrambled: None };
        Ok(attempted(&judged(&scenario, &trial, begin.elapsed())))
    }

    /// A call of the save fails. A trainer that says all the same that the save is durable is killed then: what
    /// it said has to be true. One that does not has to say something else, and stops or goes on.
    fn with_a_fault(self, call: u32, fault: CallFault) -> Result<Attempted, SuperviseError> {
        let begin = Instant::now();
        let save = self.survey.save.kind;
        let mut scenario = self.torture.scenario(KillPoint::Save(save, Phase::End));
        scenario.inject = Some(Injection { save, call, fault });
        let quiet = quiet(&scenario);
        let mut faulty =
            record_to_its_end(Role::Interrupted, &scenario, self.work, &quiet, self.cancel)?;
        let saves = faulty.traced_saves.iter().map(|save| &save.followed);
        if !saves.chain(&faulty.cut_short).any(|followed| followed.injected) {
            return Ok(Outcome::NotJudged { why: say::fault_not_met() }.into());
        }
        let control = self.survey.control;
        let is_told = faulty.events.last().is_some_and(
            |(_, event)| matches!(event, Event::Checkpoint(it) if it.kind == save && it.phase == Phase::End),
        );
        let lines = faulty.output.lines();
        let says_something = says_something_new(lines, &faulty.dir, &control.output, &control.dir);
        let has_failed = faulty.kill.is_none() && faulty.outcome != (Ended::Exited { code: 0 });
        if !(is_told || says_something && (has_failed || faulty.kill.is_some())) {
            return Ok(Outcome::FailedSilently.into());
        }
        let resumed = record(Role::Resumed, &scenario, self.work, &quiet, self.cancel)?;
        faulty.kill.get_or_insert_with(|| stopped_at(&faulty.events, "fault"));
        let trial = Trial { control, interrupted: faulty, resumed, scrambled: None };
        Ok(attempted(&judged(&scenario, &trial, begin.elapsed())))
    }
}

/// Shows nothing: the process that started this one does.
pub(super) fn quiet(scenario: &Scenario) -> Progress {
    Progress::new(scenario.epochs.total(), false, true, false)
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
    run.kill = Some(stopped_at(&run.events, "power"));
    run.dir = dir.to_owned();
    run.best_files.clear();
    run
}

/// The end of a run that did not come from a signal of ours.
fn stopped_at(events: &[(Duration, Event)], at: &str) -> Kill {
    let last = events.iter().rev().find_map(|(at, event)| Some((*at, event.position()?)));
    let (after, (epoch, step)) = last.unwrap_or_default();
    Kill { signal: 0, at: at.to_owned(), epoch, step, after, torn: None }
}

fn attempted(report: &Report) -> Attempted {
    Attempted { outcome: Outcome::of(report), again: Some(again(report)) }
}

fn again(report: &Report) -> u64 {
    match (&report.kill, &report.curve, report.verdict) {
        (Some(kill), Some(curve), Answer::SameRun | Answer::NotSameRun) => {
            kill.step.saturating_sub(curve.resumed_at_step)
        }
        _ => 0,
    }
}
