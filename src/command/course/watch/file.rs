//! What the learner's file holds, and when a save of it is complete.
//!
//! The content is looked at, not the file system's events: that works for an editor that replaces the
//! file as for one that writes it in pieces, through links, and on shared folders and network drives,
//! which send no events. The file is a few kilobytes.

use std::time::Duration;

use crate::protocol::Digest;

/// How long between two looks.
const IDLE: Duration = Duration::from_millis(150);
/// How long a content must have stood before it counts as saved.
const SETTLED: Duration = Duration::from_millis(60);

/// A content; `None` where there is no file.
pub type Content = Option<Digest>;

/// Follows a file from look to look.
#[derive(Debug)]
pub struct Saves {
    /// What was acted upon.
    known: Content,
    /// What the last look saw.
    seen: Content,
}

impl Saves {
    /// From this content on.
    pub fn since(known: Content) -> Self {
        Self { known, seen: known }
    }

    /// Whether another content was saved: one that two looks in a row have seen.
    pub fn look(&mut self, now: Content) -> bool {
        let saved = now != self.known && now == self.seen;
        self.seen = now;
        if saved {
            self.known = now;
        }
        saved
    }

    /// How long until the next look.
    pub fn pause(&self) -> Duration {
        if self.seen == self.known { IDLE } else { SETTLED }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Content = Some(Digest(1));
    const B: Content = Some(Digest(2));
    const C: Content = Some(Digest(3));

    fn looks<const N: usize>(contents: [Content; N]) -> [bool; N] {
        let mut saves = Saves::since(A);
        contents.map(|now| saves.look(now))
    }

    #[test]
    fn a_save_counts_once_it_has_settled_and_only_once() {
        assert_eq!(looks([A, B, B, B, A, A]), [false, false, true, false, false, true]);
    }

    #[test]
    fn what_an_editor_does_on_the_way_is_passed_over() {
        assert_eq!(looks([None, B, C, C]), [false, false, false, true]);
    }

    #[test]
    fn a_save_that_changes_nothing_is_none() {
        assert_eq!(looks([None, A, A, B, A, B]), [false; 6]);
    }

    #[test]
    fn a_deleted_file_and_its_return_count() {
        assert_eq!(looks([None, None, A, A]), [false, true, false, true]);
    }
}
