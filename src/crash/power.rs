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
//! For each call of the save, the power fails right after it. States that come out the same are one. Where there
//! are more than a bound, some are drawn with a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dice::SplitMix64;
use crate::protocol::Digest;
use crate::recording::{Content, DirectoryState, FileCall, Followed};

/// Combinations of what is there and what is not that are looked through after one call; of more, so many are
/// drawn.
const MOST_COMBINATIONS: usize = 1 << 12;

/// What a name may stand for after the power came back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Left {
    /// A file with this content.
    Whole(Content),
    /// A file with the first bytes of that content.
    Short(Content, u64),
    /// A file of zeros, as long as that content.
    Zeros(Content),
    /// A file with nothing in it.
    Empty,
    /// A symbolic link to this.
    Link(String),
    /// A directory.
    Directory,
}

/// A state of the run's directory that a power failure may leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// So many calls of the save were done.
    pub calls: usize,
    /// Whether the trainer had said that the save is durable.
    pub told: bool,
    /// What each name stands for.
    pub files: BTreeMap<String, Left>,
}

/// How many states are worth a look.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// At most so many.
    pub most: usize,
    /// What decides which, where there are more.
    pub seed: u64,
}

/// States that a power failure may leave.
#[derive(Debug, Clone, Default)]
pub struct States {
    /// In the order of the calls; those in which the save had been said to be durable come last.
    pub states: Vec<State>,
    /// Whether these are all that the model allows.
    pub all: bool,
}

/// One call's change of names.
#[derive(Debug, Clone)]
struct Change {
    /// After so many calls.
    at: usize,
    /// What each name stands for afterwards; `None`: nothing.
    names: BTreeMap<String, Option<u64>>,
    /// The directories that have to be synced for it to last.
    directories: BTreeSet<String>,
}

/// The states that a power failure during this save may leave. With `tells` there are those in which the
/// trainer had said in the end that the save is durable, besides.
pub fn states(save: &Followed, tells: bool, bound: Bound) -> States {
    let Some(last) = save.states.len().checked_sub(1) else { return States::default() };
    let save = &told_apart(save);
    let changes = changes(save);
    let mut dice = SplitMix64::new(bound.seed);
    let mut seen = BTreeSet::new();
    let mut found = States { states: Vec::new(), all: true };
    let told = tells.then_some((last, true));
    for (calls, told) in (0..=last).map(|calls| (calls, false)).chain(told) {
        let moment = Moment::new(save, &changes, calls);
        let (here, all) = moment.states(&mut dice);
        found.all &= all;
        for files in here {
            if seen.insert((told, files.clone())) {
                found.states.push(State { calls, told, files });
            }
        }
    }
    if found.states.len() > bound.most {
        found.all = false;
        let mut drawn = BTreeSet::new();
        while drawn.len() < bound.most {
            drawn.insert(dice.below(found.states.len()));
        }
        let mut place = 0..;
        found.states.retain(|_| place.next().is_some_and(|place| drawn.contains(&place)));
    }
    found
}

/// The save with another number for each file: a file system gives that of a removed one to the next.
fn told_apart(save: &Followed) -> Followed {
    let mut next = 0..;
    let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
    let mut number_of = |inode: u64, numbers: &BTreeMap<u64, u64>| {
        numbers.get(&inode).copied().or_else(|| next.next()).unwrap_or_default()
    };
    let states = save.states.iter().map(|state| {
        let here: BTreeSet<u64> = state.names.values().copied().collect();
        // What is not there any more is not meant by its number again.
        numbers = here.iter().map(|inode| (*inode, number_of(*inode, &numbers))).collect();
        let number = |inode: &u64| numbers.get(inode).copied();
        DirectoryState {
            names: state
                .names
                .iter()
                .filter_map(|(name, inode)| Some((name.clone(), number(inode)?)))
                .collect(),
            contents: state
                .contents
                .iter()
                .filter_map(|(inode, content)| Some((number(inode)?, *content)))
                .collect(),
            links: state
                .links
                .iter()
                .filter_map(|(inode, link)| Some((number(inode)?, link.clone())))
                .collect(),
            directories: state.directories.iter().filter_map(number).collect(),
        }
    });
    Followed { states: states.collect(), ..save.clone() }
}

fn changes(save: &Followed) -> Vec<Change> {
    let pairs = save.states.windows(2).zip(&save.calls).zip(1..);
    let changes = pairs.map(|((pair, call), at)| {
        let names = changed(&pair[0], &pair[1]);
        let directories = match call {
            FileCall::Rename { from, to } => vec![parent(from), parent(to)],
            FileCall::Open { path, .. }
            | FileCall::Link { to: path, .. }
            | FileCall::Symlink { path }
            | FileCall::MakeDirectory { path }
            | FileCall::Unlink { path } => vec![parent(path)],
            // Another process was at work too.
            _ => names.keys().map(|name| parent(name)).collect(),
        };
        let directories = directories.into_iter().map(str::to_owned).collect();
        Change { at, names, directories }
    });
    changes.filter(|change| !change.names.is_empty()).collect()
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

/// The directory that a name is in, as a call names it.
fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or(".", |(parent, _)| parent)
}

/// The moment of the power failure.
struct Moment<'a> {
    save: &'a Followed,
    /// So many calls are done.
    calls: usize,
    /// Changes of names that are on the disk or may be, in order.
    changes: Vec<&'a Change>,
    /// Which of them may be missing.
    uncertain: Vec<usize>,
    /// What each file may hold.
    versions: BTreeMap<u64, Vec<Left>>,
}

impl<'a> Moment<'a> {
    fn new(save: &'a Followed, changes: &'a [Change], calls: usize) -> Self {
        let changes: Vec<&Change> = changes.iter().filter(|change| change.at <= calls).collect();
        let is_uncertain = |change: &&Change| {
            change.directories.iter().any(|directory| {
                !save.calls[change.at..calls].iter().any(|call| match call {
                    FileCall::SyncAll => true,
                    FileCall::Sync { path } => path == directory,
                    _ => false,
                })
            })
        };
        let uncertain = (0..changes.len()).filter(|place| is_uncertain(&changes[*place])).collect();
        let mut moment = Self { save, calls, changes, uncertain, versions: BTreeMap::new() };
        let inodes: BTreeSet<u64> =
            save.states[..=calls].iter().flat_map(|state| state.names.values().copied()).collect();
        moment.versions = inodes.into_iter().map(|inode| (inode, moment.versions(inode))).collect();
        moment
    }

    /// What may be there, and whether that is all.
    fn states(&self, dice: &mut SplitMix64) -> (BTreeSet<BTreeMap<String, Left>>, bool) {
        let subsets = 1_usize.checked_shl(self.uncertain.len() as u32);
        let combinations = self
            .versions
            .values()
            .try_fold(subsets.unwrap_or(usize::MAX), |all, versions| {
                all.checked_mul(versions.len())
            })
            .filter(|all| *all <= MOST_COMBINATIONS);
        let mut found = BTreeSet::new();
        let Some(combinations) = combinations else {
            // The ends first: nothing is missing, and everything that may be is.
            for is_lost in [false, true] {
                found.insert(self.state(&mut |_| is_lost, &mut |versions| {
                    if is_lost { versions - 1 } else { 0 }
                }));
            }
            for _ in 0..MOST_COMBINATIONS {
                let lost: Vec<bool> = self.uncertain.iter().map(|_| dice.below(2) == 1).collect();
                found.insert(
                    self.state(&mut |place| lost[place], &mut |versions| dice.below(versions)),
                );
            }
            return (found, false);
        };
        for mut number in 0..combinations {
            let mut digit = |base: usize| {
                let digit = number % base;
                number /= base;
                digit
            };
            let lost: Vec<bool> = self.uncertain.iter().map(|_| digit(2) == 1).collect();
            found.insert(self.state(&mut |place| lost[place], &mut digit));
        }
        (found, true)
    }

    /// The state in which these of the uncertain changes are lost, and each file holds this of its versions.
    fn state(
        &self,
        is_lost: &mut dyn FnMut(usize) -> bool,
        version: &mut dyn FnMut(usize) -> usize,
    ) -> BTreeMap<String, Left> {
        let mut names = self.save.states[0].names.clone();
        for (place, change) in self.changes.iter().enumerate() {
            let uncertain = self.uncertain.binary_search(&place);
            if uncertain.is_ok_and(&mut *is_lost) {
                continue;
            }
            for (name, inode) in &change.names {
                match inode {
                    Some(inode) => names.insert(name.clone(), *inode),
                    None => names.remove(name),
                };
            }
        }
        let held: BTreeMap<u64, &Left> = self
            .versions
            .iter()
            .map(|(inode, versions)| (*inode, &versions[version(versions.len())]))
            .collect();
        names.into_iter().map(|(name, inode)| (name, held[&inode].clone())).collect()
    }

    /// What one inode may hold, from what it should to what is left if all is lost.
    fn versions(&self, inode: u64) -> Vec<Left> {
        let (save, calls) = (self.save, self.calls);
        let state = |at: usize| &save.states[at];
        if let Some(link) = (0..=calls).rev().find_map(|at| state(at).links.get(&inode)) {
            return vec![Left::Link(link.clone())];
        }
        let content = |at: usize| state(at).contents.get(&inode).copied();
        // A file whose last name is gone may come back with the name.
        let Some(now) = (0..=calls).rev().find_map(content) else { return vec![Left::Directory] };
        let durable = (1..=calls).rev().find(|at| match &save.calls[at - 1] {
            FileCall::SyncAll => true,
            FileCall::Sync { path } => self.inode_of(path, *at) == Some(inode),
            FileCall::Write { path, .. } | FileCall::Truncate { path } => {
                self.inode_of(path, *at) == Some(inode) && is_synchronous(path, save, *at)
            }
            _ => false,
        });
        // What was there before the save is taken to be durable. A file without a name is synced before
        // anybody can see what it holds.
        let durable = match durable {
            Some(at) => content(at).or_else(|| (at..=calls).find_map(content)),
            None => content(0),
        };
        if durable == Some(now) {
            return vec![Left::Whole(now)];
        }
        let before = match durable {
            Some(content) if content.bytes > 0 => Left::Whole(content),
            _ => Left::Empty,
        };
        match now.bytes {
            0 if before == Left::Empty => vec![Left::Empty],
            0 => vec![Left::Empty, before],
            bytes => vec![Left::Whole(now), Left::Short(now, bytes / 2), Left::Zeros(now), before],
        }
    }

    /// The inode that a call on this path was about. A file without a name has one once it is linked.
    fn inode_of(&self, path: &str, at: usize) -> Option<u64> {
        let save = self.save;
        if let Some(inode) = save.states[at].names.get(path) {
            return Some(*inode);
        }
        save.calls[at..].iter().zip(at + 1..).find_map(|(call, after)| match call {
            FileCall::Link { from, to } if from == path => {
                save.states[after].names.get(to).copied()
            }
            _ => None,
        })
    }
}

/// Whether the file was opened so that each write is durable when it returns.
fn is_synchronous(file: &str, save: &Followed, before: usize) -> bool {
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
            match left {
                Left::Directory => fs::create_dir_all(path)?,
                Left::Link(target) => symlink(target, path)?,
                file => {
                    fs::write(path, file.bytes(|digest| fs::read(kept.join(digest.to_string())))?)?;
                }
            }
        }
        Ok(())
    }
}

impl Left {
    /// The bytes of a file, made from the content as it is kept.
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
            Self::Empty | Self::Link(_) | Self::Directory => Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, inode, content.
    type Held = (&'static str, u64, &'static str);

    fn content(text: &str) -> Content {
        Content { digest: Digest(text.bytes().map(u128::from).sum()), bytes: text.len() as u64 }
    }

    /// A save of these calls; each with what the directory holds after it, as name, inode and content.
    fn save(first: &[Held], calls: &[(FileCall, &[Held])]) -> Followed {
        let state = |files: &[Held]| DirectoryState {
            names: files.iter().map(|(name, inode, _)| ((*name).to_owned(), *inode)).collect(),
            contents: files.iter().map(|(_, inode, text)| (*inode, content(text))).collect(),
            ..DirectoryState::default()
        };
        let after = calls.iter().map(|(_, files)| state(files));
        Followed {
            calls: calls.iter().map(|(call, _)| call.clone()).collect(),
            states: [state(first)].into_iter().chain(after).collect(),
            ..Followed::default()
        }
    }

    fn open(path: &str) -> FileCall {
        FileCall::Open { path: path.to_owned(), truncate: true, sync: false, append: false }
    }

    fn write(path: &str) -> FileCall {
        FileCall::Write { path: path.to_owned(), offset: 0, bytes: 4 }
    }

    fn sync(path: &str) -> FileCall {
        FileCall::Sync { path: path.to_owned() }
    }

    fn rename() -> FileCall {
        FileCall::Rename { from: "tmp".to_owned(), to: "latest".to_owned() }
    }

    /// What `latest` may hold in any of the states.
    fn latest(save: &Followed, told: bool) -> BTreeSet<Option<Left>> {
        let States { states, all } = states(save, true, Bound { most: 1000, seed: 0 });
        assert!(all);
        let of = |state: &State| state.files.get("latest").cloned();
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
            assert!(left.contains(&Some(torn.clone())), "{torn:?} in {left:?}");
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

    #[test]
    fn a_file_that_is_synced_before_it_has_a_name_is_whole_once_it_has_one() {
        let (old, new) = (OLD, ("latest", 2, "news"));
        let nameless = "#2 (deleted)";
        let link = FileCall::Link { from: nameless.to_owned(), to: "latest".to_owned() };
        let unlink = FileCall::Unlink { path: "latest".to_owned() };
        let good = save(
            &[old],
            &[
                (write(nameless), &[old]),
                (sync(nameless), &[old]),
                (unlink, &[]),
                (link, &[new]),
                (sync("."), &[new]),
            ],
        );
        assert_eq!(latest(&good, true), BTreeSet::from([Some(Left::Whole(content("news")))]));
        assert!(latest(&good, false).contains(&None), "the old name went first");
    }

    #[test]
    fn a_removed_file_that_comes_back_is_not_the_one_that_got_its_number() {
        let (tmp, new) = (("tmp", 1, "news"), ("latest", 1, "news"));
        let unlink = FileCall::Unlink { path: "latest".to_owned() };
        let bad = save(
            &[OLD],
            &[
                (unlink, &[]),
                (open("tmp"), &[("tmp", 1, "")]),
                (write("tmp"), &[tmp]),
                (sync("tmp"), &[tmp]),
                (rename(), &[new]),
                (sync("."), &[new]),
            ],
        );
        let whole = |text| Some(Left::Whole(content(text)));
        assert_eq!(latest(&bad, false), BTreeSet::from([None, whole("old"), whole("news")]));
    }

    #[test]
    fn a_directory_that_is_renamed_brings_all_that_is_in_it_at_once() {
        let (old, new) = (("step-2.tmp/model", 2, "news"), ("step-2/model", 2, "news"));
        let rename = FileCall::Rename { from: "step-2.tmp".to_owned(), to: "step-2".to_owned() };
        let good = save(
            &[],
            &[
                (write("step-2.tmp/model"), &[old]),
                (sync("step-2.tmp/model"), &[old]),
                (sync("step-2.tmp"), &[old]),
                (rename, &[new]),
                (sync("."), &[new]),
            ],
        );
        let States { states, .. } = states(&good, true, Bound { most: 1000, seed: 0 });
        let told: Vec<&State> = states.iter().filter(|state| state.told).collect();
        let whole = Left::Whole(content("news"));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].files, BTreeMap::from([("step-2/model".to_owned(), whole)]));
    }

    #[test]
    fn more_states_than_the_bound_are_drawn_with_the_seed_and_said_not_to_be_all() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let held: Vec<Held> = (2..).zip(names).map(|(inode, name)| (name, inode, "news")).collect();
        let calls: Vec<(FileCall, &[Held])> =
            names.iter().enumerate().map(|(at, name)| (write(name), &held[..=at])).collect();
        let bad = save(&[], &calls);
        let draw = |seed| states(&bad, false, Bound { most: 50, seed });
        assert!(!draw(1).all);
        assert_eq!(draw(1).states.len(), 50);
        assert_eq!(draw(1).states, draw(1).states);
        assert_ne!(draw(1).states, draw(2).states);
    }
}
