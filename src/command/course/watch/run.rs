//! One run of an exercise, in a process of its own: `killresume run NAME`.
//!
//! A process can be stopped at any moment together with the compiler that it started, and what it does
//! to its descendants does not reach the programs that watch has started.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cli::Talk;
use crate::course::Exercise;
use crate::messages::lang;
use crate::program;

/// How long a run may take to kill its trainers and to end.
const GRACE: Duration = Duration::from_secs(10);

/// A run that goes on.
#[derive(Debug)]
pub struct Run(Child);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The exercise passed.
    Solved,
    /// It was judged and did not pass.
    Fails,
    /// It could not be judged: it does not compile, it crashes, it hangs.
    NotJudged,
    /// The harness could not do its work.
    NotRun,
}

impl Run {
    /// Starts one. It prints to this terminal and does not read from it.
    pub fn start(exercise: &Exercise, talk: Talk) -> io::Result<Self> {
        let mut command = Command::new(program::this()?);
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        command.args(["run", &exercise.name, "--lang", lang().code()]);
        if let Some(color) = talk.color.to_possible_value() {
            command.args(["--color", color.get_name()]);
        }
        command.args(talk.quiet.then_some("--quiet")).args(talk.verbose.then_some("--verbose"));
        // A group of its own: a Ctrl-C is ours, and a stop reaches cargo and the compiler.
        Ok(Self(command.stdin(Stdio::null()).process_group(0).spawn()?))
    }

    /// How it ended; `None` while it goes on.
    pub fn verdict(&mut self) -> io::Result<Option<Verdict>> {
        Ok(self.0.try_wait()?.map(|status| match status.code() {
            Some(0) => Verdict::Solved,
            Some(1) => Verdict::Fails,
            Some(3) => Verdict::NotJudged,
            _ => Verdict::NotRun,
        }))
    }

    /// Stops it, and waits until it has killed its trainers and ended.
    pub fn stop(&mut self, signal: Signal) -> io::Result<()> {
        let group = Pid::from_raw(self.0.id() as i32);
        let begin = Instant::now();
        // Not reaped before `try_wait` says so: until then the number is its own.
        while self.0.try_wait()?.is_none() {
            let signal = if begin.elapsed() < GRACE { signal } else { Signal::SIGKILL };
            // Again and again, for what it may just have started.
            match killpg(group, signal) {
                Ok(()) | Err(Errno::ESRCH | Errno::EPERM) => {}
                Err(errno) => return Err(errno.into()),
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = self.stop(Signal::SIGTERM);
    }
}
