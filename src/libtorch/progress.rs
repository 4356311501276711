//! Shows that slow work is alive: a bar on a terminal, a line now and then in a log.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::messages::setup as say;

/// The longest silence in a log.
const LOG_EVERY: Duration = Duration::from_secs(15);
/// Work shorter than this is not worth a bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// With `--quiet`, work shorter than this is not worth a bar.
const QUIET_PATIENCE: Duration = Duration::from_secs(10);

/// Where progress goes, and how.
pub struct Progress {
    to: To,
    patience: Duration,
    every: Duration,
}

enum To {
    Terminal,
    // Written to directly: `eprintln!` would be captured by a test that runs us.
    Lines(Mutex<Box<dyn Write + Send>>),
}

impl Progress {
    /// To stderr. `quiet` keeps short work to itself; slow work is always shown.
    pub fn stderr(quiet: bool) -> Self {
        let to = match Term::stderr().is_term() {
            true => To::Terminal,
            false => To::Lines(Mutex::new(Box::new(io::stderr()))),
        };
        let patience = if quiet { QUIET_PATIENCE } else { PATIENCE };
        Self { to, patience, every: LOG_EVERY }
    }

    /// To a log, where slow work says something each time that `every` has passed.
    pub fn lines(log: impl Write + Send + 'static, every: Duration) -> Self {
        Self { to: To::Lines(Mutex::new(Box::new(log))), patience: every, every }
    }

    /// Says one line, whatever the mode.
    pub(super) fn say(&self, line: &str) {
        // Progress that cannot be shown is no reason to stop the work.
        _ = match &self.to {
            To::Terminal => writeln!(io::stderr(), "{line}"),
            To::Lines(log) => match log.lock() {
                Ok(mut log) => writeln!(log, "{line}").and_then(|()| log.flush()),
                Err(_) => Ok(()),
            },
        };
    }

    /// Begins slow work.
    pub(super) fn begin(&self) -> Work<'_> {
        let now = Instant::now();
        Work { progress: self, started: now, said: now, bar: None }
    }
}

/// Slow work that is going on. Its bar vanishes when it is dropped.
pub(super) struct Work<'a> {
    progress: &'a Progress,
    started: Instant,
    said: Instant,
    bar: Option<ProgressBar>,
}

impl Work<'_> {
    /// Tells how it stands; call it often, it shows only what is due.
    ///
    /// `of` is how far along in MB, and how far there is to go, where that is known.
    pub(super) fn update(&mut self, doing: &str, of: Option<(u64, u64)>) {
        match self.progress.to {
            To::Terminal if self.started.elapsed() >= self.progress.patience => {
                let started = self.started;
                let bar = self.bar.get_or_insert_with(|| new_bar(started));
                if bar.length() != of.map(|(_, total)| total) {
                    bar.set_style(style(of.is_some()));
                    bar.set_length(of.map_or(0, |(_, total)| total));
                    if of.is_none() {
                        bar.unset_length();
                    }
                }
                if let Some((done, total)) = of {
                    bar.set_position(done.min(total));
                }
                bar.set_message(doing.to_owned());
                bar.tick();
            }
            To::Lines(_) if self.said.elapsed() >= self.progress.every => {
                self.said = Instant::now();
                let amount = of.map(|(done, total)| say::of_mb(done.min(total), total));
                let details = amount.into_iter().chain([clock(self.started.elapsed())]);
                self.progress
                    .say(&format!("  … {doing}: {}", details.collect::<Vec<_>>().join(", ")));
            }
            _ => {}
        }
    }

    /// Says one line above the bar.
    pub(super) fn say(&mut self, line: &str) {
        self.said = Instant::now();
        match &self.bar {
            Some(bar) => bar.suspend(|| self.progress.say(line)),
            None => self.progress.say(line),
        }
    }

    /// How long it has been going on.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(started: Instant) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_elapsed(started.elapsed())
        .with_style(style(false));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn style(has_length: bool) -> ProgressStyle {
    let template = match has_length {
        true => "{spinner} {msg} {bar:30} {pos}/{len} MB {elapsed}",
        false => "{spinner} {msg} {elapsed}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn clock(elapsed: Duration) -> String {
    say::elapsed(elapsed.as_secs() / 60, elapsed.as_secs() % 60)
}
