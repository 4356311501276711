//! The same for a program that was never written for us: it speaks no protocol, in any language.
//!
//! Two runs from the beginning to the end tell which files it leaves every time, and which calls a save makes
//! ([`window`]). A kill, a power failure or a fault is survived when the run that is started again with the same
//! command leaves the same files, and makes no save a second time ([`attempt`]).

mod attempt;
mod window;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::said::last_line;
use super::survey::KEPT;
use crate::judge::{Finding, how_a_save_writes};
use crate::messages::crash as say;
use crate::recording::{FileCall, Followed, Outcome};
use crate::supervise::{Cancel, Files, Life, Orders, Outside, SuperviseError, live};

pub use attempt::attempt;
use window::{Sign, logs, main_file, window};

/// The folder beside the survey in which the first run is.
const PLACE: &str = "run";

/// A program, and where what is known of it lies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Program {
    /// How to run it.
    pub outside: Outside,
    /// The file with the [`ProgramSurvey`].
    pub survey: PathBuf,
}

/// What is known of a program before the first kill.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProgramSurvey {
    /// The files that a run leaves, every time the same.
    pub files: Files,
    /// Files that it leaves too, and that are not compared.
    pub left_out: Vec<String>,
    /// Where every run has to be, if what the files hold depends on that.
    pub place: Option<PathBuf>,
    /// The names of all calls of a run, in order.
    calls: Vec<String>,
    /// So many of them come before the save.
    before: usize,
    /// What begins a save.
    sign: Option<Sign>,
    /// Saves in the whole run.
    saves: u64,
    /// Saves before this one.
    saves_before: u64,
    /// What gives the checkpoint its name, and how often that comes in a run.
    naming: Option<(Sign, u64)>,
    /// What a run prints.
    output: String,
    /// The save.
    pub save: Followed,
    /// What is wrong with the way in which it writes.
    pub findings: Vec<Finding>,
}

/// Runs the program twice from its beginning to its end, and once more where the two differ.
///
/// # Errors
/// It cannot be judged: it does not end well by itself, leaves nothing that could be compared, makes other calls
/// each time, or touches its directory by no call. And as [`live`].
pub fn survey_program(program: &Program, cancel: &Cancel) -> Result<ProgramSurvey, SuperviseError> {
    let home = program.survey.parent().context("the survey lies in a folder")?;
    let place = home.join(PLACE);
    let whole_run = |dir: &Path, orders, keep: Option<&Path>| {
        make_empty(dir)?;
        let life = live(&program.outside, dir, orders, keep, cancel)?;
        if life.followed.io_uring {
            return Err(not_judged(say::uses_io_uring()));
        }
        if life.silent || life.outcome != (Outcome::Exited { code: 0 }) {
            return Err(not_judged(say::does_not_end_well(&ended(&life))));
        }
        Ok((life.followed, read(dir)?, life.output))
    };
    let (first, files, output) = whole_run(&place, Orders::default(), None)?;
    let calls = first.calls;
    if calls.is_empty() {
        return Err(not_judged(say::touches_nothing()));
    }
    let window = window(&calls);
    let (begin, end) = (window.calls.start, window.calls.end);
    let orders = Orders { keep: Some((begin, end)), ..Orders::default() };
    let (second, other_files, _) =
        whole_run(&home.join("elsewhere"), orders, Some(&home.join(KEPT)))?;
    if names(&second.calls) != names(&calls) {
        return Err(not_judged(say::other_calls_each_time()));
    }
    let mut left_out = files.damaged(&other_files);
    let mut pinned = None;
    if !left_out.is_empty() {
        let (_, again, _) = whole_run(&place, Orders::default(), None)?;
        let differing = files.damaged(&again);
        if differing.len() < left_out.len() {
            (left_out, pinned) = (differing, Some(place));
        }
    }
    left_out.extend(logs(&calls));
    let files = files.without(&left_out);
    if files.is_empty() {
        return Err(not_judged(say::nothing_to_compare()));
    }
    let count = |calls| window.sign.as_ref().map_or(0, |sign| sign.count(calls));
    // Of the run whose states were kept: a temporary may have another name each time.
    let save = second.calls[begin..end].to_vec();
    let before = window.before.clone().and_then(|before| main_file(&second.calls[before]));
    let path = main_file(&save);
    let naming = path.as_deref().and_then(|path| Sign::of_name(&save, path));
    // A file of a new name that is written where it is to be harms no other.
    let is_new = |path: &str| {
        let was_there = second.states.first().is_some_and(|state| state.names.contains_key(path));
        let opens = |call: &FileCall| matches!(call, FileCall::Open { path: it, .. } if it == path);
        !was_there && save.iter().any(opens)
    };
    let findings = path
        .filter(|path| !is_new(path))
        .map(|path| how_a_save_writes(&path, &save, before.as_deref()));
    Ok(ProgramSurvey {
        files,
        left_out,
        place: pinned,
        calls: names(&calls),
        before: begin,
        saves: count(&calls),
        saves_before: count(&calls[..begin]),
        sign: window.sign.clone(),
        naming: naming.map(|sign| (sign.clone(), sign.count(&calls))),
        output,
        save: Followed { calls: save, states: second.states, ..Followed::default() },
        findings: findings.unwrap_or_default(),
    })
}

fn not_judged(why: String) -> SuperviseError {
    SuperviseError::NotJudged { why }
}

/// What a replay has to have in common with the run that was recorded.
pub(super) fn names(calls: &[FileCall]) -> Vec<String> {
    calls.iter().map(|call| call.name().to_owned()).collect()
}

fn make_empty(dir: &Path) -> Result<(), SuperviseError> {
    let made = match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(dir),
    };
    Ok(made.with_context(|| format!("cannot make {} anew", dir.display()))?)
}

fn read(dir: &Path) -> Result<Files, SuperviseError> {
    Ok(Files::read(dir).with_context(|| format!("cannot read {}", dir.display()))?)
}

/// How a process ended, and the last line that it printed.
fn ended(life: &Life) -> String {
    let last = last_line(&life.output);
    let how = match life.outcome {
        _ if life.silent => say::was_silent(),
        Outcome::Exited { code } => say::exited(code),
        Outcome::Signaled { signal } => say::signaled(signal),
    };
    if last.is_empty() { how } else { format!("{how}: {last}") }
}
