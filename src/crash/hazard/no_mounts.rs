//! Where there are no mounts that only one process sees.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// # Errors
/// Always.
pub(super) fn own_namespace() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A disk that cannot be had.
pub(super) struct Disk;

impl Disk {
    pub(super) fn mount(_: &Path, _: u64) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn fill(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn empty(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// A directory that nothing can be written in, until this is dropped.
pub(super) struct Frozen {
    at: PathBuf,
    before: Permissions,
}

impl Frozen {
    pub(super) fn mount(_: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// By its permissions, which do not bind root.
    pub(super) fn permissions(at: &Path) -> io::Result<Self> {
        let before = fs::metadata(at)?.permissions();
        fs::set_permissions(at, Permissions::from_mode(0o555))?;
        Ok(Self { at: at.to_owned(), before })
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // What is left frozen the next save of the trainer finds out, and the verdict with it.
        let _ = fs::set_permissions(&self.at, self.before.clone());
    }
}
