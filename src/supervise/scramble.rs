//! Takes the content out of a run's directory and leaves everything else as it was: names, sizes, folders.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// What every file begins with afterwards; no format begins so.
const BYTES: [u8; 4096] = [0xa5; 4096];

/// Replaces each regular file below the directory by one of the same length without its content. Links and
/// whatever else lies there are removed.
///
/// A file is replaced and not written over: by another name it may be somebody else's.
pub fn scramble(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        if metadata.is_dir() {
            scramble(&path)?;
            continue;
        }
        fs::remove_file(&path)?;
        if metadata.is_file() {
            let mut file = File::create_new(&path)?;
            let first = metadata.len().min(BYTES.len() as u64);
            file.write_all(&BYTES[..first as usize])?;
            // What was long is sparse now.
            file.set_len(metadata.len())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn names_and_sizes_stay_and_what_lies_elsewhere_is_not_touched() {
        let dir = tempfile::tempdir().expect("a directory");
        let run = dir.path().join("run");
        fs::create_dir_all(run.join("epoch-1")).expect("a folder");
        let outside = dir.path().join("outside");
        fs::write(&outside, "precious").expect("writes");
        fs::hard_link(&outside, run.join("hard")).expect("a link");
        symlink(&outside, run.join("soft")).expect("a link");
        fs::write(run.join("epoch-1/latest"), "x".repeat(10_000)).expect("writes");
        fs::write(run.join("empty"), "").expect("writes");

        scramble(&run).expect("scrambles");
        let len = |name: &str| fs::metadata(run.join(name)).expect("a file").len();
        assert_eq!([len("epoch-1/latest"), len("empty"), len("hard")], [10_000, 0, 8]);
        assert!(!fs::read(run.join("epoch-1/latest")).expect("reads").contains(&b'x'));
        assert!(!run.join("soft").exists());
        assert_eq!(fs::read_to_string(&outside).expect("reads"), "precious");
    }
}
