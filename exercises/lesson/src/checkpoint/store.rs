//! One run's directory: the latest and the best checkpoint, and the one before each.
//!
//! | file | what it is |
//! |---|---|
//! | `latest.safetensors` | what a resume starts from |
//! | `best.safetensors` | the one with the best validation metric |
//! | `latest.previous.safetensors`, `best.previous.safetensors` | the one before, to fall back to |
//! | `.lock` | held by the one writer, with its process id |
//!
//! Best has a previous one by the same rule as latest: either may rot on the disk, and the second best
//! model is worth more than none.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, PoisonError};

use nix::fcntl::OFlag;

use super::durable::{self, Pending};
use super::{Checkpoint, CheckpointError, CheckpointKind, shown};
use crate::messages::checkpoint as say;

const LOCK: &str = ".lock";
const FILES: [&str; 4] = [
    "latest.safetensors",
    "latest.previous.safetensors",
    "best.safetensors",
    "best.previous.safetensors",
];

fn file_name(kind: CheckpointKind) -> &'static str {
    match kind {
        CheckpointKind::Latest => FILES[0],
        CheckpointKind::Best => FILES[2],
    }
}

fn previous_file_name(kind: CheckpointKind) -> &'static str {
    match kind {
        CheckpointKind::Latest => FILES[1],
        CheckpointKind::Best => FILES[3],
    }
}

/// The checkpoints of one run. There is one at a time for a directory, in all processes.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    /// The kinds whose newest file this store has written or verified, so that it is worth keeping.
    valid: Mutex<Vec<CheckpointKind>>,
    /// Holds the lock. The system lets go of it for a process that is killed.
    lock: File,
}

/// A checkpoint, and where it came from.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub checkpoint: Checkpoint,
    /// The file that it was read from.
    pub path: PathBuf,
    /// Newer files that were not valid or not there. Not empty means that progress was lost: say so.
    pub skipped: Vec<(PathBuf, CheckpointError)>,
}

impl Loaded {
    /// What to tell the user of the newer files that were passed over; nothing if there were none.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.skipped
            .iter()
            .map(|(_, problem)| say::fell_back(&problem.to_string(), &shown(&self.path)))
    }
}

impl Store {
    /// Opens a run's directory, creates it if need be, and locks it for as long as the store lives.
    /// Removes what a killed writer left half written.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another store has the directory; [`StoreError::Directory`] if it
    /// cannot be created, locked or listed.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let failed = |action| {
            move |error| StoreError::Directory { action, directory: directory.to_owned(), error }
        };
        durable::create_directory(directory).map_err(failed(say::create()))?;
        let lock = lock(directory)?;
        durable::remove_leftovers(directory, &FILES).map_err(failed(say::tidy()))?;
        Ok(Self { directory: directory.to_owned(), valid: Mutex::default(), lock })
    }

    /// The run's directory.
    pub fn dir(&self) -> &Path {
        &self.directory
    }

    /// Where the newest checkpoint of that kind lies, if there is one.
    pub fn path(&self, kind: CheckpointKind) -> PathBuf {
        self.directory.join(file_name(kind))
    }

    fn previous_path(&self, kind: CheckpointKind) -> PathBuf {
        self.directory.join(previous_file_name(kind))
    }

    /// Saves a checkpoint atomically and durably, and keeps the one before. At every moment, whatever
    /// is killed or loses its power, [`load`](Self::load) finds a valid one.
    ///
    /// It costs two fsyncs, of the new file and of the directory. They are enough because a disk may
    /// keep either, both or none of the two renames between them and every combination is valid.
    ///
    /// # Errors
    /// As [`Checkpoint::save`]. What was saved before is untouched.
    pub fn save(
        &self,
        kind: CheckpointKind,
        checkpoint: &Checkpoint,
    ) -> Result<PathBuf, StoreError> {
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(kind);
        let new = Pending::write(&path, &checkpoint.to_bytes()?)?;
        // A newest file that nobody has verified may be torn: it is replaced, and the previous stays.
        if let Some(index) = valid.iter().position(|&other| other == kind) {
            let previous = self.previous_path(kind);
            valid.swap_remove(index);
            match durable::link_over(&path, &previous) {
                // Removed by somebody; then there is nothing to keep.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result.map_err(|error| CheckpointError::Write {
                    action: say::keep_previous(),
                    path: previous,
                    error,
                })?,
            }
        }
        new.publish()?;
        valid.push(kind);
        Ok(path)
    }

    /// Loads the newest valid checkpoint of that kind; `None` only if there never was one. Falls back
    /// to the previous one if the newest is not valid, and reports that in [`Loaded::skipped`].
    ///
    /// # Errors
    /// [`StoreError::NoneValid`] if there are files and none is valid: a reason to stop, not to start
    /// afresh over them.
    pub fn load(&self, kind: CheckpointKind) -> Result<Option<Loaded>, StoreError> {
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        valid.retain(|&other| other != kind);
        let mut skipped = Vec::new();
        for path in [self.path(kind), self.previous_path(kind)] {
            match Checkpoint::load(&path) {
                Ok(checkpoint) => {
                    if skipped.is_empty() {
                        valid.push(kind);
                    }
                    return Ok(Some(Loaded { checkpoint, path, skipped }));
                }
                Err(error) => skipped.push((path, error)),
            }
        }
        if skipped.iter().all(|(_, error)| matches!(error, CheckpointError::NotFound { .. })) {
            return Ok(None);
        }
        let problems = skipped.into_iter().map(|(_, error)| error).collect();
        Err(StoreError::NoneValid { directory: self.directory.clone(), problems })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing is not enough: a child that is just being started may hold a copy for a moment.
        let _ = self.lock.unlock();
    }
}

/// Takes the directory's lock and writes down who has it.
fn lock(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join(LOCK);
    let failed = |error| StoreError::Directory {
        action: say::lock(),
        directory: directory.to_owned(),
        error,
    };
    // Not truncated: until the lock is ours, what it says is about another. And no link, for what it led
    // to would be written over.
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::Locked {
                directory: directory.to_owned(),
                pid: holder(&mut file),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
    writeln!(file, "{}", process::id()).map_err(failed)?;
    Ok(file)
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Why a run's directory or a checkpoint in it could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another store has the directory.
    #[error("{}", match .pid {
        Some(pid) => say::locked_by(&shown(.directory), *pid),
        None => say::locked(&shown(.directory)),
    })]
    Locked {
        /// The run's directory.
        directory: PathBuf,
        /// The process that has it, where known.
        pid: Option<u32>,
    },
    /// The directory itself is of no use.
    #[error("{}", say::directory(&shown(.directory), .action, &.error.to_string()))]
    Directory {
        /// What could not be done, in the language of the messages.
        action: String,
        /// The run's directory.
        directory: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There are checkpoints, and not one of them can be loaded.
    #[error("{}", say::none_valid(&shown(.directory), &each_on_its_line(.problems)))]
    NoneValid {
        /// The run's directory.
        directory: PathBuf,
        /// What is wrong with each file.
        problems: Vec<CheckpointError>,
    },
    /// One checkpoint could not be saved.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

fn each_on_its_line(problems: &[CheckpointError]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}
