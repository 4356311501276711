//! A program that speaks no protocol, followed by its system calls alone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::recording::{Followed, Outcome, TornWrite};

use super::Cancel;
use super::attend::{Attended, attend};
use super::fault::SuperviseError;
use super::group::{self, Group};
use super::trace::{self, Orders, Trace};

/// The variable that marks the processes of such a program.
const MARK: &str = "KILLRESUME_FOLLOWED";
/// What stands for the run's own directory in a program's arguments.
pub const DIR: &str = "{dir}";

/// A program of anybody's, in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// The program and its arguments, with `{dir}` for the run's own directory.
    pub command: Vec<String>,
    /// How long it may neither print nor touch its directory.
    pub timeout: Duration,
}

/// One process of such a program, with all that it started.
#[derive(Debug, Clone)]
pub struct Life {
    /// What it did to its directory.
    pub followed: Followed,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the kill landed.
    pub killed: bool,
    /// The write that the kill cut in two, if it landed inside one.
    pub torn: Option<TornWrite>,
    /// Whether it was killed because it had been silent for too long.
    pub silent: bool,
    /// The end of what it printed.
    pub output: String,
}

impl Outside {
    /// The program and its arguments for a run in this directory.
    fn command(&self, dir: &Path) -> Option<Command> {
        let dir = dir.display().to_string();
        let mut words = self.command.iter().map(|word| word.replace(DIR, &dir));
        let mut command = Command::new(words.next()?);
        command.args(words);
        Some(command)
    }
}

/// Runs the program in this directory from its start to its end, or to where it is to be killed. Given a folder
/// to `keep` them in, what the directory holds after each call is kept.
///
/// # Errors
/// Its calls cannot be followed, or it cannot be started; a signal asked us to stop.
pub fn live(
    program: &Outside,
    dir: &Path,
    orders: Orders,
    keep: Option<&Path>,
    cancel: &Cancel,
) -> Result<Life, SuperviseError> {
    trace::is_supported()?;
    group::adopt_orphans();
    let command = program.command(dir).context("no program is named")?;
    let mut command = trace::followed(&command, true).context("cannot find this program")?;
    // One after the other in one process of ours, and each such process has its own number.
    let id = format!("{}-{}", std::process::id(), dir.display());
    command.env(MARK, &id).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let group = Group::spawn(&mut command, format!("{MARK}={id}"))
        .with_context(|| format!("cannot start {}", program.command.join(" ")))?;
    let trace = Trace::begin_with(group.id(), dir, keep, orders)?;
    let last_line = Mutex::new(Instant::now());
    let heard = || last_line.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Attended { result, outcome, output } = attend(
        group,
        |_| *heard() = Instant::now(),
        |group| {
            let mut last_call = (0, Instant::now());
            let ended = loop {
                // Before its end: a kill that has landed is one too.
                let has_ended = group.has_ended();
                match trace.landing() {
                    Err(trouble) => break Err(trouble.into()),
                    Ok(Some(landing)) => break Ok((Some(landing), false)),
                    Ok(None) if has_ended => break Ok((None, false)),
                    Ok(None) => {}
                }
                if let Some(signal) = cancel.signal() {
                    break Err(SuperviseError::Cancelled { signal });
                }
                let calls = trace.calls();
                if calls > last_call.0 {
                    last_call = (calls, Instant::now());
                }
                if last_call.1.max(*heard()).elapsed() > program.timeout {
                    break Ok((None, true));
                }
                thread::sleep(Duration::from_millis(1));
            };
            let killed = group.kill();
            let followed = trace.finish().unwrap_or_default();
            trace.end();
            killed.context("cannot kill the program")?;
            ended.map(|(landing, silent)| (landing, silent, followed))
        },
    );
    group::kill_adopted();
    let (landing, silent, followed) = result?;
    let outcome = outcome.context("cannot wait for the program")?;
    let killed = landing.is_some();
    let torn = landing.and_then(|landing| landing.torn);
    Ok(Life { followed, outcome, killed, torn, silent, output })
}
