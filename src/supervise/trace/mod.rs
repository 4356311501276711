//! Follows the system calls of a trainer while it saves: to see how it writes, and to kill it inside a
//! write. Nothing in the trainer cooperates.
//!
//! - `tracee`: the thread that is followed, by ptrace, and its memory and registers.
//! - `calls`: what a system call does to which file.
//!
//! Only the trainer's main thread is followed, from the answer to `checkpoint begin` until
//! `checkpoint end`. A file that is written through a memory map or by another thread is not seen.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "linux.rs"]
mod system;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[path = "unsupported.rs"]
mod system;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tracee;

pub use system::{SaveTrace, is_supported};

use crate::recording::TornWrite;

/// The followed thread stands where the kill is to land.
#[derive(Debug)]
pub struct Landing {
    /// The write that was cut in two, if that is inside one.
    pub torn: Option<TornWrite>,
}
