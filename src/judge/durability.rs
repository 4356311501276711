//! How a save writes: whether a power failure or a kill in the middle leaves something to resume from.
//!
//! Judged on the last complete save whose system calls were followed. The rules are those of POSIX as
//! file systems keep them: a rename replaces a name at once or not at all, but neither it nor the data
//! is on the disk before an `fsync` of the directory and of the file. A SIGKILL never shows a missing
//! fsync, because the page cache outlives the process.

use std::collections::BTreeSet;

use crate::recording::{FileCall, Recording};

use super::{Finding, FindingKind};

/// What is wrong with the way in which the run saves.
pub fn findings(interrupted: &Recording) -> Vec<Finding> {
    let Some((save, earlier)) = interrupted.traced_saves.split_last() else { return Vec::new() };
    let before = earlier.iter().rev().find(|other| other.kind == save.kind);
    of_save(&save.path, &save.followed.calls, before.map(|save| save.path.as_str()))
}

/// What is wrong with the way in which these calls save to a file; `before` is the file of the save before.
pub fn of_save(path: &str, calls: &[FileCall], before: Option<&str>) -> Vec<Finding> {
    let mut watch = Watch::new(path, before);
    for call in calls {
        watch.see(call);
    }
    let unsynced = watch.is_named && !watch.directory_synced;
    let path = || path.to_owned();
    let kinds = [
        watch.in_place.then(|| FindingKind::WrittenInPlace { path: path() }),
        watch.renamed_dirty.then(|| FindingKind::RenamedBeforeSync { path: path() }),
        unsynced.then(|| FindingKind::DirectoryNotSynced { path: path() }),
        watch.removed.map(|path| FindingKind::RemovedTooEarly { path }),
    ];
    let findings = kinds
        .into_iter()
        .flatten()
        .map(|kind| Finding { visible_on_curve: Some(false), ..Finding::cause(None, kind) });
    findings.collect()
}

/// One save, call by call.
struct Watch<'a> {
    /// The name that the checkpoint is to have.
    name: &'a str,
    /// Files with content that is not on the disk.
    dirty: BTreeSet<&'a str>,
    /// Files every write to which is durable.
    synchronous: BTreeSet<&'a str>,
    /// The names under which the checkpoint before can still be read.
    before: BTreeSet<&'a str>,
    /// Whether a file was given the name.
    is_named: bool,
    /// Whether the directory was synced after that.
    directory_synced: bool,
    /// Whether the file of that name was itself opened for writing or truncated.
    in_place: bool,
    /// Whether the file was given the name before its content was on the disk.
    renamed_dirty: bool,
    /// The checkpoint before, if its last name went before the new one was durable.
    removed: Option<String>,
}

impl<'a> Watch<'a> {
    fn new(name: &'a str, before: Option<&'a str>) -> Self {
        Self {
            name,
            dirty: BTreeSet::new(),
            synchronous: BTreeSet::new(),
            before: before.into_iter().collect(),
            is_named: false,
            directory_synced: false,
            in_place: false,
            renamed_dirty: false,
            removed: None,
        }
    }

    fn see(&mut self, call: &'a FileCall) {
        match call {
            FileCall::Open { path, truncate, sync, .. } => {
                if *sync {
                    self.synchronous.insert(path);
                }
                if *truncate {
                    self.change(path);
                }
                self.in_place |= *path == self.name && !self.is_named;
            }
            FileCall::Write { path, .. }
            | FileCall::Truncate { path }
            | FileCall::Allocate { path }
            | FileCall::Map { path } => {
                self.in_place |= *path == self.name;
                self.change(path);
            }
            FileCall::Sync { path } => {
                self.dirty.remove(path.as_str());
                self.directory_synced |= self.is_named && path == directory(self.name);
            }
            FileCall::SyncAll => {
                self.dirty.clear();
                self.directory_synced |= self.is_named;
            }
            FileCall::Rename { from, to } => self.rename(from, to),
            FileCall::Link { from, to } => self.give(from, to),
            FileCall::Unlink { path } => self.remove(path),
            FileCall::Close { .. } | FileCall::MakeDirectory { .. } | FileCall::Symlink { .. } => {}
        }
    }

    fn change(&mut self, path: &'a str) {
        if !self.synchronous.contains(path) {
            self.dirty.insert(path);
        }
    }

    fn rename(&mut self, from: &'a str, to: &'a str) {
        if from == to {
            return;
        }
        let was_before = self.before.remove(from);
        if to == self.name && !was_before {
            // Simply replaced: that is what a save is for.
            self.before.remove(to);
        } else if !was_before {
            self.remove(to);
        }
        if was_before {
            self.before.insert(to);
        }
        self.give(from, to);
        self.dirty.remove(from);
    }

    /// The file `from` has the name `to` as well.
    fn give(&mut self, from: &'a str, to: &'a str) {
        if self.before.contains(from) {
            self.before.insert(to);
        }
        let is_dirty = self.dirty.contains(from);
        if is_dirty {
            self.dirty.insert(to);
        } else {
            self.dirty.remove(to);
        }
        if to == self.name {
            self.is_named = true;
            self.directory_synced = false;
            self.renamed_dirty |= is_dirty;
        }
    }

    fn remove(&mut self, path: &'a str) {
        let is_in_place = self.in_place || (self.is_named && self.directory_synced);
        let is_durable = is_in_place && !self.dirty.contains(self.name);
        let was_last = self.before.remove(path) && self.before.is_empty();
        if was_last && !is_durable {
            self.removed.get_or_insert_with(|| path.to_owned());
        }
        self.dirty.remove(path);
    }
}

/// The directory that a name is in.
fn directory(name: &str) -> &str {
    name.rsplit_once('/').map_or(".", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::protocol::CheckpointKind;
    use crate::recording::{Followed, Outcome, TracedSave};

    /// A call in shell words: `open! x` truncates, `open x` does not, `osync x` is synchronous.
    fn call(words: &str) -> FileCall {
        let words: Vec<&str> = words.split(' ').collect();
        let text = |i: usize| words[i].to_owned();
        match words[0] {
            "open" => FileCall::Open { path: text(1), truncate: false, sync: false, append: false },
            "open!" => FileCall::Open { path: text(1), truncate: true, sync: false, append: false },
            "osync" => FileCall::Open { path: text(1), truncate: false, sync: true, append: false },
            "write" => FileCall::Write { path: text(1), offset: 0, bytes: 10 },
            "truncate" => FileCall::Truncate { path: text(1) },
            "sync" => FileCall::Sync { path: text(1) },
            "sync-all" => FileCall::SyncAll,
            "mv" => FileCall::Rename { from: text(1), to: text(2) },
            "ln" => FileCall::Link { from: text(1), to: text(2) },
            "rm" => FileCall::Unlink { path: text(1) },
            "close" => FileCall::Close { path: text(1) },
            other => panic!("no such call: {other}"),
        }
    }

    fn save(path: &str, calls: &[&str]) -> TracedSave {
        let calls = calls.iter().map(|words| call(words)).collect();
        let followed = Followed { calls, ..Followed::default() };
        TracedSave { kind: CheckpointKind::Latest, path: path.to_owned(), followed }
    }

    fn found(saves: Vec<TracedSave>) -> Vec<FindingKind> {
        let recording = Recording {
            events: Vec::new(),
            outcome: Outcome::Signaled { signal: 9 },
            kill: None,
            output: String::new(),
            dir: PathBuf::new(),
            wall: Duration::ZERO,
            traced_saves: saves,
            cut_short: None,
            damaged: Vec::new(),
            best_files: Vec::new(),
        };
        let findings = findings(&recording);
        assert!(findings.iter().all(|f| f.is_cause() && f.visible_on_curve == Some(false)));
        findings.into_iter().map(|finding| finding.kind).collect()
    }

    /// What a save to `latest` shows when there is one already.
    fn second(calls: &[&str]) -> Vec<FindingKind> {
        found(vec![save("latest", &[]), save("latest", calls)])
    }

    fn latest() -> String {
        "latest".to_owned()
    }

    const WRITTEN: [&str; 4] = ["open tmp", "write tmp", "sync tmp", "close tmp"];

    #[test]
    fn temporary_fsync_rename_fsync_of_the_directory_is_clean() {
        assert_eq!(second(&[&WRITTEN[..], &["mv tmp latest", "sync ."]].concat()), []);
        let in_a_folder = save(
            "models/latest",
            &["open! tmp", "write tmp", "sync tmp", "mv tmp models/latest", "sync models"],
        );
        assert_eq!(found(vec![in_a_folder]), []);
    }

    #[test]
    fn the_one_before_kept_under_another_name_is_clean() {
        let by_link = ["ln latest old.tmp", "mv old.tmp previous", "mv tmp latest", "sync ."];
        assert_eq!(second(&[&WRITTEN[..], &by_link].concat()), []);
        let by_rename = ["mv latest previous", "mv tmp latest", "sync .", "rm previous"];
        assert_eq!(second(&[&WRITTEN[..], &by_rename].concat()), []);
    }

    #[test]
    fn synchronous_writes_a_nameless_file_and_sync_itself_are_clean() {
        assert_eq!(second(&["osync tmp", "write tmp", "mv tmp latest", "sync ."]), []);
        let nameless = "#17(deleted)";
        let calls = [
            format!("open {nameless}"),
            format!("write {nameless}"),
            format!("sync {nameless}"),
            format!("ln {nameless} tmp"),
            "mv tmp latest".to_owned(),
            "sync .".to_owned(),
        ];
        assert_eq!(second(&calls.each_ref().map(String::as_str)), []);
        assert_eq!(second(&["open tmp", "write tmp", "sync-all", "mv tmp latest", "sync-all"]), []);
    }

    #[test]
    fn a_checkpoint_that_is_written_over_itself_is_found() {
        let in_place = [FindingKind::WrittenInPlace { path: latest() }];
        assert_eq!(second(&["open! latest", "write latest", "sync latest", "sync ."]), in_place);
        assert_eq!(second(&["open latest", "write latest"]), in_place);
        assert_eq!(second(&["truncate latest"]), in_place);
        assert_eq!(second(&["rm latest", "open! latest", "write latest", "sync latest"]).len(), 2);
    }

    #[test]
    fn a_rename_before_the_content_is_synced_is_found() {
        let early = [FindingKind::RenamedBeforeSync { path: latest() }];
        assert_eq!(second(&["open tmp", "write tmp", "mv tmp latest", "sync ."]), early);
        assert_eq!(
            second(&["open tmp", "write tmp", "mv tmp latest", "sync latest", "sync ."]),
            early,
            "afterwards is too late"
        );
        assert_eq!(
            second(&["open tmp", "write tmp", "sync tmp", "write tmp", "mv tmp latest", "sync ."]),
            early,
            "a write after the fsync"
        );
        assert_eq!(second(&["open tmp", "write tmp", "ln tmp latest", "sync ."]), early);
    }

    #[test]
    fn a_directory_that_is_not_synced_after_the_rename_is_found() {
        let missing = [FindingKind::DirectoryNotSynced { path: latest() }];
        assert_eq!(second(&[&WRITTEN[..], &["mv tmp latest"]].concat()), missing);
        assert_eq!(second(&[&WRITTEN[..], &["sync .", "mv tmp latest"]].concat()), missing);
    }

    #[test]
    fn the_one_before_removed_before_the_new_one_is_durable_is_found() {
        let early = |path: &str| vec![FindingKind::RemovedTooEarly { path: path.to_owned() }];
        assert_eq!(
            second(&[&["rm latest"], &WRITTEN[..], &["mv tmp latest", "sync ."]].concat()),
            early("latest")
        );
        let rotated = |calls: &[&str]| found(vec![save("epoch-4", &[]), save("epoch-5", calls)]);
        let publish = [&WRITTEN[..], &["mv tmp epoch-5"]].concat();
        assert_eq!(rotated(&[&publish[..], &["rm epoch-4", "sync ."]].concat()), early("epoch-4"));
        assert_eq!(rotated(&[&publish[..], &["sync .", "rm epoch-4"]].concat()), []);
        assert_eq!(
            rotated(&[&["mv epoch-4 old", "rm old"], &publish[..], &["sync ."]].concat()),
            early("old"),
            "under whatever name"
        );
        assert_eq!(
            rotated(&[&["ln epoch-4 old", "rm epoch-4"], &publish[..], &["sync ."]].concat()),
            [],
            "another name of it is left"
        );
    }

    #[test]
    fn only_the_last_complete_save_counts_and_nothing_followed_is_nothing_found() {
        let bad = || save("latest", &["open! latest", "write latest"]);
        let good = || save("latest", &[&WRITTEN[..], &["mv tmp latest", "sync ."]].concat());
        assert_eq!(found(vec![bad(), good()]), []);
        assert_eq!(found(vec![good(), bad()]).len(), 1);
        assert_eq!(found(Vec::new()), []);
    }
}
