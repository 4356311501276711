//! Follows one trainer from its first connection to its end, or to the kill.

use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::protocol::{Event, Phase, Reply};
use crate::recording::{BestFile, Followed, Outcome, TornWrite, TracedSave};
use crate::scenario::{KillWatch, Moment};

use super::best::BestFiles;
use super::conversation::{Conversation, Heard};
use super::fault::{Ending, Fault};
use super::group::Group;
use super::trace::{Landing, Orders, Trace};
use super::usage::Watch;
use super::{Role, Stage};

/// Where one trainer connects, one time: nobody can speak in its place afterwards.
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Listens at a path.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path: path.to_owned() })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // A socket that nobody listens on harms nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// How a followed process came to its end.
pub enum End {
    /// It closed the connection or exited.
    ByItself,
    /// The scenario wanted it killed.
    Killed {
        /// The event that it was not answered; `write` inside a write.
        at: &'static str,
        /// From spawn.
        after: Duration,
        /// The write that the kill cut in two.
        torn: Option<TornWrite>,
    },
}

/// Why following a trainer ended early.
pub enum Stop {
    /// The trainer's fault.
    Fault(Fault),
    /// The save in which the kill was to land has ended, and no write was seen.
    NoWrite,
    /// A signal asked for it.
    Cancelled(i32),
    /// The other side failed.
    Other,
    /// The harness's own trouble.
    Io(anyhow::Error),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Stop::Io(error.into())
    }
}

/// What one process said and did so far.
#[derive(Default)]
pub struct Log {
    connected: bool,
    pub events: Vec<(Duration, Event)>,
    pub epoch: u64,
    pub step: u64,
    pub traced_saves: Vec<TracedSave>,
    pub cut_short: Option<Followed>,
    pub best: BestFiles,
}

impl Log {
    /// Nothing yet. `left` is the best checkpoint of the processes before.
    pub fn after(left: Option<&BestFile>) -> Self {
        Self { best: BestFiles::after(left), ..Self::default() }
    }

    fn push(&mut self, at: Duration, event: Event) {
        if let Some((epoch, step)) = event.position() {
            (self.epoch, self.step) = (epoch, step);
        }
        self.best.hear(&event);
        self.events.push((at, event));
    }

    fn last(&self) -> Option<String> {
        self.events.last().map(|(_, event)| event.name().to_owned())
    }

    pub fn has_finished(&self) -> bool {
        matches!(self.events.last(), Some((_, Event::Finished(_))))
    }

    pub fn has_said_hello(&self) -> bool {
        self.events.iter().any(|(_, event)| matches!(event, Event::Hello(_)))
    }

    pub fn has_started(&self) -> bool {
        self.events.iter().any(|(_, event)| matches!(event, Event::Started(_)))
    }

    /// The fault of a process that ended by itself and should not have.
    pub fn ended(&self, outcome: Outcome) -> Fault {
        let ending = match outcome {
            Outcome::Exited { code } => Ending::Code(code),
            Outcome::Signaled { signal } => Ending::Signal(signal),
        };
        if self.has_finished() {
            Fault::FailedAfterFinish { ending }
        } else if self.connected {
            Fault::Ended { ending, after: self.last() }
        } else {
            Fault::NeverConnected { ending }
        }
    }
}

/// A trainer that is connected.
struct Run<'a> {
    role: Role,
    /// Knows when it was started, too.
    limits: &'a mut Watch,
    group: &'a mut Group,
    log: &'a mut Log,
    conversation: Conversation,
    /// For the one that is to be killed.
    watch: Option<KillWatch>,
    /// Follows its system calls, if somebody has to.
    trace: Option<&'a Trace>,
}

impl Run<'_> {
    /// While the connection is open: a trainer that saw it close could end by itself before the signal
    /// reaches it.
    fn kill(&mut self, at: &'static str, torn: Option<TornWrite>) -> Result<End, Stop> {
        self.group.kill()?;
        let after = self.limits.elapsed();
        self.log.cut_short = self.trace.and_then(Trace::finish);
        Ok(End::Killed { at, after, torn })
    }

    /// Where in a save the kill has landed, if it has.
    fn landing(&self) -> Result<Option<Landing>, Stop> {
        match self.trace {
            Some(trace) => trace.landing().map_err(Stop::Io),
            None => Ok(None),
        }
    }
}

impl Stage<'_> {
    /// Follows the trainer until it ends or is killed.
    pub fn follow(
        &self,
        role: Role,
        door: Door,
        group: &mut Group,
        limits: &mut Watch,
        log: &mut Log,
        trace: Option<&Trace>,
    ) -> Result<End, Stop> {
        let Some(conversation) = self.accept(door, group, limits)? else {
            return Ok(End::ByItself);
        };
        log.connected = true;
        let is_killed = matches!(role, Role::Interrupted | Role::Life);
        let watch = is_killed.then(|| self.scenario.watch());
        let mut run = Run { role, limits, group, log, conversation, watch, trace };

        let timeout = self.scenario.timeout;
        let mut last_sign = Instant::now();
        let mut ended = false;
        loop {
            let heard = run.conversation.hear();
            if let Some(landing) = run.landing()? {
                let at = if landing.torn.is_some() { "write" } else { "call" };
                return run.kill(at, landing.torn);
            }
            match heard.map_err(Stop::Fault)? {
                Heard::Event(event) => {
                    last_sign = Instant::now();
                    self.observer.event(role, &event);
                    if let Some(end) = self.react(&mut run, event)? {
                        return Ok(end);
                    }
                }
                // What a dying trainer said last may still be in the socket: one more look.
                Heard::Nothing if ended => return Ok(End::ByItself),
                Heard::Nothing => ended = run.group.has_ended(),
                Heard::End if run.group.has_ended() => return Ok(End::ByItself),
                // It hung up and lives on: it has the usual time to end.
                Heard::End => thread::sleep(Duration::from_millis(1)),
            }
            self.look_around(run.group, run.limits)?;
            if last_sign.elapsed() > timeout {
                return Err(Stop::Fault(Fault::Silent { timeout, after: run.log.last() }));
            }
        }
    }

    /// Answers an event, or kills the trainer.
    fn react(&self, run: &mut Run<'_>, event: Event) -> Result<Option<End>, Stop> {
        let moment = match &mut run.watch {
            Some(watch) => watch.moment(&event),
            // What it would train now is of no interest.
            None if self.ends_at_start(run.role) && matches!(event, Event::Started(_)) => {
                Moment::Kill
            }
            None => Moment::GoOn,
        };
        let at = event.name();
        let saved = match &event {
            Event::Checkpoint(save) if save.phase == Phase::End => Some(save.clone()),
            _ => None,
        };
        run.log.push(run.limits.elapsed(), event);
        if let (Some(save), Some(trace)) = (saved, run.trace) {
            let is_to_kill = trace.is_to_kill();
            if is_to_kill && run.role != Role::Life {
                return Err(Stop::NoWrite);
            }
            if let Some(followed) = trace.finish() {
                let path = trace.name(&save.path);
                run.log.traced_saves.push(TracedSave { kind: save.kind, path, followed });
            }
            if is_to_kill {
                // Some saves of a run have fewer calls than others: then their end is the moment.
                return run.kill(at, None).map(Some);
            }
        }
        match moment {
            Moment::Kill => return run.kill(at, None).map(Some),
            Moment::FollowSave { cut, inject } => {
                if let Some(trace) = run.trace {
                    trace.begin(Orders { cut, inject, keep: None }).map_err(Stop::Io)?;
                }
            }
            Moment::GoOn => {}
        }
        let wants_steps = self.scenario.kill.needs_steps() || run.role == Role::Life;
        let steps = wants_steps && at == "hello";
        run.conversation.answer(Reply { go: true, steps });
        Ok(None)
    }

    /// Waits for the trainer to connect; `None` if it ends before.
    fn accept(
        &self,
        door: Door,
        group: &mut Group,
        limits: &mut Watch,
    ) -> Result<Option<Conversation>, Stop> {
        let timeout = self.scenario.timeout;
        let begin = Instant::now();
        loop {
            match door.listener.accept() {
                Ok((stream, _)) => return Ok(Some(Conversation::new(stream)?)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            self.look_around(group, limits)?;
            if group.has_ended() {
                return Ok(None);
            }
            if begin.elapsed() > timeout {
                return Err(Stop::Fault(Fault::SilentStart { timeout }));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn look_around(&self, group: &Group, limits: &mut Watch) -> Result<(), Stop> {
        if let Some(limit) = group.look(limits) {
            return Err(Stop::Fault(limits.fault(limit)));
        }
        if let Some(signal) = self.cancel.signal() {
            return Err(Stop::Cancelled(signal));
        }
        match self.stop.load(Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(Stop::Other),
        }
    }
}
