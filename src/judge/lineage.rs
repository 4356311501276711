//! Which checkpoint the resumed run grew from, and where it stands in the control run.

use std::collections::BTreeMap;

use crate::protocol::{Checkpoint, CheckpointKind, Components, Event, Phase, Started};
use crate::recording::{Point, Recording};

use super::{Case, FindingKind};

/// The descent of the resumed run.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage<'a> {
    /// What the resumed run started with.
    pub started: Option<&'a Started>,
    /// The save that it started from, as the interrupted run described it; `None` if there was none.
    pub checkpoint: Option<&'a Checkpoint>,
    /// The newest durable save that a resume is meant to start from.
    pub newest: Option<&'a Checkpoint>,
    /// Whether the resumed run loaded anything.
    pub resumed: bool,
    /// The control's updates in one epoch.
    pub steps_per_epoch: f64,
}

impl<'a> Lineage<'a> {
    /// Finds the save that the resumed run grew from.
    ///
    /// It is the last durable save to the path that the resumed run names, or one that was under way when
    /// the kill came and had its name already: then the run is where that save would have it. A run that fell back to an
    /// older file names a path that nobody saved to; then it is the last save with the same epoch and
    /// step, and failing that the last `latest`.
    pub fn trace(case: Case<'a>) -> Self {
        let started = case.resumed.started();
        let path = started.and_then(|started| started.resumed_from.as_deref());
        let saves: Vec<&Checkpoint> = case.interrupted.saves().collect();
        let last = |wanted: &dyn Fn(&Checkpoint) -> bool| {
            saves.iter().rev().find(|save| wanted(save)).copied()
        };
        let under_way = case.interrupted.checkpoints().last().filter(|save| {
            save.phase == Phase::Begin
                && Some(save.path.as_str()) == path
                && started.is_some_and(|it| (it.epoch, it.step) == (save.epoch, save.step))
        });
        // A save of that name that is there again to the last bit, though a newer one was durable.
        let exact = last(&|save| {
            Some(save.path.as_str()) == path
                && started.is_some_and(|started| started.components == save.components)
        });
        let checkpoint = under_way
            .or(exact)
            .or_else(|| last(&|save| Some(save.path.as_str()) == path))
            .or_else(|| {
                let started = started.filter(|_| path.is_some())?;
                last(&|save| (save.epoch, save.step) == (started.epoch, started.step))
            })
            .or_else(|| last(&|save| save.kind == CheckpointKind::Latest))
            .or_else(|| last(&|_| true));
        let steps_per_epoch = case
            .control
            .epochs()
            .filter(|epoch| epoch.epoch > 0)
            .last()
            .map_or(1.0, |epoch| epoch.step as f64 / epoch.epoch as f64)
            .max(1.0);
        let newest = last(&|save| save.kind == CheckpointKind::Latest);
        Self { started, checkpoint, newest, resumed: path.is_some(), steps_per_epoch }
    }

    /// The update after which the resumed run should have gone on.
    pub fn step(&self) -> u64 {
        self.checkpoint.map_or(0, |checkpoint| checkpoint.step)
    }

    /// The completed epochs after which the resumed run should have gone on.
    pub fn epoch(&self) -> u64 {
        self.checkpoint.map_or(0, |checkpoint| checkpoint.epoch)
    }

    /// The position of an update on the epoch axis.
    pub fn epochs_at(&self, step: u64) -> f64 {
        step as f64 / self.steps_per_epoch
    }

    /// The finding for a resumed run that started from nothing.
    pub(super) fn missing_start(&self) -> Option<FindingKind> {
        match (self.checkpoint, self.resumed) {
            (None, _) => Some(FindingKind::NoCheckpoint),
            (Some(_), false) => Some(FindingKind::RestartedFromZero),
            (Some(_), true) => None,
        }
    }

    /// The finding for a run that comes back without the files of its directory.
    pub(super) fn not_from_checkpoint(&self, case: Case<'a>) -> Option<FindingKind> {
        let scrambled = case.scrambled?.started()?;
        let (fresh, resumed) = (case.control.started()?, self.started?);
        // A part that is as it was in the resume, and not as in a fresh start, came from elsewhere.
        let came_back = scrambled.components.iter().any(|(name, state)| {
            let was = |start: &Started| start.components.get(name).map(|c| c.digest);
            was(resumed) == Some(state.digest) && was(fresh) != Some(state.digest)
        });
        (scrambled.epoch > 0 || scrambled.step > 0 || came_back)
            .then_some(FindingKind::NotFromCheckpoint)
    }

    /// The finding for a resumed run that threw durable work away.
    pub(super) fn older_checkpoint(&self) -> Option<FindingKind> {
        let (checkpoint, newest) = self.checkpoint.zip(self.newest)?;
        (self.resumed && checkpoint.step < newest.step).then(|| FindingKind::OlderCheckpoint {
            epoch: checkpoint.epoch,
            steps_lost: newest.step - checkpoint.step,
        })
    }

    /// The control's points that the resumed run should have repeated, in order.
    ///
    /// Points are paired by their order and not by their labels: a run that lost its epoch or step
    /// count mislabels them, and is still at that place of the training.
    pub fn expected_points(&self, case: Case<'a>) -> Vec<Point> {
        let step = self.step();
        case.control.curve().into_iter().filter(|point| point.step > step).collect()
    }

    /// The update by which the interrupted run had left the control's path before it was killed.
    ///
    /// Two runs of the same program that differ here make every later comparison worthless.
    pub(super) fn diverged_before_kill(&self, case: Case<'a>) -> Option<u64> {
        let control: BTreeMap<u64, Point> =
            case.control.curve().into_iter().map(|point| (point.step, point)).collect();
        let curve = case.interrupted.curve().into_iter().find_map(|point| {
            let same = control.get(&point.step).is_none_or(|other| same_bits(&point, other));
            (!same).then_some(point.step)
        });

        let states = |recording: &'a Recording| {
            recording.events.iter().filter_map(|(_, event)| match event {
                Event::Started(started) => {
                    Some(((started.step, started.epoch, None), &started.components))
                }
                Event::Checkpoint(save) if save.phase == Phase::Begin => {
                    let is_best = save.kind == CheckpointKind::Best;
                    Some(((save.step, save.epoch, Some(is_best)), &save.components))
                }
                _ => None,
            })
        };
        let control_states: BTreeMap<_, &Components> = states(case.control).collect();
        let state = states(case.interrupted).find_map(|(at, components)| {
            let same = control_states.get(&at).is_none_or(|other| *other == components);
            (!same).then_some(at.0)
        });
        curve.into_iter().chain(state).min()
    }
}

/// Whether two points say the same to the last bit.
pub(super) fn same_bits(a: &Point, b: &Point) -> bool {
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    bits(a.val_loss) == bits(b.val_loss) && bits(a.val_accuracy) == bits(b.val_accuracy)
}
