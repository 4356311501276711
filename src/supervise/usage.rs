//! What a trainer and all that it has started use together.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use crate::recording::Outcome;
use crate::sandbox::{Limit, Limits};

use super::fault::Fault;
use super::group::has_other_mark;

/// How often a process is looked at. In between it can pass a limit by what it gets in so short a time.
const EVERY: Duration = Duration::from_millis(25);

/// Holds one process to its limits.
#[derive(Debug)]
pub struct Watch {
    limits: Option<Limits>,
    begin: Instant,
    next: Instant,
}

impl Watch {
    /// Of a process that has just been started.
    pub fn begin(limits: Option<Limits>) -> Self {
        let now = Instant::now();
        Self { limits, begin: now, next: now }
    }

    /// The limit that the process with this number has passed, if it is time for a look.
    pub(super) fn look(&mut self, leader: u32, mark: &str) -> Option<Limit> {
        let limits = self.limits?;
        let now = Instant::now();
        if now < self.next {
            return None;
        }
        if now - self.begin > limits.wall {
            return Some(Limit::Wall);
        }
        let usage = Usage::of(leader, mark);
        // After the look, so that a slow one does not become all that we do.
        self.next = Instant::now() + EVERY;
        if usage.processes > limits.processes {
            Some(Limit::Processes)
        } else if usage.memory > limits.memory {
            Some(Limit::Memory)
        } else {
            None
        }
    }

    /// The limit that the kernel ended the process for.
    pub fn why(&self, outcome: Outcome) -> Option<Limit> {
        self.limits?;
        match outcome {
            Outcome::Signaled { signal: nix::libc::SIGXCPU } => Some(Limit::Cpu),
            Outcome::Signaled { signal: nix::libc::SIGXFSZ } => Some(Limit::FileSize),
            _ => None,
        }
    }

    /// What to tell of a process that has passed a limit.
    pub fn fault(&self, limit: Limit) -> Fault {
        Fault::Limit { limit, limits: self.limits.unwrap_or_default() }
    }

    /// Since the process was started.
    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }
}

/// What some processes use together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Usage {
    /// Processes and threads.
    processes: usize,
    /// Bytes, without those of mapped files.
    memory: u64,
}

impl Usage {
    /// Of the leader of a group, the group, its descendants, and the orphans that have come to us.
    fn of(leader: u32, mark: &str) -> Self {
        let processes = processes();
        let me = std::process::id();
        // What has come to us, even if it has left its group; another trainer is another one's.
        let is_orphan =
            |process: &&Process| process.parent == me && !has_other_mark(process.pid, mark);
        let orphans = processes.iter().filter(is_orphan).map(|process| process.pid);
        let mut members: BTreeSet<u32> = orphans.chain([leader]).collect();
        // Parents need not come before their children: repeated until no more are found.
        loop {
            let before = members.len();
            for process in &processes {
                if process.group == leader || members.contains(&process.parent) {
                    members.insert(process.pid);
                }
            }
            if members.len() == before {
                break;
            }
        }
        members.iter().fold(Self::default(), |sum, pid| sum.and(*pid))
    }

    fn and(self, pid: u32) -> Self {
        // It may have ended since.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok()
        };
        let kib: u64 = ["RssAnon", "RssShmem", "VmSwap"].into_iter().filter_map(number).sum();
        Self {
            processes: self.processes + number("Threads").unwrap_or(0) as usize,
            memory: self.memory + kib * 1024,
        }
    }
}

/// A line of the system's table of processes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) parent: u32,
    group: u32,
}

/// All that there are; none where there is no Linux `/proc`.
pub(super) fn processes() -> Vec<Process> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name, in brackets, may hold anything; state, parent and group follow it.
            let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(1);
            let mut number = || fields.next()?.parse().ok();
            Some(Process { pid, parent: number()?, group: number()? })
        })
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_group_is_counted_with_its_children_and_another_one_is_not() {
        let start = |script: &str| {
            let mut command = Command::new("sh");
            command.env("NAME", if script.contains("wait") { "three" } else { "other" });
            command.args(["-c", script]).process_group(0).stdout(Stdio::null());
            command.spawn().expect("sh starts")
        };
        let mut three = start("sleep 60 & sleep 60 & wait");
        let mut other = start("sleep 60");
        let begin = Instant::now();
        let mut seen = Usage::default();
        while seen.processes != 3 && begin.elapsed() < Duration::from_secs(10) {
            seen = Usage::of(three.id(), "NAME=three");
        }
        assert_eq!(seen.processes, 3, "{seen:?}");
        assert!(seen.memory > 0);
        for child in [&mut three, &mut other] {
            let group = nix::unistd::Pid::from_raw(child.id() as i32);
            nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL).expect("is killed");
            child.wait().expect("ends");
        }
    }
}
