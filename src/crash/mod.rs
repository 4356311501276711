//! Kills a save at every one of its system calls, and inside every write.
//!
//! One run is followed to see which calls a save makes ([`survey`]). Then each of them is a [`Point`] of its
//! own: a run from the beginning, a real SIGKILL when that call is done or a write is half done, a resume, a
//! verdict ([`attempt`]). A power failure is not a kill: what it may leave of the same save is worked out by a
//! model ([`states`]), put into a directory, and resumed from. What came of either is an [`Outcome`].

mod attempt;
mod point;
mod power;
mod survey;

pub use attempt::{ATTEMPT, Attempt, Attempted, Happening, Torture, attempt};
pub use point::{Outcome, Point, points};
pub use power::{Left, State, states};
pub use survey::{KEPT, Survey, survey};
