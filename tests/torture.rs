//! `killresume torture`: a real SIGKILL at every system call of a save.

mod common;

use common::{killresume, set_up};

/// Exit code and standard output.
fn torture(arguments: &[&str]) -> (Option<i32>, String) {
    set_up();
    let output = killresume().arg("torture").args(arguments).output().expect("the harness starts");
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
    assert!(text.contains("fsync") && text.contains("✘"), "{text}");
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
