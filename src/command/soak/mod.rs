//! `killresume soak`: kills one run again and again at random moments until its training ends.

mod progress;
mod told;

use std::fs;

use anyhow::Context;

use self::progress::SoakProgress;
use super::{
    Stop, TIMEOUT, build, cancel, ended, exit_of, is_ours, print, print_error, print_progress,
    refuse, without_result,
};
use crate::cli::{SoakArgs, Talk};
use crate::crash::soak::{Soak, look, soak as soak_run};
use crate::exit::Exit;
use crate::libtorch::Project;
use crate::messages::{cli as say_cli, soak as say};
use crate::report::progress::printable;
use crate::report::write_atomically;

/// Soaks one trainer. Exit 0 if it is the run that was never killed.
pub fn soak(args: &SoakArgs, talk: Talk) -> anyhow::Result<Exit> {
    let ours = |argument: &&String| is_ours(argument.as_ref()) && !argument.starts_with(SAVE_EVERY);
    if let Some(argument) = args.trainer_args.iter().find(ours) {
        return Ok(refuse(&say_cli::reserved_argument(argument)));
    }
    ended(soak_trainer(args, talk))
}

/// What `run` gives a trainer itself for some kills, and `soak` for none.
const SAVE_EVERY: &str = "--save-every";

fn soak_trainer(args: &SoakArgs, talk: Talk) -> Result<Exit, Stop> {
    let project = Project::find()?;
    let program = build(&project, &args.trainer, talk)?.map_err(Stop::Exit)?;
    let job = Soak {
        name: args.trainer.clone(),
        program,
        args: args.trainer_args.clone(),
        epochs: args.epochs,
        seed: args.seed,
        kills: args.kills,
        timeout: args.timeout.unwrap_or(TIMEOUT),
    };
    let dir = tempfile::Builder::new().prefix("killresume-").tempdir();
    let dir = dir.context("cannot create a temporary directory for the runs")?;
    let home = dir.path().join("lives");
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    let cancel = cancel()?;

    let progress = SoakProgress::new(&job, talk);
    progress.say(&say::looking());
    let known = look(&job, dir.path(), &progress, &cancel).map_err(without_result)?;
    if let Err(why) = &known.save {
        progress.say(&printable(&say::no_kill_inside(why)));
    }
    progress.begin_kills();
    let soaked = soak_run(&job, &known, &home, &progress, &cancel);
    progress.finish();
    let soaked = soaked.map_err(without_result)?;

    if let Some(path) = &args.json {
        write_atomically(path, soaked.json().as_bytes())?;
    }
    if !talk.quiet {
        print(&told::all(&soaked, args.json.as_deref()), talk.color)?;
    } else if let Some(reason) = &soaked.reason {
        print_error(reason);
        for line in soaked.output.as_deref().unwrap_or_default().lines() {
            print_progress(&printable(line));
        }
    }
    Ok(exit_of(soaked.verdict))
}
