//! Which calls the saves make, and the control run: both from one look before anything is killed.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use crate::judge::{Finding, how_it_saves};
use crate::messages::crash as say;
use crate::protocol::{CheckpointKind, Event, Phase};
use crate::recording::{Recording, TracedSave};
use crate::scenario::{KillPoint, Scenario};
use crate::supervise::{Cancel, Observer, SuperviseError, carry_out};

/// What is known before the first kill.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Survey {
    /// The run that is never killed.
    pub control: Recording,
    /// The run up to that save's end, which is its last event.
    pub interrupted: Recording,
    /// The save that is to be killed, as it is when nobody kills it.
    pub save: TracedSave,
    /// What is wrong with the way in which it writes.
    pub findings: Vec<Finding>,
}

/// The folder below the survey's that keeps the contents of files.
pub const KEPT: &str = "kept";

/// Follows the save of this kind that the scenario's kill lands in, and records the control run beside it.
///
/// # Errors
/// As [`carry_out`]; there is no such save, or it makes no call that can be followed.
pub fn survey(
    scenario: &Scenario,
    kind: CheckpointKind,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Survey, SuperviseError> {
    // Killed at its end, it is seen as a whole.
    let mut whole = scenario.clone();
    whole.kill = KillPoint::Save(kind, Phase::End);
    whole.keep = Some(work.join(KEPT));
    let trial = carry_out(&whole, None, work, observer, cancel)?;
    let findings = how_it_saves(&trial.interrupted);
    let mut interrupted = trial.interrupted;
    let saves = std::mem::take(&mut interrupted.traced_saves);
    let save = saves.into_iter().rfind(|save| save.kind == kind);
    let name = kind.name();
    let save = save.with_context(|| say::no_such_save(name))?;
    if save.followed.calls.is_empty() {
        return Err(SuperviseError::Harness(anyhow!(say::nothing_followed(name))));
    }
    let is_end = |event: &Event| matches!(event, Event::Checkpoint(it) if it.kind == kind && it.phase == Phase::End);
    let end = interrupted.events.iter().rposition(|(_, event)| is_end(event));
    interrupted.events.truncate(end.map_or(0, |end| end + 1));
    Ok(Survey { control: trial.control, interrupted, save, findings })
}
