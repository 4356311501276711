//! Replacing a file so that every reader, and every crash, finds the old content or the new.
//!
//! Write a temporary file in the same directory, fsync it, rename it over the target, fsync the
//! directory. The order is the point: a rename before the first fsync can survive a power failure
//! that the data does not, and without the last fsync the rename itself can be lost.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use super::CheckpointError;
use crate::messages::checkpoint as say;

/// New content of a file: on disk and fsynced under a temporary name, not yet in place. Dropped, it
/// leaves no trace.
pub(super) struct Pending {
    temporary: Temporary,
    target: PathBuf,
}

impl Pending {
    /// Writes and fsyncs the content beside `target`.
    pub(super) fn write(target: &Path, content: &[u8]) -> Result<Self, CheckpointError> {
        let failed =
            |action| move |error| CheckpointError::Write { action, path: target.to_owned(), error };
        let (temporary, mut file) = Temporary::beside(target, |path| {
            OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
        })
        .map_err(failed(say::create_temporary()))?;
        file.write_all(content).map_err(failed(say::write_content()))?;
        // After a failed fsync the kernel may drop the pages and report success the next time, so it
        // is never repeated: the temporary file goes, and a new save writes everything anew.
        file.sync_all().map_err(failed(say::sync_content()))?;
        Ok(Self { temporary, target: target.to_owned() })
    }

    /// Puts the content in place.
    pub(super) fn publish(self) -> Result<(), CheckpointError> {
        let path = self.target;
        if let Err(error) = fs::rename(&self.temporary.path, &path) {
            return Err(CheckpointError::Write { action: say::put_in_place(), path, error });
        }
        sync_directory(parent(&path)).map_err(|error| CheckpointError::NotDurable { path, error })
    }
}

/// Gives the file `source` the name `target` as well, replacing what had it. `source` keeps its own
/// name throughout. Not durable by itself: the caller's next [`Pending::publish`] in the directory
/// syncs it.
pub(super) fn link_over(source: &Path, target: &Path) -> io::Result<()> {
    match Temporary::beside(target, |path| fs::hard_link(source, path)) {
        // Where both are the same file already, rename does nothing; the temporary is dropped here.
        Ok((temporary, ())) => fs::rename(&temporary.path, target),
        // A file system without hard links: for a moment only the new name exists.
        Err(_) => fs::rename(source, target),
    }
}

/// A file that lives at most as long as this value, unless it is renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Makes a file `.NAME.PID.N.tmp` with `create`, which must refuse one that exists. `N` passes over
    /// the leftovers of a killed process that had the same pid, as in a container.
    fn beside<T>(target: &Path, create: impl Fn(&Path) -> io::Result<T>) -> io::Result<(Self, T)> {
        let name = target
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, say::no_file_name()))?;
        let pid = process::id();
        let mut n = 0_u32;
        loop {
            let path = target.with_file_name(format!(".{name}.{pid}.{n}.tmp"));
            match create(&path) {
                Ok(made) => return Ok((Self { path }, made)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => n += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing here, and a failure to tidy up is no reason to fail a save.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the temporary files that dead writers of `targets` left. The caller makes sure that there
/// is no living one.
pub(super) fn remove_leftovers(directory: &Path, targets: &[&str]) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_leftover =
            name.to_str().and_then(|name| name.strip_prefix('.')).is_some_and(|name| {
                name.ends_with(".tmp")
                    && targets.iter().any(|target| {
                        name.strip_prefix(target).is_some_and(|rest| rest.starts_with('.'))
                    })
            });
        if is_leftover {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Creates a directory and its missing parents, each durable in its own parent.
pub(super) fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = parent(path);
    create_directory(parent)?;
    match fs::create_dir(path) {
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        result => result?,
    }
    sync_directory(parent)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
