//! What a system call does to which file of the run's directory.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::libc;

use crate::recording::FileCall;

use super::tracee::{Memory, Registers, Tracee};

/// A system call on a file of the directory that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file is opened for writing; which, its descriptor will tell.
    Open { flags: i32 },
    /// Bytes are written; how many, its result will tell.
    Write { path: String },
    /// A descriptor that was open for writing is closed.
    Close { path: String, fd: i32 },
    /// A call of which everything is known.
    Other(FileCall),
}

/// The run's directory as the followed process sees it.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    fds: PathBuf,
    cwd: PathBuf,
    memory: Memory,
    /// Descriptors that were opened for writing.
    writable: Vec<i32>,
}

impl Directory {
    pub fn new(tracee: &Tracee, path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.canonicalize()?,
            fds: tracee.proc("fd"),
            cwd: tracee.proc("cwd"),
            memory: tracee.memory()?,
            writable: Vec::new(),
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the call that begins here is going to do; `None` where that is not about a file of the
    /// directory.
    pub fn entry(&self, registers: &Registers) -> Option<Entry> {
        let word = |index| registers.argument(index);
        let fd = |index| registers.argument(index) as i32;
        let here = libc::AT_FDCWD;
        Some(match registers.number() {
            libc::SYS_openat => self.open(word(2) as i32)?,
            libc::SYS_openat2 => self.open(self.memory.word(word(2)).ok()? as i32)?,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_open => self.open(word(1) as i32)?,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_creat => self.open(libc::O_WRONLY | libc::O_TRUNC)?,

            libc::SYS_write
            | libc::SYS_pwrite64
            | libc::SYS_writev
            | libc::SYS_pwritev
            | libc::SYS_pwritev2
            | libc::SYS_sendfile => Entry::Write { path: self.file(fd(0))? },
            libc::SYS_copy_file_range | libc::SYS_splice => {
                Entry::Write { path: self.file(fd(2))? }
            }
            libc::SYS_ftruncate => Entry::Other(FileCall::Truncate { path: self.file(fd(0))? }),
            libc::SYS_truncate => {
                Entry::Other(FileCall::Truncate { path: self.name(here, word(0))? })
            }
            libc::SYS_close if self.writable.contains(&fd(0)) => {
                Entry::Close { path: self.file(fd(0))?, fd: fd(0) }
            }

            libc::SYS_fsync | libc::SYS_fdatasync => {
                Entry::Other(FileCall::Sync { path: self.descriptor(fd(0))? })
            }
            libc::SYS_sync | libc::SYS_syncfs => Entry::Other(FileCall::SyncAll),

            #[cfg(target_arch = "x86_64")]
            libc::SYS_rename => self.rename((here, word(0)), (here, word(1)))?,
            libc::SYS_renameat => self.rename((fd(0), word(1)), (fd(2), word(3)))?,
            libc::SYS_renameat2 if word(4) & u64::from(libc::RENAME_EXCHANGE) == 0 => {
                self.rename((fd(0), word(1)), (fd(2), word(3)))?
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_link => self.link((here, word(0)), (here, word(1)))?,
            libc::SYS_linkat => self.link((fd(0), word(1)), (fd(2), word(3)))?,
            #[cfg(target_arch = "x86_64")]
            libc::SYS_unlink | libc::SYS_rmdir => {
                Entry::Other(FileCall::Unlink { path: self.name(here, word(0))? })
            }
            libc::SYS_unlinkat => {
                Entry::Other(FileCall::Unlink { path: self.name(fd(0), word(1))? })
            }
            _ => return None,
        })
    }

    /// The call that has succeeded with this result.
    pub fn done(&mut self, entry: Entry, result: i64) -> Option<FileCall> {
        Some(match entry {
            Entry::Open { flags } => {
                let fd = i32::try_from(result).ok()?;
                let path = self.file(fd)?;
                self.writable.push(fd);
                FileCall::Open {
                    path,
                    truncate: flags & libc::O_TRUNC != 0,
                    // O_SYNC has the bit of O_DSYNC in it.
                    sync: flags & libc::O_DSYNC != 0,
                }
            }
            Entry::Write { path } => FileCall::Write { path, bytes: result.unsigned_abs() },
            Entry::Close { path, fd } => {
                self.writable.retain(|open| *open != fd);
                FileCall::Close { path }
            }
            Entry::Other(call) => call,
        })
    }

    /// Halves the bytes that a call is about to write; returns how many they were. `None` for a call
    /// that copies from another file or writes nothing.
    pub fn halve(&self, registers: &mut Registers) -> Option<u64> {
        let wanted = match registers.number() {
            libc::SYS_write | libc::SYS_pwrite64 => {
                let wanted = registers.argument(2);
                registers.set_argument_2(wanted / 2);
                wanted
            }
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 => {
                self.halve_vector(registers.argument(1), registers.argument(2)).ok()?
            }
            _ => return None,
        };
        (wanted > 0).then_some(wanted)
    }

    /// Shortens the buffers of a `writev`: each is an address and a length.
    fn halve_vector(&self, address: u64, count: u64) -> io::Result<u64> {
        let lengths: Vec<(u64, u64)> = (0..count)
            .map(|i| address + 16 * i + 8)
            .map(|at| Ok((at, self.memory.word(at)?)))
            .collect::<io::Result<_>>()?;
        let wanted: u64 = lengths.iter().map(|(_, length)| length).sum();
        let mut rest = wanted / 2;
        for (at, length) in lengths {
            let kept = length.min(rest);
            self.memory.set_word(at, kept)?;
            rest -= kept;
        }
        Ok(wanted)
    }

    /// The path relative to the directory, if it lies there, or else as it is.
    pub fn path_in(&self, path: &Path) -> String {
        let path = with_real_parent(path);
        relative(&self.path, &path).unwrap_or_else(|| path.display().to_string())
    }

    fn open(&self, flags: i32) -> Option<Entry> {
        (flags & libc::O_ACCMODE != libc::O_RDONLY).then_some(Entry::Open { flags })
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
        let is_ours = [&from, &to].into_iter().any(|path| path.starts_with(&self.path));
        is_ours.then(|| (self.path_in(&from), self.path_in(&to)))
    }

    /// A path argument, if it is in the directory.
    fn name(&self, base: i32, address: u64) -> Option<String> {
        relative(&self.path, &self.full(base, address)?)
    }

    /// A path argument, made absolute as the kernel would.
    fn full(&self, base: i32, address: u64) -> Option<PathBuf> {
        let bytes = self.memory.string(address).ok()?;
        let path = Path::new(OsStr::from_bytes(&bytes));
        // A file without a name is linked through its descriptor.
        for descriptors in ["/proc/self/fd", "/dev/fd"] {
            if let Ok(fd) = path.strip_prefix(descriptors) {
                return fs::read_link(self.fds.join(fd)).ok();
            }
        }
        if bytes.is_empty() {
            return fs::read_link(self.fds.join(base.to_string())).ok();
        }
        let base = match base {
            _ if path.is_absolute() => PathBuf::new(),
            libc::AT_FDCWD => fs::read_link(&self.cwd).ok()?,
            fd => fs::read_link(self.fds.join(fd.to_string())).ok()?,
        };
        Some(with_real_parent(&base.join(path)))
    }

    /// The name of an open regular file, if it is in the directory.
    fn file(&self, fd: i32) -> Option<String> {
        let is_file = fs::metadata(self.fds.join(fd.to_string())).ok()?.is_file();
        if is_file { self.descriptor(fd) } else { None }
    }

    /// The name of an open file or directory, if it is in the directory or the directory itself.
    fn descriptor(&self, fd: i32) -> Option<String> {
        relative(&self.path, &fs::read_link(self.fds.join(fd.to_string())).ok()?)
    }
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
