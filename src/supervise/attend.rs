//! A child from its start to its end: what it prints is drained meanwhile, and nothing of it is left.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::recording::Outcome;

use super::group::Group;
use super::output::Tail;

/// How a child ended.
#[derive(Debug)]
pub struct Attended<T> {
    /// What was made of it while it lived.
    pub result: T,
    /// How it ended.
    pub outcome: io::Result<Outcome>,
    /// The end of what it printed, standard output and error together.
    pub output: String,
}

/// Does the `work` of following the child, while `hear` gets every line that it prints; then kills and reaps
/// all of its group.
pub fn attend<T>(
    mut group: Group,
    hear: impl Fn(&str) + Sync,
    work: impl FnOnce(&mut Group) -> T,
) -> Attended<T> {
    let tail = Tail::default();
    let stdout = group.child_mut().stdout.take();
    let stderr = group.child_mut().stderr.take();
    let dead = AtomicBool::new(false);
    let (result, outcome) = thread::scope(|scope| {
        let hear = |line: &str| hear(line);
        let drains = [
            stdout.map(|stream| tail.drain(scope, stream, &dead, hear)),
            stderr.map(|stream| tail.drain(scope, stream, &dead, hear)),
        ];
        let result = work(&mut group);
        let outcome = group.end();
        dead.store(true, Ordering::Relaxed);
        for drain in drains.into_iter().flatten() {
            let _ = drain.join();
        }
        (result, outcome)
    });
    Attended { result, outcome, output: tail.text() }
}
