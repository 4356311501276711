//! Drains what a trainer prints and keeps the end of it.

use std::collections::VecDeque;
use std::io::Read;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

/// How much of a trainer's output is kept, in bytes.
const KEPT_BYTES: usize = 64 << 10;
/// Longer lines are cut into pieces.
const PIECE_BYTES: usize = 8 << 10;
/// How long a look at a silent stream waits, in milliseconds.
const PATIENCE_MS: u16 = 20;

/// The last lines of one process, standard output and error together.
#[derive(Debug, Clone, Default)]
pub struct Tail(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    /// Reads the stream in the background, to its end or until `stop` is set and nothing is left to
    /// read: a process that escaped may hold the other end open for ever. `hear` gets every line.
    pub fn drain<'scope, 'env>(
        &self,
        scope: &'scope thread::Scope<'scope, 'env>,
        mut stream: impl Read + AsFd + Send + 'scope,
        stop: &'scope AtomicBool,
        hear: impl Fn(&str) + Send + 'scope,
    ) -> thread::ScopedJoinHandle<'scope, ()> {
        let tail = self.clone();
        scope.spawn(move || {
            let mut line = Vec::new();
            let mut chunk = [0; 8 << 10];
            let say = |line: &mut Vec<u8>| {
                let text = String::from_utf8_lossy(line);
                let text = text.trim_end_matches(['\n', '\r']);
                hear(text);
                tail.push(text);
                line.clear();
            };
            loop {
                let mut ready = [PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
                match poll(&mut ready, PATIENCE_MS) {
                    Ok(0) if stop.load(Ordering::Relaxed) => break,
                    Ok(0) | Err(Errno::EINTR) => continue,
                    Ok(_) => {}
                    Err(_) => break,
                }
                let Ok(n @ 1..) = stream.read(&mut chunk) else { break };
                for piece in chunk[..n].split_inclusive(|byte| *byte == b'\n') {
                    line.extend_from_slice(piece);
                    if piece.ends_with(b"\n") || line.len() > PIECE_BYTES {
                        say(&mut line);
                    }
                }
            }
            if !line.is_empty() {
                say(&mut line);
            }
        })
    }

    /// What was kept.
    pub fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    fn push(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.bytes += line.len() + 1;
        lines.lines.push_back(line.to_owned());
        while lines.bytes > KEPT_BYTES {
            let Some(dropped) = lines.lines.pop_front() else { break };
            lines.bytes -= dropped.len() + 1;
        }
    }
}
