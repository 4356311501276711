//! `killresume hazards`: another trainer, a full disk, a read-only or removed directory, a clock that jumps.

mod common;

use std::collections::BTreeMap;

use common::{killresume, set_up};

const HAZARDS: [&str; 5] =
    ["second trainer", "full disk", "read-only directory", "clock jump", "directory removed"];
const OUTCOMES: [&str; 4] = ["held", "broken", "not tried", "not judged"];

/// Each hazard's outcome and what happened.
type Table = BTreeMap<&'static str, (&'static str, String)>;

/// Exit code and table.
fn hazards(arguments: &[&str]) -> (Option<i32>, Table) {
    set_up();
    let output = killresume().arg("hazards").args(arguments).output().expect("the harness starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut table = Table::new();
    let mut row = None;
    for line in text.lines() {
        if line.trim().is_empty() {
            row = None;
        }
        let mut what = line.trim();
        if let Some(hazard) = HAZARDS.into_iter().find(|hazard| line.starts_with(hazard)) {
            let rest = line[hazard.len()..].trim_start();
            let outcome = OUTCOMES.into_iter().find(|outcome| rest.starts_with(outcome));
            let outcome = outcome.expect("an outcome");
            what = rest[outcome.len()..].trim();
            table.insert(hazard, (outcome, String::new()));
            row = Some(hazard);
        }
        if let Some((_, sentence)) = row.and_then(|hazard| table.get_mut(hazard)) {
            sentence.push_str(what);
            sentence.push(' ');
        }
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(table.len(), HAZARDS.len(), "{text}\n{stderr}");
    (output.status.code(), table)
}

fn misbehaving(how: &str) -> (Option<i32>, Table) {
    hazards(&["--trainer", "misbehaving", "--", "--how", how])
}

/// It held, and this was told; where this system has no mounts, the reason why it was not tried.
fn assert_held(table: &Table, hazard: &str, told: &[&str]) {
    let (outcome, what) = &table[hazard];
    if *outcome == "not tried" && matches!(hazard, "full disk" | "read-only directory") {
        assert!(what.contains("does not let us mount: "), "{table:#?}");
        return;
    }
    assert_eq!(*outcome, "held", "{hazard}: {table:#?}");
    for part in told {
        assert!(what.contains(part), "{hazard}: {part:?} is not in {what:?}");
    }
}

/// It broke in these, with this told, and in no other.
fn assert_broken(how: &str, broken: &[(&str, &str)]) {
    let (code, table) = misbehaving(how);
    assert_eq!(code, Some(1), "{table:#?}");
    for hazard in HAZARDS {
        match broken.iter().find(|(broken, _)| *broken == hazard) {
            None => assert_held(&table, hazard, &[]),
            Some((_, told)) => {
                let (outcome, what) = &table[hazard];
                if *outcome != "not tried" {
                    assert_eq!(*outcome, "broken", "{hazard}: {table:#?}");
                    assert!(what.contains(told), "{hazard}: {told:?} is not in {what:?}");
                }
            }
        }
    }
}

#[test]
fn the_reference_trainer_holds_whatever_happens_around_it() {
    let (code, table) = hazards(&[]);
    assert_eq!(code, Some(0), "{table:#?}");
    let stopped = "it said that it could not save and stopped with exit code 1";
    let resumed = "it went on after epoch 2 as the same run";
    assert_held(&table, "second trainer", &["exit code 1", "changed nothing", "the same run"]);
    assert_held(&table, "full disk", &[stopped, resumed]);
    assert_held(&table, "read-only directory", &[stopped, resumed]);
    assert_held(&table, "clock jump", &[resumed]);
    assert_held(&table, "directory removed", &[stopped, "the same run from the beginning"]);
}

#[test]
fn a_failed_save_that_is_passed_over_is_found_out_by_what_comes_back() {
    let claimed =
        "the checkpoint of epoch 4 was saved, and started again it had no more than epoch 2";
    let removed = "it went on as if it had saved, and left no checkpoint";
    assert_broken(
        "ignore-failed-save",
        &[("full disk", claimed), ("read-only directory", claimed), ("directory removed", removed)],
    );
}

#[test]
fn a_failed_save_that_ends_the_training_is_no_success() {
    let told = "ended in the middle of training with exit code 0";
    let broken = ["full disk", "read-only directory", "directory removed"];
    assert_broken("exit-on-failed-save", &broken.map(|hazard| (hazard, told)));
}

#[test]
fn a_failed_save_that_nobody_hears_of_is_no_way_to_go_on() {
    let told = "printed nothing about it (exit code 0)";
    let broken = ["full disk", "read-only directory", "directory removed"];
    assert_broken("hide-failed-save", &broken.map(|hazard| (hazard, told)));
}

#[test]
fn a_failed_save_that_is_told_is_a_way_to_go_on() {
    let (code, table) = misbehaving("tell-failed-save");
    assert_eq!(code, Some(0), "{table:#?}");
    let told = "it said that it could not save and trained on";
    for hazard in ["full disk", "read-only directory", "directory removed"] {
        assert_held(&table, hazard, &[told]);
    }
}

#[test]
fn two_trainers_that_share_a_directory_are_told_by_the_files_that_changed() {
    assert_broken("no-lock", &[("second trainer", "changed its files: best, latest")]);
}

#[test]
fn a_trainer_that_trusts_the_times_of_files_goes_back_when_the_clock_jumps() {
    let told = "the checkpoint of epoch 2 was saved, and started again it had no more than epoch 1";
    assert_broken("newest-by-time", &[("clock jump", told)]);
}

#[test]
fn a_trainer_that_never_saves_is_not_judged() {
    let (code, table) = misbehaving("never-save");
    assert_eq!(code, Some(3), "{table:#?}");
    assert!(table.values().all(|(outcome, _)| matches!(*outcome, "not judged" | "not tried")));
}
