//! Mounts that only this process and its children see.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{getegid, geteuid};

const NOTHING: Option<&str> = None;

/// Gives this process mounts of its own, as root or else as a user of its own namespace. It must not have a
/// second thread yet.
///
/// # Errors
/// The system does not permit it.
pub(super) fn own_namespace() -> io::Result<()> {
    if unshare(CloneFlags::CLONE_NEWNS).is_err() {
        let (user, group) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
        // The same user inside as outside, so that nothing changes for the trainer.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    // Without this what is mounted here would be mounted outside as well.
    Ok(mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NOTHING)?)
}

/// A small disk in memory, unmounted when it is dropped.
pub(super) struct Disk {
    at: PathBuf,
    bytes: u64,
}

impl Disk {
    const FLAGS: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);

    pub(super) fn mount(at: &Path, bytes: u64) -> io::Result<Self> {
        let options = format!("size={bytes},mode=0700");
        mount(Some("killresume"), at, Some("tmpfs"), Self::FLAGS, Some(options.as_str()))?;
        Ok(Self { at: at.to_owned(), bytes })
    }

    /// Leaves no byte free, by making the disk as small as what is on it.
    pub(super) fn fill(&self) -> io::Result<()> {
        let now = statvfs(&self.at)?;
        self.resize((now.blocks() - now.blocks_free()) * now.fragment_size())
    }

    /// Makes room again.
    pub(super) fn empty(&self) -> io::Result<()> {
        self.resize(self.bytes)
    }

    fn resize(&self, bytes: u64) -> io::Result<()> {
        let options = format!("size={bytes}");
        let flags = Self::FLAGS | MsFlags::MS_REMOUNT;
        Ok(mount(NOTHING, &self.at, NOTHING, flags, Some(options.as_str()))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It goes with this process at the latest.
        let _ = umount2(&self.at, MntFlags::MNT_DETACH);
    }
}

/// A directory that nothing can be written in, until this is dropped.
pub(super) struct Frozen {
    at: PathBuf,
    /// `None` where it is mounted.
    permissions: Option<Permissions>,
}

impl Frozen {
    /// By mounting it read-only over itself. A file that is open already stays writable: it is of the mount
    /// below.
    pub(super) fn mount(at: &Path) -> io::Result<Self> {
        mount(Some(at), at, NOTHING, MsFlags::MS_BIND, NOTHING)?;
        let frozen = Self { at: at.to_owned(), permissions: None };
        let own = statvfs(at)?.flags();
        let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
        // What a mount forbids may not be permitted again by one who is not its owner.
        for (is, flag) in [
            (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
            (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
            (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        ] {
            if own.contains(is) {
                flags |= flag;
            }
        }
        mount(NOTHING, at, NOTHING, flags, NOTHING)?;
        Ok(frozen)
    }

    /// By its permissions, which do not bind root.
    pub(super) fn permissions(at: &Path) -> io::Result<Self> {
        let before = fs::metadata(at)?.permissions();
        fs::set_permissions(at, Permissions::from_mode(0o555))?;
        Ok(Self { at: at.to_owned(), permissions: Some(before) })
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // What is left frozen the next save of the trainer finds out, and the verdict with it.
        let _ = match self.permissions.take() {
            Some(before) => fs::set_permissions(&self.at, before),
            None => umount2(&self.at, MntFlags::MNT_DETACH).map_err(Into::into),
        };
    }
}
