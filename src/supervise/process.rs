//! One process of a trainer, from spawn to reap.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::sys::signal::Signal;

use crate::protocol::{Event, Reply, SOCKET_VARIABLE};
use crate::recording::{Kill, Outcome, Recording};
use crate::scenario::{KillWatch, Scenario};

use super::conversation::{Conversation, Heard};
use super::fault::{Ending, Fault, SuperviseError};
use super::group::Group;
use super::output::Tail;
use super::{Cancel, Observer, Role, extra_arguments};

/// What all three processes share.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    pub scenario: &'a Scenario,
    pub work: &'a Path,
    pub observer: &'a dyn Observer,
    pub cancel: &'a Cancel,
    pub stop: &'a AtomicUsize,
}

/// How a followed process came to its end.
enum End {
    /// It closed the connection or exited.
    ByItself,
    /// The scenario wants it killed instead of answered.
    KillNow { at: &'static str, after: Duration },
}

/// What one process said so far.
#[derive(Default)]
struct Log {
    connected: bool,
    events: Vec<(Duration, Event)>,
    epoch: u64,
    step: u64,
}

impl Log {
    fn push(&mut self, at: Duration, event: Event) {
        if let Some((epoch, step)) = event.position() {
            (self.epoch, self.step) = (epoch, step);
        }
        self.events.push((at, event));
    }

    fn last(&self) -> Option<String> {
        self.events.last().map(|(_, event)| event.name().to_owned())
    }

    fn has_finished(&self) -> bool {
        matches!(self.events.last(), Some((_, Event::Finished(_))))
    }

    /// The fault of a process that ended by itself and should not have.
    fn ended(&self, outcome: Outcome) -> Fault {
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

impl Stage<'_> {
    /// Runs one process and returns what it left behind.
    pub fn run(&self, role: Role) -> Result<Recording, SuperviseError> {
        // A Unix socket's path is short by law (108 bytes): a directory of its own under the
        // system's temporary directory keeps it short wherever the work directory lies.
        let home = tempfile::Builder::new()
            .prefix("killresume-")
            .tempdir()
            .context("cannot create a temporary directory for the protocol socket")?;
        let socket = home.path().join("socket");
        let listener = UnixListener::bind(&socket)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .with_context(|| format!("cannot listen on {}", socket.display()))?;
        let dir = self.work.join(match role {
            Role::Control => Role::Control.name(),
            Role::Interrupted | Role::Resumed => Role::Interrupted.name(),
        });
        std::fs::create_dir_all(&dir)
            .with_context(|| format!("cannot create the run's directory {}", dir.display()))?;

        let trainer = &self.scenario.trainer;
        let mut command = Command::new(&trainer.program);
        command
            .args(&trainer.args)
            .arg("--dir")
            .arg(&dir)
            .arg("--epochs")
            .arg(self.scenario.epochs.total().to_string())
            .arg("--seed")
            .arg(self.scenario.seed.to_string())
            .args(extra_arguments(self.scenario.kill))
            .env(SOCKET_VARIABLE, &socket)
            .env(crate::messages::LANG_VARIABLE, crate::messages::lang().code())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mark = format!("{SOCKET_VARIABLE}={}", socket.display());
        let spawned = Instant::now();
        let mut group = Group::spawn(&mut command, mark)
            .with_context(|| format!("cannot start the trainer {}", trainer.program.display()))?;

        let tail = Tail::default();
        let stdout = group.child_mut().stdout.take();
        let stderr = group.child_mut().stderr.take();
        let dead = AtomicBool::new(false);
        let (followed, log, outcome) = thread::scope(|scope| {
            let hear = |line: &str| self.observer.line(role, line);
            let drains = [
                stdout.map(|stream| tail.drain(scope, stream, &dead, hear)),
                stderr.map(|stream| tail.drain(scope, stream, &dead, hear)),
            ];
            let mut log = Log::default();
            let followed = self.follow(role, &listener, &mut group, spawned, &mut log);
            let outcome = group.end();
            dead.store(true, Ordering::Relaxed);
            for drain in drains.into_iter().flatten() {
                let _ = drain.join();
            }
            (followed, log, outcome)
        });
        let outcome = outcome.context("cannot wait for the trainer")?;
        let wall = spawned.elapsed();
        let fault = |fault| SuperviseError::Trainer { role, fault, output: tail.text() };
        let kill = match followed {
            Err(Stop::Fault(found)) => return Err(fault(found)),
            Err(Stop::Cancelled(signal)) => return Err(SuperviseError::Cancelled { signal }),
            Err(Stop::Other) => return Err(SuperviseError::Stopped),
            Err(Stop::Io(error)) => return Err(SuperviseError::Harness(error)),
            Ok(End::KillNow { at, after }) => match outcome {
                Outcome::Signaled { signal } if signal == Signal::SIGKILL as i32 => {
                    self.observer.killed(log.epoch, log.step);
                    Some(Kill {
                        signal,
                        at: at.to_owned(),
                        epoch: log.epoch,
                        step: log.step,
                        after,
                    })
                }
                // It ended by itself in the instant between its event and the kill.
                outcome => return Err(fault(log.ended(outcome))),
            },
            Ok(End::ByItself) => match (outcome, log.has_finished()) {
                (Outcome::Exited { code: 0 }, true) if role == Role::Interrupted => {
                    return Err(SuperviseError::KillPointNotReached {
                        kill: self.scenario.kill.to_string(),
                        epochs: log.epoch,
                        steps: log.step,
                    });
                }
                (Outcome::Exited { code: 0 }, true)
                    if role == Role::Control && log.epoch != self.scenario.epochs.total() =>
                {
                    let expected = self.scenario.epochs.total();
                    return Err(fault(Fault::WrongLength { epochs: log.epoch, expected }));
                }
                (Outcome::Exited { code: 0 }, true) => None,
                _ => return Err(fault(log.ended(outcome))),
            },
        };
        Ok(Recording { events: log.events, outcome, kill, output: tail.text(), dir, wall })
    }

    /// Follows the trainer until it ends or is to be killed.
    fn follow(
        &self,
        role: Role,
        listener: &UnixListener,
        group: &mut Group,
        spawned: Instant,
        log: &mut Log,
    ) -> Result<End, Stop> {
        let timeout = self.scenario.timeout;
        let mut last_sign = Instant::now();
        let mut conversation = loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    break Conversation::new(stream).map_err(|e| Stop::Io(e.into()))?;
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(Stop::Io(error.into())),
            }
            self.look_around()?;
            if group.has_ended() {
                return Ok(End::ByItself);
            }
            if last_sign.elapsed() > timeout {
                return Err(Stop::Fault(Fault::SilentStart { timeout }));
            }
            thread::sleep(Duration::from_millis(1));
        };
        log.connected = true;

        let mut watch = (role == Role::Interrupted).then(|| self.scenario.watch());
        let steps = self.scenario.kill.needs_steps();
        let mut ended = false;
        loop {
            match conversation.hear().map_err(Stop::Fault)? {
                Heard::Event(event) => {
                    last_sign = Instant::now();
                    self.observer.event(role, &event);
                    let kill =
                        watch.as_mut().is_some_and(|watch: &mut KillWatch| watch.is_now(&event));
                    let at = event.name();
                    log.push(spawned.elapsed(), event);
                    if kill {
                        // While the connection is open: a trainer that saw it close could end by
                        // itself before the signal reaches it.
                        group.kill().map_err(|error| Stop::Io(error.into()))?;
                        return Ok(End::KillNow { at, after: spawned.elapsed() });
                    }
                    conversation.answer(Reply { go: true, steps: steps && at == "hello" });
                }
                // What a dying trainer said last may still be in the socket: one more look.
                Heard::Nothing if ended => return Ok(End::ByItself),
                Heard::Nothing => ended = group.has_ended(),
                Heard::End if group.has_ended() => return Ok(End::ByItself),
                // It hung up and lives on: it has the usual time to end.
                Heard::End => thread::sleep(Duration::from_millis(1)),
            }
            self.look_around()?;
            if last_sign.elapsed() > timeout {
                return Err(Stop::Fault(Fault::Silent { timeout, after: log.last() }));
            }
        }
    }

    fn look_around(&self) -> Result<(), Stop> {
        if let Some(signal) = self.cancel.signal() {
            return Err(Stop::Cancelled(signal));
        }
        match self.stop.load(Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(Stop::Other),
        }
    }
}

/// Why following a trainer ended early.
enum Stop {
    Fault(Fault),
    Cancelled(i32),
    Other,
    Io(anyhow::Error),
}
