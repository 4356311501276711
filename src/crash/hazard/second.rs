//! A second trainer on the directory of one that lives.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, anyhow};

use super::verdict::difference;
use super::{HAZARD, Job, Second, Stop, Trial, broken, never};
use crate::crash::said::last_line;
use crate::messages::hazard as say;
use crate::pool::{Pool, Progress};
use crate::recording::{Outcome, Recording};
use crate::supervise::Files;

/// What there is to judge.
struct Met {
    second: Second,
    before: Files,
    after: Files,
}

/// The second has to end by itself, say why and change nothing; the first has to go on as if nothing was.
pub(super) fn second_trainer(trial: Trial<'_>) -> Result<String, Stop> {
    let met = Mutex::new(None);
    let dir = trial.dir();
    let read = || Files::read(&dir).with_context(|| format!("cannot read {}", dir.display()));
    let mut scenario = trial.torture.scenario(never(trial.torture));
    // The first is silent while the second has its own time to start and to train an epoch.
    scenario.timeout *= 4;
    let (first, _) = trial.train(&scenario, &|| {
        let before = read()?;
        let second = start(trial)?;
        let after = read()?;
        *met.lock().unwrap_or_else(PoisonError::into_inner) = Some(Met { second, before, after });
        Ok(())
    })?;
    let met = met.into_inner().unwrap_or_else(PoisonError::into_inner);
    let met = met.context("the second trainer was started")?;
    let code = refused(&met).map_err(broken)?;
    match difference(trial.control, &first) {
        None => Ok(say::second_refused(code)),
        Some(what) => Err(broken(say::first_differs(&what))),
    }
}

/// In a process of its own: what a supervision leaves running is killed at its end with all children of its
/// process, and here that would be the first trainer.
fn start(trial: Trial<'_>) -> anyhow::Result<Second> {
    let job = Job::Second { torture: trial.torture.clone(), work: trial.work.to_owned() };
    let mut result = None;
    let pool = Pool::<Job, Second>::start(HAZARD, vec![job], Some(1));
    let Ok(()) = pool.follow(trial.cancel, |progress| {
        match progress {
            Progress::Result(_, second) => result = Some(Ok(*second)),
            Progress::Done(_, Err(why)) if result.is_none() => result = Some(Err(anyhow!(why))),
            Progress::Done(..) => {}
        }
        Ok::<(), Infallible>(())
    });
    result.context("the process with the second trainer ended without a word")?
}

/// The second's exit code, if it did as it should; what it did, if not.
fn refused(met: &Met) -> Result<i32, String> {
    let mut changed = met.before.damaged(&met.after);
    changed.extend(met.after.damaged(&met.before));
    changed.sort();
    changed.dedup();
    if !changed.is_empty() {
        return Err(say::second_changed(&changed.join(", ")));
    }
    let second: &Recording = met.second.as_ref().map_err(|why| say::second_fault(why))?;
    match second.outcome {
        _ if second.started().is_some() => Err(say::second_started()),
        Outcome::Exited { code: 0 } => Err(say::second_zero()),
        Outcome::Exited { code } if last_line(&second.output).is_empty() => {
            Err(say::second_silent(code))
        }
        Outcome::Exited { code } => Ok(code),
        Outcome::Signaled { signal } => Err(say::second_died(signal)),
    }
}
