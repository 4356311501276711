//! Suites of several submissions: what a grader reports, and what shards of a class are joined from.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::suite::{Status, Suite};

/// The version of a gradebook's JSON form.
pub const GRADEBOOK_SCHEMA_VERSION: u32 = 1;

/// The grades of a class, or of the part of it that one grader was given, as far as it has come.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Gradebook {
    /// Grows when a reader of an older version could be misled.
    pub schema_version: u32,
    /// The version of killresume.
    pub killresume: String,
    /// What was graded, in the order of the course.
    pub exercises: Vec<Task>,
    /// Which part of the class this is.
    pub shard: Shard,
    /// The names of all submissions of this part, sorted; those that are not among `submissions` are still
    /// to be graded.
    pub planned: Vec<String>,
    /// Added to the seed of every trial. No submission can know it beforehand.
    pub seed: u64,
    /// What a submission's programs were kept from.
    pub containment: Containment,
    /// Each submission, sorted by name. The last ones may be incomplete while the grader is at work.
    pub submissions: Vec<Submission>,
    /// Wall time so far, in seconds.
    pub seconds: f64,
}

/// An exercise that was graded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// Its name: `optimizer`.
    pub name: String,
    /// What a pass is worth.
    pub points: f64,
}

/// A part of a class: the submissions, sorted by name, whose place leaves this remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// What a submission's programs were kept from, besides their limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Containment {
    /// The kernel let them read what they need to run, write in their own directory, and start nothing
    /// but themselves (Linux with Landlock).
    Landlock,
    /// Their limits alone: this kernel cannot do more.
    LimitsOnly,
}

/// What one learner handed in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Submission {
    /// The name of its folder.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// Its exercises, each a case.
    pub suite: Suite,
}

impl Gradebook {
    /// Whether every submission of this part has been graded to its end.
    pub fn is_complete(&self) -> bool {
        self.planned.iter().all(|name| {
            self.submissions.iter().any(|submission| {
                submission.name == *name && submission.suite.cases.len() == self.exercises.len()
            })
        })
    }

    /// How many cases of all submissions came out so.
    pub fn count(&self, status: Status) -> usize {
        self.submissions.iter().map(|submission| submission.suite.count(status)).sum()
    }
}
