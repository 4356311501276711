//! A resumed process that ended before it started to train, as it should or not.

use super::{Answer, Case, Finding, FindingKind, Lineage, Verdict, durability};

/// Judges a resume that had to be refused.
///
/// The supervision has seen to it that a process which did not start refused in so many words: a
/// crash, silence or an exit code of 0 is no refusal and never comes here.
pub(super) fn judge(case: Case<'_>) -> Verdict {
    let changed = case.resumed.damaged.iter().map(|path| {
        let path = path.clone();
        Finding::cause(None, FindingKind::CheckpointChanged { path })
    });
    let started = case.resumed.started().is_some();
    let mut findings = training_changed(case);
    findings.extend(started.then(|| Finding::cause(None, FindingKind::NotRefused)));
    findings.extend(changed);
    verdict(findings)
}

/// Judges a resumed process that failed with this exit code before it started, though it had nothing to
/// refuse: the kill left it nothing that it could load.
pub(super) fn judge_failed_start(case: Case<'_>, code: i32) -> Verdict {
    let mut findings = training_changed(case);
    findings.push(Finding::cause(None, FindingKind::RefusedToStart { code }));
    findings.extend(durability::findings(case.interrupted));
    verdict(findings)
}

fn training_changed(case: Case<'_>) -> Vec<Finding> {
    let is_comparable = !case.same_program && case.tolerance.is_none();
    let step = is_comparable.then(|| Lineage::trace(case).diverged_before_kill(case)).flatten();
    step.map(|step| Finding::cause(None, FindingKind::TrainingChanged { step }))
        .into_iter()
        .collect()
}

/// Nothing was resumed, so there is neither a curve nor a component to tell of.
fn verdict(findings: Vec<Finding>) -> Verdict {
    let answer = if findings.is_empty() { Answer::SameRun } else { Answer::NotSameRun };
    Verdict { answer, curve: None, components: Vec::new(), findings }
}
