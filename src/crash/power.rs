//! What a power failure may leave of a save, under a model of what file systems promise.
//!
//! The model is that of ALICE (Pillai et al., OSDI 2014), kept to what POSIX promises:
//!
//! - What was written to a file and not synced since may be there, half there, there as zeros, or not there.
//! - Names that were made, changed or removed and whose directory was not synced since may be as before or as
//!   after, each for itself: a rename may land before the data that it names. One call's names change all at
//!   once or not at all.
//! - `fsync` of a file makes its content durable and of a directory its names; `sync` all of them.
//!
//! For each call of the save, the power fails right after it. States that come out the same are one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::protocol::Digest;
use crate::recording::{Content, DirectoryState, FileCall, TracedSave};

/// Changes of names that are pending at a time; of more than so many, only the newest may be missing.
const MOST_PENDING: usize = 10;

/// What a file may hold after the power came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Left {
    /// This content.
    Whole(Content),
    /// The first bytes of that content.
    Short(Content, u64),
    /// Zeros, as long as that content.
    Zeros(Content),
    /// Nothing.
    Empty,
}

/// A state of the run's directory that a power failure may leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// So many calls of the save were done.
    pub calls: usize,
    /// Whether the trainer had said that the save is durable.
    pub told: bool,
    /// What each file holds.
    pub files: BTreeMap<String, Left>,
}

/// One call's change of names.
#[derive(Debug, Clone)]
struct Change {
    /// After so many calls.
    at: usize,
    /// What each name stands for afterwards; `None`: nothing.
    names: BTreeMap<String, Option<u64>>,
}

/// All states that a power failure during this save may leave, in the order of the calls. `told` are those in
/// which the save had been said to be durable: they come last.
pub fn states(save: &TracedSave) -> Vec<State> {
    let Some(first) = save.states.first() else { return Vec::new() };
    let changes: Vec<Change> = save
        .states
        .windows(2)
        .enumerate()
        .map(|(before, pair)| Change { at: before + 1, names: changed(&pair[0], &pair[1]) })
        .filter(|change| !change.names.is_empty())
        .collect();
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let last = save.states.len() - 1;
    for (calls, told) in (0..=last).map(|calls| (calls, false)).chain([(last, true)]) {
        let mut here = Vec::new();
        for names in names_after(first, &changes, save, calls) {
            here.extend(contents_after(&names, save, calls));
        }
        for files in here {
            if seen.insert((told, files.clone())) {
                all.push(State { calls, told, files });
            }
        }
    }
    all
}

/// The names that one call changed.
fn changed(before: &DirectoryState, after: &DirectoryState) -> BTreeMap<String, Option<u64>> {
    let names = before.names.keys().chain(after.names.keys());
    names
        .map(|name| (name, before.names.get(name), after.names.get(name)))
        .filter(|(_, before, after)| before != after)
        .map(|(name, _, after)| (name.clone(), after.copied()))
        .collect()
}

/// Every set of names that may be on the disk when so many calls are done.
fn names_after(
    first: &DirectoryState,
    changes: &[Change],
    save: &TracedSave,
    calls: usize,
) -> Vec<BTreeMap<String, u64>> {
    let done = changes.iter().filter(|change| change.at <= calls);
    let is_pending = |change: &&Change| {
        let parents: BTreeSet<&str> = change.names.keys().map(|name| parent(name)).collect();
        parents.iter().any(|parent| {
            !save.calls[change.at..calls].iter().any(|call| match call {
                FileCall::SyncAll => true,
                FileCall::Sync { path } => path == parent,
                _ => false,
            })
        })
    };
    let pending: Vec<usize> = done.clone().filter(is_pending).map(|change| change.at).collect();
    let uncertain = &pending[pending.len().saturating_sub(MOST_PENDING)..];
    (0..1_u32 << uncertain.len())
        .map(|subset| {
            let is_lost = |at: usize| {
                let place = uncertain.iter().position(|pending| *pending == at);
                place.is_some_and(|place| subset & (1 << place) != 0)
            };
            let mut names = first.names.clone();
            for change in done.clone().filter(|change| !is_lost(change.at)) {
                for (name, inode) in &change.names {
                    match inode {
                        Some(inode) => names.insert(name.clone(), *inode),
                        None => names.remove(name),
                    };
                }
            }
            names
        })
        .collect()
}

/// The directory that a name is in, as a call names it.
fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or(".", |(parent, _)| parent)
}

/// Every combination of contents that these names may have when so many calls are done.
fn contents_after(
    names: &BTreeMap<String, u64>,
    save: &TracedSave,
    calls: usize,
) -> Vec<BTreeMap<String, Left>> {
    let inodes: BTreeSet<u64> = names.values().copied().collect();
    let mut combinations: Vec<BTreeMap<u64, Left>> = vec![BTreeMap::new()];
    for inode in inodes {
        let versions = versions(inode, save, calls);
        combinations = combinations
            .into_iter()
            .flat_map(|chosen| {
                versions.iter().map(move |version| {
                    let mut chosen = chosen.clone();
                    chosen.insert(inode, *version);
                    chosen
                })
            })
            .collect();
    }
    let named = |chosen: BTreeMap<u64, Left>| {
        names.iter().map(|(name, inode)| (name.clone(), chosen[inode])).collect()
    };
    combinations.into_iter().map(named).collect()
}

/// What one file may hold when so many calls are done.
fn versions(inode: u64, save: &TracedSave, calls: usize) -> Vec<Left> {
    let content = |at: usize| save.states[at].contents.get(&inode).copied();
    // A file whose last name is gone may come back with the name.
    let Some(now) = (0..=calls).rev().find_map(content) else { return vec![Left::Empty] };
    let durable = (1..=calls).rev().find(|at| match &save.calls[at - 1] {
        FileCall::SyncAll => true,
        FileCall::Sync { path } => save.states[*at].names.get(path) == Some(&inode),
        FileCall::Write { path, .. } | FileCall::Truncate { path } => {
            save.states[*at].names.get(path) == Some(&inode) && is_synchronous(path, save, *at)
        }
        _ => false,
    });
    // What was there before the save is taken to be durable.
    let durable = durable.map_or_else(|| content(0), content);
    if durable == Some(now) {
        return vec![Left::Whole(now)];
    }
    let before = match durable {
        Some(content) if content.bytes > 0 => Left::Whole(content),
        _ => Left::Empty,
    };
    if now.bytes == 0 {
        return vec![before, Left::Empty]
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
    }
    vec![Left::Whole(now), Left::Short(now, now.bytes / 2), Left::Zeros(now), before]
}

/// Whether the file was opened so that each write is durable when it returns.
fn is_synchronous(file: &str, save: &TracedSave, before: usize) -> bool {
    let opened = save.calls[..before].iter().rev().find_map(|call| match call {
        FileCall::Open { path, sync, .. } if path == file => Some(*sync),
        _ => None,
    });
    opened == Some(true)
}

impl State {
    /// Writes the files into a folder; `kept` is where their contents are kept.
    pub fn write(&self, to: &Path, kept: &Path) -> io::Result<()> {
        for (name, left) in &self.files {
            let path = to.join(name);
            fs::create_dir_all(path.parent().unwrap_or(to))?;
            fs::write(path, left.bytes(|digest| fs::read(kept.join(digest.to_string())))?)?;
        }
        Ok(())
    }
}

impl Left {
    /// The bytes, made from the content as it is kept.
    pub fn bytes<E>(&self, kept: impl FnOnce(Digest) -> Result<Vec<u8>, E>) -> Result<Vec<u8>, E> {
        let length = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(match self {
            Self::Whole(content) => kept(content.digest)?,
            Self::Short(content, bytes) => {
                let mut all = kept(content.digest)?;
                all.truncate(length(*bytes));
                all
            }
            Self::Zeros(content) => vec![0; length(content.bytes)],
            Self::Empty => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CheckpointKind;

    /// Name, inode, content.
    type Held = (&'static str, u64, &'static str);

    fn content(text: &str) -> Content {
        Content { digest: Digest(text.bytes().map(u128::from).sum()), bytes: text.len() as u64 }
    }

    /// A save of these calls; each with what the directory holds after it, as name, inode and content.
    fn save(first: &[Held], calls: &[(FileCall, &[Held])]) -> TracedSave {
        let state = |files: &[Held]| DirectoryState {
            names: files.iter().map(|(name, inode, _)| ((*name).to_owned(), *inode)).collect(),
            contents: files.iter().map(|(_, inode, text)| (*inode, content(text))).collect(),
        };
        let after = calls.iter().map(|(_, files)| state(files));
        TracedSave {
            kind: CheckpointKind::Latest,
            path: "latest".to_owned(),
            calls: calls.iter().map(|(call, _)| call.clone()).collect(),
            states: [state(first)].into_iter().chain(after).collect(),
        }
    }

    fn open(path: &str) -> FileCall {
        FileCall::Open { path: path.to_owned(), truncate: true, sync: false }
    }

    fn write(path: &str) -> FileCall {
        FileCall::Write { path: path.to_owned(), bytes: 4 }
    }

    fn sync(path: &str) -> FileCall {
        FileCall::Sync { path: path.to_owned() }
    }

    fn rename() -> FileCall {
        FileCall::Rename { from: "tmp".to_owned(), to: "latest".to_owned() }
    }

    /// What `latest` may hold in any of the states.
    fn latest(save: &TracedSave, told: bool) -> BTreeSet<Option<Left>> {
        let states = states(save);
        let of = |state: &State| state.files.get("latest").copied();
        states.iter().filter(|state| state.told == told).map(of).collect()
    }

    const OLD: Held = ("latest", 1, "old");

    #[test]
    fn a_save_that_syncs_file_and_directory_leaves_the_old_or_the_new_one() {
        let (tmp, new) = (("tmp", 2, "news"), ("latest", 2, "news"));
        let good = save(
            &[OLD],
            &[
                (open("tmp"), &[OLD, ("tmp", 2, "")]),
                (write("tmp"), &[OLD, tmp]),
                (sync("tmp"), &[OLD, tmp]),
                (rename(), &[new]),
                (sync("."), &[new]),
            ],
        );
        let whole = |text| Some(Left::Whole(content(text)));
        assert_eq!(latest(&good, false), BTreeSet::from([whole("old"), whole("news")]));
        assert_eq!(latest(&good, true), BTreeSet::from([whole("news")]), "what was told is kept");
    }

    #[test]
    fn a_rename_may_land_before_the_data_that_it_names() {
        let (tmp, new) = (("tmp", 2, "news"), ("latest", 2, "news"));
        let bad = save(
            &[OLD],
            &[
                (open("tmp"), &[OLD, ("tmp", 2, "")]),
                (write("tmp"), &[OLD, tmp]),
                (rename(), &[new]),
                (sync("."), &[new]),
            ],
        );
        let left = latest(&bad, true);
        for torn in [Left::Empty, Left::Short(content("news"), 2), Left::Zeros(content("news"))] {
            assert!(left.contains(&Some(torn)), "{torn:?} in {left:?}");
        }
    }

    #[test]
    fn names_whose_directory_was_not_synced_may_be_the_old_ones() {
        let (tmp, new) = (("tmp", 2, "news"), ("latest", 2, "news"));
        let bad = save(
            &[OLD],
            &[(write("tmp"), &[OLD, tmp]), (sync("tmp"), &[OLD, tmp]), (rename(), &[new])],
        );
        assert!(latest(&bad, true).contains(&Some(Left::Whole(content("old")))));
    }

    #[test]
    fn a_file_written_over_itself_may_be_neither_the_old_nor_the_new_one() {
        let bad = save(
            &[OLD],
            &[
                (open("latest"), &[("latest", 1, "")]),
                (write("latest"), &[("latest", 1, "news")]),
                (sync("latest"), &[("latest", 1, "news")]),
            ],
        );
        let left = latest(&bad, false);
        assert!(
            left.contains(&Some(Left::Empty)) && left.contains(&Some(Left::Zeros(content("news"))))
        );
        assert_eq!(latest(&bad, true), BTreeSet::from([Some(Left::Whole(content("news")))]));
    }
}
