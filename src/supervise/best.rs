//! What becomes of the best checkpoint's file after it was saved: no later save may touch it.
//!
//! The content is compared, not the name. A hard link to latest, a symbolic link to it and one file
//! under one name all lose the best when latest is written over it; a hard link is harmless where
//! latest is replaced by a rename.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;
use xxhash_rust::xxh3::Xxh3Default;

use crate::protocol::{Checkpoint, CheckpointKind, Digest, Event, Phase};
use crate::recording::BestFile;

use super::files::Files;

/// How much of a file is read, in bytes. The length of a longer one counts, the rest of it does not:
/// a file may be sparse and say that it is of any size.
const MOST_BYTES: u64 = 4 << 30;

/// Follows the best checkpoints of one process. The trainer waits for its answer while they are read.
#[derive(Debug, Default)]
pub struct BestFiles {
    files: Vec<BestFile>,
    /// Whether the last of them is still to be the best.
    is_current: bool,
}

impl BestFiles {
    /// Begins with the best that an earlier process of the run has left.
    pub fn after(left: Option<&BestFile>) -> Self {
        Self { is_current: left.is_some(), files: left.cloned().into_iter().collect() }
    }

    /// Looks at the file when a save of the best ends, and once more when the next one begins.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Checkpoint(save) if save.kind == CheckpointKind::Best => match save.phase {
                Phase::Begin => {
                    self.look_again();
                    self.is_current = false;
                }
                Phase::End => self.saved(save),
            },
            _ => {}
        }
    }

    /// The process has ended: what was seen.
    pub fn end(mut self) -> Vec<BestFile> {
        self.look_again();
        self.files
    }

    fn saved(&mut self, save: &Checkpoint) {
        let saved = content(Path::new(&save.path));
        let (path, epoch) = (save.path.clone(), save.epoch);
        self.files.push(BestFile { path, epoch, saved, later: saved });
        self.is_current = true;
    }

    fn look_again(&mut self) {
        if self.is_current
            && let Some(file) = self.files.last_mut()
        {
            file.later = content(Path::new(&file.path));
        }
    }
}

/// The digest of what lies there, links followed; `None` if it is neither a file nor a directory, or
/// cannot be read.
fn content(path: &Path) -> Option<Digest> {
    // A pipe may have taken the file's place: opening one to read would wait for a writer.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if metadata.is_dir() {
        return Files::read(path).ok().map(|files| files.digest());
    }
    if !metadata.is_file() {
        return None;
    }
    let mut hash = Xxh3Default::new();
    hash.update(&metadata.len().to_le_bytes());
    let mut file = file.take(MOST_BYTES);
    let mut chunk = vec![0; 256 << 10];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Some(Digest(hash.digest128())),
            Ok(read) => hash.update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn save(phase: Phase, path: &Path) -> Event {
        Event::Checkpoint(Checkpoint {
            phase,
            kind: CheckpointKind::Best,
            path: path.display().to_string(),
            epoch: 1,
            step: 4,
            best_metric: None,
            components: Default::default(),
        })
    }

    /// Saves a best that holds `1`, does something to the directory, ends, and says what was seen.
    fn is_kept(meddle: impl Fn(&Path)) -> bool {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let best = dir.path().join("best");
        fs::write(dir.path().join("latest"), "1").expect("writes");
        fs::hard_link(dir.path().join("latest"), &best).expect("links");
        let mut files = BestFiles::default();
        files.hear(&save(Phase::End, &best));
        meddle(dir.path());
        files.end()[0].is_kept()
    }

    #[test]
    fn a_best_is_kept_while_its_content_is_the_same() {
        assert!(is_kept(|_| {}));
        assert!(is_kept(|dir| {
            fs::write(dir.join("new"), "2").expect("writes");
            fs::rename(dir.join("new"), dir.join("latest")).expect("renames");
        }));
    }

    #[test]
    fn a_best_that_is_overwritten_removed_or_no_file_any_more_is_not_kept() {
        assert!(!is_kept(|dir| fs::write(dir.join("latest"), "2").expect("writes")));
        assert!(!is_kept(|dir| fs::remove_file(dir.join("best")).expect("removes")));
        assert!(!is_kept(|dir| {
            fs::remove_file(dir.join("best")).expect("removes");
            nix::unistd::mkfifo(&dir.join("best"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        }));
    }

    #[test]
    fn a_directory_is_a_checkpoint_too() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let write = |text| fs::write(dir.path().join("model"), text).expect("writes");
        write("1");
        let first = content(dir.path());
        assert!(first.is_some());
        write("2");
        assert_ne!(content(dir.path()), first);
    }

    #[test]
    fn the_next_best_may_replace_the_one_before() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let best = dir.path().join("best");
        let mut files = BestFiles::default();
        for text in ["1", "2"] {
            files.hear(&save(Phase::Begin, &best));
            fs::write(&best, text).expect("writes");
            files.hear(&save(Phase::End, &best));
        }
        files.hear(&save(Phase::Begin, &best));
        // A kill may cut that save in two.
        fs::remove_file(&best).expect("removes");
        assert!(files.end().iter().all(BestFile::is_kept));
    }
}
