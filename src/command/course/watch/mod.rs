//! `killresume watch`: runs an exercise, and again whenever its file is saved.

mod events;
mod file;
mod run;
mod terminal;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};

use anyhow::Context;
use nix::sys::signal::Signal;
use serde_json::Value;

use self::events::{Event, Key};
use self::file::Saves;
use self::run::{Run, Verdict};
use self::terminal::Terminal;
use super::{Course, Stop, command, ended};
use crate::cli::Talk;
use crate::command::{out_dir, print, refuse};
use crate::course::{Exercise, file_digest};
use crate::exit::Exit;
use crate::messages::course as say;
use crate::report::layout::{BAD, FAINT, GOOD, STRONG, UNSURE, line, link, styled, wrapped};

/// Watches one exercise after the other until the learner quits: exit 0, or the signal's.
pub fn watch(wanted: Option<&str>, talk: Talk) -> anyhow::Result<Exit> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(refuse(&say::watch_needs_terminal()));
    }
    let course = Course::open()?;
    ended(course.watch(wanted, talk))
}

impl Course {
    fn watch(&self, wanted: Option<&str>, talk: Talk) -> Result<Exit, Stop> {
        let exercise = self.exercise(wanted)?;
        // Before the terminal changes: no signal may end us without restoring it.
        let (sender, events) = events::listen().context("cannot listen to keys and signals")?;
        let terminal = Terminal::open().context("cannot set the terminal's modes")?;
        let saves = Saves::since(None);
        let mut watch =
            Watch { course: self, talk, exercise, saves, state: State::Missing, terminal, sender };
        watch.begin()?;
        watch.until_the_end(&events)
    }
}

/// One exercise that is watched. The fields are dropped in their order: first the run ends, then the
/// terminal is restored.
struct Watch<'a> {
    course: &'a Course,
    talk: Talk,
    exercise: &'a Exercise,
    saves: Saves,
    state: State,
    terminal: Terminal,
    sender: Sender<Event>,
}

enum State {
    /// A run of the content that is known goes on.
    Running(Run),
    /// It has ended.
    Ended(Verdict),
    /// There is no file to run.
    Missing,
}

impl Watch<'_> {
    fn until_the_end(&mut self, events: &Receiver<Event>) -> Result<Exit, Stop> {
        loop {
            match events.recv_timeout(self.saves.pause()) {
                Ok(Event::Key(Key::Quit)) => {
                    self.stop(Signal::SIGTERM)?;
                    return Ok(Exit::SameRun);
                }
                Ok(Event::Key(key)) => self.key(key)?,
                Ok(Event::Signal(signal)) => {
                    self.stop(Signal::try_from(signal).unwrap_or(Signal::SIGTERM))?;
                    return Ok(Exit::Signal(signal));
                }
                Ok(Event::Continued) => {
                    self.terminal.take().context("cannot set the terminal's modes")?;
                    self.say_status()?;
                }
                Ok(Event::NotOpened(path)) => self.say(&say::watch_not_opened(&link(&path)))?,
                Err(RecvTimeoutError::Timeout) => {}
                // Not while we hold a sender.
                Err(RecvTimeoutError::Disconnected) => return Ok(Exit::SameRun),
            }
            self.look()?;
        }
    }

    /// Looks whether the run has ended and whether the file was saved.
    fn look(&mut self) -> anyhow::Result<()> {
        if let State::Running(run) = &mut self.state
            && let Some(verdict) = run.verdict().context("cannot wait for the run")?
        {
            self.state = State::Ended(verdict);
            self.say_status()?;
        }
        if self.saves.look(file_digest(&self.exercise.source())) {
            self.begin_anew()?;
        }
        Ok(())
    }

    fn begin_anew(&mut self) -> anyhow::Result<()> {
        self.stop(Signal::SIGTERM)?;
        self.terminal.clear()?;
        self.begin()
    }

    /// Runs the exercise as its file is now. The run itself remembers which content it has judged.
    fn begin(&mut self) -> anyhow::Result<()> {
        let exercise = self.exercise;
        let content = file_digest(&exercise.source());
        self.saves = Saves::since(content);
        self.state = State::Missing;
        if content.is_none() {
            return self.say_status();
        }
        let all = self.course.catalogue.exercises().len();
        let begins = say::watch_begins(exercise.number, all, &link(&exercise.source()));
        print(&format!("{}\n\n", styled(FAINT, &wrapped(&begins, "", ""))), self.talk.color)?;
        let run = Run::start(exercise, self.talk).context("cannot start killresume run")?;
        self.state = State::Running(run);
        Ok(())
    }

    fn stop(&mut self, signal: Signal) -> anyhow::Result<()> {
        match &mut self.state {
            State::Running(run) => run.stop(signal).context("cannot stop the run"),
            State::Ended(_) | State::Missing => Ok(()),
        }
    }

    /// Does what a key says. Only the key that quits counts while a run prints.
    fn key(&mut self, key: Key) -> Result<(), Stop> {
        if matches!(self.state, State::Running(_)) {
            return Ok(());
        }
        print("\n", self.talk.color)?;
        match key {
            Key::Hint => drop(self.course.hint(self.exercise, self.talk)?),
            Key::List => drop(self.course.list(self.talk)?),
            Key::Next => return self.next(),
            Key::Run => return Ok(self.begin_anew()?),
            Key::Plot => return Ok(self.open_plot()?),
            Key::Quit => {}
        }
        Ok(self.say_status()?)
    }

    /// Goes on to the next exercise that is not solved, whether this one is or not.
    fn next(&mut self) -> Result<(), Stop> {
        let progress = &self.course.progress;
        let Some(next) = progress.read()?.open_after(&self.course.catalogue, self.exercise) else {
            match self.state {
                State::Ended(Verdict::Solved) => self.say_status()?,
                _ => self.say(&say::watch_only_one(&self.exercise.name))?,
            }
            return Ok(());
        };
        progress.update(|progress| progress.set_current(next))?;
        self.exercise = next;
        Ok(self.begin_anew()?)
    }

    /// What the last run has written, by its extension.
    fn written(&self, extension: &str) -> PathBuf {
        let dir = out_dir(None, &self.course.project).join("course");
        dir.join(format!("{}.{extension}", self.exercise.name))
    }

    /// The first cause that the last run's report names, in words.
    fn cause(&self) -> Option<String> {
        let report: Value = serde_json::from_slice(&fs::read(self.written("json")).ok()?).ok()?;
        let is_cause = |it: &&Value| it["consequence_of"].as_array().is_some_and(Vec::is_empty);
        let causes: Vec<&Value> = report["findings"].as_array()?.iter().filter(is_cause).collect();
        let message = causes.first()?["message"].as_str()?;
        Some(match causes.len() - 1 {
            0 => message.to_owned(),
            others => say::watch_more(message, others),
        })
    }

    fn open_plot(&self) -> anyhow::Result<()> {
        let name = &self.exercise.name;
        let pictures = ["png", "svg"].map(|extension| self.written(extension));
        match pictures.into_iter().find(|picture| picture.is_file()) {
            Some(picture) => {
                self.say(&say::watch_opening(&link(&picture)))?;
                events::open_picture(picture, self.sender.clone());
                Ok(())
            }
            None => self.say(&say::watch_no_plot(name)),
        }
    }

    /// What a key brought, and the keys.
    fn say(&self, message: &str) -> anyhow::Result<()> {
        let mut text = String::new();
        line(&mut text, &wrapped(message, "", ""));
        line(&mut text, &keys());
        print(&text, self.talk.color)
    }

    /// How the exercise stands, and the keys: what is in sight even if the report is longer than the
    /// screen.
    fn say_status(&self) -> anyhow::Result<()> {
        let name = &self.exercise.name;
        let (style, mark, message) = match self.state {
            State::Running(_) => return Ok(()),
            State::Ended(Verdict::Solved) => {
                let progress = self.course.progress.read()?;
                let next = progress.open_after(&self.course.catalogue, self.exercise);
                let next = next.map_or_else(say::all_solved, |next| say::watch_next(&next.name));
                (GOOD, "✔ ", format!("{} · {next}", say::watch_solved(name)))
            }
            State::Ended(Verdict::Fails) => (BAD, "✘ ", say::watch_fails(name)),
            State::Ended(Verdict::NotJudged) => (UNSURE, "? ", say::watch_not_judged(name)),
            State::Ended(Verdict::NotRun) => (UNSURE, "? ", say::watch_not_run(name)),
            State::Missing => {
                let reset = command(&format!("reset {name}"));
                let missing = say::watch_missing(&link(&self.exercise.source()), &reset);
                (UNSURE, "? ", missing)
            }
        };
        let mut text = String::from("\n");
        line(&mut text, &wrapped(&message, &styled(style, mark), "  "));
        if let State::Ended(Verdict::Fails) = self.state
            && let Some(cause) = self.cause()
        {
            line(&mut text, &wrapped(&cause, "  ", "  "));
        }
        line(&mut text, &keys());
        print(&text, self.talk.color)
    }
}

/// One line that names the keys.
fn keys() -> String {
    let keys = Key::ALL.map(|key| {
        let what = match key {
            Key::Hint => say::key_hint(),
            Key::Next => say::key_next(),
            Key::List => say::key_list(),
            Key::Plot => say::key_plot(),
            Key::Run => say::key_run(),
            Key::Quit => say::key_quit(),
        };
        format!("{} {what}", styled(STRONG, &key.letters().0.to_string()))
    });
    format!("  {}", keys.join(&styled(FAINT, " · ")))
}
