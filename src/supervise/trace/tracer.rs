//! Follows a process with all its threads and children, in a thread of its own, from before it becomes the
//! trainer until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow, bail};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::messages::run as messages;
use crate::recording::{Followed, TornWrite};
use crate::scenario::{CallFault, Cut};
use crate::supervise::keep::Keeper;

use super::calls::{Entry, Seen, path_in};
use super::tamper::Tampered;
use super::tracee::{self, Stop};
use super::{Landing, Orders};

/// A process that is followed. What it does counts while a window is open.
#[derive(Debug)]
pub struct Trace {
    leader: Pid,
    directory: PathBuf,
    keeper: Option<Keeper>,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    window: Option<Window>,
    /// What kept the thread from going on.
    trouble: Option<anyhow::Error>,
}

/// From one moment to another.
#[derive(Debug, Default)]
struct Window {
    orders: Orders,
    followed: Followed,
    /// Where the kill landed.
    landing: Option<Landing>,
}

/// A call that has begun.
struct Pending {
    entry: Entry,
    tampered: Option<Tampered>,
    /// The bytes that a write that is being cut in two was to have.
    torn: Option<u64>,
}

/// What the thread works with.
struct Tracer {
    leader: Pid,
    directory: PathBuf,
    keeper: Option<Keeper>,
    shared: Arc<Mutex<Shared>>,
}

/// System calls can be followed here.
pub fn is_supported() -> anyhow::Result<()> {
    Ok(())
}

impl Trace {
    /// Begins to follow a process of ours that is [entering](super::enter). Given a folder to `keep` them in,
    /// what the run's files hold after each call is kept.
    ///
    /// # Errors
    /// The kernel does not allow it.
    pub fn start(leader: u32, dir: &Path, keep: Option<&Path>) -> anyhow::Result<Self> {
        Self::new(leader, dir, keep)?.follow()
    }

    fn new(leader: u32, dir: &Path, keep: Option<&Path>) -> anyhow::Result<Self> {
        let leader = Pid::from_raw(i32::try_from(leader)?);
        let directory = dir.canonicalize()?;
        let keeper = keep.map(Keeper::new).transpose()?;
        Ok(Self { leader, directory, keeper, shared: Arc::default(), thread: None })
    }

    /// Starts the thread, and lets the process go.
    fn follow(mut self) -> anyhow::Result<Self> {
        let tracer = Tracer {
            leader: self.leader,
            directory: self.directory.clone(),
            keeper: self.keeper.clone(),
            shared: Arc::clone(&self.shared),
        };
        let (ready, begun) = mpsc::channel();
        self.thread = Some(thread::spawn(move || tracer.run(&ready)));
        begun.recv().context("the thread that follows the trainer ended")??;
        Ok(self)
    }

    /// The same, with a window that is open from the beginning.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn begin_with(
        leader: u32,
        dir: &Path,
        keep: Option<&Path>,
        orders: Orders,
    ) -> anyhow::Result<Self> {
        // It waits until it is followed, so it is not at work yet.
        let trace = Self::new(leader, dir, keep)?;
        trace.begin(orders)?;
        trace.follow()
    }

    /// How many calls there were in this window so far.
    pub fn calls(&self) -> usize {
        locked(&self.shared).window.as_ref().map_or(0, |window| window.followed.calls.len())
    }

    /// Opens a window. The process must not be at work in the directory.
    pub fn begin(&self, orders: Orders) -> anyhow::Result<()> {
        let mut window = Window { orders, ..Window::default() };
        if let Some(keeper) = &self.keeper
            && orders.keeps(0)
        {
            window.followed.states.push(keeper.keep(&self.directory, None)?);
        }
        locked(&self.shared).window = Some(window);
        Ok(())
    }

    /// Whether the process is to be killed in this window.
    pub fn is_to_kill(&self) -> bool {
        locked(&self.shared).window.as_ref().is_some_and(|window| window.orders.cut.is_some())
    }

    /// Where the kill has landed, if it has: the process is dead then.
    pub fn landing(&self) -> anyhow::Result<Option<Landing>> {
        let mut shared = locked(&self.shared);
        match shared.trouble.take() {
            Some(trouble) => Err(trouble),
            None => Ok(shared.window.as_mut().and_then(|window| window.landing.clone())),
        }
    }

    /// Closes the window, if one is open, and returns what was done in it.
    pub fn finish(&self) -> Option<Followed> {
        Some(locked(&self.shared).window.take()?.followed)
    }

    /// How a path is called in what was followed.
    pub fn name(&self, path: &str) -> String {
        path_in(&self.directory, Path::new(path))
    }

    /// Waits for the end of a process that has been killed, or ends by itself; it is left to be reaped.
    pub fn end(mut self) {
        if let Some(thread) = self.thread.take() {
            // What it panics with has been printed.
            let _ = thread.join();
        }
    }
}

impl Tracer {
    fn run(self, ready: &mpsc::Sender<anyhow::Result<()>>) {
        let begun = self.seize();
        let has_begun = begun.is_ok();
        // The other side waits for it.
        let _ = ready.send(begun);
        if has_begun && let Err(trouble) = self.follow() {
            locked(&self.shared).trouble = Some(trouble);
        }
    }

    fn seize(&self) -> anyhow::Result<()> {
        let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        loop {
            match waitid(Id::Pid(self.leader), flags) {
                Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => {
                    bail!(messages::ended_before_it_was_followed());
                }
                Ok(_) => break,
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        tracee::seize(self.leader)
            .map_err(|errno| anyhow!(messages::cannot_follow(&errno.to_string())))?;
        Ok(kill(self.leader, Signal::SIGCONT)?)
    }

    fn follow(&self) -> anyhow::Result<()> {
        let mut known = BTreeSet::from([self.leader]);
        let mut pending: BTreeMap<Pid, Pending> = BTreeMap::new();
        while let Some((pid, stop)) = tracee::wait(&known)? {
            known.insert(pid);
            let signal = match stop {
                // Whoever started it reaps it.
                Stop::End if pid == self.leader => break,
                Stop::End => {
                    tracee::reap(pid);
                    known.remove(&pid);
                    pending.remove(&pid);
                    continue;
                }
                Stop::Call => {
                    if let Some(call) = self.enter(pid)? {
                        pending.insert(pid, call);
                    }
                    None
                }
                Stop::Return => {
                    if let Some(call) = pending.remove(&pid)
                        && self.leave(pid, call)?
                    {
                        self.kill(&known);
                        continue;
                    }
                    None
                }
                Stop::Signal(signal) => Some(signal),
                Stop::Event => None,
            };
            tracee::resume(pid, signal, pending.contains_key(&pid))?;
        }
        self.kill(&known);
        known.into_iter().filter(|pid| *pid != self.leader).for_each(tracee::reap);
        Ok(())
    }

    fn kill(&self, known: &BTreeSet<Pid>) {
        for pid in known {
            // It may have ended.
            let _ = kill(*pid, Signal::SIGKILL);
        }
    }

    fn enter(&self, pid: Pid) -> anyhow::Result<Option<Pending>> {
        let mut shared = locked(&self.shared);
        let Some(window) = &mut shared.window else { return Ok(None) };
        let Some(registers) = tracee::registers(pid)? else { return Ok(None) };
        if registers.number() == libc::SYS_io_uring_setup {
            window.followed.io_uring = true;
        }
        let seen = Seen::new(&self.directory, pid);
        let Some(entry) = seen.entry(&registers) else { return Ok(None) };
        let mut pending = Pending { entry, tampered: None, torn: None };
        let number = window.followed.calls.len() + 1;
        let is_write = matches!(pending.entry, Entry::Write { .. });
        let is_cut = match window.orders.cut {
            Some(Cut::FirstWrite) => is_write,
            Some(Cut::Half(call)) => is_write && call as usize == number,
            Some(Cut::Call(_)) | None => false,
        };
        if is_cut && let Some((tampered, wanted)) = Tampered::halve(pid, &registers)? {
            pending.tampered = Some(tampered);
            pending.torn = Some(wanted);
        }
        if let Some((call, fault)) = window.orders.inject
            && call as usize == number
            && !window.followed.injected
            && (!matches!(pending.entry, Entry::Open { .. }) || seen.opens_here(&registers))
        {
            window.followed.injected = true;
            let is_close = pending.entry.is_close();
            let fail =
                |errno: Errno| Tampered::fail(pid, &registers, errno as i32, is_close).map(Some);
            pending.tampered = match fault {
                CallFault::NoSpace => fail(Errno::ENOSPC)?,
                CallFault::Quota => fail(Errno::EDQUOT)?,
                CallFault::Io => fail(Errno::EIO)?,
                CallFault::Interrupted => fail(Errno::EINTR)?,
                CallFault::Short => Tampered::halve(pid, &registers)?.map(|(tampered, _)| tampered),
            };
        }
        Ok(Some(pending))
    }

    /// Whether the kill lands here.
    fn leave(&self, pid: Pid, pending: Pending) -> anyhow::Result<bool> {
        let Some(mut registers) = tracee::registers(pid)? else { return Ok(false) };
        if let Some(tampered) = pending.tampered {
            tampered.undo(pid, &mut registers)?;
        }
        let result = registers.result();
        let mut shared = locked(&self.shared);
        let Some(window) = &mut shared.window else { return Ok(false) };
        if let (Some(wanted), Entry::Write { path, .. }) = (pending.torn, &pending.entry) {
            let written = u64::try_from(result).unwrap_or(0);
            let torn = Some(TornWrite { path: path.clone(), written, wanted });
            window.landing = Some(Landing { torn });
            return Ok(true);
        }
        if result < 0 {
            return Ok(false);
        }
        let Some(call) = Seen::new(&self.directory, pid).done(pending.entry, result) else {
            return Ok(false);
        };
        let followed = &mut window.followed;
        followed.calls.push(call);
        if let Some(keeper) = &self.keeper
            && window.orders.keeps(followed.calls.len())
        {
            let before = followed.states.last().map(|state| (state, &followed.calls[..]));
            followed.states.push(keeper.keep(&self.directory, before)?);
        }
        if window.orders.cut == Some(Cut::Call(followed.calls.len() as u32)) {
            window.landing = Some(Landing { torn: None });
            return Ok(true);
        }
        Ok(false)
    }
}

fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
