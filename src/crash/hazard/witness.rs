//! Makes something happen at a moment of a run, and notes what the trainer says from then on.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::crash::said::says_something_new;
use crate::protocol::{CheckpointKind, Event, Phase};
use crate::recording::Recording;
use crate::supervise::{Observer, Role};

/// Waits for the moment, and then makes it happen.
pub(super) struct Waiting<'a> {
    epoch: u64,
    happens: &'a (dyn Fn() -> anyhow::Result<()> + Sync),
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: usize,
    happened: Option<anyhow::Result<usize>>,
    lines: Vec<String>,
}

/// What was seen once it had happened.
#[derive(Debug)]
pub(super) struct Witness {
    /// How many events the trainer had said by then.
    pub events: usize,
    /// The lines that it has printed since.
    pub lines: Vec<String>,
}

impl Witness {
    /// How many saves have begun since, or were said to be durable.
    pub(super) fn saves(&self, run: &Recording, phase: Phase) -> usize {
        let since = run.events.iter().skip(self.events);
        since.filter(|(_, it)| matches!(it, Event::Checkpoint(it) if it.phase == phase)).count()
    }

    /// Whether it printed something that a run to which nothing happens does not print. Numbers do not count,
    /// nor where the run lies.
    pub(super) fn said_so(&self, dir: &Path, control: &Recording) -> bool {
        let lines = self.lines.iter().map(String::as_str);
        says_something_new(lines, dir, &control.output, &control.dir)
    }
}

impl<'a> Waiting<'a> {
    /// For the end of the save of latest that ends this epoch.
    pub(super) fn new(epoch: u64, happens: &'a (dyn Fn() -> anyhow::Result<()> + Sync)) -> Self {
        Self { epoch, happens, state: Mutex::default() }
    }

    /// What was seen; `None` if the moment never came.
    ///
    /// # Errors
    /// It could not be made to happen.
    pub(super) fn seen(self) -> anyhow::Result<Option<Witness>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some(happened) = state.happened else { return Ok(None) };
        Ok(Some(Witness { events: happened?, lines: state.lines }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Waiting<'_> {
    fn event(&self, _: Role, event: &Event) {
        let mut state = self.state();
        state.events += 1;
        let is_it = matches!(event, Event::Checkpoint(save)
            if save.kind == CheckpointKind::Latest
                && save.phase == Phase::End
                && save.epoch >= self.epoch);
        if is_it && state.happened.is_none() {
            let events = state.events;
            state.happened = Some((self.happens)().map(|()| events));
        }
    }

    fn line(&self, _: Role, line: &str) {
        let mut state = self.state();
        if state.happened.is_some() && !line.trim().is_empty() {
            state.lines.push(line.to_owned());
        }
    }

    fn killed(&self, _: u64, _: u64) {}
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::recording::Outcome;

    fn control(output: &str) -> Recording {
        Recording {
            events: Vec::new(),
            outcome: Outcome::Exited { code: 0 },
            kill: None,
            output: output.to_owned(),
            dir: PathBuf::from("/tmp/a/control"),
            wall: Duration::ZERO,
            traced_saves: Vec::new(),
            cut_short: None,
            damaged: Vec::new(),
            best_files: Vec::new(),
        }
    }

    #[test]
    fn a_progress_line_with_other_numbers_is_no_word_about_a_failed_save() {
        let control = control("epoch 3  loss 0.25\nsaved /tmp/a/control/latest\n");
        let says = |lines: &[&str]| {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            Witness { events: 0, lines }.said_so(Path::new("/tmp/b/interrupted"), &control)
        };
        assert!(!says(&[]));
        assert!(!says(&[
            "epoch 4  loss 1e-3",
            "epoch 5  loss -2.5E+10",
            "saved /tmp/b/interrupted/latest"
        ]));
        assert!(says(&["epoch 4  loss 0.125", "No space left on device (os error 28)"]));
    }
}
