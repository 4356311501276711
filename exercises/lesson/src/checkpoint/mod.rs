//! Checkpoints: everything that a run needs to go on as the same run, in one file.
//!
//! ```no_run
//! use lesson::checkpoint::{Checkpoint, CheckpointKind, Store};
//! use lesson::state::StateDict;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::open("runs/1".as_ref())?;
//!
//! let mut checkpoint = Checkpoint::new();
//! checkpoint.put("scaler", StateDict::new().with("scale", 65536.0).with("growth_tracker", 17));
//! checkpoint.put("step", 1200);
//! store.save(CheckpointKind::Latest, &checkpoint)?;
//!
//! if let Some(loaded) = store.load(CheckpointKind::Latest)? {
//!     let step = loaded.checkpoint.get("step")?.int()?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Three rules:
//!
//! 1. **Save everything.** A [`Checkpoint`] is a dictionary from a component's name to its state dict;
//!    asking for a component that is not there is an error, never a default.
//! 2. **Verify what you load.** The file carries a checksum of itself (`file.rs`), and what it says is
//!    believed only as far as it can be checked (`header.rs`).
//! 3. **Replace atomically.** A reader, and a run that was killed, finds the old file or the new one
//!    and nothing between (`durable.rs`); [`Store`] keeps latest and best apart and an older one of
//!    each to fall back to.

mod durable;
mod file;
mod header;
mod store;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub use file::FormatError;
pub use killresume::protocol::CheckpointKind;
use nix::fcntl::OFlag;
pub use store::{Loaded, Store, StoreError};

use crate::call_site;
use crate::messages::{brief, checkpoint as say};
use crate::state::StateDict;

/// The state of a run: component name -> state dict.
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    components: BTreeMap<String, StateDict>,
}

impl Checkpoint {
    /// A checkpoint of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a component. A single number is a state dict too: `put("step", 1200)`.
    ///
    /// A component's name must not be empty or hold a `.`, for the file names tensors
    /// `component.key`; saving refuses such a name.
    pub fn put(&mut self, component: &str, state: impl Into<StateDict>) -> &mut Self {
        self.components.insert(component.to_owned(), state.into());
        self
    }

    /// The state of a component.
    ///
    /// # Errors
    /// [`CheckpointError::MissingComponent`], which lists what there is.
    #[track_caller]
    pub fn get(&self, component: &str) -> Result<&StateDict, CheckpointError> {
        call_site::note();
        self.components.get(component).ok_or_else(|| CheckpointError::MissingComponent {
            component: component.to_owned(),
            present: self.components.keys().cloned().collect(),
        })
    }

    /// Takes a component out.
    pub fn remove(&mut self, component: &str) -> Option<StateDict> {
        self.components.remove(component)
    }

    /// The names of the components, in ascending order.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.components.keys().map(String::as_str)
    }

    /// The content of the file, ready to be written. The same state gives the same bytes.
    ///
    /// # Errors
    /// [`CheckpointError::Name`], [`Tensor`](CheckpointError::Tensor) or
    /// [`HeaderSize`](CheckpointError::HeaderSize): what the file cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        file::encode(&self.components)
    }

    /// Reads the content of a file. Tensors are copied into fresh ones on the CPU.
    ///
    /// # Errors
    /// Any change of any bit is one; see [`FormatError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        file::decode(bytes).map(|components| Self { components })
    }

    /// Writes the file atomically and durably: when this returns, the file survives a power failure;
    /// if it fails or the process dies, the file that was there before is untouched.
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes), and [`CheckpointError::Write`] or
    /// [`NotDurable`](CheckpointError::NotDurable) for what the disk refuses.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        durable::Pending::write(path, &self.to_bytes()?)?.publish()
    }

    /// Reads and verifies a file. One that does not begin as ours do is refused without being read.
    ///
    /// # Errors
    /// [`CheckpointError::NotFound`], [`Read`](CheckpointError::Read), or
    /// [`Invalid`](CheckpointError::Invalid) with what is wrong with the content.
    pub fn load(path: &Path) -> Result<Self, CheckpointError> {
        let invalid = |problem| CheckpointError::Invalid { path: path.to_owned(), problem };
        let bytes = read_regular_file(path).map_err(|error| match error.kind() {
            // A link that leads nowhere is a checkpoint out of reach: no reason to start afresh.
            io::ErrorKind::NotFound if !path.is_symlink() => {
                CheckpointError::NotFound { path: path.to_owned() }
            }
            _ => CheckpointError::Read { path: path.to_owned(), error },
        })?;
        bytes.and_then(|bytes| Self::from_bytes(&bytes)).map_err(invalid)
    }
}

/// A tensor is named `component.key` in the file, so the first `.` has to be the one between them.
fn is_component_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('.')
}

/// Anything but a regular file could block for ever (a pipe), never end, or do something when it is
/// opened (a device). Looked at again once it is open, because another file may have taken its place.
fn read_regular_file(path: &Path) -> io::Result<Result<Vec<u8>, FormatError>> {
    let regular = |metadata: fs::Metadata| {
        if metadata.is_file() {
            Ok(metadata.len())
        } else {
            Err(io::Error::other(say::not_a_regular_file()))
        }
    };
    regular(fs::metadata(path)?)?;
    let file = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let length = regular(file.metadata()?)?;
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory)?;
    // No further, even if somebody goes on writing: the checksum then says what became of it.
    file::read(file, length)
}

/// Why a checkpoint could not be saved, loaded or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A component was asked for that the checkpoint does not hold.
    #[error("{}", say::missing_component(.component, &brief(&list(.present))))]
    MissingComponent {
        /// The component that was asked for.
        component: String,
        /// The components that are there.
        present: Vec<String>,
    },
    /// A component's name cannot be written.
    #[error("{}", say::component_name(.component))]
    Name {
        /// The name.
        component: String,
    },
    /// A tensor cannot be written: sparse, quantized, complex or the like.
    #[error("{}", say::unsaveable_tensor(.component, .key, .problem))]
    Tensor {
        /// The component that it belongs to.
        component: String,
        /// Its name there.
        key: String,
        /// What is in the way.
        problem: String,
    },
    /// Names and scalars together take more than safetensors allows.
    #[error("{}", say::header_size(*.bytes, *.limit))]
    HeaderSize {
        /// What they take.
        bytes: usize,
        /// What they may take.
        limit: usize,
    },
    /// There is no such file.
    #[error("{}", say::not_found(&shown(.path)))]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("{}", say::cannot_read(&shown(.path), &.error.to_string()))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file was read and is not a valid checkpoint.
    #[error("{path}: {problem}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        problem: FormatError,
    },
    /// The file could not be written. What was there before is untouched.
    #[error("{}", say::cannot_write(&shown(.path), .action, &.error.to_string()))]
    Write {
        /// What could not be done, in the language of the messages.
        action: String,
        /// The file that was to be replaced.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The new file is in place and complete, but a power failure may still bring back the old one.
    #[error("{}", say::not_durable(&shown(.path), &.error.to_string()))]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { say::nothing() } else { names.join(", ") }
}

/// A path as a message shows it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
