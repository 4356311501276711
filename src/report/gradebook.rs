//! Suites of several submissions: what a grader reports, and what shards of a class are joined from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::messages::grade as say;

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

    /// Joins the parts of a class, each with the name of its file.
    ///
    /// # Errors
    /// What does not belong together, or is not all, in words.
    pub fn merged(parts: Vec<(String, Self)>) -> Result<Self, String> {
        let mut parts = parts.into_iter();
        let (first, mut whole) = parts.next().ok_or_else(say::nothing_to_merge)?;
        let of = whole.shard.of;
        let mut files: BTreeMap<usize, String> =
            BTreeMap::from([(whole.shard.number, first.clone())]);
        for (file, part) in parts {
            if part.shard.of != of || part.exercises != whole.exercises {
                return Err(say::other_class(&file, &first));
            }
            if let Some(other) = files.insert(part.shard.number, file.clone()) {
                return Err(say::shard_twice(part.shard.number, of, &other, &file));
            }
            if let Some(name) = part.planned.iter().find(|name| whole.planned.contains(name)) {
                return Err(say::submission_twice(name, &file));
            }
            whole.planned.extend(part.planned);
            whole.submissions.extend(part.submissions);
            whole.seconds = whole.seconds.max(part.seconds);
            if part.containment == Containment::LimitsOnly {
                whole.containment = part.containment;
            }
        }
        let missing: Vec<String> = (1..=of)
            .filter(|number| !files.contains_key(number))
            .map(|number| format!("{number}/{of}"))
            .collect();
        if !missing.is_empty() {
            return Err(say::shards_missing(&missing.join(", ")));
        }
        whole.planned.sort();
        whole.submissions.sort_by(|a, b| a.name.cmp(&b.name));
        whole.shard = Shard { number: 1, of: 1 };
        Ok(whole)
    }

    /// How many cases of all submissions came out so.
    pub fn count(&self, status: Status) -> usize {
        self.submissions.iter().map(|submission| submission.suite.count(status)).sum()
    }
}
