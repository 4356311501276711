//! What the commands do: scenario → supervise → judge → report, and an exit code.

mod course;
mod gallery;
mod grade;
mod hazards;
mod reports;
mod soak;
mod torture;
mod worker;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;

use crate::cli::{Color, RunArgs, Talk};
use crate::exit::Exit;
use crate::judge::Answer;
use crate::libtorch::{self, BuildError, Project};
use crate::messages::{cli as say, run as say_run};
use crate::pipeline::prove;
use crate::protocol::Phase;
use crate::report::layout::{BAD, GOOD, UNSURE, styled};
use crate::report::progress::{Progress, printable};
use crate::report::suite::{Case, Destination, Format, Status};
use crate::report::terminal::{Paths, terminal};
use crate::report::{Report, figure, json, write_atomically};
use crate::scenario::{KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand};
use crate::supervise::{Cancel, SuperviseError};

pub use course::{check_all, hint, list, next, reset, solution, watch};
pub use gallery::gallery;
pub use grade::{grade, grade_one, merge, sandbox};
pub use hazards::{hazard_one, hazards};
use reports::write_case;
pub use soak::soak;
pub use torture::{followed, torture, torture_one};

/// How long a trainer may be silent, where the user does not say.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The trainer that `setup` builds.
const REFERENCE: &str = "reference";

/// `killresume run`
pub fn run(args: &RunArgs, talk: Talk) -> anyhow::Result<Exit> {
    if let Some(exercise) = &args.exercise {
        let how = course::How {
            dir: args.out.as_deref(),
            reports: &args.report,
            plot: !args.no_plot,
            timeout: args.timeout,
        };
        return course::run_exercise(exercise, how, talk);
    }
    let kill = args.kill.unwrap_or(match args.inject {
        Some(inject) => KillPoint::Save(inject.save, Phase::End),
        None => KillPoint::Epoch(args.epochs.before),
    });
    if let KillPoint::Epoch(epoch) = kill
        && epoch >= args.epochs.total()
    {
        let message = say_run::kill_after_the_end(&kill.to_string(), args.epochs.total());
        return Ok(refuse(&message));
    }
    if let Some(work) = &args.work
        && fs::read_dir(work).is_ok_and(|mut entries| entries.next().is_some())
    {
        return Ok(refuse(&say::work_not_empty(&work.display().to_string())));
    }

    if let Some(argument) = args.trainer_args.iter().find(|argument| is_ours(argument)) {
        return Ok(refuse(&say::reserved_argument(&argument.to_string_lossy())));
    }

    let project = Project::find()?;
    let program = match build(&project, &args.trainer, talk)? {
        Ok(program) => program,
        Err(exit) => return Ok(exit),
    };
    let scenario = Scenario {
        trainer: TrainerCommand {
            name: args.trainer.clone(),
            program,
            args: args.trainer_args.clone(),
            sandbox: None,
        },
        control: None,
        epochs: args.epochs,
        seed: args.seed,
        kill,
        inject: args.inject,
        tolerance: args.tolerance,
        timeout: args.timeout.unwrap_or(TIMEOUT),
        required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
        resume: Resume::default(),
        scrambled: false,
        keep: None,
    };

    let cancel = cancel()?;
    let work = Work::open(args.work.as_deref())?;
    let progress = Progress::new(args.epochs.total(), true, talk.quiet, talk.verbose);
    let proof = prove(&scenario, None, work.path(), &progress, &cancel);
    progress.finish();
    let report = match proof {
        Ok(proof) => proof.report,
        Err(error) => return no_report(error),
    };
    let out = out_dir(args.out.as_deref(), &project);
    let files = Files { out: &out, name: &args.trainer, reports: &args.report };
    let written = write(&report, files, !args.no_plot)?;
    show(&report, &written, talk)?;
    let exit = exit_of(report.verdict);
    let (name, seconds) = (&args.trainer, report.timings.total);
    write_case(Case::of_reports(name, name, None, seconds, vec![report]), &args.report)?;
    Ok(exit)
}

fn exit_of(answer: Answer) -> Exit {
    match answer {
        Answer::SameRun => Exit::SameRun,
        Answer::NotSameRun => Exit::NotSameRun,
        Answer::NotJudged => Exit::NotJudged,
    }
}

fn cancel() -> anyhow::Result<Cancel> {
    Cancel::on_signals().context("cannot watch for SIGINT and SIGTERM")
}

/// Whether a trainer's argument is one that the harness itself gives.
fn is_ours(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    let name = text.split('=').next().unwrap_or_default();
    ["--dir", "--epochs", "--seed", "--save-every"].contains(&name)
}

/// How the harness ends when a supervision has nothing to report.
fn no_report(error: SuperviseError) -> anyhow::Result<Exit> {
    let exit = match error {
        SuperviseError::KillPointNotReached { .. } | SuperviseError::NoWrite { .. } => Exit::Usage,
        SuperviseError::Cancelled { signal } => Exit::Signal(signal),
        SuperviseError::Trainer { .. } | SuperviseError::NotJudged { .. } => Exit::NotJudged,
        SuperviseError::Stopped | SuperviseError::Harness(_) => return Err(error.into()),
    };
    print_error(&error.to_string());
    Ok(exit)
}

/// `killresume setup`
pub fn setup(talk: Talk) -> anyhow::Result<Exit> {
    let project = Project::find()?;
    Ok(match build(&project, REFERENCE, talk)? {
        Ok(_) => Exit::SameRun,
        Err(exit) => exit,
    })
}

/// Gets libtorch and builds a trainer; a trainer that does not compile is the trainer's fault.
fn build(project: &Project, name: &str, talk: Talk) -> anyhow::Result<Result<PathBuf, Exit>> {
    let progress = libtorch::Progress::stderr(talk.quiet);
    libtorch::ensure(project, &progress)?;
    match libtorch::build_trainers(project, [name], &progress) {
        Ok([program]) => Ok(Ok(program)),
        Err(BuildError::Setup(error)) => Err(error.into()),
        Err(error @ BuildError::NoSuchTrainer { .. }) => Ok(Err(refuse(&error.to_string()))),
        Err(error @ BuildError::Compile { .. }) => {
            print_error(&error.to_string());
            Ok(Err(Exit::NotJudged))
        }
    }
}

/// Where a report goes.
#[derive(Clone, Copy)]
struct Files<'a> {
    out: &'a Path,
    name: &'a str,
    /// Where the user wants reports for machines.
    reports: &'a [Destination],
}

/// The files of a report.
struct Written {
    pictures: Vec<PathBuf>,
    report: PathBuf,
}

/// Writes the report, and its pictures where it has a curve.
fn write(report: &Report, files: Files<'_>, plot: bool) -> anyhow::Result<Written> {
    let Files { out, name, reports } = files;
    let mut pictures = Vec::new();
    if report.curve.is_none() {
        // What an earlier run drew is no picture of this one.
        for extension in ["svg", "png"] {
            let _ = fs::remove_file(out.join(format!("{name}.{extension}")));
        }
    } else if plot {
        let picture = figure(report);
        pictures = write_pictures(out, name, &picture.svg()?, &picture.png()?)?;
    }
    let asked = reports.iter().filter(|it| it.format == Format::Json).map(|it| it.path.clone());
    let mut paths: Vec<PathBuf> = asked.collect();
    if paths.is_empty() {
        paths.push(out.join(format!("{name}.json")));
    }
    for path in &paths {
        write_atomically(path, json::json(report).as_bytes())?;
    }
    Ok(Written { pictures, report: paths.swap_remove(0) })
}

fn show(report: &Report, written: &Written, talk: Talk) -> anyhow::Result<()> {
    if !talk.quiet {
        let paths = Paths { pictures: &written.pictures, report: Some(&written.report) };
        print(&terminal(report, paths), talk.color)?;
    } else if let Some(reason) = &report.reason {
        print_error(reason);
        for line in report.trainer_output.as_deref().unwrap_or_default().lines() {
            print_progress(&printable(line));
        }
    }
    Ok(())
}

/// Where pictures and reports go.
fn out_dir(asked: Option<&Path>, project: &Project) -> PathBuf {
    asked.map_or_else(|| project.root().join("plots"), Path::to_owned)
}

/// Writes one picture in both formats.
fn write_pictures(out: &Path, name: &str, svg: &str, png: &[u8]) -> anyhow::Result<Vec<PathBuf>> {
    [("svg", svg.as_bytes()), ("png", png)]
        .into_iter()
        .map(|(extension, bytes)| {
            let path = out.join(format!("{name}.{extension}"));
            write_atomically(&path, bytes)?;
            Ok(path)
        })
        .collect()
}

/// Prints to standard output, with the styles if that is wanted.
fn print(text: &str, color: Color) -> anyhow::Result<()> {
    let choice = match color {
        Color::Auto => AutoStream::choice(&io::stdout()),
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    };
    let mut stdout = AutoStream::new(io::stdout().lock(), choice);
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Where the runs live: a temporary directory, or the one that the user wants to keep.
enum Work {
    Temporary(tempfile::TempDir),
    Kept(PathBuf),
}

impl Work {
    fn open(kept: Option<&Path>) -> anyhow::Result<Self> {
        Ok(match kept {
            Some(dir) => {
                fs::create_dir_all(dir)
                    .with_context(|| format!("cannot create --work {}", dir.display()))?;
                let dir = dir.canonicalize();
                Work::Kept(dir.context("cannot find --work")?)
            }
            None => Work::Temporary(
                tempfile::Builder::new()
                    .prefix("killresume-")
                    .tempdir()
                    .context("cannot create a temporary directory for the runs")?,
            ),
        })
    }

    fn path(&self) -> &Path {
        match self {
            Work::Temporary(dir) => dir.path(),
            Work::Kept(dir) => dir,
        }
    }
}

fn refuse(message: &str) -> Exit {
    print_error(message);
    Exit::Usage
}

/// A command of ours as the user would type it.
fn command(arguments: &str) -> String {
    // cargo tells the programs that it runs where it is itself.
    if env::var_os("CARGO").is_some() {
        return format!("cargo run -- {arguments}");
    }
    let program = env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).to_string_lossy().into_owned();
    format!("{program} {arguments}")
}

/// Why a command ends early.
enum Stop {
    /// With this exit code; the message is out.
    Exit(Exit),
    /// The harness could not do its work.
    Error(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

/// The end of a command whose supervision has no result.
fn without_result(error: SuperviseError) -> Stop {
    no_report(error).map_or_else(Stop::Error, Stop::Exit)
}

/// What `main` wants to hear.
fn ended(result: Result<Exit, Stop>) -> anyhow::Result<Exit> {
    match result {
        Ok(exit) | Err(Stop::Exit(exit)) => Ok(exit),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// How a case is marked, and in which style.
fn marked(status: Status) -> String {
    let (mark, style) = match status {
        Status::Pass => ("✔", GOOD),
        Status::Fail => ("✘", BAD),
        Status::Error => ("?", UNSURE),
    };
    styled(style, &format!("{mark} "))
}

/// The exit code of several cases, of which so many failed and so many could not be judged.
fn exit_of_cases(failed: usize, not_judged: usize) -> Exit {
    match (failed, not_judged) {
        (0, 0) => Exit::SameRun,
        (_, 0) => Exit::NotSameRun,
        _ => Exit::NotJudged,
    }
}

/// A number that nobody can foresee.
fn random() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id())
}

/// A line on standard error while work goes on.
fn print_progress(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// One clear message on standard error.
pub fn print_error(message: &str) {
    // Where even standard error is closed, the exit code still tells.
    let _ = writeln!(io::stderr(), "killresume: {}: {message}", say::error());
}
