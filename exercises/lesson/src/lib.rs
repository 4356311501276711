//! A small, real training run on libtorch, every part of which can be saved and restored.
//!
//! [`train()`] is the whole program; it leaves saving and loading a checkpoint to its caller.

pub mod ablation;
mod args;
mod best_metric;
mod call_site;
pub mod checkpoint;
mod config;
pub mod data;
mod messages;
mod model;
pub mod optimizer;
mod panic;
mod rng;
mod run;
mod sampler;
pub mod scaler;
pub mod scheduler;
mod session;
pub mod state;
mod train;
mod watcher;

pub use args::{Args, DeviceKind, parse};
pub use best_metric::BestMetric;
pub use checkpoint::{Checkpoint, CheckpointKind, Store};
pub use config::{Config, OptimizerKind};
pub use model::Mlp;
pub use rng::Rng;
pub use run::{Component, Run};
pub use sampler::Sampler;
pub use session::{validate, validation_is_due};
pub use train::{train, train_with, update};
pub use watcher::connect;
