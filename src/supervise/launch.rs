//! The command line of each process.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::protocol::SOCKET_VARIABLE;
use crate::scenario::{KillPoint, Scenario, TrainerCommand};

use super::{Role, trace};

/// What this process runs: the control may be another program.
pub fn program(scenario: &Scenario, role: Role) -> &TrainerCommand {
    match (role, &scenario.control) {
        (Role::Control, Some(control)) => control,
        _ => &scenario.trainer,
    }
}

/// `program args… --dir DIR --epochs N --seed S`, and for a resume its further arguments.
///
/// # Errors
/// It cannot be started in its sandbox, or so that its system calls are followed.
pub fn command(
    scenario: &Scenario,
    role: Role,
    dir: &Path,
    socket: &Path,
) -> std::io::Result<Command> {
    let program = program(scenario, role);
    let further = match role {
        Role::Resumed | Role::Scrambled => &scenario.resume.args[..],
        Role::Control | Role::Interrupted | Role::Life => &[],
    };
    let mut command = match &program.sandbox {
        Some(sandbox) => sandbox.command(&program.program, &program.args, dir)?,
        None => {
            let mut command = Command::new(&program.program);
            command.args(&program.args);
            command
        }
    };
    command.args(own_arguments(scenario, dir, further)).args(further);
    if follows_calls(scenario, role) {
        command = trace::followed(&command, program.sandbox.is_none())?;
    }
    command
        .env(SOCKET_VARIABLE, socket)
        .env(crate::messages::LANG_VARIABLE, crate::messages::lang().code())
        // What a panic says would be lost above its backtrace.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// Whether the system calls of this process are followed.
pub fn follows_calls(scenario: &Scenario, role: Role) -> bool {
    matches!(role, Role::Interrupted | Role::Life) && scenario.follows_calls()
}

/// The harness's own arguments, without those that `further` gives: many parsers refuse an option that
/// is given twice.
fn own_arguments(scenario: &Scenario, dir: &Path, further: &[OsString]) -> Vec<OsString> {
    let mut own: Vec<(&str, OsString)> = vec![
        ("--dir", dir.into()),
        ("--epochs", scenario.epochs.total().to_string().into()),
        ("--seed", scenario.seed.to_string().into()),
    ];
    // A kill in the middle of an epoch teaches something only where a checkpoint lies inside the epoch.
    if matches!(scenario.kill, KillPoint::Step(_)) {
        own.push(("--save-every", "5".into()));
    }
    own.retain(|(name, _)| !further.iter().any(|argument| gives(argument, name)));
    own.into_iter().flat_map(|(name, value)| [name.into(), value]).collect()
}

/// Whether an argument is this option, with its value (`--seed=7`) or before it.
fn gives(argument: &OsStr, name: &str) -> bool {
    let rest = argument.as_encoded_bytes().strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"="))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scenario::{Epochs, Resume};

    fn arguments(scenario: &Scenario, role: Role) -> Vec<String> {
        command(scenario, role, Path::new("D"), Path::new("S"))
            .expect("it needs no sandbox")
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    }

    fn scenario(resume: &[&str]) -> Scenario {
        let trainer = |name: &str| TrainerCommand {
            name: name.to_owned(),
            program: name.into(),
            args: vec!["--how".into(), name.into()],
            sandbox: None,
        };
        Scenario {
            trainer: trainer("exercise"),
            control: Some(trainer("reference")),
            epochs: Epochs { before: 2, after: 3 },
            seed: 7,
            kill: KillPoint::Epoch(2),
            tolerance: None,
            timeout: Duration::from_secs(1),
            required: Vec::new(),
            resume: Resume { args: resume.iter().map(Into::into).collect(), ..Resume::default() },
            inject: None,
            scrambled: false,
            keep: None,
        }
    }

    #[test]
    fn the_control_may_be_another_program_with_arguments_of_its_own() {
        let scenario = scenario(&[]);
        let words = ["--how", "reference", "--dir", "D", "--epochs", "5", "--seed", "7"];
        assert_eq!(arguments(&scenario, Role::Control), words);
        assert_eq!(arguments(&scenario, Role::Interrupted)[1], "exercise");
        let own = Scenario { control: None, ..scenario };
        assert_eq!(arguments(&own, Role::Control)[1], "exercise");
    }

    #[test]
    fn what_the_resume_asks_for_wins_and_no_option_is_given_twice() {
        let scenario = scenario(&["--epochs", "12", "--seed=8", "--seeds", "3"]);
        let words = ["--how", "exercise", "--dir", "D", "--epochs", "12", "--seed=8"];
        assert_eq!(arguments(&scenario, Role::Resumed)[..7], words);
        let words = ["--how", "exercise", "--dir", "D", "--epochs", "5", "--seed", "7"];
        assert_eq!(arguments(&scenario, Role::Interrupted), words, "only the resumed process");
    }
}
