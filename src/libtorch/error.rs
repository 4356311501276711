//! Why setting up did not work. Each message says what to do next, in the learner's language.

use std::io;
use std::path::{Path, PathBuf};

use crate::messages::setup as say;

/// The harness could not get ready to judge: not the trainer's fault (exit code 4).
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Neither the current folder nor one above it is the project.
    #[error("{}", say::no_project(&.from.display().to_string()))]
    NoProject {
        /// Where the search began.
        from: PathBuf,
    },
    /// PyTorch publishes no libtorch 2.13.0 for this system.
    #[error("{}", say::unsupported(.os, .arch))]
    Unsupported {
        /// As in [`std::env::consts::OS`].
        os: String,
        /// As in [`std::env::consts::ARCH`].
        arch: String,
    },
    /// No `python3` on PATH.
    #[error("{}", say::no_python())]
    NoPython,
    /// `python3 -m pip` does not work.
    #[error("{}", say::no_pip(&.python.display().to_string()))]
    NoPip {
        /// The interpreter that was asked.
        python: PathBuf,
    },
    /// pip did not reach its index.
    #[error("{}", say::no_network(.tail))]
    NoNetwork {
        /// The end of pip's output.
        tail: String,
    },
    /// A download is not what the requirements file pins.
    #[error("{}", say::hash_mismatch(.tail))]
    HashMismatch {
        /// The end of pip's output.
        tail: String,
    },
    /// Not enough room to begin with.
    #[error("{}", say::too_little_space(&.dir.display().to_string(), *.needed_mb, *.free_mb))]
    TooLittleSpace {
        /// The project's folder.
        dir: PathBuf,
        /// The most that a fetch occupies at any moment, in MB (10⁶ bytes).
        needed_mb: u64,
        /// What the file system has left for us, in MB.
        free_mb: u64,
    },
    /// The disk or a quota filled up on the way.
    #[error("{}", say::disk_full(&.dir.display().to_string(), .tail))]
    DiskFull {
        /// The project's folder.
        dir: PathBuf,
        /// The end of the failed program's output.
        tail: String,
    },
    /// A file or folder of the project cannot be made or changed.
    #[error("{}", say::not_writable(&.path.display().to_string(), &.source.to_string()))]
    NotWritable {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The index has nothing that this pip would install here.
    #[error("{}", say::no_wheel(.pip, .tail))]
    NoWheel {
        /// pip's version.
        pip: String,
        /// The end of pip's output.
        tail: String,
    },
    /// pip failed in a way that we have no better words for.
    #[error("{}", say::pip_failed(.status, .tail))]
    PipFailed {
        /// How it ended.
        status: String,
        /// The end of its output.
        tail: String,
    },
    /// pip succeeded, and yet a needed part is not there.
    #[error("{}", say::fetched_wrong(.flaw))]
    FetchedWrong {
        /// What is not right.
        flaw: String,
    },
    /// Ctrl-C or SIGTERM.
    #[error("{}", say::interrupted())]
    Interrupted,
    /// The user's `LIBTORCH` has no libtorch in it.
    #[error("{}", say::not_libtorch(&.path.display().to_string(), .flaw))]
    NotLibtorch {
        /// The value of `LIBTORCH`.
        path: PathBuf,
        /// What is not right.
        flaw: String,
    },
    /// The user's libtorch or PyTorch is another version.
    #[error("{}", say::wrong_version(&.path.display().to_string(), .found))]
    WrongVersion {
        /// Where it lies.
        path: PathBuf,
        /// Its version, or that it cannot be told.
        found: String,
    },
    /// `LIBTORCH_USE_PYTORCH` is set, and there is no PyTorch.
    #[error("{}", say::no_pytorch(.python))]
    NoPytorch {
        /// The interpreter that torch-sys asks.
        python: String,
    },
    /// Nothing to compile torch-sys with.
    #[error("{}", say::no_compiler(.compiler))]
    NoCompiler {
        /// What was looked for.
        compiler: String,
    },
    /// Nothing to build the trainer with.
    #[error("{}", say::no_cargo(.cargo))]
    NoCargo {
        /// What was looked for.
        cargo: String,
    },
    /// cargo did not reach its registry.
    #[error("{}", say::no_crates(.tail))]
    NoCrates {
        /// The end of cargo's output.
        tail: String,
    },
    /// A crate that the trainer depends on does not build.
    #[error("{}", say::dependency_failed(.krate, .tail))]
    Dependency {
        /// Its name.
        krate: String,
        /// The end of cargo's output.
        tail: String,
    },
    /// cargo failed before it compiled anything.
    #[error("{}", say::cargo_failed(.tail))]
    CargoFailed {
        /// The end of its output.
        tail: String,
    },
    /// A program is there but does not start.
    #[error("{}", say::cannot_run(&.program.display().to_string(), &.source.to_string()))]
    CannotRun {
        /// Which.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SetupError {
    /// What a failed write means: a full disk, or a place where we may not write.
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { dir: path, tail: source.to_string() }
            }
            _ => Self::NotWritable { path, source },
        }
    }
}

/// A trainer could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The trainer's own code does not compile (exit code 3).
    #[error("{}", say::does_not_compile(.stderr))]
    Compile {
        /// rustc's diagnostics, rendered, coloured where stderr shows colours.
        stderr: String,
    },
    /// The exercises package has no such binary (exit code 2).
    #[error("{}", say::no_such_trainer(.name, &.known.join(", ")))]
    NoSuchTrainer {
        /// What was asked for.
        name: String,
        /// The binaries that there are, sorted.
        known: Vec<String>,
    },
    /// Not the trainer's fault (exit code 4).
    #[error(transparent)]
    Setup(#[from] SetupError),
}
