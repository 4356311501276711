//! One save, followed call by call.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::messages::run as messages;
use crate::protocol::Checkpoint;
use crate::recording::{FileCall, TornWrite, TracedSave};

use super::calls::{Directory, Entry};
use super::tracee::{Stopped, Tracee};

/// How long to let the trainer run between two looks: a system call takes microseconds.
const PAUSE: Duration = Duration::from_micros(50);
/// How long a thread may take to stop when told to: only one that waits for a broken disk does not.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A save that is being followed. All calls have to come from the thread that attached.
///
/// Dropped without [`finish`](Self::finish) it leaves the trainer traced: only for one that dies.
#[derive(Debug)]
pub struct SaveTrace {
    tracee: Tracee,
    directory: Directory,
    /// Whether the kill is to land in this save.
    kill: bool,
    /// Whether the thread is inside a system call.
    inside: bool,
    /// What that call does, if it is one of ours.
    entry: Option<Entry>,
    /// The write that was cut: its file and the bytes that it was to have.
    cut: Option<(String, u64)>,
    calls: Vec<FileCall>,
}

/// System calls can be followed here.
pub fn is_supported() -> anyhow::Result<()> {
    Ok(())
}

impl SaveTrace {
    /// Begins to follow the main thread of the process, which waits for the answer to `checkpoint
    /// begin`. With `kill` its first write below `dir` is cut in half.
    pub fn attach(pid: Option<u32>, dir: &Path, kill: bool) -> anyhow::Result<Self> {
        let Some(pid) = pid else { bail!(messages::cannot_follow_stranger()) };
        let tracee = Tracee::seize(pid)
            .map_err(|errno| anyhow::anyhow!(messages::cannot_follow(&errno.to_string())))?;
        let directory = Directory::new(&tracee, dir)?;
        let mut trace = Self {
            tracee,
            directory,
            kill,
            inside: false,
            entry: None,
            cut: None,
            calls: Vec::new(),
        };
        if trace.stop()?.is_some() {
            trace.tracee.resume(None)?;
        }
        Ok(trace)
    }

    /// Whether the kill was to land in this save and no write has come.
    pub fn was_to_kill(&self) -> bool {
        self.kill
    }

    /// Follows the trainer as far as it has come. A write is returned when its first half is in the
    /// file; the thread stands still then and is to be killed.
    pub fn advance(&mut self) -> anyhow::Result<Option<TornWrite>> {
        while let Some(stopped) = self.tracee.stopped()? {
            let signal = match stopped {
                Stopped::Call if self.inside => {
                    if let Some(torn) = self.leave()? {
                        return Ok(Some(torn));
                    }
                    None
                }
                Stopped::Call => {
                    self.enter()?;
                    None
                }
                Stopped::Signal(signal) => Some(signal),
                Stopped::Event => None,
            };
            self.tracee.resume(signal)?;
        }
        thread::sleep(PAUSE);
        Ok(None)
    }

    /// Lets the trainer go after this save, and returns what it did to the run's directory.
    pub fn finish(mut self, save: &Checkpoint) -> anyhow::Result<TracedSave> {
        if let Some(stopped) = self.stop()? {
            let signal = match stopped {
                Stopped::Signal(signal) => Some(signal),
                Stopped::Call | Stopped::Event => None,
            };
            self.tracee.detach(signal)?;
        }
        let path = self.directory.path_in(Path::new(&save.path));
        Ok(TracedSave { kind: save.kind, path, calls: self.calls })
    }

    /// Makes the thread stop; `None` if it is gone.
    fn stop(&mut self) -> anyhow::Result<Option<Stopped>> {
        if !self.tracee.interrupt()? {
            return Ok(None);
        }
        let begin = Instant::now();
        loop {
            if let Some(stopped) = self.tracee.stopped()? {
                return Ok(Some(stopped));
            }
            if !self.tracee.is_alive() {
                return Ok(None);
            }
            if begin.elapsed() > STOP_LIMIT {
                bail!(messages::cannot_stop());
            }
            thread::sleep(PAUSE);
        }
    }

    fn enter(&mut self) -> anyhow::Result<()> {
        self.inside = true;
        let Some(mut registers) = self.tracee.registers()? else { return Ok(()) };
        self.entry = self.directory.entry(&registers);
        if let Some(Entry::Write { path, .. }) = &self.entry
            && self.kill
            && let Some(wanted) = self.directory.halve(&mut registers)
        {
            self.tracee.set_registers(&registers)?;
            self.cut = Some((path.clone(), wanted));
        }
        Ok(())
    }

    fn leave(&mut self) -> anyhow::Result<Option<TornWrite>> {
        self.inside = false;
        let Some(registers) = self.tracee.registers()? else { return Ok(None) };
        let result = registers.result();
        if let Some((path, wanted)) = self.cut.take() {
            let written = u64::try_from(result).unwrap_or(0);
            return Ok(Some(TornWrite { path, written, wanted }));
        }
        if let Some(entry) = self.entry.take()
            && result >= 0
        {
            self.calls.extend(self.directory.done(entry, result));
        }
        Ok(None)
    }
}
