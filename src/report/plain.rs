//! What the formats say of a case, as plain text that cannot steer what shows it.
//!
//! Names, messages and output come from a submission. Here they lose what no format can hold: ANSI
//! sequences, control characters, and the marks that reorder text. Escaping is each format's own.

use crate::messages::report as say;

use super::progress::printable;
use super::suite::{Case, Status};

/// Characters of a name, a title or a message; the rest belongs into the output.
const LINE_LIMIT: usize = 500;

/// `text` in lines that end with `\n` and hold printable characters only.
pub(super) fn lines(text: &str) -> String {
    // A lone carriage return starts a line again, as progress bars do.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n").chars().filter(|c| !is_harmful(*c)).collect()
}

/// `text` in one line of at most 500 characters.
pub(super) fn line(text: &str) -> String {
    clipped(lines(text).replace('\n', " ").trim(), LINE_LIMIT)
}

/// At most `limit` characters of `text`, with a word within them where it was cut.
pub(super) fn clipped(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let note = say::suite_truncated();
    let kept = limit.saturating_sub(note.chars().count());
    text.chars().take(kept).chain(note.chars()).take(limit).collect()
}

/// Name and title.
pub(super) fn label(case: &Case) -> String {
    let (name, title) = (line(&case.name), line(&case.title));
    if title.is_empty() { name } else { format!("{name}: {title}") }
}

/// Why it is no pass.
pub(super) fn reason(case: &Case) -> String {
    let message = line(case.message.as_deref().unwrap_or_default());
    if message.is_empty() { verdict(case.status) } else { message }
}

/// The status for a person.
pub(super) fn verdict(status: Status) -> String {
    match status {
        Status::Pass => say::suite_same_run(),
        Status::Fail => say::suite_not_same_run(),
        Status::Error => say::suite_not_judged(),
    }
}

/// What is no control character and yet no text: noncharacters, which XML does not take, line
/// separators, and the marks that reorder a line (Unicode annex 9).
pub(super) fn is_harmful(c: char) -> bool {
    let reorders = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    reorders || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}
