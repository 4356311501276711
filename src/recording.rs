//! What one run left behind: its curve, its states, its checkpoints and how it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::{
    Checkpoint, CheckpointKind, Components, Digest, Event, Finished, Hello, Phase, Started, Step,
};

/// One process of a trainer, from spawn to reap.
///
/// Written as JSON and read back it is the same to the last bit, so a control run can be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// What the trainer said, in order, each with the time since the process was spawned.
    pub events: Vec<(Duration, Event)>,
    /// How the process ended.
    pub outcome: Outcome,
    /// Where the kill landed, if the scenario killed it.
    pub kill: Option<Kill>,
    /// The end of the process's standard output and error, as text.
    pub output: String,
    /// The run's own directory.
    pub dir: PathBuf,
    /// From spawn to reap.
    pub wall: Duration,
    /// How each save of the followed kind wrote its files, in order; empty where none was followed.
    pub traced_saves: Vec<TracedSave>,
    /// What was followed of a save that the process did not live to end.
    #[serde(default)]
    pub cut_short: Option<Followed>,
    /// Files of the run's directory that were there when the process began and were changed or gone
    /// when it had ended, by their path in the directory. Looked at only where a resume is to be
    /// refused.
    pub damaged: Vec<String>,
    /// What became of each best checkpoint, in order. A resumed run's list begins with the one that the
    /// killed run has left, if it left one.
    pub best_files: Vec<BestFile>,
}

/// The file of a best checkpoint, from the end of its save to the beginning of the next best's, or to
/// the end of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestFile {
    /// The file or directory, as the trainer named it.
    pub path: String,
    /// Epochs completed when it was saved.
    pub epoch: u64,
    /// Its content when the trainer said that it was durable; `None`: it could not be read.
    pub saved: Option<Digest>,
    /// Its content in the end; `None`: it could not be read.
    pub later: Option<Digest>,
}

impl BestFile {
    /// Whether it still holds what was saved. What could never be read is not held against anyone.
    pub fn is_kept(&self) -> bool {
        self.saved.is_none() || self.saved == self.later
    }
}

/// One complete save, as the trainer's system calls show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedSave {
    /// What was saved.
    pub kind: CheckpointKind,
    /// The file that the trainer named when the save was durable.
    pub path: String,
    /// What it did.
    pub followed: Followed,
}

/// What a process with all its threads and children did to the run's directory, by system calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The calls that touched the directory and succeeded, in order.
    pub calls: Vec<FileCall>,
    /// The directory before the first call and after each of them; empty where nobody asked for that.
    pub states: Vec<DirectoryState>,
    /// Whether it set up io_uring, which can write without a system call.
    pub io_uring: bool,
    /// Whether it ran into the fault that it was to run into.
    #[serde(default)]
    pub injected: bool,
}

/// What a directory holds at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryState {
    /// The inode that each name stands for; paths are relative to the directory.
    pub names: BTreeMap<String, u64>,
    /// The content of each inode that is a file.
    pub contents: BTreeMap<u64, Content>,
    /// Where each inode that is a symbolic link points.
    pub links: BTreeMap<u64, String>,
    /// The inodes that are directories.
    pub directories: BTreeSet<u64>,
}

/// What a file holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Content {
    /// Of all bytes.
    #[schemars(with = "String")]
    pub digest: Digest,
    /// How many there are.
    pub bytes: u64,
}

/// A system call on a file. Every variant stands for a family: `open` is `openat` and `creat` too.
/// Paths below the run's directory are relative to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum FileCall {
    /// A file was opened for writing.
    Open {
        /// The file.
        path: String,
        /// Whether that emptied it (`O_TRUNC`).
        truncate: bool,
        /// Whether every write is durable when it returns (`O_SYNC`, `O_DSYNC`).
        sync: bool,
        /// Whether every write goes to the end (`O_APPEND`).
        append: bool,
    },
    /// Bytes were written.
    Write {
        /// The file.
        path: String,
        /// Where, in bytes from the beginning.
        offset: u64,
        /// How many.
        bytes: u64,
    },
    /// A file was mapped so that what is stored in memory goes to it (`MAP_SHARED`). The stores themselves
    /// are no calls; what they did shows in the states after later calls.
    Map {
        /// The file.
        path: String,
    },
    /// The length was set.
    Truncate {
        /// The file.
        path: String,
    },
    /// Room was made (`fallocate`).
    Allocate {
        /// The file.
        path: String,
    },
    /// A directory was made.
    MakeDirectory {
        /// The directory.
        path: String,
    },
    /// A symbolic link was made.
    Symlink {
        /// Its name.
        path: String,
    },
    /// A file or a directory was synced: `fsync`, `fdatasync`, or `msync` of what is mapped.
    Sync {
        /// The file or directory; `.` is the run's own.
        path: String,
    },
    /// Everything was synced: `sync`, `syncfs`.
    SyncAll,
    /// A file changed its name, and replaced what had the new one.
    Rename {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A file got another name besides.
    Link {
        /// The name that it has.
        from: String,
        /// The name that it got.
        to: String,
    },
    /// A name was removed.
    Unlink {
        /// The name.
        path: String,
    },
    /// A file that was open for writing was closed.
    Close {
        /// The file.
        path: String,
    },
}

impl FileCall {
    /// The family's name, as the manual pages have it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Write { .. } => "write",
            Self::Map { .. } => "mmap",
            Self::Truncate { .. } => "truncate",
            Self::Allocate { .. } => "fallocate",
            Self::MakeDirectory { .. } => "mkdir",
            Self::Symlink { .. } => "symlink",
            Self::Sync { .. } => "fsync",
            Self::SyncAll => "sync",
            Self::Rename { .. } => "rename",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
            Self::Close { .. } => "close",
        }
    }

    /// What it acts on; the new name, where a call gives one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Open { path, .. }
            | Self::Write { path, .. }
            | Self::Map { path }
            | Self::Truncate { path }
            | Self::Allocate { path }
            | Self::MakeDirectory { path }
            | Self::Symlink { path }
            | Self::Sync { path }
            | Self::Unlink { path }
            | Self::Close { path } => Some(path),
            Self::Rename { to, .. } | Self::Link { to, .. } => Some(to),
            Self::SyncAll => None,
        }
    }
}

impl fmt::Display for FileCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::Open { path, truncate: true, .. } => write!(f, "open(O_TRUNC) {path}"),
            Self::Write { path, offset, bytes } => {
                write!(f, "write {path} ({bytes} B at {offset})")
            }
            Self::Rename { from, to } | Self::Link { from, to } => {
                write!(f, "{name} {from} -> {to}")
            }
            other => write!(f, "{name} {}", other.path().unwrap_or_default()),
        }
    }
}

/// A time in JSON, in seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(time.as_secs_f64())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(de::Error::custom)
    }
}

/// How a process ended, as the kernel reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It returned.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A signal ended it.
    Signaled {
        /// The signal's number.
        signal: i32,
    },
}

/// A SIGKILL that the scenario asked for, confirmed by the kernel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kill {
    /// The signal that ended the process, as `waitpid` reported it: 9.
    pub signal: i32,
    /// The event that the trainer was not answered, by name; `write` for a kill inside a write.
    pub at: String,
    /// Epochs completed.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// From spawn to the SIGKILL, in seconds.
    #[serde(rename = "seconds", with = "seconds")]
    #[schemars(with = "f64")]
    pub after: Duration,
    /// The write that the kill cut in two, if it landed inside one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn: Option<TornWrite>,
}

/// A write of which only the first half reached the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TornWrite {
    /// The file, relative to the run's directory.
    pub path: String,
    /// Bytes that reached the file.
    pub written: u64,
    /// Bytes that the trainer wanted to write.
    pub wanted: u64,
}

/// One point of the validation curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Epochs completed; at an epoch's end that epoch is counted.
    pub epoch: u64,
    /// Updates completed.
    pub step: u64,
    /// Validation loss; `None` when it was not finite.
    pub val_loss: Option<f64>,
    /// Validation accuracy, 0 to 1.
    pub val_accuracy: Option<f64>,
    /// The learning rate of the last update.
    pub lr: f64,
    /// The GradScaler's scale.
    pub loss_scale: Option<f64>,
    /// Whether the point ends an epoch.
    pub epoch_end: bool,
}

impl Recording {
    /// The first thing that the trainer said.
    pub fn hello(&self) -> Option<&Hello> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Hello(hello) => Some(hello),
            _ => None,
        })
    }

    /// The state that training started from.
    pub fn started(&self) -> Option<&Started> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Started(started) => Some(started),
            _ => None,
        })
    }

    /// The state that training ended with; `None` for a run that did not get there.
    pub fn finished(&self) -> Option<&Finished> {
        self.events.iter().find_map(|(_, event)| match event {
            Event::Finished(finished) => Some(finished),
            _ => None,
        })
    }

    /// The validation curve, in the order in which the points were said.
    pub fn curve(&self) -> Vec<Point> {
        self.events
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Validation(v) => Some(Point {
                    epoch: v.epoch,
                    step: v.step,
                    val_loss: v.val_loss,
                    val_accuracy: v.val_accuracy,
                    lr: v.lr,
                    loss_scale: v.loss_scale,
                    epoch_end: false,
                }),
                Event::Epoch(e) => Some(Point {
                    epoch: e.epoch,
                    step: e.step,
                    val_loss: e.val_loss,
                    val_accuracy: e.val_accuracy,
                    lr: e.lr,
                    loss_scale: e.loss_scale,
                    epoch_end: true,
                }),
                _ => None,
            })
            .collect()
    }

    /// The epochs that the run completed, in the order in which it said so.
    pub fn epochs(&self) -> impl Iterator<Item = &crate::protocol::Epoch> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Epoch(epoch) => Some(epoch),
            _ => None,
        })
    }

    /// The updates, where the harness asked for them.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Step(step) => Some(step),
            _ => None,
        })
    }

    /// The saves that became durable, in order.
    pub fn saves(&self) -> impl Iterator<Item = &Checkpoint> {
        self.checkpoints().filter(|checkpoint| checkpoint.phase == Phase::End)
    }

    /// Both sides of every save, in order.
    pub fn checkpoints(&self) -> impl Iterator<Item = &Checkpoint> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Checkpoint(checkpoint) => Some(checkpoint),
            _ => None,
        })
    }

    /// The best checkpoint that the next process of the run has to leave alone: the last one, unless a
    /// save of the best had begun when the process ended.
    pub fn best_left(&self) -> Option<&BestFile> {
        let last = self.checkpoints().filter(|save| save.kind == CheckpointKind::Best).last();
        self.best_files.last().filter(|_| last.is_some_and(|save| save.phase == Phase::End))
    }

    /// The state that a fresh process starts from, if this run is one.
    pub fn fresh_state(&self) -> Option<&Components> {
        self.started().filter(|started| started.resumed_from.is_none()).map(|s| &s.components)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Validation;

    #[test]
    fn a_recording_that_was_kept_as_json_is_the_same_to_the_last_bit() {
        // Neighbours, a subnormal, the smallest and the largest: decimal has to carry them all.
        let losses =
            [0.1 + 0.2, 0.3, f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX, 1.0 / 3.0, -0.0];
        let event = |loss| {
            Event::Validation(Validation {
                epoch: 0,
                step: 1,
                val_loss: Some(loss),
                val_accuracy: None,
                lr: loss,
                loss_scale: Some(65536.0),
            })
        };
        let recording = Recording {
            events: losses.map(|loss| (Duration::from_nanos(1_234_567_891), event(loss))).to_vec(),
            outcome: Outcome::Exited { code: 0 },
            kill: None,
            output: "한 줄\n".to_owned(),
            dir: PathBuf::from("/tmp/control"),
            wall: Duration::from_nanos(1),
            traced_saves: vec![TracedSave {
                kind: CheckpointKind::Latest,
                path: "latest".to_owned(),
                followed: Followed {
                    calls: vec![FileCall::SyncAll, FileCall::Sync { path: ".".to_owned() }],
                    ..Followed::default()
                },
            }],
            cut_short: None,
            damaged: vec!["latest".to_owned()],
            best_files: vec![BestFile {
                path: "best".to_owned(),
                epoch: 3,
                saved: Some(Digest(1 << 127)),
                later: None,
            }],
        };
        let json = serde_json::to_string(&recording).expect("it serialises");
        let back: Recording = serde_json::from_str(&json).expect("it reads back");
        assert_eq!(back, recording);
        let bits = |recording: &Recording| -> Vec<u64> {
            recording.curve().iter().map(|p| p.val_loss.map_or(0, f64::to_bits)).collect()
        };
        assert_eq!(bits(&back), bits(&recording), "equal is not enough: -0.0 equals 0.0");
    }
}
