//! A program that is no trainer, held to limits: the compiler.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::recording::Outcome;
use crate::sandbox::Limits;

use super::Cancel;
use super::attend::{Attended, attend};
use super::fault::{Fault, SuperviseError};
use super::group::{self, Group};
use super::usage::Watch;

/// The variable that marks the processes of a bounded program.
const MARK: &str = "KILLRESUME_BOUNDED";

/// How a bounded program ended.
#[derive(Debug)]
pub struct Bounded {
    /// How it ended.
    pub outcome: Outcome,
    /// The limit that it passed, if it did.
    pub fault: Option<Fault>,
    /// The end of what it printed, standard output and error together.
    pub output: String,
}

/// Runs a program to its end, or to the first of the limits. Nothing that it started is left running.
///
/// # Errors
/// It cannot be started or waited for; a signal asked us to stop.
pub fn run_bounded(
    command: &mut Command,
    limits: Limits,
    cancel: &Cancel,
) -> Result<Bounded, SuperviseError> {
    group::adopt_orphans();
    let program = command.get_program().to_owned();
    let cannot = |what: &str| format!("cannot {what} {}", program.display());
    // As many compilers run side by side as there are processes of ours.
    let id = std::process::id().to_string();
    command.env(MARK, &id).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let group = Group::spawn(command, format!("{MARK}={id}")).with_context(|| cannot("start"))?;
    let mut watch = Watch::begin(Some(limits));
    let Attended { result: passed, outcome, output } = attend(
        group,
        |_| {},
        |group| {
            let mut passed = None;
            while passed.is_none() && cancel.signal().is_none() && !group.has_ended() {
                passed = group.look(&mut watch);
                thread::sleep(Duration::from_millis(2));
            }
            passed
        },
    );
    group::kill_adopted();
    if let Some(signal) = cancel.signal() {
        return Err(SuperviseError::Cancelled { signal });
    }
    let outcome = outcome.with_context(|| cannot("wait for"))?;
    let fault = passed.or_else(|| watch.why(outcome)).map(|limit| watch.fault(limit));
    Ok(Bounded { outcome, fault, output })
}
