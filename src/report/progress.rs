//! Shows the runs while they are carried out: bars on a terminal, plain lines elsewhere.

use std::io::Write;

use console::strip_ansi_codes;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::plain::is_harmful;
use crate::messages::run as say;
use crate::protocol::Event;
use crate::supervise::{Observer, Role};

/// Follows the three runs for a person.
pub struct Progress {
    total: u64,
    verbose: bool,
    quiet: bool,
    bars: Option<Bars>,
}

struct Bars {
    all: MultiProgress,
    /// None where the control is a recorded one.
    control: Option<ProgressBar>,
    killed: ProgressBar,
}

impl Progress {
    /// `total` epochs, with or without a control run; bars if standard error is a terminal.
    pub fn new(total: u64, control: bool, quiet: bool, verbose: bool) -> Self {
        let on_terminal = console::user_attended_stderr();
        let bars = (on_terminal && !quiet).then(|| {
            let all = MultiProgress::new();
            let style = ProgressStyle::with_template("  {prefix:16} {bar:30.cyan/dim} {msg}")
                .expect("the template is well-formed")
                .progress_chars("━━─");
            let bar = |role: Role| {
                let bar = all.add(ProgressBar::new(total).with_style(style.clone()));
                bar.set_prefix(role.to_string());
                bar.set_message(say::progress_starting());
                bar
            };
            let control = control.then(|| bar(Role::Control));
            let killed = bar(Role::Interrupted);
            Bars { all, control, killed }
        });
        Self { total, verbose, quiet, bars }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            if let Some(control) = &bars.control {
                control.finish_and_clear();
            }
            bars.killed.finish_and_clear();
        }
    }

    fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.all.println(line);
            }
            // Progress that cannot be shown stops nothing.
            None => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }
}

impl Observer for Progress {
    fn event(&self, role: Role, event: &Event) {
        let Some(bars) = &self.bars else {
            if !self.quiet {
                match event {
                    Event::Started(_) => self.say(&say::line_started(&role.to_string())),
                    Event::Finished(_) => self.say(&say::line_finished(&role.to_string())),
                    _ => {}
                }
            }
            return;
        };
        let bar = match (role, &bars.control) {
            (Role::Control, Some(control)) => control,
            _ => &bars.killed,
        };
        match event {
            Event::Started(started) => {
                bar.set_prefix(role.to_string());
                bar.set_position(started.epoch);
                bar.set_message(say::progress_epoch(started.epoch, self.total));
            }
            Event::Epoch(epoch) => {
                bar.set_position(epoch.epoch);
                bar.set_message(say::progress_epoch(epoch.epoch, self.total));
            }
            Event::Finished(_) => bar.set_message(say::progress_done()),
            _ => {}
        }
    }

    fn line(&self, role: Role, line: &str) {
        if self.verbose {
            self.say(&format!("{role} │ {}", printable(line)));
        }
    }

    fn killed(&self, epoch: u64, step: u64) {
        match &self.bars {
            Some(bars) => bars.killed.set_message(say::progress_killed(epoch, step)),
            None if !self.quiet => self.say(&say::line_killed(epoch, step)),
            None => {}
        }
    }
}

/// A bar that counts what is done, on a terminal; nothing elsewhere.
pub fn counting(total: usize, quiet: bool) -> ProgressBar {
    if quiet || !console::user_attended_stderr() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {bar:30.cyan/dim} {pos}/{len}")
        .expect("the template is well-formed")
        .progress_chars("━━─");
    ProgressBar::new(total as u64).with_style(style)
}

/// A line of a trainer's output without anything that could steer the terminal, or show it in another
/// order.
pub fn printable(line: &str) -> String {
    strip_ansi_codes(line)
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_harmful(*c))
        .collect()
}

/// The same for a log of GitHub Actions: no command of its runner, wherever the text is wrapped. What
/// somebody handed in may be called anything.
pub fn inert(line: &str) -> String {
    let mut text = printable(line).replace("##[", "## [");
    while text.contains("::") {
        text = text.replace("::", ": :");
    }
    text
}
