//! Something happens to the place that a run saves in: it is full, read-only, or gone.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;

use super::mounts::{self, Disk, Frozen};
use super::verdict::Took;
use super::{Stop, Trial, broken, never, not_tried};
use crate::messages::hazard as say;
use crate::protocol::{Event, Phase};
use crate::supervise::Files;

/// What a disk has besides room for the files of three runs.
const SPARE: u64 = 16 << 20;

/// No byte is free on the disk from a save on, until the process has ended.
pub(super) fn full_disk(trial: Trial<'_>) -> Result<String, Stop> {
    let size = 3 * bytes_in(&trial.control.dir).unwrap_or(0) + SPARE;
    let place = trial.work.join("disk");
    fs::create_dir(&place).with_context(|| format!("cannot create {}", place.display()))?;
    let disk = mounts::own_namespace().and_then(|()| Disk::mount(&place, size));
    let disk = disk.map_err(|error| not_tried(say::no_mount(&error.to_string())))?;
    let trial = Trial { work: &place, ..trial };
    let scenario = trial.torture.scenario(never(trial.torture));
    let (run, seen) = trial.train(&scenario, &|| {
        disk.fill().with_context(|| format!("cannot fill {}", place.display()))
    })?;
    let took = trial.took(&run, &seen)?;
    disk.empty().with_context(|| format!("cannot make room in {}", place.display()))?;
    Ok(took.told(&trial.again(&scenario, run)?))
}

/// The run's directory is read-only from a save on, until the process has ended.
pub(super) fn read_only(trial: Trial<'_>) -> Result<String, Stop> {
    let dir = trial.dir();
    let probe = trial.work.join("probe");
    fs::create_dir(&probe).with_context(|| format!("cannot create {}", probe.display()))?;
    let freeze = way_to_freeze(&probe).map_err(|why| not_tried(say::no_mount(&why)))?;
    let scenario = trial.torture.scenario(never(trial.torture));
    let frozen = Mutex::new(None);
    let (run, seen) = trial.train(&scenario, &|| {
        let held = freeze(&dir).with_context(|| format!("cannot freeze {}", dir.display()))?;
        *frozen.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(())
    })?;
    let took = trial.took(&run, &seen)?;
    drop(frozen);
    Ok(took.told(&trial.again(&scenario, run)?))
}

type Freeze = fn(&Path) -> io::Result<Frozen>;

/// By a mount, or else by permissions where they bind this user; tried on a directory that nobody needs.
fn way_to_freeze(probe: &Path) -> Result<Freeze, String> {
    let no_mount = match mounts::own_namespace().and_then(|()| Frozen::mount(probe)) {
        Ok(_) => return Ok(Frozen::mount),
        Err(error) => error.to_string(),
    };
    let frozen = Frozen::permissions(probe).map_err(|error| error.to_string())?;
    let binds = fs::write(probe.join("file"), "").is_err();
    drop(frozen);
    if binds { Ok(Frozen::permissions) } else { Err(no_mount) }
}

/// The run's directory is removed after a save. What it holds in the end has to be the same run, or nothing
/// and then it begins anew.
pub(super) fn removed(trial: Trial<'_>) -> Result<String, Stop> {
    let dir = trial.dir();
    let aside = trial.work.join("removed");
    let scenario = trial.torture.scenario(never(trial.torture));
    let (mut run, seen) = trial.train(&scenario, &|| {
        // At once, as a trainer sees it; then the rest.
        fs::rename(&dir, &aside)
            .and_then(|()| fs::remove_dir_all(&aside))
            .with_context(|| format!("cannot remove {}", dir.display()))
    })?;
    let is_empty = match Files::read(&dir) {
        Ok(files) => files == Files::default(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => Err(error).with_context(|| format!("cannot read {}", dir.display()))?,
    };
    let took = trial.took(&run, &seen)?;
    if is_empty && (took == Took::NothingFailed || seen.saves(&run, Phase::End) > 0) {
        return Err(broken(say::nothing_left()));
    }
    if is_empty {
        trial.begin_anew(&scenario)?;
        return Ok(took.told(&say::from_zero()));
    }
    // What was saved before is gone with the directory.
    let mut place = 0;
    run.events.retain(|(_, event)| {
        place += 1;
        place > seen.events || !matches!(event, Event::Checkpoint(_))
    });
    run.best_files.clear();
    Ok(took.told(&trial.again(&scenario, run)?))
}

fn bytes_in(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_in(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
