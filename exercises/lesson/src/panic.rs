//! A panic in the learner's save or load.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::messages::training as say;

/// Calls `call`. If it panics, says `place` after Rust's own message, and lets the panic go on: the exit
/// code stays 101.
pub(crate) fn say_where<T>(place: impl FnOnce() -> String, call: impl FnOnce() -> T) -> T {
    // Nothing that `call` may have left half done is looked at again.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        eprintln!("{}", say::error(&place()));
        resume_unwind(panic)
    })
}
