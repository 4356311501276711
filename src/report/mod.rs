//! Verdict in, reports out. One struct; each format is a small file of its own.
//!
//! A report says only what a recording holds.

pub mod csv;
pub mod exercism;
pub mod file_name;
#[cfg(test)]
mod formats_tests;
pub mod github;
#[cfg(test)]
mod golden_tests;
pub mod gradebook;
#[cfg(test)]
mod gradebook_tests;
pub mod gradescope;
pub mod html;
pub mod json;
pub mod junit;
pub mod layout;
pub mod picture;
mod plain;
pub mod progress;
#[cfg(test)]
pub(crate) mod sample_reports;
#[cfg(test)]
mod samples;
pub mod suite;
pub mod terminal;
pub mod terminal_curve;
pub mod words;

mod figure;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::judge::{Answer, ComponentVerdict, CurveVerdict, Finding, Verdict};
use crate::messages;
use crate::protocol::Event;
use crate::recording::{Kill, Point, Recording};
use crate::scenario::{Expect, Scenario};
use crate::supervise::{SuperviseError, Trial};

pub use figure::{figure, frame};

/// The version of the JSON form, see [`Report::schema_version`].
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that is reported of one scenario. Its JSON is an API: keys and values stay English,
/// messages follow the language of the process.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Grows when a reader of an older version could be misled.
    pub schema_version: u32,
    /// The version of killresume.
    pub killresume: String,
    /// The answer.
    pub verdict: Answer,
    /// Why there is no verdict; null when there is one.
    pub reason: Option<String>,
    /// What a trainer did that could not be judged, by the name of its
    /// [`Fault`](crate::supervise::Fault); null otherwise.
    pub fault: Option<String>,
    /// What was to be done.
    pub scenario: ScenarioSummary,
    /// The SIGKILL; null when none was sent.
    pub kill: Option<Kill>,
    /// How the resumed curve lies against the control's; null when there is no verdict, and when
    /// nothing was resumed.
    pub curve: Option<CurveVerdict>,
    /// How each component came back.
    pub components: Vec<ComponentVerdict>,
    /// What is wrong.
    pub findings: Vec<FindingReport>,
    /// The three validation curves, each in the order in which it was reported.
    pub curves: Curves,
    /// What the bits depend on.
    pub environment: BTreeMap<String, String>,
    /// Wall times.
    pub timings: Timings,
    /// The end of what a trainer printed that could not be judged or that ended before it resumed; null
    /// otherwise.
    pub trainer_output: Option<String>,
}

/// The scenario in a report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioSummary {
    /// The trainer's name.
    pub trainer: String,
    /// Epochs before the kill.
    pub epochs_before: u64,
    /// Epochs of the resumed run.
    pub epochs_after: u64,
    /// The seed.
    pub seed: u64,
    /// The kill point, for example `epoch:5`.
    pub kill: String,
    /// The tolerance; null asks for the same bits.
    pub tolerance: Option<f64>,
    /// What the resume had to lead to.
    pub expect: Expect,
}

/// A finding and its message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FindingReport {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// The same for a person.
    pub message: String,
}

/// The three validation curves.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Curves {
    /// Never interrupted.
    pub control: Vec<Point>,
    /// Killed.
    pub interrupted: Vec<Point>,
    /// Started again.
    pub resumed: Vec<Point>,
}

/// Moves the points so that the first follows the checkpoint as the control's does: a run that lost
/// its count of updates mislabels them.
fn in_place(control: &[Point], resumed: Vec<Point>, resumed_at_step: u64) -> Vec<Point> {
    let expected = control.iter().find(|point| point.step > resumed_at_step);
    let (Some(expected), Some(first)) = (expected, resumed.first().copied()) else {
        return resumed;
    };
    let moved = |step: u64| (step + expected.step).saturating_sub(first.step);
    resumed.into_iter().map(|point| Point { step: moved(point.step), ..point }).collect()
}

/// Wall times in seconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// The whole scenario.
    pub total: f64,
    /// The control run, from spawn to reap.
    pub control: f64,
    /// The interrupted run, from spawn to reap.
    pub interrupted: f64,
    /// The resumed run, from spawn to reap.
    pub resumed: f64,
    /// From the SIGKILL until the resumed run has loaded its state and can begin its first update.
    pub kill_to_ready: f64,
    /// From the SIGKILL until the resumed run's first update is done; null unless the trainer reported
    /// steps or a validation right after it.
    pub kill_to_first_step: Option<f64>,
}

impl Report {
    /// The report of a judged trial.
    pub fn judged(scenario: &Scenario, trial: &Trial, verdict: Verdict, total: Duration) -> Self {
        let findings: Vec<FindingReport> = verdict
            .findings
            .into_iter()
            .map(|finding| FindingReport { message: words::finding(&finding), finding })
            .collect();
        let reason = match verdict.answer {
            Answer::NotJudged => findings.first().map(|finding| finding.message.clone()),
            _ => None,
        };
        let environment =
            trial.control.hello().map(|hello| hello.environment.clone()).unwrap_or_default();
        let seconds = |recording: &Recording| recording.wall.as_secs_f64();
        let kill = trial.interrupted.kill.as_ref();
        let death = kill.map_or(Duration::ZERO, |kill| trial.interrupted.wall - kill.after);
        let since_kill = |wanted: &dyn Fn(&Event) -> bool| {
            let event = trial.resumed.events.iter().find(|(_, event)| wanted(event));
            event.map(|(at, _)| (death + *at).as_secs_f64())
        };
        let output = trial.resumed.started().is_none().then(|| trial.resumed.output.clone());
        let first_step = trial.resumed.started().map_or(0, |started| started.step) + 1;
        Self {
            verdict: verdict.answer,
            reason,
            kill: trial.interrupted.kill.clone(),
            curves: Curves {
                control: trial.control.curve(),
                interrupted: trial.interrupted.curve(),
                resumed: trial.resumed.curve(),
            },
            curve: verdict.curve,
            components: verdict.components,
            findings,
            timings: Timings {
                total: total.as_secs_f64(),
                control: seconds(&trial.control),
                interrupted: seconds(&trial.interrupted),
                resumed: seconds(&trial.resumed),
                kill_to_ready: since_kill(&|event| matches!(event, Event::Started(_)))
                    .unwrap_or_default(),
                kill_to_first_step: since_kill(&|event| match event {
                    Event::Step(step) => step.step == first_step,
                    Event::Validation(validation) => validation.step == first_step,
                    _ => false,
                }),
            },
            trainer_output: output,
            ..Self::empty(scenario, environment)
        }
    }

    /// The report of a trainer that could not be judged.
    pub fn not_judged(scenario: &Scenario, error: &SuperviseError, total: Duration) -> Self {
        Self {
            reason: Some(error.to_string()),
            fault: match error {
                SuperviseError::Trainer { fault, .. } => Some(fault.name().to_owned()),
                _ => None,
            },
            trainer_output: match error {
                SuperviseError::Trainer { output, .. } => Some(output.clone()),
                _ => None,
            },
            timings: Timings { total: total.as_secs_f64(), ..Timings::default() },
            ..Self::empty(scenario, BTreeMap::new())
        }
    }

    fn empty(scenario: &Scenario, trainer_environment: BTreeMap<String, String>) -> Self {
        let mut environment = trainer_environment;
        environment.insert("os".to_owned(), std::env::consts::OS.to_owned());
        environment.insert("arch".to_owned(), std::env::consts::ARCH.to_owned());
        Self {
            schema_version: SCHEMA_VERSION,
            killresume: env!("CARGO_PKG_VERSION").to_owned(),
            verdict: Answer::NotJudged,
            reason: None,
            fault: None,
            scenario: ScenarioSummary {
                trainer: scenario.trainer.name.clone(),
                epochs_before: scenario.epochs.before,
                epochs_after: scenario.epochs.after,
                seed: scenario.seed,
                kill: scenario.kill.to_string(),
                tolerance: scenario.tolerance,
                expect: scenario.resume.expect,
            },
            kill: None,
            curve: None,
            components: Vec::new(),
            findings: Vec::new(),
            curves: Curves::default(),
            environment,
            timings: Timings::default(),
            trainer_output: None,
        }
    }

    /// The resumed curve where it stands in the training, whatever the run's own count of updates says.
    pub fn resumed_in_place(&self) -> Vec<Point> {
        let resumed_at_step = self.curve.as_ref().map_or(0, |curve| curve.resumed_at_step);
        in_place(&self.curves.control, self.curves.resumed.clone(), resumed_at_step)
    }

    /// Epochs of the whole training.
    pub fn total_epochs(&self) -> u64 {
        self.scenario.epochs_before + self.scenario.epochs_after
    }

    /// The control's updates in one epoch.
    pub fn steps_per_epoch(&self) -> f64 {
        let last = self.curves.control.iter().rfind(|point| point.epoch_end && point.epoch > 0);
        last.map_or(1.0, |point| point.step as f64 / point.epoch as f64).max(1.0)
    }
}

/// A file of a report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}", messages::report::not_written(&.path.display().to_string(), .why))]
pub struct WriteError {
    path: PathBuf,
    why: String,
}

/// Replaces a file atomically: a reader sees the old one or the new one, whatever happens.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let write = || {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = atomic_write_file::AtomicWriteFile::open(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    write().map_err(|error: std::io::Error| WriteError {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(steps: impl IntoIterator<Item = u64>) -> Vec<Point> {
        let point = |step| Point {
            epoch: 0,
            step,
            val_loss: None,
            val_accuracy: None,
            lr: 0.0,
            loss_scale: None,
            epoch_end: false,
        };
        steps.into_iter().map(point).collect()
    }

    #[test]
    fn a_run_that_lost_its_count_of_updates_is_drawn_where_it_stands() {
        let control = points(1..=10);
        assert_eq!(in_place(&control, points(1..=5), 5), points(6..=10));
        assert_eq!(in_place(&control, points(3..=5), 5), points(6..=8));
        assert_eq!(in_place(&control, points(6..=10), 5), points(6..=10));
        assert_eq!(in_place(&control, points(9..=10), 5), points(6..=7));
        assert_eq!(in_place(&control, Vec::new(), 5), Vec::new());
        assert_eq!(in_place(&[], points(1..=2), 0), points(1..=2));
    }
}
