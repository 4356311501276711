//! A clock that jumps between the saves, as by NTP, a virtual machine that was asleep, or a copy without times.

use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;

use super::verdict::has_saved;
use super::{Stop, Trial, not_judged, quiet};
use crate::messages::hazard as say;
use crate::scenario::KillPoint;
use crate::supervise::{Role, SuperviseError, record};

const MINUTE: Duration = Duration::from_secs(60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Kills after a save, turns the times of all files round, and resumes.
pub(super) fn clock_jump(trial: Trial<'_>) -> Result<String, Stop> {
    let scenario = trial.torture.scenario(KillPoint::Epoch(trial.torture.epochs.0));
    let quiet = quiet(&scenario);
    let killed = match record(Role::Interrupted, &scenario, trial.work, &quiet, trial.cancel) {
        Ok(killed) => killed,
        Err(
            error @ (SuperviseError::Trainer { .. } | SuperviseError::KillPointNotReached { .. }),
        ) => return Err(not_judged(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    if !has_saved(&killed) {
        return Err(not_judged(say::no_moment(trial.torture.epochs.0)));
    }
    let dir = trial.dir();
    turn_times_round(&dir, SystemTime::now())
        .with_context(|| format!("cannot set the times of the files in {}", dir.display()))?;
    trial.again(&scenario, killed).map(|end| say::clock_held(&end))
}

/// The oldest file gets a time a year from now, the newest one of 1970, and those between them minutes in
/// reverse order.
fn turn_times_round(dir: &Path, now: SystemTime) -> io::Result<()> {
    let mut files = Vec::new();
    add_files(dir, &mut files)?;
    files.sort();
    let last = files.len().saturating_sub(1);
    for (place, (_, path)) in files.iter().enumerate() {
        let time = match place {
            _ if place == last => SystemTime::UNIX_EPOCH,
            0 => now + YEAR,
            _ => now - MINUTE * place as u32,
        };
        File::open(path)?.set_times(FileTimes::new().set_modified(time).set_accessed(time))?;
    }
    Ok(())
}

fn add_files(dir: &Path, files: &mut Vec<(SystemTime, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            add_files(&entry.path(), files)?;
        } else if metadata.is_file() {
            files.push((metadata.modified()?, entry.path()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_file_becomes_the_oldest_and_the_oldest_comes_from_the_future() {
        let dir = tempfile::tempdir().expect("a directory");
        let now = SystemTime::now();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("below")).expect("a directory");
        for (age, name) in [(1, "newest"), (2, "newer"), (3, "below/older"), (4, "oldest")] {
            let file = File::create(path(name)).expect("a file");
            file.set_modified(now - MINUTE * age).expect("its time is set");
        }
        turn_times_round(dir.path(), now).expect("the times are set");
        let time = |name| fs::metadata(path(name)).and_then(|it| it.modified()).expect("a time");
        assert_eq!(time("newest"), SystemTime::UNIX_EPOCH);
        assert!(time("newest") < time("newer") && time("newer") < time("below/older"));
        assert!(time("below/older") < now && now < time("oldest"));
    }
}
