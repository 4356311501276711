//! Bookkeeping: epochs, steps, learning rate, best and latest, samples, the final state.

use std::collections::BTreeMap;
use std::path::Path;

use crate::protocol::{CheckpointKind, Components, Phase};
use crate::recording::Recording;

use super::{Case, Finding, FindingKind, Lineage};

/// Everything that the books show, apart from [`best_is_latest`] and [`best_not_kept`].
pub(super) fn findings(case: Case<'_>, lineage: &Lineage<'_>) -> Vec<Finding> {
    [
        epochs_repeated(case, lineage),
        epochs_skipped(case, lineage),
        step_count(case, lineage),
        learning_rate(case, lineage),
        best_overwritten(case, lineage),
        samples(case, lineage),
        final_state(case),
    ]
    .into_iter()
    .flatten()
    .map(|kind| Finding::cause(None, kind))
    .collect()
}

fn resumed_epochs(case: Case<'_>) -> Vec<u64> {
    case.resumed.epochs().map(|epoch| epoch.epoch).collect()
}

/// Epochs that the resumed run completed though they were done, or beyond the control's last.
fn epochs_repeated(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    let last = case.control.epochs().map(|epoch| epoch.epoch).max().unwrap_or(0);
    let mut seen = Vec::new();
    let mut repeated = Vec::new();
    for epoch in resumed_epochs(case) {
        if epoch <= lineage.epoch() || epoch > last || seen.contains(&epoch) {
            repeated.push(epoch);
        }
        seen.push(epoch);
    }
    (!repeated.is_empty()).then_some(FindingKind::EpochsRepeated { epochs: repeated })
}

/// Epochs that the control completed after the checkpoint and the resumed run did not.
fn epochs_skipped(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    let done = resumed_epochs(case);
    let epochs: Vec<u64> = case
        .control
        .epochs()
        .map(|epoch| epoch.epoch)
        .filter(|epoch| *epoch > lineage.epoch() && !done.contains(epoch))
        .collect();
    (!epochs.is_empty()).then_some(FindingKind::EpochsSkipped { epochs })
}

/// The count of updates at the end of the first resumed epoch and at the end of training.
fn step_count(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    let first = |recording: &Recording, after: u64| {
        recording.epochs().find(|epoch| epoch.step > after).map(|epoch| epoch.step)
    };
    let ends = [
        (first(case.control, lineage.step()), case.resumed.epochs().next().map(|e| e.step)),
        (case.control.finished().map(|f| f.step), case.resumed.finished().map(|f| f.step)),
    ];
    ends.into_iter().find_map(|(expected, found)| match (expected, found) {
        (Some(expected), Some(found)) if expected != found => {
            Some(FindingKind::StepCount { expected, found })
        }
        _ => None,
    })
}

/// The learning rate at each validation point, paired in order.
fn learning_rate(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    lineage
        .expected_points(case)
        .iter()
        .zip(case.resumed.curve())
        .find(|(control, resumed)| control.lr.to_bits() != resumed.lr.to_bits())
        .map(|(control, resumed)| FindingKind::LearningRate {
            expected: control.lr,
            found: resumed.lr,
            epoch: lineage.epochs_at(control.step),
        })
}

/// Best and latest that share a file overwrite each other.
pub(super) fn best_is_latest(case: Case<'_>) -> Option<Finding> {
    let mut saves = case.interrupted.saves().chain(case.resumed.saves());
    let latest: Vec<&str> = case
        .interrupted
        .saves()
        .chain(case.resumed.saves())
        .filter(|save| save.kind == CheckpointKind::Latest)
        .map(|save| save.path.as_str())
        .collect();
    saves
        .find(|save| save.kind == CheckpointKind::Best && latest.contains(&save.path.as_str()))
        .map(|save| Finding::cause(None, FindingKind::BestIsLatest { path: save.path.clone() }))
}

/// A best that did not stay what was saved: as a link to latest it goes when latest is written over it.
pub(super) fn best_not_kept(case: Case<'_>) -> Option<Finding> {
    let lost = |recording: &Recording| {
        let best = recording.best_files.iter().find(|best| !best.is_kept())?;
        let path = Path::new(&best.path);
        let path = path.strip_prefix(&recording.dir).unwrap_or(path).display().to_string();
        Some(FindingKind::BestNotKept { path, epoch: best.epoch })
    };
    let kind = lost(case.interrupted).or_else(|| lost(case.resumed))?;
    Some(Finding::cause(None, kind))
}

/// A `best` that was replaced by a worse one after the resume.
fn best_overwritten(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    let losses = |recording: &Recording| -> BTreeMap<u64, f64> {
        recording.epochs().filter_map(|epoch| Some((epoch.step, epoch.val_loss?))).collect()
    };
    let mut best = losses(case.interrupted)
        .into_iter()
        .filter(|(step, _)| *step <= lineage.step())
        .map(|(_, loss)| loss)
        .fold(f64::INFINITY, f64::min);
    // Only a run that keeps a best can lose it.
    case.interrupted.saves().find(|save| save.kind == CheckpointKind::Best)?;
    let mut last_loss = None;
    for (_, event) in &case.resumed.events {
        match event {
            crate::protocol::Event::Epoch(epoch) => last_loss = epoch.val_loss,
            crate::protocol::Event::Checkpoint(save)
                if save.kind == CheckpointKind::Best && save.phase == Phase::End =>
            {
                let by = last_loss?;
                if by > best {
                    return Some(FindingKind::BestOverwritten { best, by, epoch: save.epoch });
                }
                best = by;
            }
            _ => {}
        }
    }
    None
}

/// Every sample of the interrupted epoch is to be seen exactly as often as in the control.
fn samples(case: Case<'_>, lineage: &Lineage<'_>) -> Option<FindingKind> {
    let epoch = lineage.epoch();
    let (start, end) = case
        .control
        .steps()
        .filter(|step| step.epoch == epoch)
        .fold((u64::MAX, 0), |(start, end), step| (start.min(step.step), end.max(step.step)));
    if end <= lineage.step() {
        return None;
    }
    let remaining = (end - lineage.step()) as usize;
    let mut counts: BTreeMap<u64, i64> = BTreeMap::new();
    let mut add = |samples: &[u64], weight: i64| {
        for id in samples {
            *counts.entry(*id).or_default() += weight;
        }
    };
    for step in case.control.steps().filter(|step| (start..=end).contains(&step.step)) {
        add(&step.samples, -1);
    }
    for step in case.interrupted.steps() {
        if (start..=lineage.step()).contains(&step.step) {
            add(&step.samples, 1);
        }
    }
    // By order, not by label: the updates that stand where the rest of the epoch should.
    for step in case.resumed.steps().take(remaining) {
        add(&step.samples, 1);
    }
    let ids = |wanted: fn(i64) -> bool| -> Vec<u64> {
        counts.iter().filter(|(_, count)| wanted(**count)).map(|(id, _)| *id).collect()
    };
    let (repeated, lost) = (ids(|count| count > 0), ids(|count| count < 0));
    let wrong = !repeated.is_empty() || !lost.is_empty();
    wrong.then_some(FindingKind::Samples { repeated, lost, epoch: epoch + 1 })
}

/// The components that do not end as the control's do.
fn final_state(case: Case<'_>) -> Option<FindingKind> {
    // Within a tolerance the end may differ; there has to be one.
    if case.tolerance.is_some() && case.resumed.finished().is_some() {
        return None;
    }
    let control = case.control.finished()?;
    let empty = Components::new();
    let resumed = case.resumed.finished().map_or(&empty, |finished| &finished.components);
    let components: Vec<String> = control
        .components
        .iter()
        .filter(|(name, digest)| resumed.get(*name).map(|c| c.digest) != Some(digest.digest))
        .map(|(name, _)| name.clone())
        .collect();
    (!components.is_empty()).then_some(FindingKind::FinalState { components })
}
