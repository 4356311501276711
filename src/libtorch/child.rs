//! Runs a program and follows what it prints, with a tick now and then while it says nothing.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How often a silent program is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How many lines of a program's output are kept to find out why it failed.
const KEPT: usize = 400;
/// How many of them are shown.
const SHOWN: usize = 12;

/// A line that a program printed, without its line end.
pub(super) enum Line {
    /// On stdout.
    Out(String),
    /// On stderr.
    Err(String),
}

/// Runs a program to its end. `each` sees every line, and `None` when there was none for a while.
///
/// The program's stdin stays open, and silent, for as long as we live.
pub(super) fn follow(
    mut command: Command,
    mut each: impl FnMut(Option<Line>),
) -> io::Result<ExitStatus> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Reaped(command.spawn()?);
    let (lines, received) = mpsc::channel();
    if let Some(out) = child.0.stdout.take() {
        read_lines(out, lines.clone(), Line::Out);
    }
    if let Some(err) = child.0.stderr.take() {
        read_lines(err, lines.clone(), Line::Err);
    }
    drop(lines);
    // `wait` would close stdin first.
    let stdin = child.0.stdin.take();
    loop {
        match received.recv_timeout(TICK) {
            Ok(line) => each(Some(line)),
            // A program that it left running may hold the pipes open.
            Err(RecvTimeoutError::Timeout) if child.0.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => each(None),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.0.wait()?;
    drop(stdin);
    Ok(status)
}

/// A child that does not outlive an early return or a panic.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both fail where it has been waited for, which is as it should be.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn read_lines(from: impl Read + Send + 'static, to: Sender<Line>, wrap: fn(String) -> Line) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            if to.send(wrap(text)).is_err() {
                break;
            }
            line.clear();
        }
    });
}

/// Whether a program was ended by Ctrl-C or SIGTERM.
pub(super) fn was_interrupted(status: ExitStatus) -> bool {
    matches!(status.signal(), Some(nix::libc::SIGINT | nix::libc::SIGTERM))
}

/// The end of a program's output.
#[derive(Default)]
pub(super) struct Tail(VecDeque<String>);

impl Tail {
    pub(super) fn push(&mut self, line: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    /// Whether any line kept has one of these in it.
    pub(super) fn has(&self, needles: &[&str]) -> bool {
        self.0.iter().any(|line| needles.iter().any(|needle| line.contains(needle)))
    }

    /// The lines kept.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The last lines, indented, for a message.
    pub(super) fn show(&self) -> String {
        let lines: Vec<_> = self.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(SHOWN)..];
        last.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
    }
}
