//! Grades what learners handed in.
//!
//! Of a submission only the `exercise.rs` files are read ([`handed_in`]); everything else is the grader's
//! own. Each file is compiled against the lesson's library, which was built once ([`compile`]), and put
//! through the trials of its exercise in a sandbox ([`work`]). Every submission gets a process of ours of
//! its own (a [`pool`](crate::pool)), so that what one leaves running is known as its own, and what kills one grader does
//! not kill the others.
//!
//! ```text
//! grade ── pool ──┬── grade-one ── sandbox ── rustc, then the learner's program
//!                 ├── grade-one ── …
//! ```

mod compile;
mod handed_in;
mod plan;
mod prepare;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use plan::{Plan, PlanError, points, submissions};
pub use prepare::{Bench, prepare};
pub use work::{WORK, work};

use crate::report::gradebook::Task;
use crate::sandbox::Limits;

/// What the process that grades one submission is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The submission's folder.
    pub folder: PathBuf,
    /// What to grade.
    pub exercises: Vec<Task>,
    /// Added to the seed of each trial.
    pub seed: u64,
    /// How long a program may be silent.
    pub timeout: Duration,
    /// What each of the submission's processes may use, and the compiler.
    pub limits: Limits,
    /// What is shared by all submissions.
    pub bench: Bench,
}
