//! The surroundings of a run go wrong while it trains: another trainer in its directory, a full disk, a
//! read-only or a removed directory, a clock that jumps.
//!
//! No power failure and no kill: the trainer sees it happen, and can say so. What is asked of it is little. A
//! save that failed is told and not passed over, and what is left, started again, is the same run. Each
//! [`Hazard`] is tried in a process of ours of its own: one that mounts does so where nobody else sees it.

mod clock;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(not(target_os = "linux"))]
#[path = "no_mounts.rs"]
mod mounts;
mod place;
mod second;
mod verdict;
mod witness;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::Torture;
use super::attempt::{known, quiet};
use crate::messages::hazard as say;
use crate::recording::Recording;
use crate::scenario::{KillPoint, Scenario};
use crate::supervise::{Cancel, Role, SuperviseError, record, record_to_its_end};

use witness::{Waiting, Witness};

/// The hidden command that does the [`Job`] which standard input names, and writes what came of it: for
/// [`Job::Endure`] an [`Outcome`], for [`Job::Second`] a [`Second`].
pub const HAZARD: &str = "hazard-one";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hazard {
    /// A second process of the trainer is started on the run's directory while the first one lives.
    SecondTrainer,
    /// The disk is full from the end of a save on, until the process has ended.
    FullDisk,
    /// The run's directory is read-only from the end of a save on, until the process has ended.
    ReadOnly,
    /// Between kill and resume the files' times of modification are turned round, as by a clock that jumped
    /// between the saves.
    ClockJump,
    /// The run's directory is removed after a save.
    Removed,
}

impl Hazard {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::SecondTrainer, Self::FullDisk, Self::ReadOnly, Self::ClockJump, Self::Removed];
}

/// How a trainer took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// As it should.
    Held {
        /// What it did.
        how: String,
    },
    /// Not as it should.
    Broken {
        /// What it did.
        why: String,
    },
    /// This machine does not let us make it happen.
    NotTried {
        /// What is in the way.
        why: String,
    },
    /// The trainer cannot be judged, whatever happens around it.
    NotJudged {
        /// Why.
        why: String,
    },
}

/// One hazard for one trainer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Threat {
    /// The trainer, and the epochs before and after it happens. No hazard looks at the survey.
    pub torture: Torture,
    /// A file with the [`Recording`] of a run that nothing happens to, as JSON.
    pub control: PathBuf,
    /// What happens.
    pub hazard: Hazard,
}

/// What a process of ours is told to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Job {
    /// Let the trainer endure a hazard.
    Endure(Threat),
    /// Be the second trainer.
    Second {
        /// The trainer.
        torture: Torture,
        /// Where the first one works.
        work: PathBuf,
    },
}

/// What the second trainer did, or why that is not known: silence, a broken protocol.
pub type Second = Result<Recording, String>;

/// Records the run that nothing happens to.
///
/// # Errors
/// As [`record`].
pub fn unharmed(
    torture: &Torture,
    work: &Path,
    cancel: &Cancel,
) -> Result<Recording, SuperviseError> {
    let scenario = torture.scenario(never(torture));
    record(Role::Control, &scenario, work, &quiet(&scenario), cancel)
}

/// Lets the trainer endure one hazard.
///
/// # Errors
/// The harness could not do its work, or a signal asked it to stop. What the trainer does is an outcome.
pub fn endure(threat: &Threat, cancel: &Cancel) -> Result<Outcome, SuperviseError> {
    let control: Recording = known(&threat.control)?;
    let home = tempfile::Builder::new().prefix("killresume-").tempdir();
    let home = home.context("cannot create a temporary directory for the runs")?;
    let trial = Trial { torture: &threat.torture, control: &control, work: home.path(), cancel };
    let how = match threat.hazard {
        Hazard::SecondTrainer => second::second_trainer(trial),
        Hazard::FullDisk => place::full_disk(trial),
        Hazard::ReadOnly => place::read_only(trial),
        Hazard::ClockJump => clock::clock_jump(trial),
        Hazard::Removed => place::removed(trial),
    };
    match how {
        Ok(how) => Ok(Outcome::Held { how }),
        Err(Stop::Told(outcome)) => Ok(outcome),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Is the second trainer: trains on the first one's directory, and is killed when it has saved something there.
///
/// # Errors
/// As [`endure`].
pub fn be_second(
    torture: &Torture,
    work: &Path,
    cancel: &Cancel,
) -> Result<Second, SuperviseError> {
    let scenario = torture.scenario(KillPoint::Epoch(torture.epochs.0 + 1));
    match record_to_its_end(Role::Interrupted, &scenario, work, &quiet(&scenario), cancel) {
        Ok(recording) => Ok(Ok(recording)),
        Err(error @ SuperviseError::Trainer { .. }) => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

/// What every hazard has to do with.
#[derive(Clone, Copy)]
struct Trial<'a> {
    torture: &'a Torture,
    control: &'a Recording,
    work: &'a Path,
    cancel: &'a Cancel,
}

impl Trial<'_> {
    /// The run's directory.
    fn dir(self) -> PathBuf {
        self.work.join(Role::Interrupted.name())
    }

    /// Trains to the end of the process, whichever that is. `happens` once, when the save that ends the last
    /// epoch before the hazard is durable; the trainer stands still meanwhile.
    fn train(
        self,
        scenario: &Scenario,
        happens: &(dyn Fn() -> anyhow::Result<()> + Sync),
    ) -> Result<(Recording, Witness), Stop> {
        let epoch = self.torture.epochs.0;
        let waiting = Waiting::new(epoch, happens);
        let run = record_to_its_end(Role::Interrupted, scenario, self.work, &waiting, self.cancel);
        let seen = waiting.seen()?;
        match (run, seen) {
            (Ok(run), Some(seen)) => Ok((run, seen)),
            (Ok(_), None) => Err(not_judged(say::no_moment(epoch))),
            (Err(error @ SuperviseError::Trainer { .. }), Some(_)) => {
                Err(broken(error.to_string()))
            }
            (Err(error @ SuperviseError::Trainer { .. }), None) => {
                Err(not_judged(error.to_string()))
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// Why there is no [`Outcome::Held`].
enum Stop {
    Told(Outcome),
    Failed(SuperviseError),
}

impl<E: Into<SuperviseError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

fn broken(why: String) -> Stop {
    Stop::Told(Outcome::Broken { why })
}

fn not_tried(why: String) -> Stop {
    Stop::Told(Outcome::NotTried { why })
}

fn not_judged(why: String) -> Stop {
    Stop::Told(Outcome::NotJudged { why })
}

/// A kill point that no run comes to.
fn never(torture: &Torture) -> KillPoint {
    KillPoint::Epoch(torture.epochs.0 + torture.epochs.1 + 1)
}
