//! Recordings in, verdict out. Pure functions: no I/O, no clock, no randomness.
//!
//! - [`state`]: how each component came back.
//! - [`curve`]: how the resumed validation curve lies against the control's.
//! - [`books`]: epochs, steps, learning rate, best and latest, samples, the final state.
//! - [`durability`]: how a save writes its files.
//! - [`refusal`]: a resumed process that ended before it started to train, as it should or not.
//!
//! A component that did not come back is a cause. What the curve and the books then show is told as a
//! consequence of it, not as a finding in its own right. **A smooth curve is not a pass.**

mod books;
mod curve;
mod durability;
mod lineage;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::recording::{Outcome, Recording};
use crate::scenario::Expect;

pub use curve::{CurveVerdict, JUMP_FACTOR, Smoothness};
pub use durability::{findings as how_it_saves, of_save as how_a_save_writes};
pub use lineage::Lineage;
pub use state::{ComponentState, ComponentVerdict};

/// What there is to judge: three recordings of one training.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Never interrupted.
    pub control: &'a Recording,
    /// Killed.
    pub interrupted: &'a Recording,
    /// Started again on the interrupted run's directory.
    pub resumed: &'a Recording,
    /// The components that must come back.
    pub required: &'a [String],
    /// The largest difference in validation loss that still passes; `None` asks for the same bits.
    pub tolerance: Option<f64>,
    /// Whether the control is the same program. Only then does a difference before the kill mean that
    /// the training does not reproduce itself.
    pub same_program: bool,
    /// What the resume had to lead to.
    pub expect: Expect,
    /// Started again with other content in every file of its directory, where that was tried.
    pub scrambled: Option<&'a Recording>,
}

/// The answer to "did it come back as the same run?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is the run that was never killed; or it was to refuse to resume, and did.
    SameRun,
    /// It is not, and the findings say why.
    NotSameRun,
    /// There is no telling: the training does not reproduce itself.
    NotJudged,
}

/// The whole verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// How the resumed curve lies against the control's; `None` where nothing was resumed.
    pub curve: Option<CurveVerdict>,
    /// How each component came back, in the trainer's own order.
    pub components: Vec<ComponentVerdict>,
    /// What is wrong. Causes first, then their consequences.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The component that it is about, where it is about one.
    pub component: Option<String>,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: FindingKind,
    /// Whether a person could have seen it on the validation curve; `None` where that is unknown.
    pub visible_on_curve: Option<bool>,
    /// The components whose loss explains this finding; empty for a cause.
    pub consequence_of: Vec<String>,
}

/// What can be wrong. The names are those of the JSON report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FindingKind {
    /// The component is as in a fresh process: it was never restored.
    Cold,
    /// The component is as it was at an earlier epoch.
    Stale {
        /// That epoch.
        epoch: u64,
    },
    /// The component is neither what was saved nor anything that this run has been.
    Wrong {
        /// The parts that differ.
        parts: Vec<String>,
    },
    /// The component is required and the trainer did not report it.
    NotObserved,
    /// No checkpoint was durable when the kill came.
    NoCheckpoint,
    /// There was a checkpoint, and the resumed run started from nothing.
    RestartedFromZero,
    /// The resumed run went on from an older checkpoint than the newest durable one.
    OlderCheckpoint {
        /// The epoch that it went on from.
        epoch: u64,
        /// Updates lost.
        steps_lost: u64,
    },
    /// The run before the kill was already not the control's.
    NotReproducible {
        /// The update by which they differ.
        step: u64,
    },
    /// The run before the kill was not the control's, which is another program: this one changes the
    /// training itself.
    TrainingChanged {
        /// The update by which they differ.
        step: u64,
    },
    /// With other content in every file of its directory it came back all the same, so that what it came
    /// back from is not its checkpoint.
    NotFromCheckpoint,
    /// The resume was to be refused, and training started.
    NotRefused,
    /// The resume was to be refused, and a file of the run was changed or removed.
    CheckpointChanged {
        /// The file, relative to the run's directory.
        path: String,
    },
    /// After a kill inside a save, nothing was left to resume from.
    RefusedToStart {
        /// The resumed process's exit code.
        code: i32,
    },
    /// The checkpoint is written over itself.
    WrittenInPlace {
        /// The file, relative to the run's directory.
        path: String,
    },
    /// The checkpoint gets its name before its content is on the disk.
    RenamedBeforeSync {
        /// The file, relative to the run's directory.
        path: String,
    },
    /// The directory is not synced after the checkpoint got its name.
    DirectoryNotSynced {
        /// The file, relative to the run's directory.
        path: String,
    },
    /// The checkpoint before is removed before the new one is durable.
    RemovedTooEarly {
        /// The file that is removed, relative to the run's directory.
        path: String,
    },
    /// The validation curve jumps at the resume.
    Jump {
        /// Resumed minus control, in units of the loss, where it is largest. Null when not finite.
        size: Option<f64>,
        /// The same in units of the control's own change there. Null when not finite.
        ratio: Option<f64>,
        /// Where, in epochs.
        epoch: f64,
    },
    /// The validation curve is another one, though nobody could see a jump.
    CurveDiffers {
        /// Resumed minus control, in units of the loss, where it is largest.
        size: f64,
        /// Where the first differing point is, in epochs.
        epoch: f64,
    },
    /// The validation curve ends too early, and has the control's bits as far as it goes.
    CurveTooShort {
        /// Points that it should have after the resume.
        expected: u64,
        /// Points that it has.
        found: u64,
    },
    /// Epochs were trained again.
    EpochsRepeated {
        /// Their numbers.
        epochs: Vec<u64>,
    },
    /// Epochs were not trained.
    EpochsSkipped {
        /// Their numbers.
        epochs: Vec<u64>,
    },
    /// The count of updates is off.
    StepCount {
        /// What the control counted.
        expected: u64,
        /// What the resumed run counted.
        found: u64,
    },
    /// The learning rate does not continue.
    LearningRate {
        /// The control's at the first point that differs.
        expected: f64,
        /// The resumed run's.
        found: f64,
        /// Where, in epochs.
        epoch: f64,
    },
    /// Best and latest are one file.
    BestIsLatest {
        /// The file.
        path: String,
    },
    /// The best checkpoint was changed or removed before a better one came.
    BestNotKept {
        /// The file, relative to the run's directory.
        path: String,
        /// Epochs completed when it was saved.
        epoch: u64,
    },
    /// A worse model replaced the best one.
    BestOverwritten {
        /// The best validation loss before.
        best: f64,
        /// The validation loss that replaced it.
        by: f64,
        /// At the end of which epoch.
        epoch: u64,
    },
    /// Samples of the interrupted epoch were seen again or never.
    Samples {
        /// The ids of those seen more often than in the control.
        repeated: Vec<u64>,
        /// The ids of those not seen, or less often.
        lost: Vec<u64>,
        /// The epoch, counted from 1.
        epoch: u64,
    },
    /// The state that training ended with is not the control's.
    FinalState {
        /// The components that differ.
        components: Vec<String>,
    },
}

impl Finding {
    /// A finding that explains itself.
    pub(crate) fn cause(component: Option<&str>, kind: FindingKind) -> Self {
        Self {
            component: component.map(str::to_owned),
            kind,
            visible_on_curve: None,
            consequence_of: Vec::new(),
        }
    }

    /// Whether this finding stands on its own.
    pub fn is_cause(&self) -> bool {
        self.consequence_of.is_empty()
    }
}

/// What is wrong with the state that a process came back with. What it trained then is not looked at, so that it
/// may have been killed again.
pub fn how_it_came_back(case: Case<'_>) -> Vec<Finding> {
    let lineage = Lineage::trace(case);
    if let (Outcome::Exited { code: code @ 1.. }, None) = (case.resumed.outcome, lineage.started) {
        return vec![Finding::cause(None, FindingKind::RefusedToStart { code })];
    }
    let mut findings = match lineage.missing_start() {
        Some(kind) => vec![Finding::cause(None, kind)],
        None => state::findings(&state::compare(case, &lineage), case.required),
    };
    findings.extend(lineage.older_checkpoint().map(|kind| Finding::cause(None, kind)));
    findings
}

/// Judges one case.
pub fn judge(case: Case<'_>) -> Verdict {
    if case.expect == Expect::Refusal {
        return refusal::judge(case);
    }
    let lineage = Lineage::trace(case);
    if let (Outcome::Exited { code: code @ 1.. }, None) = (case.resumed.outcome, lineage.started) {
        return refusal::judge_failed_start(case, code);
    }
    // A run that was not the control's before the kill cannot be held against it afterwards.
    let diverged = match case.tolerance {
        None => lineage.diverged_before_kill(case),
        Some(_) => None,
    };
    let curve = curve::compare(case, &lineage);
    let components = state::compare(case, &lineage);
    let visible = Some(curve.smoothness == Smoothness::Jump);
    if case.same_program
        && let Some(step) = diverged
    {
        let finding = Finding::cause(None, FindingKind::NotReproducible { step });
        let findings = vec![finding];
        return Verdict { answer: Answer::NotJudged, curve: Some(curve), components, findings };
    }

    let mut findings = match lineage.missing_start() {
        Some(kind) => vec![Finding::cause(None, kind)],
        None => state::findings(&components, case.required),
    };
    // These no lost component explains.
    findings.extend(lineage.older_checkpoint().map(|kind| Finding::cause(None, kind)));
    findings.extend(books::best_is_latest(case).or_else(|| books::best_not_kept(case)));
    findings.extend(lineage.not_from_checkpoint(case).map(|kind| Finding::cause(None, kind)));
    // Which of several lost components made the curve jump, the curve does not tell.
    let are_several = findings.iter().filter(|finding| finding.component.is_some()).count() > 1;
    for finding in &mut findings {
        finding.visible_on_curve = match finding.kind {
            FindingKind::BestIsLatest { .. }
            | FindingKind::BestNotKept { .. }
            | FindingKind::NotFromCheckpoint
            | FindingKind::NotObserved => Some(false),
            _ if are_several && finding.component.is_some() && visible == Some(true) => None,
            _ => visible,
        };
    }
    let explain_the_curve = causes(&findings);
    findings.extend(durability::findings(case.interrupted));

    if let Some(step) = diverged {
        // The curve and the books of another training tell nothing about the resume.
        findings.insert(0, Finding::cause(None, FindingKind::TrainingChanged { step }));
    } else {
        let mut others = curve::findings(&curve);
        others.extend(books::findings(case, &lineage));
        for finding in &mut others {
            finding.visible_on_curve = match finding.kind {
                FindingKind::Jump { .. } => Some(true),
                FindingKind::CurveDiffers { .. } | FindingKind::CurveTooShort { .. } => Some(false),
                _ => visible,
            };
            finding.consequence_of.clone_from(&explain_the_curve);
        }
        findings.extend(others);
    }

    let answer = if findings.is_empty() { Answer::SameRun } else { Answer::NotSameRun };
    Verdict { answer, curve: Some(curve), components, findings }
}

/// What can explain that the curve or the books are off.
fn causes(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| {
            use FindingKind::{BestIsLatest, BestNotKept, OlderCheckpoint};
            !matches!(
                finding.kind,
                BestIsLatest { .. } | BestNotKept { .. } | OlderCheckpoint { .. }
            )
        })
        .map(|finding| finding.component.clone().unwrap_or_else(|| "checkpoint".to_owned()))
        .collect()
}
