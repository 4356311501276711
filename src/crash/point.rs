//! The points of a save, and what can come of a kill at one.

use serde::{Deserialize, Serialize};

use crate::judge::{Answer, FindingKind};
use crate::protocol::{CheckpointKind, Phase};
use crate::recording::{FileCall, TracedSave};
use crate::report::Report;
use crate::scenario::{Cut, KillPoint};

/// Where a save is killed.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// As a scenario takes it.
    pub kill: KillPoint,
    /// The call that is done or half done; `None` before the first and after the last.
    pub call: Option<FileCall>,
}

/// All points of a save, in the order in which it comes to them.
pub fn points(save: &TracedSave) -> Vec<Point> {
    let kind: CheckpointKind = save.kind;
    let side = |phase| Point { kill: KillPoint::Save(kind, phase), call: None };
    let calls = save.calls.iter().zip(1..).flat_map(|(call, number)| {
        let is_torn = matches!(call, FileCall::Write { bytes: 2.., .. });
        let half = is_torn.then_some(Cut::Half(number));
        half.into_iter()
            .chain([Cut::Call(number)])
            .map(move |cut| Point { kill: KillPoint::Inside(kind, cut), call: Some(call.clone()) })
    });
    [side(Phase::Begin)].into_iter().chain(calls).chain([side(Phase::End)]).collect()
}

/// What came of a kill, from the best to the worst.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is the run that was never killed.
    SameRun,
    /// It went on from an older checkpoint than the newest durable one.
    OlderCheckpoint {
        /// Updates lost.
        steps_lost: u64,
    },
    /// It began anew, though there was a checkpoint.
    RestartedFromZero,
    /// Nothing was left that it could load.
    RefusedToStart,
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
        let save = TracedSave {
            kind: CheckpointKind::Latest,
            path: path(),
            calls: vec![
                FileCall::Open { path: path(), truncate: true, sync: false },
                FileCall::Write { path: path(), bytes: 10 },
                FileCall::Write { path: path(), bytes: 1 },
                FileCall::Sync { path: path() },
            ],
            states: Vec::new(),
        };
        let kills: Vec<String> = points(&save).iter().map(|point| point.kill.to_string()).collect();
        let expected = [
            "save:latest:begin",
            "save:latest:call:1",
            "save:latest:call:2:half",
            "save:latest:call:2",
            "save:latest:call:3",
            "save:latest:call:4",
            "save:latest:end",
        ];
        assert_eq!(kills, expected);
    }
}
