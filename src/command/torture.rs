//! `killresume torture`: kills a save at every one of its system calls.

use std::fs;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::{
    TIMEOUT, build, cancel, command as typed, no_report, print, print_progress, refuse, worker,
};
use crate::cli::{Talk, TortureArgs};
use crate::crash::{ATTEMPT, Attempt, Attempted, Outcome, Point, Torture, attempt, points, survey};
use crate::exit::Exit;
use crate::judge::Finding;
use crate::libtorch::Project;
use crate::messages::{cli as say_cli, crash as say};
use crate::pool::{Pool, Progress};
use crate::protocol::CheckpointKind;
use crate::recording::FileCall;
use crate::report::layout::{BAD, GOOD, UNSURE, line, styled, table, wrapped};
use crate::report::progress::{Progress as Bars, printable};
use crate::report::words;
use crate::scenario::{Cut, KillPoint};

/// How often a waiting process looks whether it is to stop.
const TICK: Duration = Duration::from_millis(100);

/// Kills the saves at every point. Exit 0 if every kill ends in the same run, 3 if one could not be judged, or
/// else 1.
pub fn torture(args: &TortureArgs, talk: Talk) -> anyhow::Result<Exit> {
    if args.epochs.after < 2 {
        return Ok(refuse(&say_cli::torture_epochs()));
    }
    let project = Project::find()?;
    let program = match build(&project, &args.trainer, talk)? {
        Ok(program) => program,
        Err(exit) => return Ok(exit),
    };
    let dir = tempfile::Builder::new().prefix("killresume-").tempdir();
    let dir = dir.context("cannot create a temporary directory for the runs")?;
    let cancel = cancel()?;
    let kinds = args.save.map_or(CheckpointKind::ALL.to_vec(), |kind| vec![kind]);
    let mut worst = Exit::SameRun;
    for kind in kinds {
        let home = dir.path().join(kind.name());
        fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
        let torture = Torture {
            name: args.trainer.clone(),
            program: program.clone(),
            args: args.trainer_args.clone(),
            epochs: (args.epochs.before, args.epochs.after),
            seed: args.seed,
            timeout: args.timeout.unwrap_or(TIMEOUT),
            survey: home.join("survey.json"),
        };
        if !talk.quiet {
            print_progress(&say::surveying());
        }
        let scenario = torture.scenario(KillPoint::Inside(kind, Cut::FirstWrite));
        let bars = Bars::new(scenario.epochs.total(), true, talk.quiet, talk.verbose);
        let known = survey(&scenario, kind, &home, &bars, &cancel);
        bars.finish();
        let known = match known {
            Ok(known) => known,
            Err(error) => return no_report(error),
        };
        fs::write(&torture.survey, serde_json::to_vec(&known)?)
            .with_context(|| format!("cannot write {}", torture.survey.display()))?;
        let points = points(&known.save);
        if !talk.quiet {
            print_progress(&say::points(kind.name(), known.save.calls.len(), points.len()));
        }
        let begin = Instant::now();
        let attempt =
            |point: &Point| Attempt { torture: torture.clone(), kill: point.kill.to_string() };
        let jobs: Vec<Attempt> = points.iter().map(attempt).collect();
        let side_by_side = args.jobs.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        });
        let pool = Pool::start(ATTEMPT, jobs, side_by_side);
        let mut results: Vec<Option<Attempted>> = vec![None; points.len()];
        loop {
            match pool.next(TICK) {
                Ok(Progress::Result(place, result)) => results[place] = Some(*result),
                Ok(Progress::Done(place, Err(why))) if cancel.signal().is_none() => {
                    let outcome = Outcome::NotJudged { why: say::attempt_failed(&why) };
                    results[place].get_or_insert(Attempted { outcome, again: 0 });
                }
                Ok(Progress::Done(..)) => {}
                Err(RecvTimeoutError::Timeout) if cancel.signal().is_some() => pool.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(signal) = cancel.signal() {
            return Ok(Exit::Signal(signal));
        }
        let results: Vec<Attempted> = results.into_iter().flatten().collect();
        let seconds = begin.elapsed().as_secs_f64();
        print(&told(args, &points, &results, seconds), talk.color)?;
        print(&how_it_writes(&known.findings), talk.color)?;
        let exit = match exit_of(&results) {
            // What no SIGKILL shows.
            Exit::SameRun if !known.findings.is_empty() => Exit::NotSameRun,
            exit => exit,
        };
        if exit.code() > worst.code() {
            worst = exit;
        }
    }
    Ok(worst)
}

/// Makes the attempt that standard input names.
pub fn torture_one() -> anyhow::Result<Exit> {
    let (job, cancel) = worker::begin::<Attempt>()?;
    match attempt(&job, &cancel) {
        Ok(result) => worker::tell(&result).map(|()| Exit::SameRun),
        Err(error) => no_report(error),
    }
}

fn exit_of(results: &[Attempted]) -> Exit {
    let is_judged = |it: &Attempted| !matches!(it.outcome, Outcome::NotJudged { .. });
    if !results.iter().all(is_judged) {
        Exit::NotJudged
    } else if results.iter().all(|it| it.outcome == Outcome::SameRun) {
        Exit::SameRun
    } else {
        Exit::NotSameRun
    }
}

/// The table, and how to repeat the worst of it.
fn told(args: &TortureArgs, points: &[Point], results: &[Attempted], seconds: f64) -> String {
    let mut text = String::new();
    let title = [say::column_point(), say::column_outcome(), say::column_call()];
    let rows = points.iter().zip(results).map(|(point, result)| {
        let style = match result.outcome {
            Outcome::SameRun => GOOD,
            Outcome::NotJudged { .. } => UNSURE,
            _ => BAD,
        };
        let kill = point.kill.to_string();
        let short = kill.splitn(3, ':').last().unwrap_or_default().to_owned();
        let cells = [short, said(result), when(point)];
        (style, cells.map(|cell| printable(&cell)))
    });
    table(&mut text, title, rows.collect());
    line(&mut text, "");
    let same = results.iter().filter(|it| it.outcome == Outcome::SameRun).count();
    let rate = results.len() as f64 / seconds;
    line(&mut text, &wrapped(&say::summary(same, results.len(), seconds, rate), "", ""));
    let worst = points.iter().zip(results).max_by(|(_, a), (_, b)| a.outcome.cmp(&b.outcome));
    if let Some((point, result)) = worst
        && result.outcome != Outcome::SameRun
    {
        let mut command = format!(
            "run --trainer {} --epochs {} --seed {} --kill {}",
            args.trainer, args.epochs, args.seed, point.kill
        );
        if !args.trainer_args.is_empty() {
            command.push_str(&format!(" -- {}", args.trainer_args.join(" ")));
        }
        if let Outcome::SilentlyDifferent { why } | Outcome::NotJudged { why } = &result.outcome {
            line(
                &mut text,
                &wrapped(&printable(&say::worst(&point.kill.to_string(), why)), "", "  "),
            );
        }
        line(&mut text, &wrapped(&say::repeat(&typed(&command)), "", "  "));
    }
    line(&mut text, "");
    text
}

/// What is wrong with the way in which the save writes, whether or not a kill shows it.
fn how_it_writes(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let row = printable(&words::finding(finding));
        line(&mut text, &wrapped(&row, &styled(BAD, "✘ "), "  "));
    }
    text
}

fn said(result: &Attempted) -> String {
    match &result.outcome {
        Outcome::SameRun => say::same_run(result.again),
        Outcome::OlderCheckpoint { steps_lost } => say::older_checkpoint(*steps_lost),
        Outcome::RestartedFromZero => say::restarted_from_zero(),
        Outcome::RefusedToStart => say::refused_to_start(),
        Outcome::SilentlyDifferent { .. } => say::silently_different(),
        Outcome::NotJudged { .. } => say::not_judged(),
    }
}

/// The call that is done or half done at a point.
fn when(point: &Point) -> String {
    let Some(call) = &point.call else {
        return match point.kill {
            KillPoint::Save(_, crate::protocol::Phase::Begin) => say::before_the_first(),
            _ => say::after_the_last(),
        };
    };
    let call = match call {
        FileCall::Open { path, truncate: true, .. } => format!("open(O_TRUNC) {path}"),
        FileCall::Open { path, .. } => format!("open {path}"),
        FileCall::Write { path, bytes } => format!("write {path} ({bytes} B)"),
        FileCall::Truncate { path } => format!("truncate {path}"),
        FileCall::Close { path } => format!("close {path}"),
        FileCall::Sync { path } => format!("fsync {path}"),
        FileCall::SyncAll => "sync".to_owned(),
        FileCall::Rename { from, to } => format!("rename {from} -> {to}"),
        FileCall::Link { from, to } => format!("link {from} -> {to}"),
        FileCall::Unlink { path } => format!("unlink {path}"),
    };
    match point.kill {
        KillPoint::Inside(_, Cut::Half(_)) => say::half(&call),
        _ => call,
    }
}
