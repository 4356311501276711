//! Carries a scenario out: spawns each trainer in a process group of its own, follows what it says,
//! sends the SIGKILL, waits for the end.
//!
//! The control run and the interrupted run go side by side; the resumed run follows the interrupted
//! one. Nothing is left running, whatever happens.

mod attend;
mod best;
mod bounded;
mod conversation;
mod fault;
mod files;
mod follow;
mod group;
#[cfg(target_os = "linux")]
mod keep;
mod launch;
mod output;
mod outside;
mod process;
mod scramble;
mod trace;
mod usage;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::messages::run as messages;
use crate::protocol::Event;
use crate::recording::Recording;
use crate::scenario::Scenario;

pub use bounded::{Bounded, run_bounded};
pub use fault::{Fault, SuperviseError};
pub use files::Files;
pub use outside::{DIR, Life, Outside, live};
pub use trace::{ENTER, Orders, enter};

/// Which of the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Never interrupted.
    Control,
    /// Killed.
    Interrupted,
    /// Started again where the interrupted one died.
    Resumed,
    /// Started again with other content in every file of its directory.
    Scrambled,
    /// One process of a run that is killed as often as it is started again: it resumes if there is a
    /// checkpoint, and is killed if it comes to where the scenario's kill lands.
    Life,
}

impl Role {
    /// The role's name in paths and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Role::Control => "control",
            Role::Interrupted => "interrupted",
            Role::Resumed => "resumed",
            Role::Scrambled => "scrambled",
            Role::Life => "life",
        }
    }
}

impl fmt::Display for Role {
    /// The role's name for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Role::Control => messages::role_control(),
            Role::Interrupted => messages::role_interrupted(),
            Role::Resumed => messages::role_resumed(),
            Role::Scrambled => messages::role_scrambled(),
            Role::Life => messages::role_life(),
        })
    }
}

/// The recordings of one scenario.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Never interrupted.
    pub control: Recording,
    /// Killed.
    pub interrupted: Recording,
    /// Started again.
    pub resumed: Recording,
    /// Started again with other content in every file of its directory, if the scenario asks for that.
    pub scrambled: Option<Recording>,
}

/// Hears what happens while it happens.
pub trait Observer: Sync {
    /// A trainer said something.
    fn event(&self, role: Role, event: &Event);
    /// A trainer printed a line to its standard output or error.
    fn line(&self, role: Role, line: &str);
    /// The SIGKILL was sent and the kernel confirmed it.
    fn killed(&self, epoch: u64, step: u64);
}

/// Asks a running supervision to stop: killed trainers, no result.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicUsize>);

impl Cancel {
    /// Stops on SIGINT, SIGTERM and SIGHUP. Some senders, such as `timeout`, send a signal twice: the
    /// second changes nothing, the stop takes a fraction of a second as it is.
    pub fn on_signals() -> std::io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let cancel = Self::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_usize(signal, Arc::clone(&cancel.0), signal as usize)?;
        }
        Ok(cancel)
    }

    /// The signal that asked for the stop; `None` while there is no reason to.
    pub fn signal(&self) -> Option<i32> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal as i32),
        }
    }
}

/// What all three processes share.
#[derive(Clone, Copy)]
struct Stage<'a> {
    scenario: &'a Scenario,
    work: &'a Path,
    observer: &'a dyn Observer,
    cancel: &'a Cancel,
    stop: &'a AtomicUsize,
    /// Whether a process may end by itself, whenever and however it likes.
    any_end: bool,
}

/// Carries out one process of a scenario alone: the control run, or the resumed run or one life on what lies in
/// the folder `interrupted` of `work`.
///
/// As in [`carry_out`], every child of this process is killed at its end.
///
/// # Errors
/// As [`carry_out`].
pub fn record(
    role: Role,
    scenario: &Scenario,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Recording, SuperviseError> {
    alone(
        role,
        Stage { scenario, work, observer, cancel, stop: &AtomicUsize::new(0), any_end: false },
    )
}

/// As [`record`], for a process that something happens to which may end it: it ends by itself whenever it
/// likes, with any exit code or by any signal, or by the scenario's kill if it comes to that, and its
/// [`outcome`](Recording::outcome) and [`output`](Recording::output) say how. [`Recording::kill`] is `None` if
/// it was not killed.
///
/// # Errors
/// As [`record`], but for an end that comes too early, too late for the kill, or with an exit code that is not
/// 0. Silence and a broken protocol stay faults.
pub fn record_to_its_end(
    role: Role,
    scenario: &Scenario,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Recording, SuperviseError> {
    alone(
        role,
        Stage { scenario, work, observer, cancel, stop: &AtomicUsize::new(0), any_end: true },
    )
}

fn alone(role: Role, stage: Stage<'_>) -> Result<Recording, SuperviseError> {
    if role == Role::Interrupted && stage.scenario.follows_calls() {
        trace::is_supported()?;
    }
    group::adopt_orphans();
    let recording = stage.run(role, None);
    group::kill_adopted();
    recording
}

/// Carries the scenario out in `work`, an empty directory. Given the recording of a control run, starts
/// none.
///
/// At its end every child of this process is killed, so that nothing that escaped lives on: have no other
/// child meanwhile.
///
/// # Errors
/// [`SuperviseError::Trainer`] when a trainer cannot be judged (crash, silence, broken protocol),
/// [`SuperviseError::KillPointNotReached`] when the run ends before the kill point and
/// [`SuperviseError::NoWrite`] when a save has no write to kill in,
/// [`SuperviseError::Cancelled`] after a signal, [`SuperviseError::Harness`] when the harness itself
/// could not do its work.
pub fn carry_out(
    scenario: &Scenario,
    control: Option<Recording>,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Trial, SuperviseError> {
    if scenario.follows_calls() {
        trace::is_supported()?;
    }
    group::adopt_orphans();
    let stop = AtomicUsize::new(0);
    let stage = Stage { scenario, work, observer, cancel, stop: &stop, any_end: false };
    // A failure on one side ends the other, which then reports `Stopped`.
    let or_stop = |result: Result<Recording, SuperviseError>| {
        result.inspect_err(|_| stop.store(1, Ordering::Relaxed))
    };
    let is_alone = control.is_some();
    let (control, killed) = thread::scope(|scope| {
        let control = scope.spawn(|| match control {
            Some(recorded) => Ok(recorded),
            None => or_stop(stage.run(Role::Control, None)),
        });
        let interrupted = or_stop(stage.run(Role::Interrupted, None));
        let killed = interrupted.and_then(|interrupted| {
            // Nothing of the killed run may go on, not even what left its group and its environment
            // behind; it could still save. With a control beside it, what is ours cannot be told from that.
            if is_alone {
                group::kill_adopted();
            }
            let resumed = or_stop(stage.run(Role::Resumed, interrupted.best_left()))?;
            let scrambled = scenario.scrambled.then(|| or_stop(stage.run(Role::Scrambled, None)));
            Ok((interrupted, resumed, scrambled.transpose()?))
        });
        let control = control.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (control, killed)
    });
    group::kill_adopted();
    match (control, killed) {
        (Ok(control), Ok((interrupted, resumed, scrambled))) => {
            Ok(Trial { control, interrupted, resumed, scrambled })
        }
        (Err(SuperviseError::Stopped), Err(cause)) | (Ok(_), Err(cause)) => Err(cause),
        (Err(cause), _) => Err(cause),
    }
}
