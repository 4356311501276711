//! Submissions side by side, each in a process of its own.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::messages::{LANG_VARIABLE, lang};
use crate::report::suite::Case;
use crate::sandbox::this_program;

use super::{Job, WORK};

/// What happens while a class is graded.
#[derive(Debug)]
pub enum Progress {
    /// An exercise of a submission, by its place among the jobs, is graded.
    Case(usize, Box<Case>),
    /// A submission is done; not all of its exercises need be.
    Done(usize, Result<(), String>),
}

/// Submissions that are being graded.
#[derive(Debug)]
pub struct Pool {
    progress: Receiver<Progress>,
    running: Arc<Mutex<Vec<u32>>>,
    queue: Arc<Mutex<VecDeque<(usize, Job)>>>,
}

impl Pool {
    /// Starts to grade, so many at a time.
    pub fn start(jobs: Vec<Job>, at_a_time: usize) -> Self {
        let queue = Arc::new(Mutex::new(jobs.into_iter().enumerate().collect::<VecDeque<_>>()));
        let running = Arc::default();
        let (sender, progress) = mpsc::channel();
        for _ in 0..at_a_time {
            let (queue, running, sender) =
                (Arc::clone(&queue), Arc::clone(&running), sender.clone());
            thread::spawn(move || {
                loop {
                    let next = locked(&queue).pop_front();
                    let Some((place, job)) = next else { break };
                    let result = grade(place, &job, &running, &sender);
                    if sender.send(Progress::Done(place, result)).is_err() {
                        break;
                    }
                }
            });
        }
        Self { progress, running, queue }
    }

    /// What happens next, if it comes within that time.
    ///
    /// # Errors
    /// It did not, or all are done.
    pub fn next(&self, within: Duration) -> Result<Progress, RecvTimeoutError> {
        self.progress.recv_timeout(within)
    }

    /// Starts no more, and asks those that are at work to stop.
    pub fn stop(&self) {
        locked(&self.queue).clear();
        for pid in locked(&self.running).iter() {
            // It may just have ended; its number is still its own, it is not reaped yet.
            let _ = kill(Pid::from_raw(*pid as i32), Signal::SIGTERM);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop();
    }
}

fn grade(
    place: usize,
    job: &Job,
    running: &Mutex<Vec<u32>>,
    sender: &Sender<Progress>,
) -> Result<(), String> {
    let mut command = Command::new(this_program().map_err(|error| error.to_string())?);
    command.arg(WORK).env(LANG_VARIABLE, lang().code());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    locked(running).push(child.id());
    let result = hear(place, job, &mut child, sender);
    locked(running).retain(|pid| *pid != child.id());
    if result.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    result.map_err(|error| error.to_string()).and_then(|said| match status.success() {
        true => Ok(()),
        false => Err(format!("{status}\n{said}").trim_end().to_owned()),
    })
}

/// Passes on what the process says; returns what it said on standard error.
fn hear(
    place: usize,
    job: &Job,
    child: &mut Child,
    sender: &Sender<Progress>,
) -> std::io::Result<String> {
    let said = child
        .stderr
        .take()
        .map(|stream| thread::spawn(move || std::io::read_to_string(stream).unwrap_or_default()));
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&serde_json::to_vec(job)?)?;
    }
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let case = serde_json::from_str(&line?)?;
            if sender.send(Progress::Case(place, case)).is_err() {
                break;
            }
        }
    }
    Ok(said.and_then(|thread| thread.join().ok()).unwrap_or_default())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
