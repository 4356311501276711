//! The command line that every trainer of this package understands.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::config::{Config, OptimizerKind};

/// Trains a small model on handwritten digits, resuming from the checkpoint in --dir if there is one.
#[derive(Debug, Clone, Parser)]
#[command(version)]
pub struct Args {
    /// Where the checkpoints are; made if it is not there
    #[arg(long, default_value = "checkpoints")]
    pub dir: PathBuf,
    /// How many epochs the whole run has
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub epochs: u64,
    /// What everything random follows from
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Which optimizer trains the model
    #[arg(long, value_enum, default_value = "sgd")]
    pub optimizer: OptimizerKind,
    /// Where to compute
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: DeviceKind,
    /// Save after every STEPS updates too, 0 for only at an epoch's end
    #[arg(long, default_value_t = 0, value_name = "STEPS")]
    pub save_every: u32,
    /// Threads that libtorch computes with; the same bits need the same number
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    pub threads: i32,
}

impl Args {
    /// The configuration that these arguments ask for.
    pub fn config(&self) -> Config {
        Config::new(self.epochs, self.seed, self.optimizer)
    }
}

/// Where to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceKind {
    /// The processor.
    Cpu,
    /// The first CUDA device; needs a libtorch with CUDA.
    Cuda,
}
