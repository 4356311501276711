//! What came of a soak, and the verdict on it. As JSON it is an API: keys and values stay English.

use schemars::JsonSchema;
use serde::Serialize;

use crate::judge::{Answer, Finding};
use crate::messages::soak as say;
use crate::recording::FileCall;

/// The whole result.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Soaked {
    /// Of this form.
    pub schema_version: u32,
    /// `soak`.
    pub kind: &'static str,
    /// The trainer's name.
    pub trainer: String,
    /// Its own arguments.
    pub trainer_args: Vec<String>,
    /// Epochs of the run.
    pub epochs: u64,
    /// Of the run and of the kills.
    pub seed: u64,
    /// Kills that were asked for.
    pub kills_wanted: u64,
    /// Kills that landed.
    pub kills: u64,
    /// Whether it was the run that was never killed.
    pub verdict: Answer,
    /// Why it could not be judged, or could not go on.
    pub reason: Option<String>,
    /// What the trainer printed last, where that is the reason.
    pub output: Option<String>,
    /// Why no kill landed inside a save; null where kills did.
    pub not_followed: Option<String>,
    /// The calls of a save of latest, in order.
    pub save_calls: Vec<FileCall>,
    /// Updates that were done again, a kill.
    pub repeated_updates: Option<Spread>,
    /// From the spawn of a life, after a kill, to its first update done, in seconds.
    pub recover_seconds: Option<Spread>,
    /// The validation curve; null where training did not end.
    pub curve: Option<Curve>,
    /// The components that the training ended with otherwise than the control; null where it did not end.
    pub final_state: Option<Vec<String>>,
    /// Lives that came back otherwise than they should.
    pub faults: Vec<Fault>,
    /// All of them, in order.
    pub lives: Vec<Life>,
    /// From the first spawn to the end.
    pub seconds: f64,
}

/// One process of the run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Life {
    /// From 1.
    pub number: u64,
    /// Updates completed when it started; null if it was killed before or did not start.
    pub started_step: Option<u64>,
    /// The checkpoint that it started from; null for none.
    pub resumed_from: Option<String>,
    /// From its spawn to its first update done.
    pub first_update_seconds: Option<f64>,
    /// The SIGKILL that ended it; null for the last one.
    pub kill: Option<Landed>,
}

/// A SIGKILL that landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Landed {
    /// The kill point, as `--kill` takes it.
    pub kill: String,
    /// For a point inside a save: it is the first one with so many epochs completed.
    pub of_epoch: Option<u64>,
    /// Where that was.
    #[serde(flatten)]
    pub place: Place,
    /// Epochs completed, as far as it had said; 0 before `started`.
    pub epoch: u64,
    /// Updates completed, as far as it had said; 0 before `started`.
    pub step: u64,
    /// Updates of this life that were done again after it.
    pub again: u64,
}

impl Landed {
    /// The kill point in full, for people.
    pub fn point(&self) -> String {
        match self.of_epoch {
            Some(epoch) => say::point_of_epoch(&self.kill, epoch),
            None => self.kill.clone(),
        }
    }
}

/// Where a kill landed, in the order in which a process comes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    /// Before the first update.
    StartUp,
    /// After an update.
    Update,
    /// After a validation inside an epoch.
    Validation,
    /// After an epoch, before its saves.
    Epoch,
    /// At one side of a save of best.
    Best,
    /// Before the first call of a save of latest.
    BeforeLatest,
    /// Inside a save of latest.
    InsideLatest {
        /// The call that was done, from 1.
        call: u32,
        /// Whether it was done: a write may be half done.
        done: bool,
    },
    /// After the last call of a save of latest.
    AfterLatest,
    /// When training was complete.
    Finished,
}

/// A life that came back otherwise than it should.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Fault {
    /// The life's number.
    pub life: u64,
    /// The kill before it; null for the first life.
    pub after: Option<Landed>,
    /// What was wrong with it.
    pub findings: Vec<Finding>,
    /// The end of what it printed, where it refused to start.
    pub output: Option<String>,
}

/// The validation curve as last trained, against the control's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Curve {
    /// The control's points.
    pub points: u64,
    /// Those that have the control's bits.
    pub same: u64,
    /// Epochs that no life has said.
    pub epochs_missing: Vec<u64>,
    /// Epochs with another value.
    pub epochs_different: Vec<u64>,
}

/// A few figures of many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// All together.
    pub sum: f64,
    /// Half of them are no larger.
    pub median: f64,
    /// 95 % of them are no larger (nearest rank).
    pub p95: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// `None` of none.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = |percent: usize| (sorted.len() * percent).div_ceil(100).checked_sub(1);
        let at = |percent| sorted.get(rank(percent)?).copied();
        Some(Self {
            count: sorted.len(),
            sum: sorted.iter().sum(),
            median: at(50)?,
            p95: at(95)?,
            max: at(100)?,
        })
    }
}

impl Soaked {
    /// As pretty JSON with a newline at its end.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a result always serialises");
        text.push('\n');
        text
    }
}

/// The verdict, and the reason where there is none or where the run could not go on.
pub(super) fn verdict(
    soaked: &Soaked,
    diverged: Option<u64>,
    failure: Option<String>,
) -> (Answer, Option<String>) {
    let curve_is_same = soaked.curve.as_ref().is_some_and(|curve| curve.same == curve.points);
    let ended_the_same = soaked.final_state.as_ref().is_some_and(Vec::is_empty);
    if let Some(step) = diverged {
        // Nothing can be held against a training that is another one each time.
        (Answer::NotJudged, Some(say::not_reproducible(step)))
    } else if !soaked.faults.is_empty() {
        (Answer::NotSameRun, failure)
    } else if failure.is_some() {
        (Answer::NotJudged, failure)
    } else if soaked.kills == 0 {
        (Answer::NotJudged, Some(say::no_kill_landed()))
    } else if curve_is_same && ended_the_same {
        (Answer::SameRun, None)
    } else {
        (Answer::NotSameRun, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_what_was_measured() {
        let spread = Spread::of((1..=100).rev().map(f64::from)).expect("of a hundred");
        assert_eq!((spread.median, spread.p95, spread.max), (50.0, 95.0, 100.0));
        let one = Spread::of([3.0].into_iter()).expect("of one");
        assert_eq!((one.count, one.median, one.p95, one.max), (1, 3.0, 3.0, 3.0));
        assert_eq!(Spread::of(std::iter::empty()), None);
    }
}
