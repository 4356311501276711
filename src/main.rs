//! Wires: arguments → command → exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use killresume::cli::{self, Cli, Command};
use killresume::command;
use killresume::exit::Exit;
use killresume::messages::{self, Lang};
use killresume::report::layout;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Before anything is said, the help texts included.
    messages::set_lang(Lang::of_process(&arguments));
    let cli = match Cli::parse_or_run(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error.
            if !error.use_stderr() {
                let _ = error.print();
                return Exit::SameRun.into();
            }
            let korean = (messages::lang() == Lang::Ko).then(|| cli::in_korean(&error)).flatten();
            match korean {
                Some(message) => command::print_error(&message),
                None => drop(error.print()),
            }
            return Exit::Usage.into();
        }
    };
    layout::set_links(supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout));
    let result = match &cli.command {
        Command::Run(args) => command::run(args, cli.talk),
        Command::List => command::list(cli.talk),
        Command::Next => command::next(cli.talk),
        Command::Watch(args) => command::watch(args.exercise.as_deref(), cli.talk),
        Command::Hint(args) => command::hint(args.exercise.as_deref(), cli.talk),
        Command::Reset(args) => command::reset(args, cli.talk),
        Command::Solution(args) => command::solution(args, cli.talk),
        Command::CheckAll(args) => command::check_all(args, cli.talk),
        Command::Gallery(args) => command::gallery(args, cli.talk),
        Command::Setup => command::setup(cli.talk),
        Command::Torture(args) => command::torture(args, cli.talk),
        Command::Soak(args) => command::soak(args, cli.talk),
        Command::TortureOne => command::torture_one(),
        Command::Hazards(args) => command::hazards(args, cli.talk),
        Command::HazardOne => command::hazard_one(),
        Command::Grade(args) => command::grade(args, cli.talk),
        Command::Merge(args) => command::merge(args, cli.talk),
        Command::GradeOne => command::grade_one(),
        Command::Sandbox(args) => command::sandbox(args),
        Command::Followed(args) => command::followed(args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            command::print_error(&format!("{error:#}"));
            Exit::Harness.into()
        }
    }
}
