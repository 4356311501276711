//! What a program that somebody else wrote may use: limits for every such program, and where the kernel
//! can do it (Linux with Landlock), no files but those that it needs, no network, no program but itself.
//!
//! It is entered by a process of ours that then becomes the program, see [`Sandbox::command`]. Limits that
//! span several processes are watched from outside, by the [supervisor](crate::supervise). None of this is
//! a container: the program is the same user, and sees the same machine.

mod enter;

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::program;

pub use enter::{enter, has_landlock};

/// What one process, with all that it starts, may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From its start to its end.
    pub wall: Duration,
    /// Of the processor, each process for itself. Whole seconds count.
    pub cpu: Duration,
    /// Bytes of memory, all processes together, pages of mapped files left out.
    pub memory: u64,
    /// Bytes of the largest file.
    pub file_size: u64,
    /// Processes and threads, all together.
    pub processes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(60),
            cpu: Duration::from_secs(60),
            memory: 2 << 30,
            file_size: 256 << 20,
            processes: 256,
        }
    }
}

/// One of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::wall`]
    Wall,
    /// [`Limits::cpu`]
    Cpu,
    /// [`Limits::memory`]
    Memory,
    /// [`Limits::file_size`]
    FileSize,
    /// [`Limits::processes`]
    Processes,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Wall, Self::Cpu, Self::Memory, Self::FileSize, Self::Processes];

    /// The name in `--limit` and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::FileSize => "file-size",
            Self::Processes => "processes",
        }
    }
}

/// The bounds of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// What it may use.
    pub limits: Limits,
    /// Files and folders that it may read, besides the system's libraries.
    pub read: Vec<PathBuf>,
    /// The same for what it may start, besides itself.
    pub execute: Vec<PathBuf>,
}

/// What a process of ours is told before it becomes the program.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    sandbox: Sandbox,
    /// The one folder that it may write in.
    home: PathBuf,
}

/// Variables that a program in a sandbox gets to see; the others may hold secrets.
const VARIABLES: [&str; 10] = [
    "ATEN_CPU_CAPABILITY",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "MKL_CBWR",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "ONEDNN_MAX_CPU_ISA",
    "PATH",
    "TZ",
];

impl Sandbox {
    /// A command that enters the sandbox and becomes the program. Of all folders it may write in `home`
    /// alone, which is also where it is told to put temporary files.
    ///
    /// # Errors
    /// A path that is not UTF-8; this program's own file is not to be found.
    pub fn command(
        &self,
        program: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        home: &Path,
    ) -> io::Result<Command> {
        let entry = Entry { sandbox: self.clone(), home: home.to_owned() };
        let mut command = Command::new(program::this()?);
        command
            .env_clear()
            .envs(VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.env("TMPDIR", home).env("HOME", home);
        command.arg(ENTER).arg(serde_json::to_string(&entry)?).arg(program).args(args);
        Ok(command)
    }
}

/// The hidden command of ours that calls [`enter`].
pub const ENTER: &str = "sandbox";
