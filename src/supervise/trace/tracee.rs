//! A thread that is followed by ptrace(2): its stops, registers and memory.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::libc::{self, user_regs_struct};
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

/// The page that a string of the other process may end on, in bytes. A divisor of any real one.
const PAGE: u64 = 4096;
/// The longest path, in bytes (`PATH_MAX`).
const PATH_BYTES: usize = 4096;

/// Why a thread stands still, or does not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It enters one of the calls that the filter lets stop it.
    Call,
    /// It has come back from one.
    Return,
    /// It is about to get a signal, which whoever resumes it passes on.
    Signal(Signal),
    /// Anything else: it has a child or a thread, became another program, or was told to stop.
    Event,
    /// It has ended, and is not reaped.
    End,
}

/// Takes hold of a process that waits to be followed. All that it will start is followed too, and dies with
/// the thread that calls this.
pub fn seize(leader: Pid) -> nix::Result<()> {
    use ptrace::Options;
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACESECCOMP
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(leader, options)
}

/// Waits until one of the threads that this one follows stops or ends; `None` when there is none left.
/// `known` are those that have stopped before.
///
/// An end is not taken away: who has to know of it can still wait for it.
pub fn wait(known: &BTreeSet<Pid>) -> nix::Result<Option<(Pid, Stop)>> {
    // Those of this thread alone: the harness has other children.
    let ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
    let any = WaitPidFlag::WSTOPPED | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    let take = ours | WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG;
    loop {
        let found = match waitid(Id::All, ours | any) {
            Ok(status) => status,
            Err(Errno::EINTR) => continue,
            Err(Errno::ECHILD) => return Ok(None),
            // A stop for a real-time signal, which has no name here, and so whose it is, is not told.
            Err(Errno::EINVAL) => {
                let is_it = |pid: &&Pid| waitid(Id::Pid(**pid), take) == Err(Errno::EINVAL);
                match known.iter().find(is_it) {
                    Some(pid) => return Ok(Some((*pid, Stop::Event))),
                    None => return Err(Errno::EINVAL),
                }
            }
            Err(errno) => return Err(errno),
        };
        let Some(pid) = found.pid() else { continue };
        if matches!(found, WaitStatus::Exited(..) | WaitStatus::Signaled(..)) {
            return Ok(Some((pid, Stop::End)));
        }
        match waitid(Id::Pid(pid), take) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD | Errno::EINTR) => {}
            Ok(status) => return Ok(Some((pid, stop(status)))),
            Err(errno) => return Err(errno),
        }
    }
}

fn stop(status: WaitStatus) -> Stop {
    match status {
        WaitStatus::PtraceSyscall(_) => Stop::Return,
        WaitStatus::PtraceEvent(_, _, libc::PTRACE_EVENT_SECCOMP) => Stop::Call,
        WaitStatus::PtraceEvent(_, signal, 0) => Stop::Signal(signal),
        _ => Stop::Event,
    }
}

/// Waits for the end of a thread that is being killed, and takes it away.
pub fn reap(tracee: Pid) {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::__WALL;
    while matches!(waitid(Id::Pid(tracee), flags), Err(Errno::EINTR)) {}
}

/// Lets it run until its next stop; with `to_return`, until it comes back from its call.
pub fn resume(tracee: Pid, signal: Option<Signal>, to_return: bool) -> nix::Result<()> {
    let result =
        if to_return { ptrace::syscall(tracee, signal) } else { ptrace::cont(tracee, signal) };
    present(result).map(drop)
}

/// Its registers, if it is still there.
pub fn registers(tracee: Pid) -> nix::Result<Option<Registers>> {
    match ptrace::getregs(tracee) {
        Ok(registers) => Ok(Some(Registers(registers))),
        Err(Errno::ESRCH) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Replaces its registers.
pub fn set_registers(tracee: Pid, registers: &Registers) -> nix::Result<()> {
    present(ptrace::setregs(tracee, registers.0)).map(drop)
}

/// A path under `/proc` about it.
pub fn proc(tracee: Pid, name: &str) -> PathBuf {
    format!("/proc/{tracee}/{name}").into()
}

/// Whether the thread was there: one that was killed in the meantime is no error.
fn present(result: nix::Result<()>) -> nix::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// The memory of another process.
#[derive(Debug)]
pub struct Memory(File);

impl Memory {
    /// That of the program which it runs now.
    pub fn of(tracee: Pid) -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open(proc(tracee, "mem")).map(Self)
    }

    /// The bytes of a string that ends with a zero.
    pub fn string(&self, mut address: u64) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        while text.len() < PATH_BYTES {
            // Not across a page: the next one may not be there.
            let mut piece = vec![0; (PAGE - address % PAGE) as usize];
            self.0.read_exact_at(&mut piece, address)?;
            if let Some(end) = piece.iter().position(|byte| *byte == 0) {
                text.extend_from_slice(&piece[..end]);
                return Ok(text);
            }
            address += piece.len() as u64;
            text.extend(piece);
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    /// A machine word.
    pub fn word(&self, address: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.0.read_exact_at(&mut bytes, address)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    /// Replaces a machine word.
    pub fn set_word(&self, address: u64, word: u64) -> io::Result<()> {
        self.0.write_all_at(&word.to_ne_bytes(), address)
    }
}

/// The registers at one side of a system call.
#[derive(Debug, Clone, Copy)]
pub struct Registers(user_regs_struct);

#[cfg(target_arch = "x86_64")]
impl Registers {
    /// The call's number.
    pub fn number(&self) -> i64 {
        self.0.orig_rax.cast_signed()
    }

    /// One of its six arguments, from 0; only on entry.
    pub fn argument(&self, index: usize) -> u64 {
        let r = &self.0;
        [r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9][index]
    }

    /// Replaces an argument.
    pub fn set_argument(&mut self, index: usize, value: u64) {
        let r = &mut self.0;
        *[&mut r.rdi, &mut r.rsi, &mut r.rdx, &mut r.r10, &mut r.r8, &mut r.r9][index] = value;
    }

    /// What it returned, negative for an error; only on return.
    pub fn result(&self) -> i64 {
        self.0.rax.cast_signed()
    }

    /// Replaces what it returned.
    pub fn set_result(&mut self, result: i64) {
        self.0.rax = result.cast_unsigned();
    }
}

#[cfg(target_arch = "aarch64")]
impl Registers {
    /// The call's number.
    pub fn number(&self) -> i64 {
        self.0.regs[8].cast_signed()
    }

    /// One of its six arguments, from 0; only on entry.
    pub fn argument(&self, index: usize) -> u64 {
        self.0.regs[index]
    }

    /// Replaces an argument.
    pub fn set_argument(&mut self, index: usize, value: u64) {
        self.0.regs[index] = value;
    }

    /// What it returned, negative for an error; only on return.
    pub fn result(&self) -> i64 {
        self.0.regs[0].cast_signed()
    }

    /// Replaces what it returned.
    pub fn set_result(&mut self, result: i64) {
        self.0.regs[0] = result.cast_unsigned();
    }
}
