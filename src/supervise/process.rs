//! One process of a trainer, from spawn to reap.

use std::path::PathBuf;

use anyhow::Context;
use nix::sys::signal::Signal;

use crate::protocol::SOCKET_VARIABLE;
use crate::recording::{BestFile, Kill, Outcome, Recording};
use crate::scenario::Expect;

use super::attend::{Attended, attend};
use super::fault::{Fault, SuperviseError};
use super::files::Files;
use super::follow::{Door, End, Log, Stop};
use super::group::Group;
use super::scramble::scramble;
use super::trace::Trace;
use super::usage::Watch;
use super::{Role, Stage, launch};

/// The exit code of a Rust program that panicked.
const PANIC: i32 = 101;

impl Stage<'_> {
    /// Runs one process and returns what it left behind. `left` is the best checkpoint that an earlier
    /// process of the run has left.
    pub fn run(&self, role: Role, left: Option<&BestFile>) -> Result<Recording, SuperviseError> {
        // A Unix socket's path is short by law (108 bytes): a directory of its own under the
        // system's temporary directory keeps it short wherever the work directory lies.
        let home = tempfile::Builder::new()
            .prefix("killresume-")
            .tempdir()
            .context("cannot create a temporary directory for the protocol socket")?;
        let socket = home.path().join("socket");
        let door = Door::open(&socket)
            .with_context(|| format!("cannot listen on {}", socket.display()))?;
        let dir = self.run_dir(role);
        std::fs::create_dir_all(&dir)
            .with_context(|| format!("cannot create the run's directory {}", dir.display()))?;
        if role == Role::Scrambled {
            scramble(&dir)
                .with_context(|| format!("cannot scramble the files in {}", dir.display()))?;
        }
        let read_files = || {
            Files::read(&dir)
                .with_context(|| format!("cannot read the run's directory {}", dir.display()))
        };
        let before = if self.refuses(role) { Some(read_files()?) } else { None };

        let program = launch::program(self.scenario, role);
        let mut command = launch::command(self.scenario, role, &dir, &socket)
            .context("cannot put the trainer into its sandbox")?;
        let mark = format!("{SOCKET_VARIABLE}={}", socket.display());
        let group = Group::spawn(&mut command, mark)
            .with_context(|| format!("cannot start the trainer {}", program.program.display()))?;
        let trace = launch::follows_calls(self.scenario, role)
            .then(|| Trace::start(group.id(), &dir, self.scenario.keep.as_deref()))
            .transpose()?;
        let mut watch = Watch::begin(program.sandbox.as_ref().map(|sandbox| sandbox.limits));

        let mut log = Log::after(left);
        let Attended { result: followed, outcome, output } = attend(
            group,
            |line| self.observer.line(role, line),
            |group| {
                let trace_ref = trace.as_ref();
                let followed = self.follow(role, door, group, &mut watch, &mut log, trace_ref);
                let killed = group.kill();
                if let Some(trace) = trace {
                    // Of a save that it did not live to end.
                    log.cut_short = log.cut_short.take().or_else(|| trace.finish());
                    trace.end();
                }
                killed.map_err(Stop::from).and(followed)
            },
        );
        let outcome = outcome.context("cannot wait for the trainer")?;
        let wall = watch.elapsed();
        let followed = match watch.why(outcome) {
            Some(limit) => Err(Stop::Fault(watch.fault(limit))),
            None => followed,
        };
        let kill = self.judge_end(role, followed, &log, outcome, &output)?;
        let damaged = match before {
            Some(before) => before.damaged(&read_files()?),
            None => Vec::new(),
        };
        let Log { events, traced_saves, cut_short, best, .. } = log;
        let best_files = best.end();
        Ok(Recording {
            events,
            outcome,
            kill,
            output,
            dir,
            wall,
            traced_saves,
            cut_short,
            damaged,
            best_files,
        })
    }

    /// Whether this process has to refuse to start.
    pub fn refuses(&self, role: Role) -> bool {
        role == Role::Resumed && self.scenario.resume.expect == Expect::Refusal
    }

    /// Whether nothing that this process does once it has started would count.
    pub fn ends_at_start(&self, role: Role) -> bool {
        self.refuses(role) || role == Role::Scrambled
    }

    /// The directory that this process keeps its checkpoints in.
    pub fn run_dir(&self, role: Role) -> PathBuf {
        self.work.join(match role {
            Role::Control => Role::Control.name(),
            // The path does not tell which of them it is.
            Role::Interrupted | Role::Resumed | Role::Scrambled | Role::Life => {
                Role::Interrupted.name()
            }
        })
    }

    /// Whether the process ended in a way that can be judged, and the kill if that was it.
    fn judge_end(
        &self,
        role: Role,
        followed: Result<End, Stop>,
        log: &Log,
        outcome: Outcome,
        output: &str,
    ) -> Result<Option<Kill>, SuperviseError> {
        let fault = |fault| SuperviseError::Trainer { role, fault, output: output.to_owned() };
        let kill_name = || self.scenario.kill.to_string();
        match followed {
            // With nothing to resume from it may do what it likes, but come back.
            Ok(End::ByItself) | Err(Stop::Fault(_)) if role == Role::Scrambled => Ok(None),
            Err(Stop::Fault(found)) => Err(fault(found)),
            Err(Stop::NoWrite) => Err(SuperviseError::NoWrite { kill: kill_name() }),
            Err(Stop::Cancelled(signal)) => Err(SuperviseError::Cancelled { signal }),
            Err(Stop::Other) => Err(SuperviseError::Stopped),
            Err(Stop::Io(error)) => Err(SuperviseError::Harness(error)),
            Ok(End::Killed { at, after, torn }) => match outcome {
                Outcome::Signaled { signal } if signal == Signal::SIGKILL as i32 => {
                    if matches!(role, Role::Interrupted | Role::Life) {
                        self.observer.killed(log.epoch, log.step);
                    }
                    let (epoch, step) = (log.epoch, log.step);
                    Ok(Some(Kill { signal, at: at.to_owned(), epoch, step, after, torn }))
                }
                // It ended by itself in the instant between its event and the kill.
                _ if self.any_end => Ok(None),
                outcome => Err(fault(log.ended(outcome))),
            },
            Ok(End::ByItself) if self.any_end => Ok(None),
            Ok(End::ByItself) => match (outcome, log.has_finished()) {
                (Outcome::Exited { code: 0 }, true) if role == Role::Interrupted => {
                    Err(SuperviseError::KillPointNotReached {
                        kill: kill_name(),
                        epochs: log.epoch,
                        steps: log.step,
                    })
                }
                (Outcome::Exited { code: 0 }, true)
                    if role == Role::Control && log.epoch != self.scenario.epochs.total() =>
                {
                    let expected = self.scenario.epochs.total();
                    Err(fault(Fault::WrongLength { epochs: log.epoch, expected }))
                }
                (Outcome::Exited { code: 0 }, true) => Ok(None),
                // Whether it should have started is for whoever knows the lives before to say.
                (Outcome::Exited { code: 1.. }, _) if role == Role::Life && !log.has_started() => {
                    Ok(None)
                }
                (Outcome::Exited { code: 1.. }, _)
                    if role == Role::Resumed && !log.has_started() =>
                {
                    self.judge_refusal(log, outcome, output)
                        .map_or(Ok(None), |found| Err(fault(found)))
                }
                _ => Err(fault(log.ended(outcome))),
            },
        }
    }

    /// Whether a resumed process that failed before it started cannot be judged.
    ///
    /// A refusal that is asked for has to come from the trainer itself, hence after its `hello`: a
    /// missing library or a misspelt option ends a process with an error too.
    fn judge_refusal(&self, log: &Log, outcome: Outcome, output: &str) -> Option<Fault> {
        match (self.scenario.resume.expect, outcome) {
            (Expect::Refusal, Outcome::Exited { code })
                if code != PANIC && log.has_said_hello() =>
            {
                output.trim().is_empty().then_some(Fault::SilentRefusal { code })
            }
            // What the torn write left is all that is new to it: it could not cope with that.
            (Expect::SameRun, _) if self.scenario.follows_calls() => None,
            _ => Some(log.ended(outcome)),
        }
    }
}
