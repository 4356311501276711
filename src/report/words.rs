//! Verdict and findings in words.

use crate::judge::{
    Answer, ComponentState, ComponentVerdict, CurveVerdict, Finding, FindingKind, Smoothness,
};
use crate::messages::report as say;
use crate::recording::Kill;
use crate::scenario::Expect;

use super::Report;

/// Names shown of a longer list.
const SHOWN: usize = 3;

/// The report's verdict in a word or two: where a refusal was asked for, "the same run" is not the word.
pub fn headline(report: &Report) -> String {
    match (report.scenario.expect, report.verdict) {
        (Expect::Refusal, Answer::SameRun) => say::verdict_refused(),
        (Expect::Refusal, Answer::NotSameRun) => say::verdict_not_refused(),
        (_, answer) => verdict(answer),
    }
}

/// The verdict in a word or two.
pub fn verdict(answer: Answer) -> String {
    match answer {
        Answer::SameRun => say::verdict_same_run(),
        Answer::NotSameRun => say::verdict_not_same_run(),
        Answer::NotJudged => say::verdict_not_judged(),
    }
}

/// The verdict's reason in one line.
pub fn because(report: &Report) -> String {
    if let Some(reason) = &report.reason {
        return reason.clone();
    }
    let causes: Vec<&Finding> =
        report.findings.iter().map(|f| &f.finding).filter(|f| f.is_cause()).collect();
    let lost: Vec<&str> = causes.iter().filter_map(|f| f.component.as_deref()).collect();
    match (report.verdict, report.scenario.tolerance) {
        (Answer::SameRun, Some(tolerance))
            if report.curve.as_ref().is_some_and(|c| c.smoothness != Smoothness::Identical) =>
        {
            say::because_continuous(tolerance)
        }
        (Answer::SameRun, _) if report.scenario.expect == Expect::Refusal => say::because_refused(),
        (Answer::SameRun, _) => say::because_identical(),
        _ if causes.first().is_some_and(|cause| outweighs(&cause.kind)) => {
            report.findings[0].message.clone()
        }
        _ if !lost.is_empty() => say::because_lost(&lost.join(", ")),
        _ if causes.len() == 1 => report.findings[0].message.clone(),
        _ => say::because_findings(causes.len()),
    }
}

/// Whether the finding says more than any number of components could.
fn outweighs(kind: &FindingKind) -> bool {
    use FindingKind::{
        CheckpointChanged, NoCheckpoint, NotFromCheckpoint, NotRefused, RefusedToStart,
        RestartedFromZero, TrainingChanged,
    };
    matches!(
        kind,
        CheckpointChanged { .. }
            | NoCheckpoint
            | NotFromCheckpoint
            | NotRefused
            | RefusedToStart { .. }
            | RestartedFromZero
            | TrainingChanged { .. }
    )
}

/// The SIGKILL, and what it left of the write that it landed in.
pub fn kill(kill: &Kill) -> String {
    let mut text = say::kill_confirmed(kill.signal, &kill.at, kill.epoch, kill.step);
    if let Some(torn) = &kill.torn {
        text.push_str("; ");
        text.push_str(&say::kill_torn(&torn.path, torn.written, torn.wanted));
    }
    text
}

/// How a component came back, in a word.
pub fn state(state: ComponentState) -> String {
    match state {
        ComponentState::Restored => say::state_restored(),
        ComponentState::Cold => say::state_cold(),
        ComponentState::Stale => say::state_stale(),
        ComponentState::Wrong => say::state_wrong(),
        ComponentState::NotObserved => say::state_not_observed(),
    }
}

/// The same with what it means; empty for a restored component.
pub fn detail(component: &ComponentVerdict) -> String {
    match component.state {
        ComponentState::Restored => String::new(),
        ComponentState::Cold => say::detail_cold(),
        ComponentState::Stale => say::detail_stale(component.stale_epoch.unwrap_or_default()),
        ComponentState::Wrong if component.parts.is_empty() => say::detail_wrong_whole(),
        ComponentState::Wrong => say::detail_wrong(&shortened(&component.parts)),
        ComponentState::NotObserved => say::detail_not_observed(),
    }
}

/// The line on the picture for a component that did not come back.
pub fn on_picture(component: &ComponentVerdict) -> Option<String> {
    let state = match component.state {
        ComponentState::Restored => return None,
        ComponentState::Cold => say::picture_cold(),
        ComponentState::Stale => say::picture_stale(component.stale_epoch.unwrap_or_default()),
        ComponentState::Wrong => say::picture_wrong(),
        ComponentState::NotObserved => say::picture_not_observed(),
    };
    Some(say::picture_component(&component.name, &state))
}

/// The verdict on the curve in one line.
pub fn curve(curve: &CurveVerdict) -> String {
    match (curve.smoothness, curve.deviation, curve.ratio) {
        (Smoothness::Identical, ..) => say::curve_identical(curve.expected_points),
        // No value differs: what makes it another curve is that it is shorter.
        (Smoothness::Continuous, ..) if curve.first_difference.is_none() => {
            say::curve_too_short(curve.expected_points, curve.identical_points)
        }
        (Smoothness::Continuous, ..) if curve.within_tolerance => say::curve_within(
            curve.largest.unwrap_or_default(),
            curve.tolerance.unwrap_or_default(),
        ),
        (Smoothness::Continuous, _, ratio) => say::curve_continuous(ratio.unwrap_or_default()),
        (Smoothness::Jump, Some(0.0), _) => say::curve_missing(),
        (Smoothness::Jump, Some(size), Some(ratio)) => jump(size, ratio, curve.deviation_epoch),
        (Smoothness::Jump, ..) => say::curve_jump_not_finite(curve.deviation_epoch),
    }
}

fn jump(size: f64, ratio: f64, epoch: f64) -> String {
    if size > 0.0 {
        say::curve_jump_up(size, ratio, epoch)
    } else {
        say::curve_jump_down(-size, ratio, epoch)
    }
}

/// What a finding says.
pub fn finding(finding: &Finding) -> String {
    let component = finding.component.as_deref().unwrap_or("?");
    match &finding.kind {
        FindingKind::Cold => say::finding_cold(component),
        FindingKind::Stale { epoch } => say::finding_stale(component, *epoch),
        FindingKind::Wrong { parts } if parts.is_empty() => say::finding_wrong_whole(component),
        FindingKind::Wrong { parts } => say::finding_wrong(component, &shortened(parts)),
        FindingKind::NotObserved => say::finding_not_observed(component),
        FindingKind::NoCheckpoint => say::finding_no_checkpoint(),
        FindingKind::RestartedFromZero => say::finding_restarted_from_zero(),
        FindingKind::OlderCheckpoint { epoch, steps_lost } => {
            say::finding_older_checkpoint(*epoch, *steps_lost)
        }
        FindingKind::NotReproducible { step } => say::finding_not_reproducible(*step),
        FindingKind::TrainingChanged { step } => say::finding_training_changed(*step),
        FindingKind::NotFromCheckpoint => say::finding_not_from_checkpoint(),
        FindingKind::NotRefused => say::finding_not_refused(),
        FindingKind::CheckpointChanged { path } => say::finding_checkpoint_changed(path),
        FindingKind::RefusedToStart { code } => say::finding_refused_to_start(*code),
        FindingKind::WrittenInPlace { path } => say::finding_written_in_place(path),
        FindingKind::RenamedBeforeSync { path } => say::finding_renamed_before_sync(path),
        FindingKind::DirectoryNotSynced { path } => say::finding_directory_not_synced(path),
        FindingKind::RemovedTooEarly { path } => say::finding_removed_too_early(path),
        FindingKind::Jump { size: Some(0.0), .. } => say::curve_missing(),
        FindingKind::Jump { size: Some(size), ratio: Some(ratio), epoch } => {
            jump(*size, *ratio, *epoch)
        }
        FindingKind::Jump { epoch, .. } => say::curve_jump_not_finite(*epoch),
        FindingKind::CurveDiffers { size, epoch } => say::curve_differs(*size, *epoch),
        FindingKind::CurveTooShort { expected, found } => say::curve_too_short(*expected, *found),
        FindingKind::EpochsRepeated { epochs } => say::finding_epochs_repeated(&numbers(epochs)),
        FindingKind::EpochsSkipped { epochs } => say::finding_epochs_skipped(&numbers(epochs)),
        FindingKind::StepCount { expected, found } => say::finding_step_count(*expected, *found),
        FindingKind::LearningRate { expected, found, epoch } => {
            say::finding_learning_rate(*expected, *found, *epoch)
        }
        FindingKind::BestIsLatest { path } => say::finding_best_is_latest(path),
        FindingKind::BestNotKept { path, epoch } => say::finding_best_not_kept(path, *epoch),
        FindingKind::BestOverwritten { best, by, epoch } => {
            say::finding_best_overwritten(*best, *by, *epoch)
        }
        FindingKind::Samples { repeated, lost, epoch } => say::finding_samples(
            repeated.len(),
            &numbers_shortened(repeated),
            lost.len(),
            &numbers_shortened(lost),
            *epoch,
        ),
        FindingKind::FinalState { components } => say::finding_final_state(&components.join(", ")),
    }
}

/// Why a lost state matters, for the components of the lesson.
pub fn why(finding: &Finding) -> Option<String> {
    if finding.kind != FindingKind::Cold {
        return None;
    }
    Some(match finding.component.as_deref()? {
        "model" => say::why_model(),
        "buffers" => say::why_buffers(),
        "optimizer" => say::why_optimizer(),
        "scheduler" => say::why_scheduler(),
        "scaler" => say::why_scaler(),
        "step" => say::why_step(),
        "epoch" => say::why_epoch(),
        "config" => say::why_config(),
        "best_metric" => say::why_best_metric(),
        "rng" => say::why_rng(),
        "sampler" => say::why_sampler(),
        _ => return None,
    })
}

/// Whether the curve showed it.
pub fn visible(finding: &Finding) -> Option<String> {
    finding.visible_on_curve.map(|yes| if yes { say::visible_yes() } else { say::visible_no() })
}

/// Whether the curve shows what this component did together with others, and not what it did alone.
pub fn is_one_of_many(finding: &Finding) -> bool {
    finding.visible_on_curve.is_none() && finding.component.is_some()
}

/// Whether a person sees on the curve that something is wrong.
pub fn is_visible(report: &Report) -> bool {
    report.curve.as_ref().is_some_and(|curve| curve.smoothness == Smoothness::Jump)
}

/// What was lost, and what the curve shows of it.
pub fn gallery_entry(lost: Option<&str>, report: &Report) -> (String, String) {
    let name = lost.map_or_else(say::gallery_nothing, str::to_owned);
    let caption = match &report.curve {
        Some(curve) if is_visible(report) => match curve.ratio {
            // A decimal of 200 says nothing.
            Some(ratio) if ratio >= 100.0 => say::gallery_jump(&format!("{ratio:.0}")),
            Some(ratio) => say::gallery_jump(&format!("{ratio:.1}")),
            None => say::gallery_jump_not_finite(),
        },
        _ if report.verdict == Answer::SameRun => say::gallery_same(),
        _ => say::gallery_unseen(),
    };
    (name, caption)
}

/// The first few of a long list, and how many more there are.
fn shortened(names: &[String]) -> String {
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => say::and_more(&shown, more),
    }
}

fn numbers_shortened(ids: &[u64]) -> String {
    match ids {
        [] => "-".to_owned(),
        ids => shortened(&ids.iter().map(u64::to_string).collect::<Vec<_>>()),
    }
}

fn numbers(epochs: &[u64]) -> String {
    epochs.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}
