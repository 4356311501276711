//! Which system calls stop a followed process: those that can change a file. All others, and with them the
//! training, run at full speed.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::libc;
use nix::sys::signal::{Signal, raise};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// Calls that always stop it.
const CALLS: [i64; 25] = [
    libc::SYS_openat2,
    libc::SYS_write,
    libc::SYS_pwrite64,
    libc::SYS_writev,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_sendfile,
    libc::SYS_copy_file_range,
    libc::SYS_splice,
    libc::SYS_truncate,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_close,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_msync,
    libc::SYS_sync,
    libc::SYS_syncfs,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
    libc::SYS_io_uring_setup,
];

/// Their older forms, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const OLD_CALLS: [i64; 7] = [
    libc::SYS_creat,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_mkdir,
];
#[cfg(target_arch = "aarch64")]
const OLD_CALLS: [i64; 0] = [];

/// The requests of `ioctl` that write a file: `FICLONE` and `FICLONERANGE` of linux/fs.h.
const CLONES: [u64; 2] = [0x4004_9409, 0x4020_940d];

/// Has this process wait until it is followed, has its calls stop it from then on, and becomes the program.
/// Returns only if that fails.
///
/// # Errors
/// The kernel takes no such filter; the program cannot be started.
pub fn enter(program: &OsStr, args: &[OsString]) -> io::Result<Infallible> {
    let filter = filter().map_err(io::Error::other)?;
    raise(Signal::SIGSTOP)?;
    seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    Err(Command::new(program).args(args).exec())
}

fn filter() -> Result<BpfProgram, BackendError> {
    let mut rules: Vec<(i64, Vec<SeccompRule>)> =
        CALLS.into_iter().chain(OLD_CALLS).map(|call| (call, Vec::new())).collect();
    rules.push((libc::SYS_openat, opens(2)?));
    #[cfg(target_arch = "x86_64")]
    rules.push((libc::SYS_open, opens(1)?));
    rules.push((libc::SYS_mmap, maps()?));
    let clones = CLONES.map(|request| SeccompRule::new(vec![equal(1, !0, request)?]));
    rules.push((libc::SYS_ioctl, clones.into_iter().collect::<Result<_, _>>()?));
    let arch = std::env::consts::ARCH.try_into()?;
    // A followed process has someone who looks at its stops; the number told to them is of no use here.
    SeccompFilter::new(
        rules.into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::Trace(0),
        arch,
    )?
    .try_into()
}

/// An `open` that may write or make a file, with the flags in this argument.
fn opens(flags: u8) -> Result<Vec<SeccompRule>, BackendError> {
    let mode = libc::O_ACCMODE as u64;
    let ways = [
        (mode, libc::O_WRONLY as u64),
        (mode, libc::O_RDWR as u64),
        (libc::O_CREAT as u64, libc::O_CREAT as u64),
    ];
    ways.into_iter().map(|(mask, bits)| SeccompRule::new(vec![equal(flags, mask, bits)?])).collect()
}

/// An `mmap` through which a file is written.
fn maps() -> Result<Vec<SeccompRule>, BackendError> {
    let write = libc::PROT_WRITE as u64;
    let kind = (libc::MAP_TYPE | libc::MAP_ANONYMOUS) as u64;
    let shared = [libc::MAP_SHARED, libc::MAP_SHARED_VALIDATE];
    let rule = |shared| SeccompRule::new(vec![equal(2, write, write)?, equal(3, kind, shared)?]);
    shared.into_iter().map(|shared| rule(shared as u64)).collect()
}

/// These bits of an argument are so.
fn equal(argument: u8, mask: u64, bits: u64) -> Result<SeccompCondition, BackendError> {
    let operator = SeccompCmpOp::MaskedEq(mask);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, bits)
}
