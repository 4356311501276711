//! What came of all attempts on one subject, an API: `torture --json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{At, Left, Outcome};
use crate::protocol::CheckpointKind;
use crate::recording::FileCall;
use crate::scenario::CallFault;

/// The version of this form.
pub const TALLY_VERSION: u32 = 1;

/// All attempts on one trainer or program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// The version of this form: 1.
    pub schema_version: u32,
    /// `torture`.
    pub kind: String,
    /// The trainer's name, or the program and its arguments.
    pub subject: Vec<String>,
    /// Of the run, and of what is drawn.
    pub seed: u64,
    /// Each save that was looked at.
    pub saves: Vec<TalliedSave>,
}

/// One save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TalliedSave {
    /// Which, where the trainer says that.
    #[schemars(with = "Option<String>")]
    pub save: Option<CheckpointKind>,
    /// What it did to the run's directory, by system calls, in order.
    pub calls: Vec<FileCall>,
    /// A SIGKILL at each point.
    pub kills: Vec<TalliedKill>,
    /// Whether the states after a power failure are all that the model allows, and not drawn from them.
    pub all_states: bool,
    /// A power failure after each call.
    pub power_failures: Vec<TalliedState>,
    /// Each call failing in each way.
    pub faults: Vec<TalliedFault>,
    /// What is wrong with the way in which it writes, by kind and as a sentence.
    pub findings: Vec<String>,
    /// Files of the run that are not compared, where files are what is compared.
    pub left_out: Vec<String>,
}

/// One kill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TalliedKill {
    /// Where.
    pub at: At,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Updates that were done again, where they are counted.
    pub again: Option<u64>,
}

/// One power failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TalliedState {
    /// After so many calls of the save.
    pub calls: usize,
    /// Whether the trainer had said that the save is durable.
    pub told: bool,
    /// What was left.
    pub files: BTreeMap<String, Left>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// One call that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TalliedFault {
    /// Which, from 1.
    pub call: u32,
    /// How.
    pub fault: CallFault,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}
