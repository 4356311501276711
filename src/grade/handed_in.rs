//! What a learner handed in, read without trust: no link is followed and nothing else is opened.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::course::Exercise;
use crate::messages::grade as say;

/// Bytes of the largest source file that is read.
const LARGEST: u64 = 1 << 20;

/// The file that is edited.
const FILE: &str = "exercise.rs";

/// Why there is nothing to grade.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHandedIn {
    /// There is no such file.
    #[error("{}", say::nothing_handed_in(.expected))]
    Missing {
        /// Where it should lie.
        expected: String,
    },
    /// It is a link, a folder, a pipe, or lies behind a link.
    #[error("{}", say::not_a_file(&.path.display().to_string()))]
    NotAFile {
        /// Its path.
        path: PathBuf,
    },
    /// It is too large.
    #[error("{}", say::too_large(&.path.display().to_string(), LARGEST >> 20))]
    TooLarge {
        /// Its path.
        path: PathBuf,
    },
    /// It is not text.
    #[error("{}", say::not_utf8(&.path.display().to_string()))]
    NotText {
        /// Its path.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{}", say::not_readable(&.path.display().to_string(), .why))]
    NotReadable {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// The learner's file of an exercise: its place, relative to the submission's folder, and its text. A lone
/// `exercise.rs` is taken too where only one exercise is `graded`.
///
/// # Errors
/// See [`NotHandedIn`].
pub fn handed_in(
    folder: &Path,
    exercise: &Exercise,
    graded: usize,
) -> Result<(PathBuf, String), NotHandedIn> {
    let usual = Path::new(&exercise.folder_name()).join(FILE);
    let mut places = vec![usual.clone(), Path::new("exercises").join(&usual)];
    if graded == 1 {
        places.push(PathBuf::from(FILE));
    }
    let is_there = |place: &PathBuf| folder.join(place).symlink_metadata().is_ok();
    let place = places.into_iter().find(is_there);
    let place = place.ok_or(NotHandedIn::Missing { expected: usual.display().to_string() })?;
    let text = read(folder, &place)?;
    Ok((place, text))
}

fn read(folder: &Path, place: &Path) -> Result<String, NotHandedIn> {
    let path = || place.to_owned();
    let mut so_far = folder.to_owned();
    for part in place {
        so_far.push(part);
        if fs::symlink_metadata(&so_far).is_ok_and(|it| it.is_symlink()) {
            return Err(NotHandedIn::NotAFile { path: path() });
        }
    }
    let not_readable =
        |error: std::io::Error| NotHandedIn::NotReadable { path: path(), why: error.to_string() };
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(&so_far);
    let file = file.map_err(not_readable)?;
    let metadata = file.metadata().map_err(not_readable)?;
    if !metadata.is_file() {
        return Err(NotHandedIn::NotAFile { path: path() });
    }
    if metadata.len() > LARGEST {
        return Err(NotHandedIn::TooLarge { path: path() });
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(not_readable)?;
    String::from_utf8(bytes).map_err(|_| NotHandedIn::NotText { path: path() })
}
