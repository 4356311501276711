//! `killresume run NAME` and `killresume next`: build, train, kill, resume, judge, and what to try.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Course, Stop, command, ended};
use crate::cli::Talk;
use crate::command::reports::write_case;
use crate::command::{
    Files, cancel, exit_of, no_report, out_dir, print, print_error, print_progress, show, write,
};
use crate::course::{
    Attempt, AttemptError, Exercise, HINTS, Options, Outcome, Position, Progress, TIMEOUT, attempt,
    title,
};
use crate::exit::Exit;
use crate::judge::Answer;
use crate::messages::{course as say, lang};
use crate::report::layout::{BAD, FAINT, GOOD, STRONG, labelled, line, link, styled, wrapped};
use crate::report::suite::{Case, Destination, Format};
use crate::report::words;
use crate::scenario::Expect;
use crate::supervise::Cancel;

/// How an exercise is run, and where the files go.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// The folder, where it is not the usual one.
    pub dir: Option<&'a Path>,
    /// Where the user wants reports for machines.
    pub reports: &'a [Destination],
    /// Whether a picture is drawn.
    pub plot: bool,
    /// How long the program may be silent, where it is not the usual time.
    pub timeout: Option<Duration>,
}

impl How<'_> {
    /// As the learner is used to.
    pub const USUAL: Self = Self { dir: None, reports: &[], plot: true, timeout: None };
}

/// Runs one exercise.
pub fn run_exercise(wanted: &str, how: How<'_>, talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.exercise(Some(wanted)).and_then(|exercise| course.run(exercise, how, talk)))
}

/// Runs the exercise that comes next.
pub fn next(talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    let progress = course.progress.read()?;
    let Position::At(exercise) = progress.position(&course.catalogue) else {
        print(&format!("{}\n", say::all_solved()), talk.color)?;
        return Ok(Exit::SameRun);
    };
    ended(course.run(exercise, How::USUAL, talk))
}

impl Course {
    fn run(&self, exercise: &Exercise, how: How<'_>, talk: Talk) -> Result<Exit, Stop> {
        self.progress.update(|progress| progress.set_current(exercise))?;
        let (attempt, progress) = self.try_out(exercise, how.timeout, talk, &cancel()?)?;
        let exit = self.tell(exercise, &attempt, &progress, how, talk)?;
        write_case(self.case(exercise, attempt)?, how.reports)?;
        Ok(exit)
    }

    /// What came of an attempt, for a machine.
    pub(super) fn case(&self, exercise: &Exercise, attempt: Attempt) -> anyhow::Result<Case> {
        let name = &exercise.name;
        let title = title(exercise, lang())?;
        let source = exercise.source();
        let file = source.strip_prefix(self.project.root()).unwrap_or(&source).to_owned();
        let seconds = (attempt.times.build + attempt.times.run).as_secs_f64();
        let not_run = |message, output: &str| {
            Case::not_run(name, &title, Some(file.clone()), seconds, message, output)
        };
        Ok(match attempt.outcome {
            Outcome::DoesNotCompile(messages) => not_run(say::check_compile(), &messages),
            Outcome::NoFile => not_run(say::check_no_file(), ""),
            Outcome::Tried(reports) => Case::of_reports(name, &title, Some(file), seconds, reports),
        })
    }

    /// Makes an attempt at an exercise and remembers what came of it.
    pub(super) fn try_out(
        &self,
        exercise: &Exercise,
        timeout: Option<Duration>,
        talk: Talk,
        cancel: &Cancel,
    ) -> Result<(Attempt, Progress), Stop> {
        let options = Options {
            timeout: timeout.unwrap_or(TIMEOUT),
            quiet: talk.quiet,
            verbose: talk.verbose,
        };
        let attempt = match attempt(&self.project, exercise, options, cancel) {
            Ok(attempt) => attempt,
            Err(AttemptError::Supervise(error)) => return Err(Stop::Exit(no_report(error)?)),
            Err(AttemptError::Harness(error)) => return Err(Stop::Error(error)),
        };
        let progress = self.progress.update(|progress| {
            if let Some(source) = attempt.source {
                progress.set_attempt(exercise, source, attempt.passed());
            }
        })?;
        Ok((attempt, progress))
    }

    /// Tells what came of an attempt: what happened, the picture, the components, the findings, what
    /// to try.
    pub(super) fn tell(
        &self,
        exercise: &Exercise,
        attempt: &Attempt,
        progress: &Progress,
        how: How<'_>,
        talk: Talk,
    ) -> anyhow::Result<Exit> {
        let mut text = String::new();
        let exit = match &attempt.outcome {
            Outcome::DoesNotCompile(messages) => {
                // An earlier attempt's report is none of this one.
                for stale in how.reports.iter().filter(|it| it.format == Format::Json) {
                    let _ = fs::remove_file(&stale.path);
                }
                print_progress(messages);
                let message = say::does_not_compile(&link(&exercise.source()));
                line(&mut text, &wrapped(&message, &styled(BAD, "✘ "), "  "));
                Exit::NotJudged
            }
            Outcome::NoFile => {
                let message = say::source_not_read(&link(&exercise.source()));
                let reset = command(&format!("reset {}", exercise.name));
                print_error(&message);
                line(&mut text, &wrapped(&say::try_reset(&reset), "", ""));
                if !talk.quiet {
                    print(&text, talk.color)?;
                }
                return Ok(Exit::NotJudged);
            }
            Outcome::Tried(reports) => {
                let Some((last, passed)) = reports.split_last() else {
                    anyhow::bail!("the exercise has no trial")
                };
                self.tell_trials(exercise, passed, reports.len(), talk)?;
                let usual = out_dir(None, &self.project).join("course");
                let dir: PathBuf = how.dir.map_or(usual, Path::to_owned);
                let files = Files { out: &dir, name: &exercise.name, reports: how.reports };
                let written = write(last, files, how.plot)?;
                show(last, &written, talk)?;
                exit_of(last.verdict)
            }
        };
        let times = attempt.times;
        let seconds = say::build_and_run(times.build.as_secs_f64(), times.run.as_secs_f64());
        labelled(&mut text, &say::label_build(), &seconds);
        line(&mut text, "");
        self.what_to_try(&mut text, exercise, attempt, progress);
        if !talk.quiet {
            print(&text, talk.color)?;
        }
        Ok(exit)
    }

    /// One line for each trial that came before.
    fn tell_trials(
        &self,
        exercise: &Exercise,
        passed: &[crate::report::Report],
        tried: usize,
        talk: Talk,
    ) -> anyhow::Result<()> {
        if talk.quiet || exercise.trials.len() == 1 {
            return Ok(());
        }
        let mut text = String::new();
        let heading = |i: usize| {
            let trial = &exercise.trials[i];
            let (epochs, kill) = (trial.epochs.to_string(), trial.kill().to_string());
            let heading = say::trial(i + 1, exercise.trials.len(), &epochs, &kill);
            match trial.expect {
                Expect::SameRun => heading,
                Expect::Refusal => say::trial_refusal(&heading, &trial.resume_args.join(" ")),
            }
        };
        for (i, report) in passed.iter().enumerate() {
            let row = format!("{}: {}", heading(i), words::headline(report));
            line(&mut text, &wrapped(&row, &styled(GOOD, "✔ "), "  "));
        }
        line(&mut text, &styled(FAINT, &wrapped(&heading(tried - 1), "", "")));
        print(&text, talk.color)
    }

    fn what_to_try(
        &self,
        text: &mut String,
        exercise: &Exercise,
        attempt: &Attempt,
        progress: &Progress,
    ) {
        let name = &exercise.name;
        if attempt.passed() {
            let solved = say::solved(exercise.number, name);
            line(text, &styled(GOOD, &format!("✔ {solved}")));
            let next = match progress.position(&self.catalogue) {
                Position::At(_) => say::try_next(&command("next")),
                Position::Done => say::all_solved(),
            };
            let solution = say::try_solution(&command(&format!("solution {name}")));
            for row in [solution, next] {
                line(text, &wrapped(&row, "  · ", "    "));
            }
            return;
        }
        line(text, &styled(STRONG, &say::heading_try()));
        let untouched = matches!(&attempt.outcome, Outcome::Tried(reports)
            if reports.iter().all(|report| report.verdict != Answer::NotJudged)
                && exercise.is_untouched());
        let fault = match &attempt.outcome {
            Outcome::Tried(reports) => reports.last().and_then(|report| report.fault.as_deref()),
            _ => None,
        };
        let hint = command(&format!("hint {name}"));
        let rows = [
            untouched.then(say::unchanged),
            match fault {
                Some("never_connected") => Some(say::try_main()),
                Some("silent" | "silent_start") => Some(say::try_loop()),
                _ => None,
            },
            Some(say::try_lesson(&link(&exercise.lesson(lang())))),
            Some(say::try_edit(&link(&exercise.source()), &command(&format!("run {name}")))),
            Some(say::try_hint(&hint, progress.hints(exercise), HINTS)),
        ];
        for row in rows.into_iter().flatten() {
            line(text, &wrapped(&row, "  · ", "    "));
        }
    }
}
