//! The files of a run's directory before and after: a refusal to resume has to leave them alone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

use crate::protocol::Digest;

/// The regular files below a directory, by their path in it, each with a hash of its content.
///
/// Bookkeeping is left out, by name: hidden files (the lesson's `.lock`, half-written temporaries),
/// `*.lock`, `*.pid`, `*.tmp` and `*.log`. A refusing trainer may take its lock, tidy up and log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files(BTreeMap<String, Digest>);

impl Files {
    /// Reads them all.
    pub fn read(directory: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.add(directory, "")?;
        Ok(files)
    }

    fn add(&mut self, directory: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_bookkeeping(&name) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{prefix}{name}/"))?;
            } else if kind.is_file() {
                let hash = Digest(xxh3_128(&fs::read(entry.path())?));
                self.0.insert(format!("{prefix}{name}"), hash);
            }
        }
        Ok(())
    }

    /// Of all names and contents together.
    pub fn digest(&self) -> Digest {
        let mut hash = Xxh3Default::new();
        for (name, content) in &self.0 {
            hash.update(name.as_bytes());
            hash.update(&[0]);
            hash.update(&content.0.to_be_bytes());
        }
        Digest(hash.digest128())
    }

    /// All but these.
    pub fn without(mut self, names: &[String]) -> Self {
        self.0.retain(|name, _| !names.contains(name));
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that `later` has no more, or with another content.
    pub fn damaged(&self, later: &Files) -> Vec<String> {
        let changed = self.0.iter().filter(|(name, hash)| later.0.get(*name) != Some(*hash));
        changed.map(|(name, _)| name.clone()).collect()
    }
}

fn is_bookkeeping(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    name.starts_with('.') || matches!(ending, Some("lock" | "pid" | "tmp" | "log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_and_removed_files_are_named_and_new_ones_and_locks_are_not() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let write =
            |name: &str, text: &str| fs::write(dir.path().join(name), text).expect("writes");
        fs::create_dir(dir.path().join("epoch-1")).expect("a directory");
        for name in ["best", "latest", "same", "epoch-1/model", ".lock", "train.log"] {
            write(name, "1");
        }
        let before = Files::read(dir.path()).expect("reads");
        for name in ["latest", "epoch-1/model", ".lock", "train.log", "new"] {
            write(name, "2");
        }
        write("same", "1");
        fs::remove_file(dir.path().join("best")).expect("removes");
        let after = Files::read(dir.path()).expect("reads");
        assert_eq!(before.damaged(&after), ["best", "epoch-1/model", "latest"]);
    }
}
