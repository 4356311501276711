//! `killresume torture`: a real SIGKILL at every system call of a save.

mod common;

use common::{killresume, set_up};

/// Exit code and standard output.
fn torture(arguments: &[&str]) -> (Option<i32>, String) {
    set_up();
    let out = tempfile::tempdir().expect("a directory");
    let mut command = killresume();
    command.arg("torture").arg("--out").arg(out.path()).args(arguments);
    let output = command.output().expect("the harness starts");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), stdout)
}

/// The rows of a table whose second column begins so; each is named by its first column.
fn points<'a>(table: &'a str, outcome: &str) -> Vec<&'a str> {
    let rows = table.lines().filter_map(|line| line.split_once("  "));
    rows.filter(|(_, rest)| rest.trim_start().starts_with(outcome))
        .map(|(point, _)| point)
        .collect()
}

fn misbehaving(how: &str) -> (Option<i32>, String) {
    torture(&["--trainer", "misbehaving", "--save", "latest", "--", "--how", how])
}

#[test]
fn the_reference_trainer_is_the_same_run_wherever_a_save_of_it_is_killed() {
    let (code, text) = torture(&[]);
    assert_eq!(code, Some(0), "{text}");
    let same = points(&text, "same run");
    // Two saves of at least: open, write, half of it, fsync, rename, fsync of the directory, both sides.
    assert!(same.len() >= 16, "{text}");
    assert_eq!(same.iter().filter(|point| **point == "call:2:half").count(), 2, "{text}");
    // Once it has its name, the new checkpoint is the one that is resumed from.
    assert!(text.contains("same run, 0 steps again") && text.contains("same run, 23 steps again"));
    // A power failure leaves more than one state of each of the two saves, and all are survived.
    let summaries =
        text.lines().filter(|line| line.contains("states that a power failure may leave"));
    let counts: Vec<(u32, u32)> = summaries
        .map(|line| {
            let numbers: Vec<u32> =
                line.split(' ').filter_map(|word| word.parse().ok()).take(2).collect();
            (numbers[0], numbers[1])
        })
        .collect();
    assert_eq!(counts.len(), 2, "{text}");
    assert!(counts.iter().all(|(same, all)| same == all && *all >= 10), "{counts:?}");
}

#[test]
fn a_save_over_itself_is_lost_between_its_first_and_its_last_byte() {
    let (code, text) = misbehaving("in-place");
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(points(&text, "refuses to start"), ["call:1", "call:2:half"], "{text}");
    assert!(text.contains("open(O_TRUNC) latest"), "{text}");
    assert!(text.contains("--kill save:latest:call:"), "the way to repeat it: {text}");
}

#[test]
fn a_save_that_removes_the_one_before_starts_from_zero_until_it_has_its_name() {
    let (code, text) = misbehaving("remove-first");
    assert_eq!(code, Some(1), "{text}");
    let lost = points(&text, "restarted from zero");
    assert_eq!(lost, ["call:1", "call:2", "call:3:half", "call:3", "call:4"], "{text}");
    assert!(text.contains("unlink latest"), "{text}");
}

#[test]
fn what_no_sigkill_shows_is_told_all_the_same() {
    let (code, text) = misbehaving("no-fsync");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("8 of 8 kills ended in the same run"), "{text}");
    // A power failure does: the name is there and the content is not.
    assert!(text.contains("refuses to start") && text.contains("latest: 8 of 16 B"), "{text}");
    assert!(text.contains("before its content was fsynced"), "{text}");
}

#[test]
fn a_save_that_was_told_and_is_gone_after_a_power_failure_is_lost_work() {
    let (code, text) = misbehaving("no-directory-fsync");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("older checkpoint, 4 steps lost"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("after the trainer had said that the save is durable"), "{text}");
}

#[test]
fn a_state_that_breaks_the_trainer_is_written_out_to_be_looked_at() {
    set_up();
    let out = tempfile::tempdir().expect("a directory");
    let mut command = killresume();
    command.args(["torture", "--trainer", "misbehaving", "--save", "latest", "--out"]);
    command.arg(out.path()).args(["--", "--how", "in-place"]);
    let output = command.output().expect("the harness starts");
    assert_eq!(output.status.code(), Some(1));
    let left = std::fs::read(out.path().join("torture/latest/latest")).expect("is written out");
    assert!(left.len() < 16, "the file that it could not load");
}

#[test]
fn a_save_that_cannot_be_followed_is_said_to_be_so() {
    set_up();
    let mut command = killresume();
    command.args(["torture", "--trainer", "misbehaving", "--save", "latest", "--", "--how"]);
    let output = command.arg("save-in-thread").output().expect("the harness starts");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_ne!(output.status.code(), Some(0), "{message}");
    assert!(message.contains("thread"), "{message}");
}
