//! What one run left behind: its curve, its states, its checkpoints and how it ended.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{Checkpoint, Components, Event, Finished, Hello, Phase, Started, Step};

/// One process of a trainer, from spawn to reap.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recording {
    /// What the trainer said, in order, each with the time since the process was spawned.
    pub events: Vec<(Duration, Event)>,
    /// How the process ended.
    pub outcome: Outcome,
    /// Where the kill landed, if the scenario killed it.
    pub kill: Option<Kill>,
    /// The end of the process's standard output and error, as text.
    pub output: String,
    /// The run's own directory.
    pub dir: PathBuf,
    /// From spawn to reap.
    pub wall: Duration,
}

/// How a process ended, as the kernel reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It returned.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A signal ended it.
    Signaled {
        /// The signal's number.
        signal: i32,
    },
}

/// A SIGKILL that the scenario asked for, confirmed by the kernel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kill {
    /// The signal that ended the process, as `waitpid` reported it: 9.
    pub signal: i32,
    /// The event that the trainer was not answered, by name.
    pub at: String,
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// From spawn to the SIGKILL.
    #[serde(skip)]
    pub after: Duration,
}

/// One point of the validation curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Epochs completed; at an epoch's end that epoch is counted.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// Validation loss; `None` when it was not finite.
    pub val_loss: Option<f64>,
    /// Validation accuracy, 0 to 1.
    pub val_accuracy: Option<f64>,
    /// The learning rate of the last update.
    pub lr: f64,
    /// The GradScaler's scale.
    pub loss_scale: Option<f64>,
    /// Whether the point ends an epoch.
    pub epoch_end: bool,
}

impl Recording {
    /// The first thing that the trainer said.
    pub fn hello(&self) -> Option<&Hello> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Hello(hello) => Some(hello),
            _ => None,
        })
    }

    /// The state that training started from.
    pub fn started(&self) -> Option<&Started> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Started(started) => Some(started),
            _ => None,
        })
    }

    /// The state that training ended with; `None` for a run that did not get there.
    pub fn finished(&self) -> Option<&Finished> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Finished(finished) => Some(finished),
            _ => None,
        })
    }

    /// The validation curve, in the order in which the points were said.
    pub fn curve(&self) -> Vec<Point> {
        self.events
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Validation(v) => Some(Point {
                    epoch: v.epoch,
                    step: v.step,
                    val_loss: v.val_loss,
                    val_accuracy: v.val_accuracy,
                    lr: v.lr,
                    loss_scale: v.loss_scale,
                    epoch_end: false,
                }),
                Event::Epoch(e) => Some(Point {
                    epoch: e.epoch,
                    step: e.step,
                    val_loss: e.val_loss,
                    val_accuracy: e.val_accuracy,
                    lr: e.lr,
                    loss_scale: e.loss_scale,
                    epoch_end: true,
                }),
                _ => None,
            })
            .collect()
    }

    /// The epochs that the run completed, in the order in which it said so.
    pub fn epochs(&self) -> impl Iterator<Item = &crate::protocol::Epoch> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Epoch(epoch) => Some(epoch),
            _ => None,
        })
    }

    /// The updates, where the harness asked for them.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Step(step) => Some(step),
            _ => None,
        })
    }

    /// The saves that became durable, in order.
    pub fn saves(&self) -> impl Iterator<Item = &Checkpoint> {
        self.checkpoints().filter(|checkpoint| checkpoint.phase == Phase::End)
    }

    /// Both sides of every save, in order.
    pub fn checkpoints(&self) -> impl Iterator<Item = &Checkpoint> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Checkpoint(checkpoint) => Some(checkpoint),
            _ => None,
        })
    }

    /// The state that a fresh process starts from, if this run is one.
    pub fn fresh_state(&self) -> Option<&Components> {
        self.started().filter(|started| started.resumed_from.is_none()).map(|s| &s.components)
    }
}
