//! `killresume hazards`: the surroundings of a run go wrong.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use super::{
    Stop, TIMEOUT, build, cancel, ended, exit_of_cases, is_ours, no_report, print, print_progress,
    refuse, without_result, worker,
};
use crate::cli::{HazardsArgs, Talk};
use crate::crash::Torture;
use crate::crash::hazard::{HAZARD, Hazard, Job, Outcome, Threat, be_second, endure, unharmed};
use crate::exit::Exit;
use crate::libtorch::Project;
use crate::messages::{cli as say_cli, hazard as say};
use crate::pool::{Pool, Progress};
use crate::recording::Recording;
use crate::report::layout::{BAD, GOOD, UNSURE, line, table, wrapped};
use crate::report::progress::printable;
use crate::supervise::Cancel;

/// Lets a trainer endure every hazard. Exit 0 if it holds in all that could be tried, 1 if it breaks in one, 3
/// if it cannot be judged.
pub fn hazards(args: &HazardsArgs, talk: Talk) -> anyhow::Result<Exit> {
    if let Some(argument) = args.trainer_args.iter().find(|argument| is_ours(argument.as_ref())) {
        return Ok(refuse(&say_cli::reserved_argument(argument)));
    }
    ended(from_the_control_on(args, talk))
}

/// Does the job that standard input names.
pub fn hazard_one() -> anyhow::Result<Exit> {
    let (job, cancel) = worker::begin::<Job>()?;
    let told = match job {
        Job::Endure(threat) => endure(&threat, &cancel).map(|outcome| worker::tell(&outcome)),
        Job::Second { torture, work } => {
            be_second(&torture, &work, &cancel).map(|second| worker::tell(&second))
        }
    };
    match told {
        Ok(told) => told.map(|()| Exit::SameRun),
        Err(error) => no_report(error),
    }
}

fn from_the_control_on(args: &HazardsArgs, talk: Talk) -> Result<Exit, Stop> {
    let project = Project::find()?;
    let program = build(&project, &args.trainer, talk)?.map_err(Stop::Exit)?;
    let home = tempfile::Builder::new().prefix("killresume-").tempdir();
    let home = home.context("cannot create a temporary directory for the runs")?;
    let torture = Torture {
        name: args.trainer.clone(),
        program,
        args: args.trainer_args.clone(),
        epochs: (args.epochs.before, args.epochs.after),
        seed: args.seed,
        timeout: args.timeout.unwrap_or(TIMEOUT),
        survey: home.path().join("survey.json"),
    };
    let cancel = cancel()?;
    if !talk.quiet {
        print_progress(&say::control());
    }
    let control = unharmed(&torture, home.path(), &cancel).map_err(without_result)?;
    survive(&torture, &control, home.path(), talk, &cancel)
}

/// Lets the trainer endure them all, several side by side, and tells how it took them. `control` is a run of
/// these epochs that nothing happened to; `home` is a folder for what the processes have to know.
fn survive(
    torture: &Torture,
    control: &Recording,
    home: &Path,
    talk: Talk,
    cancel: &Cancel,
) -> Result<Exit, Stop> {
    let path = home.join("control.json");
    fs::write(&path, serde_json::to_vec(control)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    if !talk.quiet {
        print_progress(&say::trying(Hazard::ALL.len()));
    }
    let begin = Instant::now();
    let jobs = Hazard::ALL.map(|hazard| {
        Job::Endure(Threat { torture: torture.clone(), control: path.clone(), hazard })
    });
    let mut outcomes: [Option<Outcome>; Hazard::ALL.len()] = Default::default();
    Pool::start(HAZARD, jobs.into(), None).follow(cancel, |progress| {
        match progress {
            Progress::Result(place, outcome) => outcomes[place] = Some(*outcome),
            Progress::Done(place, Err(why)) => {
                let why = say::process_failed(&why);
                outcomes[place].get_or_insert(Outcome::NotJudged { why });
            }
            Progress::Done(_, Ok(())) => {}
        }
        anyhow::Ok(())
    })?;
    if let Some(signal) = cancel.signal() {
        return Err(Stop::Exit(Exit::Signal(signal)));
    }
    let results: Vec<(Hazard, Outcome)> = Hazard::ALL
        .into_iter()
        .zip(outcomes)
        .filter_map(|(hazard, outcome)| Some((hazard, outcome?)))
        .collect();
    print(&told(&results, begin.elapsed().as_secs_f64()), talk.color)?;
    let count = |wanted: fn(&Outcome) -> bool| results.iter().filter(|it| wanted(&it.1)).count();
    Ok(exit_of_cases(
        count(|outcome| matches!(outcome, Outcome::Broken { .. })),
        count(|outcome| matches!(outcome, Outcome::NotJudged { .. })),
    ))
}

/// A table: hazard, outcome, what happened; and how many held.
fn told(results: &[(Hazard, Outcome)], seconds: f64) -> String {
    let mut text = String::new();
    let title = [say::column_hazard(), say::column_outcome(), say::column_what()];
    let rows = results.iter().map(|(hazard, outcome)| {
        let (style, word, what) = match outcome {
            Outcome::Held { how } => (GOOD, say::held(), how),
            Outcome::Broken { why } => (BAD, say::broken(), why),
            Outcome::NotTried { why } => (UNSURE, say::not_tried(), why),
            Outcome::NotJudged { why } => (UNSURE, say::not_judged(), why),
        };
        (style, [name(*hazard), word, what.clone()].map(|cell| printable(&cell)))
    });
    table(&mut text, title, rows.collect());
    line(&mut text, "");
    let count = |wanted: fn(&Outcome) -> bool| results.iter().filter(|it| wanted(&it.1)).count();
    let held = count(|outcome| matches!(outcome, Outcome::Held { .. }));
    let tried = count(|outcome| !matches!(outcome, Outcome::NotTried { .. }));
    line(&mut text, &wrapped(&say::summary(held, tried, seconds), "", ""));
    text
}

fn name(hazard: Hazard) -> String {
    match hazard {
        Hazard::SecondTrainer => say::second_trainer(),
        Hazard::FullDisk => say::full_disk(),
        Hazard::ReadOnly => say::read_only(),
        Hazard::ClockJump => say::clock_jump(),
        Hazard::Removed => say::removed(),
    }
}
