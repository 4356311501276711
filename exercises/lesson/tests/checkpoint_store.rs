//! The store: whatever happens to a save, a valid checkpoint is left and nothing is lost in silence.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use CheckpointKind::{Best, Latest};
use lesson::checkpoint::{Checkpoint, CheckpointError, CheckpointKind, Store, StoreError};
use lesson::state::StateDict;
use tch::Tensor;

fn checkpoint(step: i64) -> Checkpoint {
    let weight = Tensor::from_slice(&[step as f32; 65536]);
    let mut checkpoint = Checkpoint::new();
    checkpoint.put("step", step).put("model", StateDict::new().with("weight", weight));
    checkpoint
}

fn step_of(checkpoint: &Checkpoint) -> i64 {
    checkpoint.get("step").unwrap().int().unwrap()
}

fn loaded_step(store: &Store, kind: CheckpointKind) -> i64 {
    step_of(&store.load(kind).unwrap().expect("there is a checkpoint").checkpoint)
}

fn files(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn tear(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

#[test]
fn a_new_directory_has_no_checkpoint() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(&root.path().join("runs/1")).unwrap();
    assert!(store.load(Latest).unwrap().is_none());
    assert!(store.load(Best).unwrap().is_none());
}

#[test]
fn latest_and_best_never_overwrite_each_other() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let best = store.save(Best, &checkpoint(1)).unwrap();
    let latest = store.save(Latest, &checkpoint(2)).unwrap();
    store.save(Latest, &checkpoint(3)).unwrap();
    assert_eq!((loaded_step(&store, Best), loaded_step(&store, Latest)), (1, 3));
    assert_eq!((best, latest), (store.path(Best), store.path(Latest)));
    store.save(Best, &checkpoint(4)).unwrap();
    assert_eq!((loaded_step(&store, Best), loaded_step(&store, Latest)), (4, 3));
}

#[test]
fn the_one_before_is_kept_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    for step in 1..=4 {
        store.save(Latest, &checkpoint(step)).unwrap();
    }
    let expected = [".lock", "latest.previous.safetensors", "latest.safetensors"];
    assert_eq!(files(root.path()), expected.map(str::to_owned).into());
    let previous = Checkpoint::load(&root.path().join("latest.previous.safetensors")).unwrap();
    assert_eq!(step_of(&previous), 3);
}

#[test]
fn a_torn_latest_falls_back_to_the_previous_and_says_so() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    tear(&store.path(Latest));
    let loaded = store.load(Latest).unwrap().unwrap();
    assert_eq!(step_of(&loaded.checkpoint), 1);
    assert_eq!(loaded.path, root.path().join("latest.previous.safetensors"));
    assert_eq!(loaded.skipped.len(), 1);
    assert_eq!(loaded.skipped[0].0, store.path(Latest));
    assert!(matches!(loaded.skipped[0].1, CheckpointError::Invalid { .. }));
}

#[test]
fn a_latest_that_is_gone_is_reported_too() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    fs::remove_file(store.path(Latest)).unwrap();
    let loaded = store.load(Latest).unwrap().unwrap();
    assert_eq!(step_of(&loaded.checkpoint), 1);
    assert!(matches!(loaded.skipped[0].1, CheckpointError::NotFound { .. }));
}

#[test]
fn a_torn_latest_never_takes_the_place_of_a_good_previous() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    tear(&store.path(Latest));
    drop(store);

    let store = Store::open(root.path()).unwrap();
    assert_eq!(loaded_step(&store, Latest), 1);
    store.save(Latest, &checkpoint(3)).unwrap();
    tear(&store.path(Latest));
    assert_eq!(loaded_step(&store, Latest), 1);
}

#[test]
fn a_verified_latest_is_kept_by_the_next_process() {
    let root = tempfile::tempdir().unwrap();
    Store::open(root.path()).unwrap().save(Latest, &checkpoint(1)).unwrap();
    let store = Store::open(root.path()).unwrap();
    assert_eq!(loaded_step(&store, Latest), 1);
    store.save(Latest, &checkpoint(2)).unwrap();
    tear(&store.path(Latest));
    assert_eq!(loaded_step(&store, Latest), 1);
}

#[test]
fn no_valid_checkpoint_is_an_error_and_not_a_fresh_start() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    let previous = root.path().join("latest.previous.safetensors");
    tear(&store.path(Latest));
    fs::write(&previous, b"").unwrap();
    let error = store.load(Latest).unwrap_err();
    assert!(matches!(&error, StoreError::NoneValid { problems, .. } if problems.len() == 2));
    let message = error.to_string();
    for part in [store.path(Latest).to_str(), previous.to_str(), Some("truncated"), Some("empty")] {
        assert!(message.contains(part.unwrap()), "{message}");
    }
}

#[test]
fn a_second_opener_is_told_who_has_the_directory() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let error = Store::open(root.path()).unwrap_err();
    let own_pid = std::process::id();
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == own_pid));
    let message = error.to_string();
    assert!(message.contains(root.path().to_str().unwrap()), "{message}");
    assert!(message.contains(&own_pid.to_string()), "{message}");
    drop(store);
    Store::open(root.path()).expect("a dropped store lets go of the directory");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = Store::open(&file.join("run")).unwrap_err();
    assert!(matches!(error, StoreError::Directory { .. }));
    assert!(error.to_string().contains("file/run"), "{error}");
}

#[test]
fn a_save_that_cannot_be_put_in_place_leaves_no_trace() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("latest.safetensors");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("inside"), b"").unwrap();
    let error = checkpoint(1).save(&target).unwrap_err();
    assert!(matches!(error, CheckpointError::Write { .. }), "{error}");
    assert!(error.to_string().contains("latest.safetensors"), "{error}");
    assert_eq!(files(root.path()).len(), 1, "the temporary file is gone");
    assert!(target.join("inside").exists());
}

#[test]
fn a_save_that_fails_leaves_what_was_there() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    let before = files(root.path());

    let mut unsaveable = checkpoint(3);
    unsaveable.put("not.a.name", 1);
    store.save(Latest, &unsaveable).unwrap_err();
    assert_eq!(loaded_step(&store, Latest), 2);

    // Even root cannot rename a file over a directory that is not empty.
    let previous = root.path().join("latest.previous.safetensors");
    fs::remove_file(&previous).unwrap();
    fs::create_dir_all(previous.join("inside")).unwrap();
    let error = store.save(Latest, &checkpoint(3)).unwrap_err();
    assert!(error.to_string().contains("latest.previous.safetensors"), "{error}");
    assert_eq!(loaded_step(&store, Latest), 2);
    assert_eq!(files(root.path()), before);
}

#[test]
fn what_a_killed_writer_left_is_removed_and_what_others_own_is_not() {
    let root = tempfile::tempdir().unwrap();
    drop(Store::open(root.path()).unwrap());
    let leftovers = [".latest.safetensors.1.0.tmp", ".best.previous.safetensors.77.3.tmp"];
    let others = [".notes.tmp", "latest.safetensors.bak", ".latest.safetensors"];
    for name in leftovers.iter().chain(&others) {
        fs::write(root.path().join(name), b"").unwrap();
    }
    let _store = Store::open(root.path()).unwrap();
    let left = files(root.path());
    assert!(leftovers.iter().all(|&name| !left.contains(name)), "{left:?}");
    assert!(others.iter().all(|&name| left.contains(name)), "{left:?}");
}

#[test]
fn a_leftover_of_a_killed_process_with_the_same_pid_does_not_block_a_save() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.safetensors");
    let leftover = root.path().join(format!(".a.safetensors.{}.0.tmp", std::process::id()));
    fs::write(&leftover, b"half a checkpoint").unwrap();
    checkpoint(1).save(&path).unwrap();
    assert_eq!(step_of(&Checkpoint::load(&path).unwrap()), 1);
}

#[test]
fn a_save_goes_through_after_a_kill_between_its_two_renames() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    store.save(Latest, &checkpoint(1)).unwrap();
    // Latest and previous are one file then.
    fs::hard_link(store.path(Latest), root.path().join("latest.previous.safetensors")).unwrap();
    store.save(Latest, &checkpoint(2)).unwrap();
    tear(&store.path(Latest));
    assert_eq!(loaded_step(&store, Latest), 1);
    assert_eq!(files(root.path()).len(), 3, "no temporary file is left");
}

#[test]
fn others_may_read_a_checkpoint_as_far_as_the_umask_lets_them() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.safetensors");
    checkpoint(1).save(&path).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode & !0o644, 0, "{mode:o}");
    assert_eq!(mode & 0o600, 0o600, "{mode:o}");
}

const WRITER: &str = "LESSON_TEST_WRITER_DIRECTORY";

/// Not a test of its own: the process that the next test kills. It saves for ever.
#[test]
fn writer_process() {
    let Some(directory) = std::env::var_os(WRITER) else { return };
    let store = Store::open(Path::new(&directory)).unwrap();
    let first = match store.load(Latest).unwrap() {
        Some(loaded) => step_of(&loaded.checkpoint) + 1,
        None => 1,
    };
    for step in first.. {
        store.save(Latest, &checkpoint(step)).unwrap();
        fs::write(Path::new(&directory).join("saved"), step.to_string()).unwrap();
    }
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_valid_latest_and_no_progress_is_lost() {
    let root = tempfile::tempdir().unwrap();
    let saved = root.path().join("saved");
    for round in 0..6_u32 {
        let _ = fs::remove_file(&saved);
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer_process"])
            .env(WRITER, root.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !saved.exists() {
            assert!(writer.try_wait().unwrap().is_none(), "the writer died by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 1777));
        writer.kill().unwrap();
        writer.wait().unwrap();

        let store = Store::open(root.path()).expect("the lock of a killed process is free");
        let loaded = store.load(Latest).unwrap().unwrap();
        assert!(loaded.skipped.is_empty(), "round {round}: {:?}", loaded.skipped);
        // An empty note is a kill while the writer noted, not while it saved.
        let noted = fs::read_to_string(&saved).unwrap().parse().unwrap_or(0);
        assert!(step_of(&loaded.checkpoint) >= noted, "round {round}");
    }
}
