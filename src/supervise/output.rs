//! Drains what a trainer prints and keeps the end of it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// How much of a trainer's output is kept, in bytes.
const KEPT_BYTES: usize = 64 << 10;
/// Longer lines are cut into pieces.
const PIECE_BYTES: u64 = 8 << 10;

/// The last lines of one process, standard output and error together.
#[derive(Debug, Clone, Default)]
pub struct Tail(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    /// Reads the stream to its end in the background. `hear` gets every line.
    pub fn drain<'scope, 'env>(
        &self,
        scope: &'scope thread::Scope<'scope, 'env>,
        stream: impl Read + Send + 'scope,
        hear: impl Fn(&str) + Send + 'scope,
    ) -> thread::ScopedJoinHandle<'scope, ()> {
        let tail = self.clone();
        scope.spawn(move || {
            let mut stream = BufReader::new(stream);
            loop {
                let mut piece = Vec::new();
                match stream.by_ref().take(PIECE_BYTES).read_until(b'\n', &mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {
                        let line = String::from_utf8_lossy(&piece);
                        let line = line.trim_end_matches(['\n', '\r']);
                        hear(line);
                        tail.push(line);
                    }
                }
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
