//! `killresume torture`: kills a save at every one of its system calls, and has the power fail at each.

mod told;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use super::{
    Stop, TIMEOUT, build, cancel, ended, no_report, out_dir, print, print_progress, refuse, worker,
};
use crate::cli::{Talk, TortureArgs};
use crate::crash::{
    ATTEMPT, Attempt, Attempted, Happening, KEPT, Outcome, State, Survey, Torture, attempt, points,
    states, survey,
};
use crate::exit::Exit;
use crate::libtorch::Project;
use crate::messages::{cli as say_cli, crash as say};
use crate::pool::{Pool, Progress};
use crate::protocol::CheckpointKind;
use crate::report::layout::link;
use crate::report::progress::Progress as Bars;
use crate::scenario::{Cut, KillPoint};
use crate::supervise::Cancel;

/// Tortures the saves. Exit 0 if every kill and every power failure ends in the same run, 3 if one could not be
/// judged, or else 1.
pub fn torture(args: &TortureArgs, talk: Talk) -> anyhow::Result<Exit> {
    if args.epochs.after < 2 {
        return Ok(refuse(&say_cli::torture_epochs()));
    }
    ended(torture_saves(args, talk))
}

/// Makes the attempt that standard input names.
pub fn torture_one() -> anyhow::Result<Exit> {
    let (job, cancel) = worker::begin::<Attempt>()?;
    match attempt(&job, &cancel) {
        Ok(result) => worker::tell(&result).map(|()| Exit::SameRun),
        Err(error) => no_report(error),
    }
}

fn torture_saves(args: &TortureArgs, talk: Talk) -> Result<Exit, Stop> {
    let project = Project::find()?;
    let program = build(&project, &args.trainer, talk)?.map_err(Stop::Exit)?;
    let dir = tempfile::Builder::new().prefix("killresume-").tempdir();
    let dir = dir.context("cannot create a temporary directory for the runs")?;
    let out = out_dir(args.out.as_deref(), &project).join("torture");
    let cancel = cancel()?;
    let mut worst = Exit::SameRun;
    for kind in args.save.map_or(CheckpointKind::ALL.to_vec(), |kind| vec![kind]) {
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
        let known = look(&torture, kind, talk, &cancel)?;
        for exit in [
            kill(&torture, &known, args, talk, &cancel)?,
            lose_power(&torture, &known, &out, args, talk, &cancel)?,
        ] {
            if exit.code() > worst.code() {
                worst = exit;
            }
        }
    }
    Ok(worst)
}

/// Follows one save, and keeps what was seen for the attempts.
fn look(
    torture: &Torture,
    kind: CheckpointKind,
    talk: Talk,
    cancel: &Cancel,
) -> Result<Survey, Stop> {
    if !talk.quiet {
        print_progress(&say::surveying());
    }
    let scenario = torture.scenario(KillPoint::Inside(kind, Cut::FirstWrite));
    let home = torture.survey.parent().context("the survey lies in a folder")?;
    let bars = Bars::new(scenario.epochs.total(), true, talk.quiet, talk.verbose);
    let known = survey(&scenario, kind, home, &bars, cancel);
    bars.finish();
    let known = match known {
        Ok(known) => known,
        Err(error) => return Err(Stop::Exit(no_report(error)?)),
    };
    fs::write(&torture.survey, serde_json::to_vec(&known)?)
        .with_context(|| format!("cannot write {}", torture.survey.display()))?;
    Ok(known)
}

/// A SIGKILL at every point.
fn kill(
    torture: &Torture,
    known: &Survey,
    args: &TortureArgs,
    talk: Talk,
    cancel: &Cancel,
) -> Result<Exit, Stop> {
    let points = points(&known.save);
    if !talk.quiet {
        let kind = known.save.kind.name();
        print_progress(&say::points(kind, known.save.calls.len(), points.len()));
    }
    let begin = Instant::now();
    let kills = points.iter().map(|point| Happening::Kill(point.kill.to_string()));
    let results = try_all(torture, kills, args.jobs, cancel)?;
    print(&told::kills(args, &points, &results, begin.elapsed().as_secs_f64()), talk.color)?;
    Ok(exit_of(&results))
}

/// A power failure after every call.
fn lose_power(
    torture: &Torture,
    known: &Survey,
    out: &Path,
    args: &TortureArgs,
    talk: Talk,
    cancel: &Cancel,
) -> Result<Exit, Stop> {
    let states = states(&known.save);
    if !talk.quiet {
        print_progress(&say::power_states(states.len()));
    }
    let begin = Instant::now();
    let losses = states.iter().cloned().map(Happening::PowerLoss);
    let results = try_all(torture, losses, args.jobs, cancel)?;
    let seconds = begin.elapsed().as_secs_f64();
    print(&told::power_losses(&states, &results, seconds), talk.color)?;
    let left = out.join(known.save.kind.name());
    // What an earlier one left is none of this one.
    let _ = fs::remove_dir_all(&left);
    if let Some((state, _)) = told::worst(&states, &results) {
        write_out(state, &left, &torture.survey.with_file_name(KEPT))?;
        print(&format!("{}\n", say::written_out(&link(&left))), talk.color)?;
    }
    print(&format!("{}\n", told::how_it_writes(&known.findings)), talk.color)?;
    Ok(match exit_of(&results) {
        // What the model did not come to is told all the same.
        Exit::SameRun if !known.findings.is_empty() => Exit::NotSameRun,
        exit => exit,
    })
}

/// For a person to look at.
fn write_out(state: &State, to: &Path, kept: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)
        .and_then(|()| state.write(to, kept))
        .with_context(|| format!("cannot write {}", to.display()))
}

/// Makes every attempt, several side by side, each in a process of its own.
fn try_all(
    torture: &Torture,
    what: impl Iterator<Item = Happening>,
    side_by_side: Option<usize>,
    cancel: &Cancel,
) -> Result<Vec<Attempted>, Stop> {
    let jobs: Vec<Attempt> = what.map(|to| Attempt { torture: torture.clone(), to }).collect();
    let mut results: Vec<Option<Attempted>> = vec![None; jobs.len()];
    Pool::start(ATTEMPT, jobs, side_by_side).follow(cancel, |progress| {
        match progress {
            Progress::Result(place, result) => results[place] = Some(*result),
            Progress::Done(place, Err(why)) => {
                let outcome = Outcome::NotJudged { why: say::attempt_failed(&why) };
                results[place].get_or_insert(Attempted { outcome, again: 0 });
            }
            Progress::Done(_, Ok(())) => {}
        }
        anyhow::Ok(())
    })?;
    match cancel.signal() {
        Some(signal) => Err(Stop::Exit(Exit::Signal(signal))),
        None => Ok(results.into_iter().flatten().collect()),
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
