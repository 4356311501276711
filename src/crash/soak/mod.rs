//! Kills one run again and again, at moments drawn from a seed, until its training ends.
//!
//! A control run that is never killed says which moments there are ([`look`], [`Plan`]). Then one life after the
//! other is started in one directory and killed ([`soak`]); the last one is left alone. Each has to come back as
//! the save was that it comes back from, and in the end all of it has to be the control run ([`Soaked`]).
//!
//! Moments are counted and not timed, so the same seed kills at the same places on any machine.

mod lives;
mod plan;
mod result;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::crash::dice::SplitMix64;
use crate::messages::{crash as say_crash, soak as say};
use crate::protocol::{CheckpointKind, Event};
use crate::recording::{Recording, TracedSave};
use crate::scenario::{
    Cut, Epochs, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand,
};
use crate::supervise::{Cancel, Observer, Role, SuperviseError, record};

use lives::Lives;

pub use plan::{Moment, Plan};
pub use result::{Curve, Fault, Landed, Life, Place, Soaked, Spread};

/// The event that never comes: a life that is left alone.
const NEVER: Moment = Moment { kill: KillPoint::Event(u64::MAX), epoch: 0 };

/// What is to be soaked.
#[derive(Debug, Clone)]
pub struct Soak {
    /// The trainer's name.
    pub name: String,
    /// Its executable.
    pub program: PathBuf,
    /// Its own arguments.
    pub args: Vec<String>,
    /// Epochs of the run.
    pub epochs: u64,
    /// Of the run and of the kills.
    pub seed: u64,
    /// Kills.
    pub kills: u64,
    /// How long the trainer may be silent.
    pub timeout: Duration,
}

/// What is known before the first kill.
#[derive(Debug, Clone)]
pub struct Known {
    /// The run that is never killed, with every step.
    pub control: Recording,
    /// A save of latest; or why it cannot be followed, so that no kill lands inside one.
    pub save: Result<TracedSave, String>,
}

impl Soak {
    fn scenario(&self, moment: Moment) -> Scenario {
        Scenario {
            trainer: TrainerCommand {
                name: self.name.clone(),
                program: self.program.clone(),
                args: self.args.iter().map(Into::into).collect(),
                sandbox: None,
            },
            control: None,
            epochs: Epochs {
                before: moment.epoch,
                after: self.epochs.saturating_sub(moment.epoch),
            },
            seed: self.seed,
            kill: moment.kill,
            tolerance: None,
            timeout: self.timeout,
            required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
            resume: Resume::default(),
            inject: None,
            scrambled: false,
            keep: None,
        }
    }
}

/// Records the run that is never killed, and which calls its saves of latest make.
///
/// # Errors
/// As [`record`].
pub fn look(
    job: &Soak,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Known, SuperviseError> {
    let control = record(Role::Control, &job.scenario(NEVER), work, observer, cancel)?;
    // The second save, where there is one: like most of them it finds an older one there.
    let kill = KillPoint::Inside(CheckpointKind::Latest, Cut::Call(u32::MAX));
    let scenario = job.scenario(Moment { kill, epoch: job.epochs.min(2) });
    let save = match record(Role::Life, &scenario, &work.join("look"), &Unheard, cancel) {
        Ok(life) => {
            let save = life.traced_saves.into_iter().next_back();
            save.filter(|save| !save.followed.calls.is_empty())
                .ok_or_else(|| say_crash::nothing_followed(CheckpointKind::Latest.name()))
        }
        // ptrace is refused, or there is none.
        Err(SuperviseError::Harness(why)) => Err(format!("{why:#}")),
        Err(error) => return Err(error),
    };
    Ok(Known { control, save })
}

/// Starts and kills one life after the other in `work`, an empty directory, and tells what came of it. A trainer
/// that cannot be judged any more is told too.
///
/// # Errors
/// The harness could not do its work, or a signal asked it to stop.
pub fn soak(
    job: &Soak,
    known: &Known,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Soaked, SuperviseError> {
    let begin = Instant::now();
    let plan = Plan::of(&known.control, known.save.as_ref().ok());
    let mut dice = SplitMix64::new(job.seed);
    let mut lives = Lives::new(job, known);
    if !plan.has_saves() {
        lives.fail(say::never_saved(), String::new());
        return Ok(lives.end(begin.elapsed()));
    }
    for left in (0..=job.kills).rev() {
        let moment = match left {
            0 => NEVER,
            _ => plan.draw(lives.furthest(), left, &mut dice),
        };
        match record(Role::Life, &job.scenario(moment), work, observer, cancel) {
            Ok(life) if lives.add(&life, moment) => {}
            Ok(_) => break,
            Err(SuperviseError::Trainer { fault, output, .. }) => {
                lives.fail(lives.failed(&fault.to_string()), output);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(lives.end(begin.elapsed()))
}

/// Nobody hears what a look is like.
struct Unheard;

impl Observer for Unheard {
    fn event(&self, _: Role, _: &Event) {}
    fn line(&self, _: Role, _: &str) {}
    fn killed(&self, _: u64, _: u64) {}
}
