//! A child in a process group of its own, which dies as a whole.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::recording::Outcome;
use crate::sandbox::Limit;

use super::usage::{Process, Watch, processes};

/// A child process and everything in its group.
#[derive(Debug)]
pub struct Group {
    child: Child,
    /// What marks the processes of this group even after they left it: a `NAME=value` of their
    /// environment.
    mark: String,
    reaped: bool,
}

impl Group {
    /// Starts the command as the leader of a new group. `mark` is a `NAME=value` that the command has
    /// in its environment and that nobody else has.
    pub fn spawn(command: &mut Command, mark: String) -> std::io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        Ok(Self { child, mark, reaped: false })
    }

    /// The child's ends of its pipes.
    pub fn child_mut(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether the leader has ended. It is not reaped yet, so that its number stays its own.
    #[cfg(target_os = "linux")]
    pub fn has_ended(&mut self) -> bool {
        use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(self.leader()), flags) {
            Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => true,
            // A process that is being traced reports its stops too, asked for or not.
            Ok(_) => false,
            Err(_) => true,
        }
    }

    /// Whether the leader has ended.
    #[cfg(not(target_os = "linux"))]
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends SIGKILL to the whole group, and does not wait.
    ///
    /// As long as the leader is not reaped, its number cannot be anybody else's.
    pub fn kill(&self) -> std::io::Result<()> {
        match killpg(self.leader(), Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH | Errno::EPERM) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Sends SIGKILL to the whole group, waits for its end and says how the leader ended.
    pub fn end(mut self) -> std::io::Result<Outcome> {
        let status = self.kill_and_reap()?;
        Ok(match (status.code(), status.signal()) {
            (Some(code), _) => Outcome::Exited { code },
            (None, signal) => Outcome::Signaled { signal: signal.unwrap_or_default() },
        })
    }

    /// The limit that the group has passed, if it is time for a look.
    pub fn look(&self, watch: &mut Watch) -> Option<Limit> {
        watch.look(self.child.id(), &self.mark)
    }

    /// The leader's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn leader(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    fn kill_and_reap(&mut self) -> std::io::Result<ExitStatus> {
        self.kill()?;
        let status = self.child.wait()?;
        self.reaped = true;
        // Members of the group whose parent died are ours now (see `adopt_orphans`).
        let members = Pid::from_raw(-self.leader().as_raw());
        while matches!(waitpid(members, None), Ok(_) | Err(Errno::EINTR)) {}
        self.kill_strays();
        Ok(status)
    }

    /// Kills what left the group (`setsid`, a daemon). It still has our mark in its environment.
    fn kill_strays(&self) {
        kill_until_none(|| marked_processes(&self.mark));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.reaped {
            // Nobody is left to tell.
            let _ = self.kill_and_reap();
        }
    }
}

/// Makes this process the parent of its descendants' orphans, so that their end can be waited for.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    // Where the kernel refuses, orphans go to init, which reaps them as well.
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Kills every orphan that this process has adopted. Only for a moment when it has no child of its
/// own: the last resort for what left its group and its environment behind.
pub fn kill_adopted() {
    kill_until_none(children);
}

/// Kills what is found and looks again: it may fork while we look, and the children of what dies may
/// become ours.
fn kill_until_none(find: impl Fn() -> Vec<Pid>) {
    for _ in 0..100 {
        let found = find();
        if found.is_empty() {
            return;
        }
        for pid in found {
            if kill(pid, Signal::SIGKILL).is_ok() {
                while matches!(waitpid(pid, None), Err(Errno::EINTR)) {}
            }
        }
    }
}

/// The processes that have the mark in their environment.
fn marked_processes(mark: &str) -> Vec<Pid> {
    numbers(|process| is_marked(process.pid as i32, mark))
}

fn is_marked(pid: i32, mark: &str) -> bool {
    // A zombie's environment reads as empty, another user's is not readable.
    std::fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environ| environ.split(|b| *b == 0).any(|v| v == mark.as_bytes()))
}

/// Whether the process has in its environment the variable of the mark with another value.
pub fn has_other_mark(pid: u32, mark: &str) -> bool {
    let name = mark.split_inclusive('=').next().unwrap_or_default();
    std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
        let mut variables = environ.split(|b| *b == 0);
        variables.any(|v| v.starts_with(name.as_bytes()) && v != mark.as_bytes())
    })
}

/// The processes whose parent is this one.
fn children() -> Vec<Pid> {
    let me = std::process::id();
    numbers(|process| process.parent == me)
}

fn numbers(wanted: impl Fn(&Process) -> bool) -> Vec<Pid> {
    let found = processes().into_iter().filter(wanted);
    found.map(|process| Pid::from_raw(process.pid as i32)).collect()
}
