//! Kills a save at every one of its system calls, and inside every write.
//!
//! One run is followed to see which calls a save makes ([`survey`]). Then each of them is a [`Point`] of its
//! own: a run from the beginning, a real SIGKILL when that call is done or a write is half done, a resume, a
//! verdict ([`attempt`]). What came of it is an [`Outcome`].

mod attempt;
mod point;
mod survey;

pub use attempt::{ATTEMPT, Attempt, Attempted, Torture, attempt};
pub use point::{Outcome, Point, points};
pub use survey::{Survey, survey};
