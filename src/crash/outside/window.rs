//! Which of the calls of a whole run make one save.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::recording::FileCall;

/// One save among the calls of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its calls.
    pub calls: Range<usize>,
    /// Those of the save before it, if there is one.
    pub before: Option<Range<usize>>,
    /// What begins a save.
    pub sign: Option<Sign>,
}

/// A call that every save makes, in its name and in its path with all numbers left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sign(String, String);

impl Sign {
    /// That of the last call that gives a file this name.
    pub fn of_name(calls: &[FileCall], path: &str) -> Option<Self> {
        let inside = |to: &str| path.strip_prefix(to).is_some_and(|rest| rest.starts_with('/'));
        calls
            .iter()
            .rev()
            .find(|call| match call {
                FileCall::Rename { to, .. } | FileCall::Link { to, .. } => to == path || inside(to),
                FileCall::Open { path: opened, .. } => opened == path,
                _ => false,
            })
            .and_then(Self::of)
    }

    /// That of a call which gives a name to a content.
    fn of(call: &FileCall) -> Option<Self> {
        match call {
            FileCall::Open { append: false, path, .. }
            | FileCall::Rename { to: path, .. }
            | FileCall::Link { to: path, .. }
            | FileCall::Symlink { path } => {
                Some(Self(call.name().to_owned(), without_numbers(path)))
            }
            _ => None,
        }
    }

    /// How many times it is among these calls.
    pub fn count(&self, calls: &[FileCall]) -> u64 {
        calls.iter().filter(|call| Self::of(call).as_ref() == Some(self)).count() as u64
    }
}

/// The save to look at: the calls from one sign to the next.
///
/// The sign is the call that comes least often, but more than once: between two of those lies a whole save of
/// everything that is saved more often. Of all such windows it is one of the shortest, the one nearest to the
/// middle of the run, with a save before it where there is one. A run without such a call is one window.
pub fn window(calls: &[FileCall]) -> Window {
    let mut places: BTreeMap<Sign, Vec<usize>> = BTreeMap::new();
    for (place, call) in calls.iter().enumerate() {
        if let Some(sign) = Sign::of(call) {
            places.entry(sign).or_default().push(place);
        }
    }
    let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
    // Of several it is the first that opens a file, or else the last that gives one its name.
    let order = |(_, places): &(Sign, Vec<usize>)| {
        let first = places[0];
        let opens = matches!(calls[first], FileCall::Open { .. });
        (places.len(), !opens, if opens { first } else { calls.len() - first })
    };
    let Some((sign, places)) = repeated.min_by_key(order) else {
        return Window { calls: 0..calls.len(), before: None, sign: None };
    };
    // What syncs and closes belongs to the save before.
    let is_end = |call: &FileCall| {
        matches!(call, FileCall::Sync { .. } | FileCall::SyncAll | FileCall::Close { .. })
    };
    let is_first = matches!(calls[places[0]], FileCall::Open { .. });
    let mut borders: Vec<usize> = if is_first {
        places
    } else {
        let after = |place: usize| {
            let rest = calls[place + 1..].iter().take_while(|call| is_end(call)).count();
            place + 1 + rest
        };
        [0].into_iter().chain(places.into_iter().map(after)).collect()
    };
    if is_first {
        borders.push(calls.len());
    }
    let saves: Vec<Range<usize>> = borders.windows(2).map(|pair| pair[0]..pair[1]).collect();
    let middle = calls.len() / 2;
    // The first may make what later ones find, and the last may have more after it.
    let inner = if saves.len() > 2 { 1..saves.len() - 1 } else { saves.len() - 1..saves.len() };
    let chosen = inner.min_by_key(|place| {
        let save = &saves[*place];
        (save.len(), (save.start + save.end).abs_diff(2 * middle))
    });
    let chosen = chosen.unwrap_or_default();
    let before = chosen.checked_sub(1).map(|before| saves[before].clone());
    Window { calls: saves[chosen].clone(), before, sign: Some(sign) }
}

/// The name under which these calls leave the file that they wrote most of.
pub fn main_file(calls: &[FileCall]) -> Option<String> {
    let mut bytes: BTreeMap<String, u64> = BTreeMap::new();
    for call in calls {
        match call {
            FileCall::Write { path, bytes: written, .. } => {
                let sum = bytes.entry(path.clone()).or_default();
                *sum = sum.saturating_add(*written);
            }
            // What goes through memory is not counted, and is more than what a log gets.
            FileCall::Map { path } => drop(bytes.insert(path.clone(), u64::MAX)),
            FileCall::Rename { from, to } => {
                let inside = format!("{from}/");
                for old in bytes.keys().cloned().collect::<Vec<_>>() {
                    let new = match old.strip_prefix(&inside) {
                        Some(rest) => format!("{to}/{rest}"),
                        None if old == *from => to.clone(),
                        None => continue,
                    };
                    let written = bytes.remove(&old).unwrap_or_default();
                    bytes.insert(new, written);
                }
            }
            FileCall::Link { from, to } => {
                if let Some(written) = bytes.get(from).copied() {
                    bytes.insert(to.clone(), written);
                }
            }
            FileCall::Unlink { path } => drop(bytes.remove(path)),
            _ => {}
        }
    }
    bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(path, _)| path)
}

/// Files that are only ever written at their end.
pub fn logs(calls: &[FileCall]) -> Vec<String> {
    let mut is_log: BTreeMap<&str, bool> = BTreeMap::new();
    for call in calls {
        match call {
            FileCall::Open { path, append, .. } => {
                *is_log.entry(path).or_insert(true) &= append;
            }
            FileCall::Rename { to, .. } | FileCall::Link { to, .. } => {
                is_log.insert(to, false);
            }
            _ => {}
        }
    }
    is_log.into_iter().filter(|(_, is_log)| *is_log).map(|(path, _)| path.to_owned()).collect()
}

fn without_numbers(path: &str) -> String {
    let mut short = String::new();
    for letter in path.chars() {
        match letter {
            '0'..='9' if short.ends_with('#') => {}
            '0'..='9' => short.push('#'),
            other => short.push(other),
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls in shell words: `open x`, `log x`, `write x`, `sync x`, `mv x y`.
    fn calls(text: &str) -> Vec<FileCall> {
        let call = |words: &str| {
            let words: Vec<&str> = words.split_whitespace().collect();
            let path = words[1].to_owned();
            match words[0] {
                "open" => FileCall::Open { path, truncate: true, sync: false, append: false },
                "log" => FileCall::Open { path, truncate: false, sync: false, append: true },
                "write" => FileCall::Write { path, offset: 0, bytes: 9 },
                "sync" => FileCall::Sync { path },
                "mv" => FileCall::Rename { from: path, to: words[2].to_owned() },
                other => panic!("no such call: {other}"),
            }
        };
        text.split(',').map(call).collect()
    }

    fn chosen(text: &str) -> Vec<FileCall> {
        let calls = calls(text);
        calls[window(&calls).calls].to_vec()
    }

    const SAVE: &str = "open t, write t, sync t, mv t latest, sync .";

    #[test]
    fn a_save_goes_from_the_first_of_its_calls_to_the_last_sync() {
        assert_eq!(chosen(&[SAVE; 5].join(",")), calls(SAVE));
        let run = [SAVE; 5].join(",");
        let run = calls(&run);
        let window = window(&run);
        assert_eq!(window.sign.expect("a sign").count(&run), 5);
        assert_eq!(window.before, Some(5..10));
    }

    #[test]
    fn temporaries_with_names_of_their_own_leave_the_rename_as_the_sign() {
        let save = |name| format!("open {name}, write {name}, mv {name} latest, sync .");
        let run: Vec<String> = ["ta", "tb", "tc", "td"].map(save).to_vec();
        assert_eq!(chosen(&run.join(",")).len(), 4);
        assert_eq!(chosen(&run.join(","))[3], FileCall::Sync { path: ".".to_owned() });
    }

    #[test]
    fn what_is_saved_less_often_is_in_the_window_too() {
        let best = "open b, write b, mv b best";
        let run = [SAVE, best, SAVE, SAVE, best, SAVE].join(",");
        let window = chosen(&run);
        assert!(
            window.contains(&calls("mv b best")[0]) && window.contains(&calls("mv t latest")[0])
        );
    }

    #[test]
    fn numbered_checkpoints_and_a_log_between_them_are_no_trouble() {
        let save = |n| format!("log log.csv, write log.csv, open step-{n}, write step-{n}");
        let run: Vec<String> = (1..=4).map(save).collect();
        let run = calls(&run.join(","));
        assert_eq!(window(&run).calls.len(), 4);
        assert_eq!(logs(&run), ["log.csv"]);
    }

    #[test]
    fn a_run_that_saves_once_is_one_window() {
        assert_eq!(chosen(SAVE), calls(SAVE));
        assert_eq!(window(&[]).calls, 0..0);
    }

    #[test]
    fn the_main_file_is_the_largest_under_its_last_name() {
        assert_eq!(main_file(&calls(SAVE)).as_deref(), Some("latest"));
        let folder = calls("open d/a, write d/a, write d/a, open d/b, write d/b, mv d step-1");
        assert_eq!(main_file(&folder).as_deref(), Some("step-1/a"));
        assert_eq!(main_file(&[]), None);
    }
}
