//! One save, followed call by call.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::messages::run as messages;
use crate::protocol::Checkpoint;
use crate::recording::{DirectoryState, FileCall, TornWrite, TracedSave};
use crate::scenario::Cut;

use super::Landing;
use super::calls::{Directory, Entry};
use super::tracee::{Stopped, Tracee};
use crate::supervise::keep::Keeper;

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
    /// Where the kill is to land in this save.
    cut: Option<Cut>,
    /// Whether the thread is inside a system call.
    inside: bool,
    /// What that call does, if it is one of ours.
    entry: Option<Entry>,
    /// The write that is being cut: its file and the bytes that it was to have.
    halved: Option<(String, u64)>,
    calls: Vec<FileCall>,
    /// Keeps what the directory holds after each call.
    keeper: Option<Keeper>,
    states: Vec<DirectoryState>,
}

/// System calls can be followed here.
pub fn is_supported() -> anyhow::Result<()> {
    Ok(())
}

impl SaveTrace {
    /// Begins to follow the main thread of the process, which waits for the answer to `checkpoint
    /// begin`. With a `cut` it is to be killed there. Given a folder to `keep` them in, what the run's files
    /// hold after each call is kept.
    pub fn attach(
        pid: Option<u32>,
        dir: &Path,
        cut: Option<Cut>,
        keep: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let Some(pid) = pid else { bail!(messages::cannot_follow_stranger()) };
        let tracee = Tracee::seize(pid)
            .map_err(|errno| anyhow::anyhow!(messages::cannot_follow(&errno.to_string())))?;
        let directory = Directory::new(&tracee, dir)?;
        let mut trace = Self {
            tracee,
            directory,
            cut,
            inside: false,
            entry: None,
            halved: None,
            calls: Vec::new(),
            keeper: keep.map(Keeper::new).transpose()?,
            states: Vec::new(),
        };
        trace.keep_state()?;
        if trace.stop()?.is_some() {
            trace.tracee.resume(None)?;
        }
        Ok(trace)
    }

    /// Whether the kill was to land in this save and has not.
    pub fn was_to_kill(&self) -> bool {
        self.cut.is_some()
    }

    /// Follows the trainer as far as it has come. Where the kill is to land the thread stands still.
    pub fn advance(&mut self) -> anyhow::Result<Option<Landing>> {
        while let Some(stopped) = self.tracee.stopped()? {
            let signal = match stopped {
                Stopped::Call if self.inside => {
                    if let Some(landing) = self.leave()? {
                        return Ok(Some(landing));
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
        Ok(TracedSave { kind: save.kind, path, calls: self.calls, states: self.states })
    }

    fn keep_state(&mut self) -> anyhow::Result<()> {
        if let Some(keeper) = &self.keeper {
            self.states.push(keeper.keep(self.directory.path())?);
        }
        Ok(())
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
        let here = match self.cut {
            Some(Cut::FirstWrite) => true,
            Some(Cut::Half(call)) => call as usize == self.calls.len() + 1,
            Some(Cut::Call(_)) | None => false,
        };
        if let Some(Entry::Write { path, .. }) = &self.entry
            && here
            && let Some(wanted) = self.directory.halve(&mut registers)
        {
            self.tracee.set_registers(&registers)?;
            self.halved = Some((path.clone(), wanted));
        }
        Ok(())
    }

    fn leave(&mut self) -> anyhow::Result<Option<Landing>> {
        self.inside = false;
        let Some(registers) = self.tracee.registers()? else { return Ok(None) };
        let result = registers.result();
        if let Some((path, wanted)) = self.halved.take() {
            let written = u64::try_from(result).unwrap_or(0);
            return Ok(Some(Landing { torn: Some(TornWrite { path, written, wanted }) }));
        }
        if let Some(entry) = self.entry.take()
            && result >= 0
        {
            if let Some(call) = self.directory.done(entry, result) {
                self.calls.push(call);
                self.keep_state()?;
            }
            if let Some(Cut::Call(call)) = self.cut
                && call as usize == self.calls.len()
            {
                return Ok(Some(Landing { torn: None }));
            }
        }
        Ok(None)
    }
}
