//! How a process took what happened to it, and whether what it left is the same run.

use std::time::Instant;

use crate::crash::said::last_line;
use crate::judge::Answer;
use crate::messages::hazard as say;
use crate::pipeline::judged;
use crate::protocol::{Checkpoint, CheckpointKind, Components, Phase};
use crate::recording::{Outcome, Recording};
use crate::scenario::Scenario;
use crate::supervise::{Role, SuperviseError, Trial as Recordings, record_to_its_end};

use super::witness::Witness;
use super::{Stop, Trial, broken, not_judged, quiet};

/// How a process took it that its saves failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Took {
    /// It said so and stopped, with this exit code.
    Stopped(i32),
    /// It said so and trained on to the end.
    WentOn,
    /// It trained on to the end, and no save failed.
    NothingFailed,
}

impl Took {
    /// For people; `end` is what came of the rest.
    pub(super) fn told(self, end: &str) -> String {
        match self {
            Self::Stopped(code) => say::stopped(code, end),
            Self::WentOn => say::went_on(end),
            Self::NothingFailed => say::nothing_failed(end),
        }
    }
}

impl Trial<'_> {
    /// How the process took it.
    pub(super) fn took(self, run: &Recording, seen: &Witness) -> Result<Took, Stop> {
        let code = match run.outcome {
            Outcome::Exited { code } => code,
            Outcome::Signaled { signal } => return Err(broken(say::died(signal))),
        };
        if code == 0 && run.finished().is_none() {
            return Err(broken(say::quit_with_zero()));
        }
        let a_save_failed = seen.saves(run, Phase::Begin) > seen.saves(run, Phase::End);
        if code == 0 && !a_save_failed {
            Ok(Took::NothingFailed)
        } else if !seen.said_so(&self.dir(), self.control) {
            Err(broken(say::silent(code)))
        } else if code == 0 {
            Ok(Took::WentOn)
        } else {
            Ok(Took::Stopped(code))
        }
    }

    /// Starts it again, and judges whether it is the same run; if so, what is to be said of it.
    pub(super) fn again(self, scenario: &Scenario, interrupted: Recording) -> Result<String, Stop> {
        let begin = Instant::now();
        let resumed = self.start_again(scenario)?;
        let from = resumed.started().map(|start| (start.epoch, start.step));
        if let (Some(saved), Some((epoch, step))) = (newest(&interrupted), from)
            && step < saved.step
        {
            return Err(broken(say::claimed(saved.epoch, epoch)));
        }
        if interrupted.finished().is_some()
            && from == interrupted.finished().map(|it| (it.epoch, it.step))
        {
            // Nothing is left to train, and nothing of a curve to judge.
            let control = self.control;
            let what = difference(control, &interrupted).or_else(|| other_end(control, &resumed));
            return what.map_or(Ok(say::complete()), |what| Err(broken(say::another_run(&what))));
        }
        let control = self.control.clone();
        let runs = Recordings { control, interrupted, resumed, scrambled: None };
        let report = judged(scenario, &runs, begin.elapsed());
        let first = report.findings.first().map(|finding| finding.message.clone());
        match report.verdict {
            Answer::SameRun => Ok(say::same_run(from.map_or(0, |(epoch, _)| epoch))),
            Answer::NotSameRun => Err(broken(say::another_run(&first.unwrap_or_default()))),
            Answer::NotJudged => Err(not_judged(report.reason.or(first).unwrap_or_default())),
        }
    }

    /// Starts it again where nothing is left, and sees that it is the control from the beginning.
    pub(super) fn begin_anew(self, scenario: &Scenario) -> Result<(), Stop> {
        let run = self.start_again(scenario)?;
        match difference(self.control, &run) {
            None => Ok(()),
            Some(what) => Err(broken(say::another_run(&what))),
        }
    }

    fn start_again(self, scenario: &Scenario) -> Result<Recording, Stop> {
        let quiet = quiet(scenario);
        match record_to_its_end(Role::Resumed, scenario, self.work, &quiet, self.cancel) {
            Ok(run) => Ok(run),
            Err(error @ SuperviseError::Trainer { .. }) => Err(broken(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// The last save of latest that the run said was durable.
fn newest(run: &Recording) -> Option<&Checkpoint> {
    run.saves().filter(|save| save.kind == CheckpointKind::Latest).last()
}

/// What is not as in the control in a run that was to be it from the beginning to the end.
pub(super) fn difference(control: &Recording, run: &Recording) -> Option<String> {
    let bits = |run: &Recording| -> Vec<(u64, Option<u64>)> {
        run.curve().iter().map(|point| (point.step, point.val_loss.map(f64::to_bits))).collect()
    };
    let has_other_curve = || (bits(control) != bits(run)).then(say::other_curve);
    match run.finished() {
        Some(_) => has_other_curve().or_else(|| other_end(control, run)),
        None => other_end(control, run),
    }
}

/// What is not as in the control at the end of a run.
fn other_end(control: &Recording, run: &Recording) -> Option<String> {
    let (Some(expected), Some(found)) = (control.finished(), run.finished()) else {
        return Some(match run.outcome {
            Outcome::Exited { code } => say::unfinished(code, last_line(&run.output)),
            Outcome::Signaled { signal } => say::died(signal),
        });
    };
    let digest = |components: &Components, name: &str| components.get(name).map(|it| it.digest);
    let differs = expected
        .components
        .keys()
        .filter(|name| digest(&expected.components, name) != digest(&found.components, name));
    let names: Vec<&str> = differs.map(String::as_str).collect();
    (!names.is_empty()).then(|| say::other_end(&names.join(", ")))
}

/// Whether it ever said that it had saved latest.
pub(super) fn has_saved(run: &Recording) -> bool {
    newest(run).is_some()
}
