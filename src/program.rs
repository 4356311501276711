//! The killresume program, which starts processes of its own for work that wants one.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

static NAMED: OnceLock<PathBuf> = OnceLock::new();

/// Names the killresume program to one that is not killresume itself and uses this library. Only the first name
/// counts.
pub fn name(path: PathBuf) {
    let _ = NAMED.set(path);
}

/// The program to start, even if its file has been replaced since it started.
///
/// # Errors
/// The system does not tell which it is.
pub fn this() -> io::Result<OsString> {
    match NAMED.get() {
        Some(path) => Ok(path.into()),
        None if cfg!(target_os = "linux") => Ok("/proc/self/exe".into()),
        None => Ok(env::current_exe()?.into()),
    }
}
