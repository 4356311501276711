//! A fixture: the reference trainer with one component left out of its checkpoints.

use std::process::ExitCode;

use clap::Parser;
use lesson::ablation::{Ablation, Way};
use lesson::{Args, Component};

/// Trains like the reference trainer, but loses one component of its state.
#[derive(Debug, Parser)]
struct Faulty {
    #[command(flatten)]
    trainer: Args,
    /// Which component gets lost
    #[arg(long, value_enum)]
    lose: Component,
    /// How it gets lost
    #[arg(long, value_enum)]
    at: Way,
}

fn main() -> ExitCode {
    let arguments = lesson::parse::<Faulty>();
    let ablation = Ablation::new(arguments.lose, arguments.at);
    lesson::train_with(
        &arguments.trainer,
        |run, store, kind| ablation.save(run, store, kind),
        |run, store| ablation.load(run, store),
    )
}
