//! Fetches libtorch into the project, so that it is there whole or not at all.
//!
//! Everything happens in `.libtorch.partial-PID/`; renaming that to `.libtorch` is the commit. A
//! fetch that is killed leaves only its partial folder, which the next one removes. One fetch at a
//! time: `.libtorch.lock` is held, and the system lets go of it when the holder dies.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{process, thread, time::Duration};

use super::layout::{Flaw, check_fetched};
use super::machine::Machine;
use super::pip::Pip;
use super::progress::Progress;
use super::{Project, SetupError, VERSION};
use crate::messages::setup as say;

/// The most that a fetch occupies at any moment, in MB: on Linux x86_64, the largest, the downloads
/// (540) with all that is in them (1,180), and some air.
const NEEDED_MB: u64 = 1_900;
const PARTIAL: &str = ".libtorch.partial-";

/// Fetches libtorch unless another process has done so by the time that we hold the lock.
pub(super) fn fetch(
    machine: &Machine,
    project: &Project,
    progress: &Progress,
) -> Result<(), SetupError> {
    let (os, arch) = (machine.os(), machine.arch());
    if !matches!((os, arch), ("linux", "x86_64" | "aarch64") | ("macos", "aarch64")) {
        return Err(SetupError::Unsupported { os: os.to_owned(), arch: arch.to_owned() });
    }
    let home = project.libtorch();
    let lock = lock(project.root(), progress)?;
    let flaw = match check_fetched(&home, os) {
        Ok(()) => return Ok(()),
        Err(flaw) => flaw,
    };
    remove_leftovers(project.root())?;
    let pip = Pip::find(machine)?;
    check_space(machine, project.root())?;

    if home.symlink_metadata().is_ok() {
        progress.say(&say::replacing(&flaw.describe()));
    }
    progress.say(&say::fetching(VERSION, pip.download_mb()));
    let mut work = progress.begin();
    let partial = Partial::new(project.root())?;
    pip.install_into(&partial.0, &mut work)?;
    trim(&partial.0, os).map_err(SetupError::writing(&partial.0))?;
    check_fetched(&partial.0, os)
        .map_err(|flaw: Flaw| SetupError::FetchedWrong { flaw: flaw.describe() })?;
    partial.commit(&home)?;
    let took = work.elapsed().as_secs();
    work.say(&say::fetched(took));
    drop(lock);
    Ok(())
}

/// Waits until no other process fetches into this project. Dropping the file lets go.
fn lock(root: &Path, progress: &Progress) -> Result<File, SetupError> {
    let path = root.join(".libtorch.lock");
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(SetupError::writing(&path))?;
    let mut work = progress.begin();
    let mut waiting = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if !waiting => {
                waiting = true;
                work.say(&say::waiting_for_fetch());
            }
            Err(TryLockError::WouldBlock) => {
                work.update(&say::waiting_now(), None);
                thread::sleep(Duration::from_millis(200));
            }
            Err(TryLockError::Error(source)) => {
                return Err(SetupError::NotWritable { path, source });
            }
        }
    }
}

/// Removes what killed fetches left. We hold the lock, so none of it is in use.
fn remove_leftovers(root: &Path) -> Result<(), SetupError> {
    let entries = fs::read_dir(root).map_err(SetupError::writing(root))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            remove(&entry.path()).map_err(SetupError::writing(&entry.path()))?;
        }
    }
    Ok(())
}

fn check_space(machine: &Machine, root: &Path) -> Result<(), SetupError> {
    // Where it cannot be told, pip will find out.
    let Ok(free) = machine.free_bytes(root) else { return Ok(()) };
    let free_mb = free / 1_000_000;
    if free_mb < NEEDED_MB {
        return Err(SetupError::TooLittleSpace {
            dir: root.to_owned(),
            needed_mb: NEEDED_MB,
            free_mb,
        });
    }
    Ok(())
}

/// A folder that is being filled. Dropping it removes it, unless it was committed.
struct Partial(PathBuf);

impl Partial {
    fn new(root: &Path) -> Result<Self, SetupError> {
        let path = root.join(format!("{PARTIAL}{}", process::id()));
        fs::create_dir(&path).map_err(SetupError::writing(&path))?;
        Ok(Self(path))
    }

    /// Puts the folder in its place, and whatever was there out of the way.
    fn commit(self, home: &Path) -> Result<(), SetupError> {
        let old = self.0.with_file_name(format!("{PARTIAL}{}-old", process::id()));
        match fs::rename(home, &old) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(SetupError::writing(home)(source));
            }
            _ => {}
        }
        fs::rename(&self.0, home).map_err(SetupError::writing(home))?;
        // The next fetch removes what we cannot.
        _ = remove(&old);
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        _ = remove(&self.0);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(err) => Err(err),
    };
    removed.or_else(|err| if err.kind() == ErrorKind::NotFound { Ok(()) } else { Err(err) })
}

/// Keeps what a C++ program needs: headers, libraries, licences. On Linux, no GPU libraries.
fn trim(home: &Path, os: &str) -> io::Result<()> {
    keep(home, |name| name == "torch" || name == "nvidia" || name.ends_with(".dist-info"))?;
    let torch = home.join("torch");
    keep(&torch, |name| matches!(name, "include" | "lib" | "version.py"))?;
    let lib = torch.join("lib");
    let gpu = |name: &str| name.starts_with("libtorch_cuda") || name == "libtorch_nvshmem.so";
    keep(&lib, |name| !gpu(name) && !name.starts_with("libtorch_python."))?;
    if os == "linux" {
        // The one that comes is linked to the GPU libraries; all that it does is to load both.
        let libtorch = lib.join("libtorch.so");
        remove(&libtorch)?;
        symlink("libtorch_cpu.so", &libtorch)?;
    }
    Ok(())
}

/// Removes from a folder, if it is there, every entry whose name is not wanted.
fn keep(dir: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    // What is missing is found by the check that follows.
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if !wanted(&entry.file_name().to_string_lossy()) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}
