//! The command line that every trainer of this package understands.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Parser, ValueEnum};
use killresume::messages::{Lang, lang, set_lang};

use crate::config::{Config, OptimizerKind};
use crate::messages::cli as say;
use crate::messages::training::error;

/// What a trainer is told on its command line.
#[derive(Debug, Clone, Parser)]
#[command(version, about = say::about())]
pub struct Args {
    /// Where the checkpoints are; made if it is not there.
    #[arg(long, default_value = "checkpoints", hide_default_value = true, help = say::help_dir())]
    pub dir: PathBuf,
    /// How many epochs the whole run has.
    #[arg(long, default_value_t = 10, hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..=100_000), help = say::help_epochs())]
    pub epochs: u64,
    /// What everything random follows from.
    #[arg(long, default_value_t = 0, hide_default_value = true, help = say::help_seed())]
    pub seed: u64,
    /// Which optimizer trains the model.
    #[arg(long, value_enum, default_value = "sgd", hide_default_value = true, hide_possible_values = true, help = say::help_optimizer())]
    pub optimizer: OptimizerKind,
    /// Where to compute.
    #[arg(long, value_enum, default_value = "cpu", hide_default_value = true, hide_possible_values = true, help = say::help_device())]
    pub device: DeviceKind,
    /// Save after this many updates too, 0 for only at an epoch's end.
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "STEPS", help = say::help_save_every())]
    pub save_every: u32,
    /// Threads that libtorch computes with; the same bits need the same number.
    #[arg(long, default_value_t = 1, hide_default_value = true, value_parser = clap::value_parser!(i32).range(1..), help = say::help_threads())]
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

/// Parses the command line of a trainer, in the language of the environment, which from here on is the
/// language of this process. Help, version and a wrong argument end the process, as usual.
pub fn parse<P: Parser>() -> P {
    set_lang(Lang::of_process(&[]));
    let own = |name, short, action, help| {
        Arg::new(name).long(name).short(short).action(action).help(help)
    };
    let command = P::command()
        .help_template(say::help_template())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(own("help", 'h', ArgAction::Help, say::help_help()))
        .arg(own("version", 'V', ArgAction::Version, say::help_version()))
        .mut_args(|arg| arg.help_heading(say::heading_options()));
    let parsed = command.try_get_matches().and_then(|matches| P::from_arg_matches(&matches));
    parsed.unwrap_or_else(|wrong| {
        // What clap itself says is English.
        if wrong.use_stderr() && lang() == Lang::Ko {
            eprintln!("{}", error(&say::usage_error()));
        }
        wrong.exit()
    })
}
