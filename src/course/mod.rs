//! The course: exercises that a learner does, each a training run whose checkpoints miss something.
//!
//! [`Catalogue`] reads what there is from `exercises/info.toml`; no exercise is known here by name.
//! [`attempt`] builds an exercise and puts it through its trials, [`Controls`] keeps the control runs
//! that need no repeating, and [`ProgressFile`] remembers how far the learner is.

mod attempt;
mod catalogue;
mod controls;
mod progress;
mod text;

use std::path::{Path, PathBuf};

pub use attempt::{
    Attempt, AttemptError, CONTROL, Options, Outcome, TIMEOUT, Times, attempt, try_until_one_fails,
};
pub use catalogue::{Catalogue, CatalogueError, Exercise, TrialSpec};
pub use controls::Controls;
pub use progress::{Position, Progress, ProgressError, ProgressFile, Status};
pub use text::{HINTS, hints, title};

use crate::libtorch::Project;
use crate::protocol::Digest;

/// What the course remembers between commands, below the project's root.
const STATE: &str = ".killresume";

/// The folder in which the course keeps what it remembers.
pub fn state_dir(project: &Project) -> PathBuf {
    project.root().join(STATE)
}

/// The digest of a file's content; `None` where it cannot be read.
pub fn file_digest(path: &Path) -> Option<Digest> {
    // To read a pipe would take for ever.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    std::fs::read(path).ok().map(|bytes| Digest(xxhash_rust::xxh3::xxh3_128(&bytes)))
}
