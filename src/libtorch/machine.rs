//! What setting up looks at besides the project: environment, programs, platform, disk.
//!
//! It is a value, so that a test can hand in a machine without a network or without python.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::statvfs::statvfs;

/// A machine to set up.
#[derive(Clone, Debug)]
pub struct Machine {
    vars: BTreeMap<OsString, OsString>,
    os: String,
    arch: String,
    free_bytes: Option<u64>,
}

impl Machine {
    /// The one that we run on, with this process's environment.
    pub fn this() -> Self {
        Self {
            vars: env::vars_os().collect(),
            os: env::consts::OS.to_owned(),
            arch: env::consts::ARCH.to_owned(),
            free_bytes: None,
        }
    }

    /// The same with an environment variable set.
    pub fn with_var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.vars.insert(name.into(), value.into());
        self
    }

    /// The same with an environment variable not set.
    pub fn without_var(mut self, name: &str) -> Self {
        self.vars.remove(OsStr::new(name));
        self
    }

    /// The same on another operating system and processor, named as in [`std::env::consts`].
    pub fn with_platform(mut self, os: &str, arch: &str) -> Self {
        (self.os, self.arch) = (os.to_owned(), arch.to_owned());
        self
    }

    /// The same with so many bytes left on every disk.
    pub fn with_free_bytes(mut self, bytes: u64) -> Self {
        self.free_bytes = Some(bytes);
        self
    }

    pub(super) fn os(&self) -> &str {
        &self.os
    }

    pub(super) fn arch(&self) -> &str {
        &self.arch
    }

    /// An environment variable; an empty one counts as not set.
    pub(super) fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The names of the environment variables that are set.
    pub(super) fn var_names(&self) -> impl Iterator<Item = &OsStr> {
        self.vars.keys().map(OsString::as_os_str)
    }

    /// Where PATH finds a program; a name with a slash in it is a path already.
    pub(super) fn find(&self, program: impl AsRef<Path>) -> Option<PathBuf> {
        let program = program.as_ref();
        if program.components().count() > 1 {
            return is_executable(program).then(|| program.to_owned());
        }
        env::split_paths(self.var("PATH")?).map(|dir| dir.join(program)).find(|p| is_executable(p))
    }

    /// A command that will run in this machine's environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.vars);
        command
    }

    /// Bytes that we may still write in a folder.
    pub(super) fn free_bytes(&self, dir: &Path) -> io::Result<u64> {
        if let Some(bytes) = self.free_bytes {
            return Ok(bytes);
        }
        let stat = statvfs(dir)?;
        // Either may have 32 or 64 bits, by platform.
        let bytes = u128::from(stat.blocks_available()) * u128::from(stat.fragment_size());
        Ok(u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}
