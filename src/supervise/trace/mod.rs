//! Follows the system calls with which a trainer saves: to see how it writes, to kill it inside a write, and to
//! have a call fail. Nothing in the trainer cooperates.
//!
//! - `filter`: which calls stop it; its training runs at full speed.
//! - `tracer`: the thread that follows it with all its threads and children, by ptrace.
//! - `tracee`: one thread of it, with its memory and registers.
//! - `calls`: what a system call does to which file.
//! - `tamper`: half a write, and a call that fails.
//!
//! What is stored through a memory map is no call: it shows in the files after later calls. What io_uring writes
//! is not seen; that it was set up is.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod filter;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "tracer.rs"]
mod system;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "unsupported.rs"]
mod system;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tamper;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tracee;

use std::io;
use std::process::Command;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub use filter::enter;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub use system::enter;
pub use system::{Trace, is_supported};

use crate::program;
use crate::recording::TornWrite;
use crate::scenario::{CallFault, Cut};

/// The hidden command of ours that calls [`enter`].
pub const ENTER: &str = "followed";

/// What is to happen while a process is followed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Orders {
    /// Where it is killed.
    pub cut: Option<Cut>,
    /// The call, counted from 1, that runs into a fault, once.
    pub inject: Option<(u32, CallFault)>,
    /// After how many calls what the directory holds is kept, from the first to the last; `None`: after each.
    pub keep: Option<(usize, usize)>,
}

impl Orders {
    /// Whether what the directory holds after so many calls is kept.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    fn keeps(&self, calls: usize) -> bool {
        self.keep.is_none_or(|(first, last)| (first..=last).contains(&calls))
    }
}

/// Where the kill landed.
#[derive(Debug, Clone)]
pub struct Landing {
    /// The write that was cut in two, if that is inside one.
    pub torn: Option<TornWrite>,
}

/// A command that waits to be followed and then becomes this one. Of the environment it has what was set for
/// this one, and the rest only if this one `inherits` it.
///
/// # Errors
/// This program's own file is not to be found.
pub fn followed(command: &Command, inherits: bool) -> io::Result<Command> {
    let mut outer = Command::new(program::this()?);
    outer.arg(ENTER).arg(command.get_program()).args(command.get_args());
    if !inherits {
        outer.env_clear();
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        outer.current_dir(dir);
    }
    Ok(outer)
}
