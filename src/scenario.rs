//! What to do: the trainer's command, the epochs, where to kill, how strict to be, how long to wait.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::messages::run as messages;
use crate::protocol::{Checkpoint, CheckpointKind, Event, Phase};
use crate::sandbox::Sandbox;

/// The components of the lesson's trainers, all of which must come back. The first nine are the
/// lesson's dictionary (its model state dict holds `model` and `buffers`); the last two are what a
/// bit-exact resume needs besides.
pub const LESSON_COMPONENTS: [&str; 11] = [
    "model",
    "buffers",
    "optimizer",
    "scheduler",
    "scaler",
    "step",
    "epoch",
    "config",
    "best_metric",
    "rng",
    "sampler",
];

/// One exercise to carry out.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What trains.
    pub trainer: TrainerCommand,
    /// What trains without being killed, where that is another program; `None`: the trainer itself.
    pub control: Option<TrainerCommand>,
    /// How long.
    pub epochs: Epochs,
    /// Of the run; all three processes get the same.
    pub seed: u64,
    /// Where the SIGKILL lands.
    pub kill: KillPoint,
    /// A fault that a save runs into before that.
    pub inject: Option<Injection>,
    /// The largest difference in validation loss that still passes; `None` asks for the same bits.
    pub tolerance: Option<f64>,
    /// How long a trainer may be silent.
    pub timeout: Duration,
    /// The components that must come back.
    pub required: Vec<String>,
    /// How the killed run is started again, and what that has to lead to.
    pub resume: Resume,
    /// Whether it is started once more with other content in every file of its directory, to see that what it came back from
    /// was its checkpoint.
    pub scrambled: bool,
    /// Where the files of the run's directory are kept as they are after each call of a save that is
    /// followed, each content under its digest; `None`: nowhere.
    pub keep: Option<PathBuf>,
}

/// How the killed run is started again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// Further arguments for the resumed process alone. They come last, and where they give an option
    /// that the harness gives too, the harness leaves out its own.
    pub args: Vec<OsString>,
    /// What has to come of it.
    pub expect: Expect,
}

/// What a resume has to lead to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The run that was never killed.
    #[default]
    SameRun,
    /// A clear refusal to start: an exit code that is neither 0 nor a panic's, a reason in the output,
    /// and every checkpoint as it was.
    Refusal,
}

/// How to start a trainer. Each process runs `program args… --dir DIR --epochs N --seed S`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainerCommand {
    /// For people and file names.
    pub name: String,
    /// The executable.
    pub program: PathBuf,
    /// What comes before the run's own arguments.
    pub args: Vec<OsString>,
    /// The bounds within which it runs; `None` for a program that is trusted.
    pub sandbox: Option<Sandbox>,
}

/// Epochs before and after the kill, written `5+5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Epochs {
    /// Trained before the kill.
    pub before: u64,
    /// Trained by the resumed run.
    pub after: u64,
}

impl Epochs {
    /// The horizon that every process is told, so that the schedule is the same in all of them.
    pub fn total(self) -> u64 {
        self.before + self.after
    }
}

impl fmt::Display for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.before, self.after)
    }
}

impl FromStr for Epochs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let epochs = text.split_once('+').and_then(|(before, after)| {
            Some(Epochs { before: before.trim().parse().ok()?, after: after.trim().parse().ok()? })
        });
        epochs
            .filter(|e| (1..=10_000).contains(&e.before) && (1..=10_000).contains(&e.after))
            .ok_or_else(messages::bad_epochs)
    }
}

/// Where the SIGKILL lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillPoint {
    /// After the checkpoint of this epoch is durable.
    Epoch(u64),
    /// After this update.
    Step(u64),
    /// When a process has said so many things, from 1: `hello`, `started`, then every step, validation,
    /// epoch and side of a save. Counted anew in each process.
    Event(u64),
    /// At one side of the first save of this kind that ends the last epoch before the resume.
    Save(CheckpointKind, Phase),
    /// Inside that save.
    Inside(CheckpointKind, Cut),
}

/// A system call of a save that fails, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Injection {
    /// Of the first save of this kind that ends the last epoch before the resume.
    pub save: CheckpointKind,
    /// Which call, counted from 1 as [`Cut::Call`] is.
    pub call: u32,
    /// How it fails.
    pub fault: CallFault,
}

/// How a system call on a file fails.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CallFault {
    /// The disk is full.
    NoSpace,
    /// The user's part of the disk is.
    Quota,
    /// The disk cannot be read or written.
    Io,
    /// A signal came in between.
    Interrupted,
    /// Only half of the bytes are written, which is no error.
    Short,
}

impl CallFault {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoSpace, Self::Quota, Self::Io, Self::Interrupted, Self::Short];

    /// As the manual pages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSpace => "ENOSPC",
            Self::Quota => "EDQUOT",
            Self::Io => "EIO",
            Self::Interrupted => "EINTR",
            Self::Short => "short",
        }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "save:{}:call:{}:{}", self.save.name(), self.call, self.fault.name())
    }
}

impl FromStr for Injection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let injection = (|| {
            let rest = text.strip_prefix("save:")?;
            let (save, rest) = rest.split_once(":call:")?;
            let (call, fault) = rest.split_once(':')?;
            Some(Self {
                save: CheckpointKind::ALL.into_iter().find(|kind| kind.name() == save)?,
                call: call.parse().ok().filter(|call| *call > 0)?,
                fault: CallFault::ALL.into_iter().find(|it| it.name() == fault)?,
            })
        })();
        injection.ok_or_else(messages::bad_injection)
    }
}

/// Where in a save the SIGKILL lands, counted in calls that changed something in the run's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// In the middle of the first write: half of its bytes have reached the file.
    FirstWrite,
    /// When so many calls are done, from 1.
    Call(u32),
    /// In the middle of that call, a write.
    Half(u32),
}

impl fmt::Display for KillPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KillPoint::Epoch(epoch) => write!(f, "epoch:{epoch}"),
            KillPoint::Step(step) => write!(f, "step:{step}"),
            KillPoint::Event(event) => write!(f, "event:{event}"),
            KillPoint::Save(kind, Phase::Begin) => write!(f, "save:{}:begin", kind.name()),
            KillPoint::Save(kind, Phase::End) => write!(f, "save:{}:end", kind.name()),
            KillPoint::Inside(kind, Cut::FirstWrite) => {
                write!(f, "save:{}:write", kind.name())
            }
            KillPoint::Inside(kind, Cut::Call(call)) => {
                write!(f, "save:{}:call:{call}", kind.name())
            }
            KillPoint::Inside(kind, Cut::Half(call)) => {
                write!(f, "save:{}:call:{call}:half", kind.name())
            }
        }
    }
}

impl FromStr for KillPoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let positive = |text: &str| text.parse().ok().filter(|n| *n > 0);
        let parts: Vec<&str> = text.split(':').collect();
        let point = match parts[..] {
            ["epoch", epoch] => positive(epoch).map(KillPoint::Epoch),
            ["step", step] => positive(step).map(KillPoint::Step),
            ["event", event] => positive(event).map(KillPoint::Event),
            ["save", kind, ref place @ ..] => {
                let kind = CheckpointKind::ALL.into_iter().find(|known| known.name() == kind);
                let call = |text: &str| text.parse().ok().filter(|n: &u32| *n > 0);
                kind.and_then(|kind| match *place {
                    ["begin"] => Some(KillPoint::Save(kind, Phase::Begin)),
                    ["end"] => Some(KillPoint::Save(kind, Phase::End)),
                    ["write"] => Some(KillPoint::Inside(kind, Cut::FirstWrite)),
                    ["call", n] => Some(KillPoint::Inside(kind, Cut::Call(call(n)?))),
                    ["call", n, "half"] => Some(KillPoint::Inside(kind, Cut::Half(call(n)?))),
                    _ => None,
                })
            }
            _ => None,
        };
        point.ok_or_else(messages::bad_kill_point)
    }
}

impl KillPoint {
    /// Whether the trainer has to report every update.
    pub fn needs_steps(self) -> bool {
        matches!(self, KillPoint::Step(_) | KillPoint::Event(_))
    }

    /// Whether the kill lands inside a save, which takes following the trainer's system calls.
    pub fn is_inside_save(self) -> bool {
        matches!(self, KillPoint::Inside(..))
    }
}

impl Scenario {
    /// Watches an interrupted run for the moment of the kill.
    pub fn watch(&self) -> KillWatch {
        KillWatch {
            point: self.kill,
            inject: self.inject,
            keeps: self.keep.is_some(),
            before: self.epochs.before,
            epochs_done: 0,
            heard: 0,
        }
    }

    /// Whether it takes following the trainer's system calls.
    pub fn follows_calls(&self) -> bool {
        self.kill.is_inside_save() || self.inject.is_some() || self.keep.is_some()
    }
}

/// What to do about an event of an interrupted run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Answer it.
    GoOn,
    /// Kill the trainer instead of answering it.
    Kill,
    /// Answer it and follow the save that it begins.
    FollowSave {
        /// Where the kill lands in this save, if it does.
        cut: Option<Cut>,
        /// The call that fails in this save, and how, if one does.
        inject: Option<(u32, CallFault)>,
    },
}

/// Follows the events of an interrupted run and says when to kill it.
#[derive(Debug, Clone)]
pub struct KillWatch {
    point: KillPoint,
    inject: Option<Injection>,
    /// Whether what a save leaves is kept, call by call.
    keeps: bool,
    before: u64,
    epochs_done: u64,
    /// Events so far.
    heard: u64,
}

impl KillWatch {
    /// What to do about this event.
    ///
    /// A trainer that saves nothing at the epoch of the kill is killed when it trains on.
    pub fn moment(&mut self, event: &Event) -> Moment {
        self.heard += 1;
        if let Event::Epoch(epoch) = event {
            self.epochs_done = epoch.epoch;
        }
        if let Event::Checkpoint(save) = event
            && save.phase == Phase::Begin
            && let Some(follow) = self.follow(save)
        {
            return follow;
        }
        let is_now = match (self.point, event) {
            (KillPoint::Step(at), Event::Step(step)) => step.step >= at,
            (KillPoint::Step(_), _) => false,
            (KillPoint::Event(at), _) => self.heard >= at,
            (KillPoint::Epoch(at), Event::Checkpoint(save)) => {
                self.is_save_at(save, at, CheckpointKind::Latest, Phase::End)
            }
            (KillPoint::Epoch(at), event) => self.trains_on_after(at, event),
            // It has passed by a save that failed.
            (KillPoint::Save(..), Event::Epoch(epoch)) if self.inject.is_some() => {
                epoch.epoch > self.before
            }
            (KillPoint::Save(kind, phase), Event::Checkpoint(save)) => {
                self.is_save_at(save, self.before, kind, phase)
            }
            (KillPoint::Inside(..), Event::Checkpoint(_)) => false,
            (KillPoint::Save(..) | KillPoint::Inside(..), event) => {
                self.trains_on_after(self.before + 1, event)
            }
        };
        if is_now { Moment::Kill } else { Moment::GoOn }
    }

    /// What to do about a save that begins, if it is to be followed.
    fn follow(&self, save: &Checkpoint) -> Option<Moment> {
        let is_it = self.is_save_at(save, self.before, save.kind, Phase::Begin);
        let inject = self.inject.filter(|inject| is_it && inject.save == save.kind);
        let inject = inject.map(|inject| (inject.call, inject.fault));
        match self.point {
            KillPoint::Inside(kind, cut) if kind == save.kind => {
                Some(Moment::FollowSave { cut: is_it.then_some(cut), inject })
            }
            KillPoint::Save(kind, _) if self.keeps && kind == save.kind => {
                Some(Moment::FollowSave { cut: None, inject })
            }
            _ => inject.is_some().then_some(Moment::FollowSave { cut: None, inject }),
        }
    }

    fn is_save_at(
        &self,
        save: &Checkpoint,
        epoch: u64,
        kind: CheckpointKind,
        phase: Phase,
    ) -> bool {
        // A trainer may save before it says that the epoch is over.
        self.epochs_done.max(save.epoch) >= epoch && save.kind == kind && save.phase == phase
    }

    fn trains_on_after(&self, epoch: u64, event: &Event) -> bool {
        match event {
            Event::Epoch(now) => now.epoch > epoch,
            Event::Step(_) | Event::Validation(_) => self.epochs_done >= epoch,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_and_kill_points_read_back_what_they_print() {
        for text in ["5+5", "1+9"] {
            assert_eq!(text.parse::<Epochs>().expect("parses").to_string(), text);
        }
        for text in [
            "epoch:5",
            "step:137",
            "event:12",
            "save:latest:begin",
            "save:best:end",
            "save:latest:write",
            "save:best:call:3",
            "save:latest:call:12:half",
        ] {
            assert_eq!(text.parse::<KillPoint>().expect("parses").to_string(), text);
        }
    }

    #[test]
    fn an_injection_reads_back_what_it_prints() {
        for text in ["save:latest:call:3:ENOSPC", "save:best:call:12:short"] {
            assert_eq!(text.parse::<Injection>().expect("parses").to_string(), text);
        }
        for text in ["", "save:latest:call:0:EIO", "save:latest:3:EIO", "save:latest:call:3:EPERM"]
        {
            let error = text.parse::<Injection>().expect_err("is refused");
            assert!(error.contains("save:latest:call:3:ENOSPC"), "{error}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_was_expected() {
        for text in ["", "5", "5+", "0+5", "5+0", "-1+5", "a+b", "99999+1"] {
            let error = text.parse::<Epochs>().expect_err("is refused");
            assert!(error.contains("5+5"), "{error}");
        }
        for text in [
            "",
            "epoch",
            "epoch:0",
            "step:-1",
            "event:0",
            "save:latest",
            "save:worst:end",
            "save:best:call:0",
            "5",
        ] {
            let error = text.parse::<KillPoint>().expect_err("is refused");
            assert!(error.contains("epoch:5"), "{error}");
        }
    }
}
