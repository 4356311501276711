//! What happens around the updates: validation, checkpoints, and word to whoever watches.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use killresume::protocol::{
    Checkpoint, CheckpointKind, Epoch, Event, Finished, Phase, Started, Step, Validation,
};
use signal_hook::consts::SIGTERM;
use tch::no_grad;

use crate::args::Args;
use crate::checkpoint::Store;
use crate::data::Samples;
use crate::messages::training as say;
use crate::panic::say_where;
use crate::run::Run;
use crate::watcher::Watcher;

/// Whether training goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It does.
    GoOn,
    /// SIGTERM came; the latest state is saved.
    Stop,
}

pub(crate) type Save<'a> = dyn FnMut(&Run, &Store, CheckpointKind) -> Result<PathBuf> + 'a;

/// One process's part of a run.
pub(crate) struct Session<'a> {
    watcher: Watcher,
    validation: &'a Samples,
    store: &'a Store,
    save: &'a mut Save<'a>,
    save_every: u64,
    terminated: Arc<AtomicBool>,
    /// The training losses of this process's updates in the current epoch. They are for show, so a
    /// run that resumes in the middle of an epoch reports the mean of what was left of it.
    losses: Vec<f64>,
    /// The learning rate of this process's last update.
    last_lr: Option<f64>,
}

impl<'a> Session<'a> {
    pub(crate) fn open(
        args: &Args,
        validation: &'a Samples,
        store: &'a Store,
        save: &'a mut Save<'a>,
    ) -> Result<Self> {
        let terminated = Arc::default();
        signal_hook::flag::register(SIGTERM, Arc::clone(&terminated))
            .with_context(say::cannot_listen_for_sigterm)?;
        let watcher = Watcher::connect(args)?;
        let save_every = u64::from(args.save_every);
        Ok(Self {
            watcher,
            validation,
            store,
            save,
            save_every,
            terminated,
            losses: Vec::new(),
            last_lr: None,
        })
    }

    /// The state is what training starts from.
    pub(crate) fn started(&mut self, run: &Run, resumed_from: Option<&Path>) -> Result<()> {
        self.watcher.tell(&Event::Started(Started {
            epoch: run.epoch,
            step: run.step,
            resumed_from: resumed_from.map(|path| path.display().to_string()),
            components: run.components(),
        }))
    }

    /// An update is done: `loss` is its batch's, `lr` the learning rate that it used.
    pub(crate) fn after_step(
        &mut self,
        run: &Run,
        loss: f64,
        lr: f64,
        batch: &[i64],
    ) -> Result<Next> {
        self.losses.push(loss);
        self.last_lr = Some(lr);
        if self.watcher.wants_steps() {
            self.watcher.tell(&Event::Step(Step {
                epoch: run.epoch,
                step: run.step,
                loss: finite(loss),
                lr,
                samples: batch.iter().map(|id| id.cast_unsigned()).collect(),
            }))?;
        }
        if validation_is_due(run) {
            let (val_loss, val_accuracy) = validate(run, self.validation);
            self.watcher.tell(&Event::Validation(Validation {
                epoch: run.epoch,
                step: run.step,
                val_loss: finite(val_loss),
                val_accuracy: Some(val_accuracy),
                lr,
                loss_scale: Some(run.scaler.get_scale()),
            }))?;
        }
        let stop = self.terminated.load(Ordering::Relaxed);
        if stop || (self.save_every > 0 && run.step.is_multiple_of(self.save_every)) {
            self.checkpoint(run, CheckpointKind::Latest)?;
        }
        Ok(if stop { Next::Stop } else { Next::GoOn })
    }

    /// An epoch is done and counted.
    pub(crate) fn after_epoch(&mut self, run: &mut Run) -> Result<()> {
        let (val_loss, val_accuracy) = validate(run, self.validation);
        let losses = std::mem::take(&mut self.losses);
        self.watcher.tell(&Event::Epoch(Epoch {
            epoch: run.epoch,
            step: run.step,
            train_loss: finite(losses.iter().sum::<f64>() / losses.len() as f64),
            val_loss: finite(val_loss),
            val_accuracy: Some(val_accuracy),
            lr: self.last_lr.unwrap_or_else(|| run.optimizer.lr()),
            loss_scale: Some(run.scaler.get_scale()),
        }))?;
        if run.best_metric.update(val_loss, run.epoch, run.step) {
            self.checkpoint(run, CheckpointKind::Best)?;
        }
        self.checkpoint(run, CheckpointKind::Latest)
    }

    /// Training is complete.
    pub(crate) fn finished(&mut self, run: &Run) -> Result<()> {
        self.watcher.tell(&Event::Finished(Finished {
            epoch: run.epoch,
            step: run.step,
            components: run.components(),
        }))
    }

    fn checkpoint(&mut self, run: &Run, kind: CheckpointKind) -> Result<()> {
        let event = |phase, path: &Path| {
            Event::Checkpoint(Checkpoint {
                phase,
                kind,
                path: path.display().to_string(),
                epoch: run.epoch,
                step: run.step,
                best_metric: run.best_metric.value,
                components: run.components(),
            })
        };
        let usual = self.store.path(kind);
        self.watcher.tell(&event(Phase::Begin, &usual))?;
        let path = usual.display().to_string();
        let written =
            say_where(|| say::panic_in_save(&path), || (self.save)(run, self.store, kind))
                .with_context(|| say::cannot_save(&path))?;
        ensure!(
            is_file_in(&written, self.store.dir()),
            say::saved_elsewhere(
                &written.display().to_string(),
                &self.store.dir().display().to_string()
            )
        );
        self.watcher.tell(&event(Phase::End, &written))
    }
}

/// Whether the path leads to a file of the directory or of one below it. A checkpoint anywhere else is not
/// this run's alone: the next run would find it, and take it for its own.
fn is_file_in(path: &Path, directory: &Path) -> bool {
    let (Ok(path), Ok(directory)) = (path.canonicalize(), directory.canonicalize()) else {
        return false;
    };
    path.is_file() && path.starts_with(directory)
}

/// Whether a validation falls on the batch just done. The epoch's last batch has none of its own:
/// the epoch's end follows.
pub fn validation_is_due(run: &Run) -> bool {
    let batches = |samples: usize| samples.div_ceil(run.config.batch_size);
    let (done, all) = (batches(run.sampler.position()), batches(run.sampler.len()));
    done < all && done.is_multiple_of(run.config.validate_every)
}

/// Mean loss and accuracy over the validation samples.
pub fn validate(run: &Run, samples: &Samples) -> (f64, f64) {
    no_grad(|| {
        let logits = run.model.forward(&samples.images, false);
        let loss = logits.cross_entropy_for_logits(&samples.labels);
        (loss.double_value(&[]), logits.accuracy_for_logits(&samples.labels).double_value(&[]))
    })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
