//! Suites of several submissions: what a grader reports, and what shards of a class are joined from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::messages::grade as say;

use super::suite::{Case, Status, Suite, total};

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
    /// Added to the seed of every trial, so that no submission can know it beforehand; null for parts that
    /// were graded with different ones.
    pub seed: Option<u64>,
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
    /// (Linux with Landlock).
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
        self.rows().iter().all(Row::is_complete)
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
            whole.seed = whole.seed.filter(|seed| part.seed == Some(*seed));
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

/// A submission as it stands in a gradebook: what has been graded of it, and what has not yet.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The name of the submission.
    pub name: &'a str,
    /// What there is of it.
    pub submission: Option<&'a Submission>,
    /// Its case for each exercise, in the order of the course; `None` is still to be graded.
    pub cases: Vec<Option<&'a Case>>,
}

impl Gradebook {
    /// A row for every submission, those that are still to be graded too, sorted by name.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let planned = self.planned.iter().map(|name| (name.as_str(), None));
        let begun = self.submissions.iter().map(|it| (it.name.as_str(), Some(it)));
        let rows: BTreeMap<&str, Option<&Submission>> = planned.chain(begun).collect();
        rows.into_iter()
            .map(|(name, submission)| {
                let of = |task: &Task| {
                    submission?.suite.cases.iter().find(|case| case.name == task.name)
                };
                Row { name, submission, cases: self.exercises.iter().map(of).collect() }
            })
            .collect()
    }

    /// The points that each submission can get.
    pub fn max_score(&self) -> f64 {
        total(self.exercises.iter().map(|task| task.points))
    }

    /// The same of one submission alone.
    pub fn only(&self, submission: &Submission) -> Self {
        Self {
            planned: vec![submission.name.clone()],
            submissions: vec![submission.clone()],
            exercises: self.exercises.clone(),
            killresume: self.killresume.clone(),
            seconds: submission.suite.seconds,
            ..*self
        }
    }
}

impl Row<'_> {
    /// Whether every exercise has been graded. Where there is none, nothing has been.
    pub fn is_complete(&self) -> bool {
        !self.cases.is_empty() && self.cases.iter().all(Option::is_some)
    }

    /// The points so far.
    pub fn score(&self) -> f64 {
        total(self.cases.iter().flatten().map(|case| case.score()))
    }

    /// How many of its cases came out so.
    pub fn count(&self, status: Status) -> usize {
        self.cases.iter().flatten().filter(|case| case.status == status).count()
    }

    /// The worst that came out of it; `None` while some of it is still to be graded.
    pub fn overall(&self) -> Option<Status> {
        let worst = [Status::Error, Status::Fail].into_iter().find(|it| self.count(*it) > 0);
        self.is_complete().then(|| worst.unwrap_or(Status::Pass))
    }
}
