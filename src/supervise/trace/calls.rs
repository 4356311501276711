//! What a system call does to which file of the run's directory.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::libc;
use nix::unistd::Pid;

use crate::recording::FileCall;

use super::tracee::{Memory, Registers, proc};

/// A system call on a file of the directory that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file is opened for writing, or made; which, its descriptor will tell.
    Open { flags: i32 },
    /// Bytes are written; how many, its result will tell.
    Write { path: String, offset: u64 },
    /// A call of which everything is known.
    Other(FileCall),
}

impl Entry {
    /// Whether it is a `close`, which releases the descriptor even where it fails.
    pub fn is_close(&self) -> bool {
        matches!(self, Self::Other(FileCall::Close { .. }))
    }
}

/// The run's directory as one of the followed threads sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    directory: &'a Path,
    tracee: Pid,
}

impl<'a> Seen<'a> {
    /// `directory` without symbolic links.
    pub fn new(directory: &'a Path, tracee: Pid) -> Self {
        Self { directory, tracee }
    }

    /// What the call that begins here is going to do; `None` where that is not about a file of the
    /// directory.
    pub fn entry(&self, registers: &Registers) -> Option<Entry> {
        let word = |index| registers.argument(index);
        let fd = |index| registers.argument(index) as i32;
        let here = libc::AT_FDCWD;
        Some(match registers.number() {
            libc::SYS_openat => Entry::Open { flags: word(2) as i32 },
            libc::SYS_openat2 => {
                Entry::Open { flags: self.memory().ok()?.word(word(2)).ok()? as i32 }
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_open => Entry::Open { flags: word(1) as i32 },
            #[cfg(target_arch = "x86_64")]
            libc::SYS_creat => Entry::Open { flags: libc::O_WRONLY | libc::O_TRUNC },

            libc::SYS_pwrite64 | libc::SYS_pwritev | libc::SYS_pwritev2 => {
                Entry::Write { path: self.file(fd(0))?, offset: word(3) }
            }
            libc::SYS_write | libc::SYS_writev | libc::SYS_sendfile => self.write(fd(0))?,
            libc::SYS_copy_file_range | libc::SYS_splice => self.write(fd(2))?,
            // Of these only the ones that clone a file stop it.
            libc::SYS_ioctl => self.write(fd(0))?,
            libc::SYS_mmap => Entry::Other(FileCall::Map { path: self.file(fd(4))? }),
            libc::SYS_ftruncate => Entry::Other(FileCall::Truncate { path: self.file(fd(0))? }),
            libc::SYS_truncate => {
                Entry::Other(FileCall::Truncate { path: self.name(here, word(0))? })
            }
            libc::SYS_fallocate => Entry::Other(FileCall::Allocate { path: self.file(fd(0))? }),
            libc::SYS_close if self.is_open_for_writing(fd(0)) => {
                Entry::Other(FileCall::Close { path: self.file(fd(0))? })
            }

            libc::SYS_fsync | libc::SYS_fdatasync => {
                Entry::Other(FileCall::Sync { path: self.descriptor(fd(0))? })
            }
            libc::SYS_msync => Entry::Other(FileCall::Sync { path: self.mapped(word(0))? }),
            libc::SYS_sync | libc::SYS_syncfs => Entry::Other(FileCall::SyncAll),

            #[cfg(target_arch = "x86_64")]
            libc::SYS_rename => self.rename((here, word(0)), (here, word(1)))?,
            libc::SYS_renameat | libc::SYS_renameat2 => {
                self.rename((fd(0), word(1)), (fd(2), word(3)))?
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_link => self.link((here, word(0)), (here, word(1)))?,
            libc::SYS_linkat => self.link((fd(0), word(1)), (fd(2), word(3)))?,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_symlink => {
                Entry::Other(FileCall::Symlink { path: self.name(here, word(1))? })
            }
            libc::SYS_symlinkat => {
                Entry::Other(FileCall::Symlink { path: self.name(fd(1), word(2))? })
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_unlink | libc::SYS_rmdir => {
                Entry::Other(FileCall::Unlink { path: self.name(here, word(0))? })
            }
            libc::SYS_unlinkat => {
                Entry::Other(FileCall::Unlink { path: self.name(fd(0), word(1))? })
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_mkdir => {
                Entry::Other(FileCall::MakeDirectory { path: self.name(here, word(0))? })
            }
            libc::SYS_mkdirat => {
                Entry::Other(FileCall::MakeDirectory { path: self.name(fd(0), word(1))? })
            }
            _ => return None,
        })
    }

    /// The call that has succeeded with this result.
    pub fn done(&self, entry: Entry, result: i64) -> Option<FileCall> {
        Some(match entry {
            Entry::Open { flags } => FileCall::Open {
                path: self.file(i32::try_from(result).ok()?)?,
                truncate: flags & libc::O_TRUNC != 0,
                // O_SYNC has the bit of O_DSYNC in it.
                sync: flags & libc::O_DSYNC != 0,
                append: flags & libc::O_APPEND != 0,
            },
            Entry::Write { path, offset } => {
                FileCall::Write { path, offset, bytes: result.unsigned_abs() }
            }
            Entry::Other(call) => call,
        })
    }

    /// Whether an `open` that begins here is about the directory, as far as its path tells.
    pub fn opens_here(&self, registers: &Registers) -> bool {
        let (base, path) = match registers.number() {
            libc::SYS_openat | libc::SYS_openat2 => (registers.argument(0) as i32, 1),
            _ => (libc::AT_FDCWD, 0),
        };
        self.name(base, registers.argument(path)).is_some()
    }

    fn memory(&self) -> io::Result<Memory> {
        Memory::of(self.tracee)
    }

    fn descriptor_path(&self, fd: i32) -> PathBuf {
        proc(self.tracee, &format!("fd/{fd}"))
    }

    fn write(&self, fd: i32) -> Option<Entry> {
        let path = self.file(fd)?;
        let offset = match self.info(fd, "pos:")?.parse().ok()? {
            _ if self.flags(fd)? & libc::O_APPEND != 0 => {
                fs::metadata(self.descriptor_path(fd)).ok()?.len()
            }
            position => position,
        };
        Some(Entry::Write { path, offset })
    }

    fn is_open_for_writing(&self, fd: i32) -> bool {
        self.flags(fd).is_some_and(|flags| flags & libc::O_ACCMODE != libc::O_RDONLY)
    }

    fn flags(&self, fd: i32) -> Option<i32> {
        i32::from_str_radix(&self.info(fd, "flags:")?, 8).ok()
    }

    fn info(&self, fd: i32, name: &str) -> Option<String> {
        let info = fs::read_to_string(proc(self.tracee, &format!("fdinfo/{fd}"))).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().to_owned())
    }

    /// The file that is mapped at this address.
    fn mapped(&self, address: u64) -> Option<String> {
        let maps = fs::read_to_string(proc(self.tracee, "maps")).ok()?;
        let path = maps.lines().find_map(|line| {
            let (begin, end) = line.split(' ').next()?.split_once('-')?;
            let range = u64::from_str_radix(begin, 16).ok()?..u64::from_str_radix(end, 16).ok()?;
            range.contains(&address).then(|| line.find('/').map(|at| &line[at..]))?
        })?;
        relative(self.directory, Path::new(path))
    }

    fn rename(&self, from: (i32, u64), to: (i32, u64)) -> Option<Entry> {
        let (from, to) = self.names(from, to)?;
        Some(Entry::Other(FileCall::Rename { from, to }))
    }

    fn link(&self, from: (i32, u64), to: (i32, u64)) -> Option<Entry> {
        let (from, to) = self.names(from, to)?;
        Some(Entry::Other(FileCall::Link { from, to }))
    }

    /// Two names, at least one of which is in the directory.
    fn names(&self, from: (i32, u64), to: (i32, u64)) -> Option<(String, String)> {
        let [from, to] = [self.full(from.0, from.1)?, self.full(to.0, to.1)?];
        let is_ours = [&from, &to].into_iter().any(|path| path.starts_with(self.directory));
        is_ours.then(|| (path_in(self.directory, &from), path_in(self.directory, &to)))
    }

    /// A path argument, if it is in the directory.
    fn name(&self, base: i32, address: u64) -> Option<String> {
        relative(self.directory, &self.full(base, address)?)
    }

    /// A path argument, made absolute as the kernel would.
    fn full(&self, base: i32, address: u64) -> Option<PathBuf> {
        let bytes = self.memory().ok()?.string(address).ok()?;
        let path = Path::new(OsStr::from_bytes(&bytes));
        // A file without a name is linked through its descriptor.
        for descriptors in ["/proc/self/fd", "/dev/fd"] {
            if let Ok(fd) = path.strip_prefix(descriptors) {
                return fs::read_link(proc(self.tracee, "fd").join(fd)).ok();
            }
        }
        if bytes.is_empty() {
            return fs::read_link(self.descriptor_path(base)).ok();
        }
        let base = match base {
            _ if path.is_absolute() => PathBuf::new(),
            libc::AT_FDCWD => fs::read_link(proc(self.tracee, "cwd")).ok()?,
            fd => fs::read_link(self.descriptor_path(fd)).ok()?,
        };
        Some(with_real_parent(&base.join(path)))
    }

    /// The name of an open regular file, if it is in the directory.
    fn file(&self, fd: i32) -> Option<String> {
        let is_file = fs::metadata(self.descriptor_path(fd)).ok()?.is_file();
        if is_file { self.descriptor(fd) } else { None }
    }

    /// The name of an open file or directory, if it is in the directory or the directory itself.
    fn descriptor(&self, fd: i32) -> Option<String> {
        relative(self.directory, &fs::read_link(self.descriptor_path(fd)).ok()?)
    }
}

/// The path relative to the directory, if it lies there, or else as it is.
pub fn path_in(directory: &Path, path: &Path) -> String {
    let path = with_real_parent(path);
    relative(directory, &path).unwrap_or_else(|| path.display().to_string())
}

/// The path with the symbolic links in all but its last part resolved: `rename` and `unlink` act on the
/// last part itself.
fn with_real_parent(path: &Path) -> PathBuf {
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return path.to_owned(),
    };
    match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// The path relative to the directory, if it lies there; `.` is the directory itself.
fn relative(directory: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(directory).ok()?.display().to_string();
    Some(if inside.is_empty() { ".".to_owned() } else { inside })
}
