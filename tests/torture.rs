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

/// By kills alone.
fn killed(how: &str) -> (Option<i32>, String) {
    let kills = ["--trainer", "misbehaving", "--save", "latest", "--only", "kills", "--"];
    torture(&[&kills[..], &["--how", how]].concat())
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
    // Every call fails in every way that it can.
    let survived = text.lines().filter(|line| line.contains("faults were survived"));
    assert_eq!(survived.filter(|line| line.starts_with("30 of 30")).count(), 2, "{text}");
}

#[test]
fn a_save_that_fails_must_not_be_said_to_be_durable_nor_go_by_without_a_word() {
    for (how, call, fault, outcome) in [
        ("ignore-failed-save", "call:2:ENOSPC", "save:latest:call:2:ENOSPC", "steps lost"),
        ("hide-failed-save", "call:3:EIO", "save:latest:call:3:EIO", "says nothing of it"),
        ("exit-on-failed-save", "call:2:EDQUOT", "save:latest:call:2:EDQUOT", "says nothing of it"),
    ] {
        let only = ["--trainer", "misbehaving", "--save", "latest", "--only", call, "--"];
        let (code, text) = torture(&[&only[..], &["--how", how]].concat());
        assert_eq!(code, Some(1), "{how}: {text}");
        assert!(text.contains("0 of 1 faults were survived"), "{how}: {text}");
        assert!(text.contains(outcome), "{how}: {text}");
        assert!(text.contains(&format!("--inject {fault}")), "the way to repeat it: {text}");
    }
    let only = ["--trainer", "misbehaving", "--save", "latest", "--only", "faults", "--"];
    let (code, text) = torture(&[&only[..], &["--how", "tell-failed-save"]].concat());
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn everything_that_was_tried_is_written_as_json() {
    set_up();
    let out = tempfile::tempdir().expect("a directory");
    let json = out.path().join("torture.json");
    let mut command = killresume();
    command.args(["torture", "--trainer", "misbehaving", "--save", "latest", "--out"]);
    command.arg(out.path()).arg("--json").arg(&json).args(["--", "--how", "no-fsync"]);
    assert_eq!(command.output().expect("the harness starts").status.code(), Some(1));
    let text = std::fs::read(json).expect("is written");
    let tally: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let schema = std::fs::read("schema/torture.schema.json").expect("the schema is there");
    let schema = serde_json::from_slice(&schema).expect("JSON");
    jsonschema::validate(&schema, &tally).expect("it is as the schema says");
    let save = &tally["saves"][0];
    for (kind, at_least) in [("calls", 4), ("kills", 6), ("power_failures", 6), ("faults", 10)] {
        assert!(save[kind].as_array().is_some_and(|all| all.len() >= at_least), "{kind}: {save}");
    }
}

#[test]
fn a_save_over_itself_is_lost_between_its_first_and_its_last_byte() {
    let (code, text) = killed("in-place");
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(points(&text, "refuses to start"), ["call:1", "call:2:half"], "{text}");
    assert!(text.contains("open(O_TRUNC) latest"), "{text}");
    assert!(text.contains("--kill save:latest:call:"), "the way to repeat it: {text}");
}

#[test]
fn a_save_that_removes_the_one_before_starts_from_zero_until_it_has_its_name() {
    let (code, text) = killed("remove-first");
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
fn a_save_by_another_thread_is_followed_as_well() {
    let (code, text) = misbehaving("save-in-thread");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("9 of 9 kills ended in the same run"), "{text}");
}
