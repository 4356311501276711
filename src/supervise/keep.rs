//! Keeps what a directory holds from one call of a save to the next: each content once, by its digest.

use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use crate::protocol::Digest;
use crate::recording::{Content, DirectoryState, FileCall};

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

    /// What the directory holds now, after the last of these calls. Given the state before that call, files
    /// that it did not touch are not read again.
    pub fn keep(
        &self,
        directory: &Path,
        before: Option<(&DirectoryState, &[FileCall])>,
    ) -> io::Result<DirectoryState> {
        let look = Look { keeper: self, before };
        let mut state = DirectoryState::default();
        look.add(directory, "", &mut state)?;
        Ok(state)
    }
}

struct Look<'a> {
    keeper: &'a Keeper,
    before: Option<(&'a DirectoryState, &'a [FileCall])>,
}

impl Look<'_> {
    fn add(&self, directory: &Path, prefix: &str, state: &mut DirectoryState) -> io::Result<()> {
        // A process of the run may remove what we are about to look at.
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let Some(metadata) = present(entry.metadata())? else { continue };
            let inode = metadata.ino();
            if metadata.is_dir() {
                self.add(&entry.path(), &format!("{name}/"), state)?;
                state.directories.insert(inode);
            } else if metadata.is_symlink() {
                let Some(target) = present(fs::read_link(entry.path()))? else { continue };
                state.links.insert(inode, target.to_string_lossy().into_owned());
            } else if metadata.is_file() {
                if let Entry::Vacant(place) = state.contents.entry(inode) {
                    let content = match self.known(&name, inode) {
                        Some(content) => Some(content),
                        None => self.read(&entry.path())?,
                    };
                    let Some(content) = content else { continue };
                    place.insert(content);
                }
            } else {
                continue;
            }
            state.names.insert(name, inode);
        }
        Ok(())
    }

    /// The content as it was, if the last call cannot have changed it.
    fn known(&self, name: &str, inode: u64) -> Option<Content> {
        let (before, calls) = self.before?;
        let is_changed = match calls.last()? {
            // Another name of the file that it touched counts as well.
            call @ (FileCall::Open { path, .. }
            | FileCall::Write { path, .. }
            | FileCall::Truncate { path }
            | FileCall::Allocate { path }
            | FileCall::Map { path }) => {
                call.path() == Some(name) || before.names.get(path).is_none_or(|it| *it == inode)
            }
            _ => false,
        };
        // What is mapped may change at any time.
        let is_mapped = calls.iter().any(|call| matches!(call, FileCall::Map { .. }));
        let is_same = before.names.get(name) == Some(&inode) && !is_changed && !is_mapped;
        before.contents.get(&inode).filter(|_| is_same).copied()
    }

    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        let Some(bytes) = present(fs::read(path))? else { return Ok(None) };
        let digest = Digest(xxh3_128(&bytes));
        let place = self.keeper.dir.join(digest.to_string());
        if !place.exists() {
            fs::write(place, &bytes)?;
        }
        Ok(Some(Content { digest, bytes: bytes.len() as u64 }))
    }
}

/// `None` for what is not there any more.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
