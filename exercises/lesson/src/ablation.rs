//! Checkpoints with one component left out, to see what losing it does and whether anyone notices.

use std::cell::RefCell;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::checkpoint::{Checkpoint, CheckpointKind, Store};
use crate::run::{Component, Run};
use crate::state::{StateDict, Value};

/// How the component gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// It is not saved.
    Save,
    /// It is saved, and ignored when the checkpoint is loaded.
    Load,
    /// It is saved as it was one epoch earlier.
    Stale,
}

/// A save and a load that are right but for one component.
///
/// The model's parameters and BatchNorm's buffers are two components in one state dict, as in
/// PyTorch: losing one of them drops its keys from `model`.
#[derive(Debug)]
pub struct Ablation {
    lost: Component,
    way: Way,
    history: RefCell<Option<History>>,
}

/// Deep copies of the lost component, as it was when an epoch was first seen.
#[derive(Debug)]
struct History {
    epoch: u64,
    now: StateDict,
    before: Option<StateDict>,
}

impl Ablation {
    /// Loses one component in one way.
    pub fn new(lost: Component, way: Way) -> Self {
        Self { lost, way, history: RefCell::new(None) }
    }

    /// Saves a checkpoint, right but for the lost component.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub fn save(&self, run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
        self.remember(run);
        let mut checkpoint = Checkpoint::new();
        let mut model = StateDict::new();
        for component in Component::ALL {
            let Some(state) = self.to_save(run, component) else { continue };
            match component {
                Component::Model | Component::Buffers => {
                    state.into_iter().for_each(|(key, value)| {
                        model.insert(key, value);
                    });
                }
                _ => {
                    checkpoint.put(component.name(), state);
                }
            }
        }
        checkpoint.put(Component::Model.name(), model);
        Ok(store.save(kind, &checkpoint)?)
    }

    /// Loads the latest checkpoint, all but the lost component.
    ///
    /// # Errors
    /// As [`Store::load`]; a state that does not fit this run.
    pub fn load(&self, run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
        self.remember(run);
        let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };
        for component in Component::ALL {
            if component == self.lost && self.way != Way::Stale {
                continue;
            }
            let state = saved(&loaded.checkpoint, component, run)?;
            run.restore(component, &state)
                .with_context(|| format!("{}: {component}", loaded.path.display()))?;
        }
        self.remember(run);
        Ok(Some(loaded.path))
    }

    fn to_save(&self, run: &Run, component: Component) -> Option<StateDict> {
        match self.way {
            Way::Save if component == self.lost => None,
            Way::Stale if component == self.lost => {
                let history = self.history.borrow();
                let history = history.as_ref()?;
                Some(history.before.as_ref().unwrap_or(&history.now).clone())
            }
            _ => Some(run.state(component)),
        }
    }

    /// Keeps the component's state when an epoch is seen for the first time.
    fn remember(&self, run: &Run) {
        if self.way != Way::Stale {
            return;
        }
        let mut history = self.history.borrow_mut();
        if history.as_ref().is_some_and(|history| history.epoch == run.epoch) {
            return;
        }
        let before = history.take().map(|history| history.now);
        let now = run.state(self.lost).clone();
        *history = Some(History { epoch: run.epoch, now, before });
    }
}

/// One component of a checkpoint; the model's state dict is taken apart.
fn saved(checkpoint: &Checkpoint, component: Component, run: &Run) -> Result<StateDict> {
    let name = match component {
        Component::Buffers => Component::Model.name(),
        _ => component.name(),
    };
    let mut state = checkpoint.get(name)?.clone();
    let other = match component {
        Component::Model => run.state(Component::Buffers),
        Component::Buffers => run.state(Component::Model),
        _ => StateDict::new(),
    };
    for (key, _) in other.iter() {
        let _: Option<Value> = state.remove(key);
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tch::Device;
    use tempfile::TempDir;

    use super::*;
    use crate::config::{Config, OptimizerKind};
    use crate::data::Digits;
    use crate::train::update;

    const SAMPLES: usize = 100;

    fn fresh_run() -> Run {
        Run::new(Config::new(10, 1, OptimizerKind::Sgd), SAMPLES, Device::Cpu)
    }

    /// Trains an epoch that is better than those before.
    fn train_epoch(run: &mut Run, digits: &Digits) {
        run.config.freeze();
        while let Some(batch) = run.sampler.next_batch(run.config.batch_size) {
            update(run, digits, &batch);
        }
        run.epoch += 1;
        run.best_metric.update(1.0 / run.epoch as f64, run.epoch, run.step);
    }

    #[test]
    fn exactly_the_lost_component_comes_back_different() {
        let digits = Digits::load(Device::Cpu).expect("loads");
        let dir = TempDir::new().expect("a directory");
        let ways = [Way::Save, Way::Load, Way::Stale];
        let mut cases = Vec::new();
        for (lost, way) in Component::ALL.iter().flat_map(|c| ways.map(|way| (*c, way))) {
            let store = Store::open(&dir.path().join(format!("{lost}-{way:?}"))).expect("opens");
            cases.push((lost, way, Ablation::new(lost, way), store));
        }

        let mut run = fresh_run();
        // So that the scale moves in the few updates of this test, and that twice.
        run.scaler = crate::scaler::GradScaler::new(1024.0, 2.0, 0.5, 2);
        for (.., ablation, store) in &cases {
            assert_eq!(ablation.load(&mut run, store).expect("nothing to load"), None);
        }
        for _ in 0..2 {
            train_epoch(&mut run, &digits);
            for (.., ablation, store) in &cases {
                ablation.save(&run, store, CheckpointKind::Latest).expect("saves");
            }
        }

        let saved = run.components();
        for (lost, way, _, store) in &cases {
            let mut resumed = fresh_run();
            let path = Ablation::new(*lost, *way).load(&mut resumed, store).expect("loads");
            assert_eq!(path, Some(store.path(CheckpointKind::Latest)));
            let found = resumed.components();
            let differing: BTreeSet<&str> = saved
                .iter()
                .filter(|(name, saved)| found[*name].digest != saved.digest)
                .map(|(name, _)| name.as_str())
                .collect();
            // A config does not change, so one epoch earlier it was the same.
            let constant = (*lost, *way) == (Component::Config, Way::Stale);
            let expected: BTreeSet<&str> = if constant { [].into() } else { [lost.name()].into() };
            assert_eq!(differing, expected, "losing {lost} at {way:?}");
        }
    }
}
