//! Work side by side, each piece in a process of ours of its own: what a trainer leaves running is known as
//! its own there, and what kills one such process does not kill the others.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::messages::{LANG_VARIABLE, lang};
use crate::program;
use crate::supervise::Cancel;

/// How often a waiting process looks whether it is to stop.
const TICK: Duration = Duration::from_millis(100);

/// What happens while there is work.
#[derive(Debug)]
pub enum Progress<R> {
    /// A piece of work, by its place among the jobs, has a result.
    Result(usize, Box<R>),
    /// A piece of work has ended; why it failed, if it did.
    Done(usize, Result<(), String>),
}

/// Jobs that are being worked on.
#[derive(Debug)]
pub struct Pool<J, R> {
    progress: Receiver<Progress<R>>,
    running: Arc<Mutex<Vec<u32>>>,
    queue: Arc<Mutex<VecDeque<(usize, J)>>>,
}

impl<J: Serialize + Send + 'static, R: DeserializeOwned + Send + 'static> Pool<J, R> {
    /// Starts to work, on so many jobs at a time, as many as there are processors if that is `None`. The hidden `command` of ours reads one of them as JSON from
    /// its standard input, and writes results, one a line, to its standard output.
    pub fn start(command: &'static str, jobs: Vec<J>, at_a_time: Option<usize>) -> Self {
        let at_a_time = at_a_time
            .unwrap_or_else(|| thread::available_parallelism().map_or(1, std::num::NonZero::get));
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
                    let result = work(command, place, &job, &running, &sender);
                    if sender.send(Progress::Done(place, result)).is_err() {
                        break;
                    }
                }
            });
        }
        Self { progress, running, queue }
    }

    /// Hears everything that happens until all are done. A signal makes it start no more; what a job that was
    /// told to stop then fails with is left out.
    ///
    /// # Errors
    /// Those of `hear`.
    pub fn follow<E>(
        &self,
        cancel: &Cancel,
        mut hear: impl FnMut(Progress<R>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            match self.next(TICK) {
                Ok(Progress::Done(_, Err(_))) if cancel.signal().is_some() => {}
                Ok(progress) => hear(progress)?,
                Err(RecvTimeoutError::Timeout) if cancel.signal().is_some() => self.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// What happens next, if it comes within that time.
    ///
    /// # Errors
    /// It did not, or all are done.
    fn next(&self, within: Duration) -> Result<Progress<R>, RecvTimeoutError> {
        self.progress.recv_timeout(within)
    }
}

impl<J, R> Pool<J, R> {
    /// Starts no more, and asks those that are at work to stop.
    pub fn stop(&self) {
        locked(&self.queue).clear();
        for pid in locked(&self.running).iter() {
            // It may just have ended; its number is still its own, it is not reaped yet.
            let _ = kill(Pid::from_raw(*pid as i32), Signal::SIGTERM);
        }
    }
}

impl<J, R> Drop for Pool<J, R> {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work<R: DeserializeOwned>(
    command: &str,
    place: usize,
    job: &impl Serialize,
    running: &Mutex<Vec<u32>>,
    sender: &Sender<Progress<R>>,
) -> Result<(), String> {
    let name = command;
    let mut command = Command::new(program::this().map_err(|error| error.to_string())?);
    command.arg(name).env(LANG_VARIABLE, lang().code());
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
fn hear<R: DeserializeOwned>(
    place: usize,
    job: &impl Serialize,
    child: &mut Child,
    sender: &Sender<Progress<R>>,
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
            let result = serde_json::from_str(&line?)?;
            if sender.send(Progress::Result(place, result)).is_err() {
                break;
            }
        }
    }
    Ok(said.and_then(|thread| thread.join().ok()).unwrap_or_default())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
