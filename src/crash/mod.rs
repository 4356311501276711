//! Kills a save at every one of its system calls, and inside every write.
//!
//! One run is followed to see which calls a save makes ([`survey`]). Then each of them is a [`Point`] of its
//! own: a run from the beginning, a real SIGKILL when that call is done or a write is half done, a resume, a
//! verdict ([`attempt`]). A power failure is not a kill: what it may leave of the same save is worked out by a
//! model ([`states`]), put into a directory, and resumed from. What came of either is an [`Outcome`].
//!
//! [`soak`] kills one run many times and not many runs once. Around the saves other things go wrong: those are in
//! [`hazard`].

mod attempt;
mod dice;
mod faults;
pub mod hazard;
mod outside;
mod point;
mod power;
mod said;
pub mod soak;
mod survey;
mod tally;

pub use attempt::{ATTEMPT, Attempt, Attempted, Happening, Subject, Torture, attempt};
pub use faults::faults;
pub use outside::{Program, ProgramSurvey, survey_program};
pub use point::{At, Outcome, Point, points};
pub use power::{Bound, Left, State, States, states};
pub use survey::{KEPT, Survey, survey};
pub use tally::{TALLY_VERSION, TalliedFault, TalliedKill, TalliedSave, TalliedState, Tally};
