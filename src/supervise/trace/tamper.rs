//! Changes a call that has begun: half of a write, or a failure. Nothing of it is left to be seen when the call
//! has returned, but its result.

use std::io;

use nix::libc;
use nix::unistd::Pid;

use super::tracee::{Memory, Registers, set_registers};

/// What was done to a call, to be undone when it has returned.
#[derive(Debug, Default)]
pub struct Tampered {
    /// Arguments as they were.
    arguments: Vec<(usize, u64)>,
    /// Words of memory as they were, by address.
    words: Vec<(u64, u64)>,
    /// What it is to have returned; `None`: what it did.
    result: Option<i64>,
}

impl Tampered {
    /// Halves the bytes that a call is about to write; returns how many they were, too. `None` for a call
    /// that copies from another file or writes less than two bytes.
    pub fn halve(tracee: Pid, registers: &Registers) -> io::Result<Option<(Self, u64)>> {
        let mut tampered = Self::default();
        let wanted = match registers.number() {
            libc::SYS_write | libc::SYS_pwrite64 => {
                let wanted = registers.argument(2);
                tampered.replace(tracee, registers, 2, wanted / 2)?;
                wanted
            }
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 => {
                tampered.halve_vector(tracee, registers.argument(1), registers.argument(2))?
            }
            _ => return Ok(None),
        };
        Ok((wanted > 1).then_some((tampered, wanted)))
    }

    /// Has a call do nothing and fail with this error; a `close` does what it does and fails all the same.
    pub fn fail(
        tracee: Pid,
        registers: &Registers,
        errno: i32,
        is_close: bool,
    ) -> io::Result<Self> {
        let mut tampered = Self { result: Some(-i64::from(errno)), ..Self::default() };
        if !is_close {
            // No descriptor and no address is this one, so the call comes to nothing.
            tampered.replace(tracee, registers, vital_argument(registers.number()), u64::MAX)?;
        }
        Ok(tampered)
    }

    /// Leaves the registers and the memory as the program knows them.
    pub fn undo(&self, tracee: Pid, registers: &mut Registers) -> io::Result<()> {
        let result = self.result.unwrap_or(registers.result());
        for (index, value) in &self.arguments {
            registers.set_argument(*index, *value);
        }
        registers.set_result(result);
        set_registers(tracee, registers)?;
        if !self.words.is_empty() {
            let memory = Memory::of(tracee)?;
            for (address, word) in &self.words {
                memory.set_word(*address, *word)?;
            }
        }
        Ok(())
    }

    fn replace(
        &mut self,
        tracee: Pid,
        registers: &Registers,
        argument: usize,
        value: u64,
    ) -> io::Result<()> {
        self.arguments.push((argument, registers.argument(argument)));
        let mut changed = *registers;
        changed.set_argument(argument, value);
        Ok(set_registers(tracee, &changed)?)
    }

    /// Shortens the buffers of a `writev`: each is an address and a length.
    fn halve_vector(&mut self, tracee: Pid, address: u64, count: u64) -> io::Result<u64> {
        let memory = Memory::of(tracee)?;
        self.words = (0..count)
            .map(|i| address + 16 * i + 8)
            .map(|at| Ok((at, memory.word(at)?)))
            .collect::<io::Result<_>>()?;
        let wanted: u64 = self.words.iter().map(|(_, length)| length).sum();
        let mut rest = wanted / 2;
        for (at, length) in &self.words {
            let kept = rest.min(*length);
            memory.set_word(*at, kept)?;
            rest -= kept;
        }
        Ok(wanted)
    }
}

/// The argument without which a call can do nothing.
fn vital_argument(number: i64) -> usize {
    match number {
        libc::SYS_openat
        | libc::SYS_openat2
        | libc::SYS_mkdirat
        | libc::SYS_unlinkat
        | libc::SYS_renameat
        | libc::SYS_renameat2
        | libc::SYS_linkat => 1,
        libc::SYS_mmap => 4,
        _ => 0,
    }
}
