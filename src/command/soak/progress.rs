//! How far a soak is: a bar on a terminal, a line now and then elsewhere.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Talk;
use crate::command::print_progress;
use crate::crash::soak::Soak;
use crate::messages::soak as say;
use crate::protocol::Event;
use crate::report::progress::printable;
use crate::supervise::{Observer, Role};

/// Lines in all, where there is no bar.
const LINES: u64 = 10;

/// Counts kills for a person.
pub(super) struct SoakProgress {
    kills: u64,
    epochs: u64,
    talk: Talk,
    bar: Option<ProgressBar>,
    /// Whether it is about the lives now, and no longer about the control.
    in_lives: AtomicBool,
    done: AtomicU64,
    /// What was said last about it.
    epoch: AtomicU64,
}

impl SoakProgress {
    pub(super) fn new(job: &Soak, talk: Talk) -> Self {
        let on_terminal = console::user_attended_stderr() && !talk.quiet;
        let bar = on_terminal.then(|| {
            let style = ProgressStyle::with_template("  {bar:30.cyan/dim} {pos}/{len} {msg}")
                .expect("the template is well-formed")
                .progress_chars("━━─");
            ProgressBar::new(job.kills).with_style(style)
        });
        let (in_lives, done, epoch) =
            (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        Self { kills: job.kills, epochs: job.epochs, talk, bar, in_lives, done, epoch }
    }

    /// A line of its own, unless nobody wants to hear.
    pub(super) fn say(&self, line: &str) {
        match &self.bar {
            _ if self.talk.quiet => {}
            Some(bar) => bar.println(line),
            None => print_progress(line),
        }
    }

    /// What comes now are the lives.
    pub(super) fn begin_kills(&self) {
        self.in_lives.store(true, Ordering::Relaxed);
        self.say(&say::killing(self.kills));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for SoakProgress {
    fn event(&self, _: Role, event: &Event) {
        let Some((epoch, _)) = event.position() else { return };
        self.epoch.store(epoch, Ordering::Relaxed);
        if let Some(bar) = &self.bar
            && self.in_lives.load(Ordering::Relaxed)
        {
            bar.set_message(say::bar_epoch(epoch, self.epochs));
        }
    }

    fn line(&self, role: Role, line: &str) {
        if self.talk.verbose {
            self.say(&format!("{role} │ {}", printable(line)));
        }
    }

    fn killed(&self, _: u64, _: u64) {
        let epoch = self.epoch.load(Ordering::Relaxed);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if done.is_multiple_of(self.kills.div_ceil(LINES)) => {
                self.say(&say::killed_so_far(done, self.kills, epoch, self.epochs));
            }
            None => {}
        }
    }
}
