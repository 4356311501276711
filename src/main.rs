//! Wires: arguments → command → exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use killresume::cli::{Cli, Command};
use killresume::command;
use killresume::exit::Exit;
use killresume::messages::{self, Lang};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Before anything is said, the help texts included.
    messages::set_lang(Lang::of_process(&arguments));
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::SameRun }.into();
        }
    };
    let result = match &cli.command {
        None => command::run(&cli.run),
        Some(Command::Run(args)) => command::run(args),
        Some(Command::Setup(talk)) => command::setup(*talk),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            command::print_error(&format!("{error:#}"));
            Exit::Harness.into()
        }
    }
}
