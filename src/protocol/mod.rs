//! The trainer protocol, version 1: what a trainer says while it runs.
//!
//! The harness starts each process as `TRAINER [its own arguments] --dir DIR --epochs TOTAL --seed S`,
//! with `--save-every STEPS` besides where the kill lands on a step, so that a checkpoint lies inside
//! the epoch. A trainer keeps its checkpoints in `DIR`, resumes from what it finds there, and plans
//! its schedule over `TOTAL` epochs.
//!
//! The harness listens on a Unix socket and passes its path in [`SOCKET_VARIABLE`]. The trainer
//! connects and writes one JSON [`Event`] a line. The harness answers each with one [`Reply`] line,
//! or kills the trainer instead of answering, so the kill lands exactly where the scenario says,
//! however fast the trainer is. A trainer says one event, reads one line, and only then goes on. Without the variable a trainer runs the same and prints its progress
//! for a person.
//!
//! Order: `hello`, `started`, then any number of `step`, `validation`, `epoch` and `checkpoint`,
//! then `finished`.

mod client;
mod digest;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use client::{Client, ClientError};
pub use digest::{ComponentDigest, Digest, Digester, Scalar};

/// The version that [`Hello::protocol`] carries.
pub const VERSION: u32 = 1;

/// The environment variable with the path of the harness's Unix socket.
pub const SOCKET_VARIABLE: &str = "KILLRESUME_SOCKET";

/// The longest line, in bytes, that the harness reads before it calls the trainer broken.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// The digest of every component of a run, by component name (`model`, `optimizer`, …).
pub type Components = BTreeMap<String, ComponentDigest>;

/// What a trainer says. One JSON object a line, tagged by `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First: who speaks.
    Hello(Hello),
    /// After initialising or loading, before the first update.
    Started(Started),
    /// After an update, only if the harness asked for steps.
    Step(Step),
    /// After a validation inside an epoch.
    Validation(Validation),
    /// After the validation that ends an epoch.
    Epoch(Epoch),
    /// Around each save.
    Checkpoint(Checkpoint),
    /// Last: training is complete.
    Finished(Finished),
}

impl Event {
    /// The event's name as it stands in the JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Hello(_) => "hello",
            Event::Started(_) => "started",
            Event::Step(_) => "step",
            Event::Validation(_) => "validation",
            Event::Epoch(_) => "epoch",
            Event::Checkpoint(_) => "checkpoint",
            Event::Finished(_) => "finished",
        }
    }

    /// Epochs and updates completed when it was said; `None` for `hello`.
    pub fn position(&self) -> Option<(u64, u64)> {
        Some(match self {
            Event::Hello(_) => return None,
            Event::Started(e) => (e.epoch, e.step),
            Event::Step(e) => (e.epoch, e.step),
            Event::Validation(e) => (e.epoch, e.step),
            Event::Epoch(e) => (e.epoch, e.step),
            Event::Checkpoint(e) => (e.epoch, e.step),
            Event::Finished(e) => (e.epoch, e.step),
        })
    }
}

/// The first event of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The protocol version that the trainer speaks, see [`VERSION`].
    pub protocol: u32,
    /// Who is training.
    pub trainer: Trainer,
    /// The trainer's own process id.
    pub pid: u32,
    /// The seed of the run.
    pub seed: u64,
    /// The components whose digests the trainer will report.
    pub components: Vec<String>,
    /// What the trainer can do beyond the minimum, for example `steps`.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// What the bits of the result depend on: libtorch version, threads, device, CPU capability.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// A trainer's name and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trainer {
    /// For example `reference`.
    pub name: String,
    /// The trainer's own version.
    pub version: String,
}

/// The state a process starts training from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed (skipped ones counted).
    pub step: u64,
    /// The checkpoint that was loaded, or null for a fresh start.
    pub resumed_from: Option<String>,
    /// The state in memory, after loading and before the first update.
    pub components: Components,
}

/// One update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Epochs completed before this update.
    pub epoch: u64,
    /// Updates completed, this one included.
    pub step: u64,
    /// Training loss of this batch. Null when it is not finite.
    pub loss: Option<f64>,
    /// The learning rate that this update used.
    pub lr: f64,
    /// The ids of the samples in this batch, in order.
    pub samples: Vec<u64>,
}

/// A point of the validation curve inside an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// Validation loss. Null when it is not finite.
    pub val_loss: Option<f64>,
    /// Validation accuracy, 0 to 1.
    pub val_accuracy: Option<f64>,
    /// The learning rate of the last update.
    pub lr: f64,
    /// The GradScaler's scale, where there is one.
    pub loss_scale: Option<f64>,
}

/// The end of an epoch; also a point of the validation curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Epochs completed, this one included: 1 after the first.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// Mean training loss over the epoch. Null when it is not finite.
    pub train_loss: Option<f64>,
    /// Validation loss. Null when it is not finite.
    pub val_loss: Option<f64>,
    /// Validation accuracy, 0 to 1.
    pub val_accuracy: Option<f64>,
    /// The learning rate of the last update.
    pub lr: f64,
    /// The GradScaler's scale, where there is one.
    pub loss_scale: Option<f64>,
}

/// One side of a save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Before the save, or after it is durable.
    pub phase: Phase,
    /// Which checkpoint.
    pub kind: CheckpointKind,
    /// Where it goes.
    pub path: String,
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// The best validation loss so far as the trainer holds it, where it holds one.
    pub best_metric: Option<f64>,
    /// The state as it is in memory while it is saved.
    pub components: Components,
}

/// Which side of a save an event stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the first byte is written.
    Begin,
    /// After the checkpoint is durable.
    End,
}

/// What a checkpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointKind {
    /// The one that a resume starts from.
    Latest,
    /// The one with the best validation metric.
    Best,
}

impl CheckpointKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Latest, Self::Best];

    /// Its name in the protocol and in kill points.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Best => "best",
        }
    }
}

/// Training is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// The final state.
    pub components: Components,
}

/// The harness's answer to every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Always true: a harness that wants the trainer to stop kills it.
    pub go: bool,
    /// In the answer to `hello`: whether the trainer should report every step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub steps: bool,
}
