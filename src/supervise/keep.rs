//! Keeps what a directory holds from one call of a save to the next: each content once, by its digest.

use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use crate::protocol::Digest;
use crate::recording::{Content, DirectoryState};

/// A folder for the contents of files.
#[derive(Debug, Clone)]
pub struct Keeper {
    dir: PathBuf,
}

impl Keeper {
    /// Keeps them in `dir`.
    pub fn new(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// What the directory holds now.
    pub fn keep(&self, directory: &Path) -> io::Result<DirectoryState> {
        let mut state = DirectoryState::default();
        self.add(directory, "", &mut state)?;
        Ok(state)
    }

    fn add(&self, directory: &Path, prefix: &str, state: &mut DirectoryState) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                self.add(&entry.path(), &format!("{name}/"), state)?;
            } else if metadata.is_file() {
                state.names.insert(name, metadata.ino());
                if let Entry::Vacant(place) = state.contents.entry(metadata.ino()) {
                    let bytes = fs::read(entry.path())?;
                    let digest = Digest(xxh3_128(&bytes));
                    let path = self.dir.join(digest.to_string());
                    if !path.exists() {
                        fs::write(path, &bytes)?;
                    }
                    let content = Content { digest, bytes: bytes.len() as u64 };
                    place.insert(content);
                }
            }
        }
        Ok(())
    }
}
