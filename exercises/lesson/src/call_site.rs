//! Which line of the learner's code last read saved state: where to look when a load fails.

use std::cell::Cell;
use std::panic::Location;

thread_local! {
    static LAST: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// Remembers the line that has called. The functions in between are `#[track_caller]` too.
#[track_caller]
pub(crate) fn note() {
    LAST.set(Some(Location::caller()));
}

/// That line, as `FILE:LINE`.
pub(crate) fn last() -> Option<String> {
    LAST.get().map(|place| format!("{}:{}", place.file(), place.line()))
}
