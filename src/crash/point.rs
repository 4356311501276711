//! The points of a save, and what can come of a kill at one.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::judge::{Answer, FindingKind};
use crate::protocol::{CheckpointKind, Phase};
use crate::recording::{FileCall, Followed};
use crate::report::Report;
use crate::scenario::{Cut, KillPoint};

/// Where in a save a kill lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Before its first call.
    Begin,
    /// When so many calls are done, from 1.
    Call(u32),
    /// In the middle of that call, a write.
    Half(u32),
    /// After its last call.
    End,
}

impl At {
    /// As a scenario takes it.
    pub fn kill_point(self, kind: CheckpointKind) -> KillPoint {
        match self {
            Self::Begin => KillPoint::Save(kind, Phase::Begin),
            Self::Call(call) => KillPoint::Inside(kind, Cut::Call(call)),
            Self::Half(call) => KillPoint::Inside(kind, Cut::Half(call)),
            Self::End => KillPoint::Save(kind, Phase::End),
        }
    }

    /// In a run whose first so many calls come before this save. `None` before the first and after the last
    /// call of all, which nobody tells.
    pub fn cut_after(self, calls: u32) -> Option<Cut> {
        match self {
            Self::Begin if calls > 0 => Some(Cut::Call(calls)),
            Self::Call(call) => Some(Cut::Call(calls + call)),
            Self::Half(call) => Some(Cut::Half(calls + call)),
            Self::Begin | Self::End => None,
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => f.write_str("begin"),
            Self::Call(call) => write!(f, "call:{call}"),
            Self::Half(call) => write!(f, "call:{call}:half"),
            Self::End => f.write_str("end"),
        }
    }
}

/// A moment of a save.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Which.
    pub at: At,
    /// The call that is done or half done; `None` before the first and after the last.
    pub call: Option<FileCall>,
}

/// All points of a save, in the order in which it comes to them.
pub fn points(save: &Followed) -> Vec<Point> {
    let side = |at| Point { at, call: None };
    let calls = save.calls.iter().zip(1..).flat_map(|(call, number)| {
        let is_torn = matches!(call, FileCall::Write { bytes: 2.., .. });
        let half = is_torn.then_some(At::Half(number));
        half.into_iter()
            .chain([At::Call(number)])
            .map(move |at| Point { at, call: Some(call.clone()) })
    });
    [side(At::Begin)].into_iter().chain(calls).chain([side(At::End)]).collect()
}

/// What came of a kill, from the best to the worst.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is the run that was never killed.
    SameRun,
    /// It went on from an older checkpoint than the newest durable one.
    OlderCheckpoint {
        /// Updates lost.
        steps_lost: u64,
    },
    /// The same, where only saves can be counted.
    OlderSave {
        /// Saves lost.
        saves_lost: u64,
    },
    /// It began anew, though there was a checkpoint.
    RestartedFromZero,
    /// Nothing was left that it could load.
    RefusedToStart,
    /// It came to its end without a checkpoint, and did not say so.
    FailedSilently,
    /// It could not be judged.
    NotJudged {
        /// Why.
        why: String,
    },
    /// It went on, and is another run.
    SilentlyDifferent {
        /// The first finding.
        why: String,
    },
}

impl Outcome {
    /// What a report says of it.
    pub fn of(report: &Report) -> Self {
        match report.verdict {
            Answer::SameRun => return Self::SameRun,
            Answer::NotJudged => {
                return Self::NotJudged { why: report.reason.clone().unwrap_or_default() };
            }
            Answer::NotSameRun => {}
        }
        // How a save writes is known without a kill, and is told apart from what the kill led to.
        let told = |kind: &FindingKind| {
            !matches!(
                kind,
                FindingKind::WrittenInPlace { .. }
                    | FindingKind::RenamedBeforeSync { .. }
                    | FindingKind::DirectoryNotSynced { .. }
                    | FindingKind::RemovedTooEarly { .. }
            )
        };
        let led_to: Vec<_> = report.findings.iter().filter(|it| told(&it.finding.kind)).collect();
        let of_kind = |outcome: fn(&FindingKind) -> Option<Self>| {
            led_to.iter().find_map(|finding| outcome(&finding.finding.kind))
        };
        of_kind(|kind| match kind {
            FindingKind::RefusedToStart { .. } => Some(Self::RefusedToStart),
            FindingKind::RestartedFromZero => Some(Self::RestartedFromZero),
            FindingKind::OlderCheckpoint { steps_lost, .. } => {
                Some(Self::OlderCheckpoint { steps_lost: *steps_lost })
            }
            _ => None,
        })
        .or_else(|| {
            let first = led_to.first()?;
            Some(Self::SilentlyDifferent { why: first.message.clone() })
        })
        .unwrap_or(Self::SameRun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_a_point_and_a_write_has_one_in_its_middle() {
        let path = || "a".to_owned();
        let calls = vec![
            FileCall::Open { path: path(), truncate: true, sync: false, append: false },
            FileCall::Write { path: path(), offset: 0, bytes: 10 },
            FileCall::Write { path: path(), offset: 10, bytes: 1 },
            FileCall::Sync { path: path() },
        ];
        let save = Followed { calls, ..Followed::default() };
        let places: Vec<String> = points(&save).iter().map(|point| point.at.to_string()).collect();
        assert_eq!(places, ["begin", "call:1", "call:2:half", "call:2", "call:3", "call:4", "end"]);
        let kill = At::Half(2).kill_point(CheckpointKind::Latest);
        assert_eq!(kill.to_string(), "save:latest:call:2:half");
    }
}
