//! Whether a trainer that ran into trouble said so.

use std::collections::BTreeSet;
use std::path::Path;

/// Whether one of these lines, printed by a run in `dir`, is none that a run in `usual_dir` prints to which
/// nothing happens. Numbers do not count, nor where the run lies.
pub fn says_something_new<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    dir: &Path,
    usual: &str,
    usual_dir: &Path,
) -> bool {
    let usual: BTreeSet<String> = usual.lines().map(|line| shape(line, usual_dir)).collect();
    lines
        .into_iter()
        .map(|line| shape(line, dir))
        .any(|line| !line.is_empty() && !usual.contains(&line))
}

/// A line without what differs from run to run: numbers, with all that is written together with them.
fn shape(line: &str, dir: &Path) -> String {
    let line = line.replace(&*dir.to_string_lossy(), "");
    let words = line.split_whitespace().filter(|word| !word.contains(|c: char| c.is_numeric()));
    words.flat_map(|word| word.chars().filter(|c| c.is_alphabetic())).collect()
}

/// The last thing that was printed.
pub fn last_line(output: &str) -> &str {
    output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}
