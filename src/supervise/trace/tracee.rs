//! A thread that is followed by ptrace(2): its stops, registers and memory.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::libc::user_regs_struct;
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

/// The page that a string of the other process may end on, in bytes. A divisor of any real one.
const PAGE: u64 = 4096;
/// The longest path, in bytes (`PATH_MAX`).
const PATH_BYTES: usize = 4096;

/// Why the thread stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It enters or leaves a system call; these alternate.
    Call,
    /// It is about to get a signal, which whoever resumes it passes on.
    Signal(Signal),
    /// Anything else, such as having been told to stop.
    Event,
}

/// A thread that this one follows. It dies with the harness.
#[derive(Debug)]
pub struct Tracee {
    pid: Pid,
}

impl Tracee {
    /// Takes hold of the main thread of a process, without stopping it.
    pub fn seize(pid: u32) -> nix::Result<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).map_err(|_| Errno::ESRCH)?);
        let options = ptrace::Options::PTRACE_O_TRACESYSGOOD | ptrace::Options::PTRACE_O_EXITKILL;
        ptrace::seize(pid, options)?;
        Ok(Self { pid })
    }

    /// Tells it to stop; false if it is gone.
    pub fn interrupt(&self) -> nix::Result<bool> {
        present(ptrace::interrupt(self.pid))
    }

    /// Its stop, if it has come to one that nobody has looked at.
    pub fn stopped(&self) -> nix::Result<Option<Stopped>> {
        // Stops only: its end is for the group to reap.
        let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG | WaitPidFlag::__WALL;
        match waitid(Id::Pid(self.pid), flags) {
            Ok(WaitStatus::PtraceSyscall(_)) => Ok(Some(Stopped::Call)),
            Ok(WaitStatus::PtraceEvent(_, signal, 0)) => Ok(Some(Stopped::Signal(signal))),
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD | Errno::EINTR) => Ok(None),
            // EINVAL: a stop for a real-time signal, which has no name here.
            Ok(_) | Err(Errno::EINVAL) => Ok(Some(Stopped::Event)),
            Err(errno) => Err(errno),
        }
    }

    /// Lets it run to the next side of a system call.
    pub fn resume(&self, signal: Option<Signal>) -> nix::Result<()> {
        present(ptrace::syscall(self.pid, signal)).map(drop)
    }

    /// Lets it go for good.
    pub fn detach(&self, signal: Option<Signal>) -> nix::Result<()> {
        present(ptrace::detach(self.pid, signal)).map(drop)
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&self) -> bool {
        let stat = fs::read_to_string(self.proc("stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
        !(state.is_empty() || state.starts_with(['Z', 'X']))
    }

    /// Its registers, if it is still there.
    pub fn registers(&self) -> nix::Result<Option<Registers>> {
        match ptrace::getregs(self.pid) {
            Ok(registers) => Ok(Some(Registers(registers))),
            Err(Errno::ESRCH) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Replaces its registers.
    pub fn set_registers(&self, registers: &Registers) -> nix::Result<()> {
        present(ptrace::setregs(self.pid, registers.0)).map(drop)
    }

    /// A path under `/proc` about it.
    pub fn proc(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.pid).into()
    }

    /// Its memory.
    pub fn memory(&self) -> io::Result<Memory> {
        OpenOptions::new().read(true).write(true).open(self.proc("mem")).map(Memory)
    }
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
#[derive(Debug)]
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

    /// Replaces the third argument.
    pub fn set_argument_2(&mut self, value: u64) {
        self.0.rdx = value;
    }

    /// What it returned, negative for an error; only on exit.
    pub fn result(&self) -> i64 {
        self.0.rax.cast_signed()
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

    /// Replaces the third argument.
    pub fn set_argument_2(&mut self, value: u64) {
        self.0.regs[2] = value;
    }

    /// What it returned, negative for an error; only on exit.
    pub fn result(&self) -> i64 {
        self.0.regs[0].cast_signed()
    }
}
