//! The SIGKILL in the middle of a write, and what the system calls of a save show.

#![cfg(target_os = "linux")]

mod common;

use common::Ran;
use serde_json::json;

fn killed_in_write(how: &str) -> Ran {
    Ran::trainer("misbehaving", &["--kill", "save:latest:write", "--", "--how", how])
}

/// The kill landed in a write of which exactly the first half reached the file.
fn assert_cut_in_half(ran: &Ran) {
    let kill = &ran.report["kill"];
    assert_eq!(kill["signal"], 9, "{}", ran.transcript());
    assert_eq!(kill["at"], "write", "{}", ran.transcript());
    let bytes = |key: &str| kill["torn"][key].as_u64().expect("a number of bytes");
    assert_eq!(bytes("written"), bytes("wanted") / 2, "{kill}");
    assert!(bytes("wanted") > 1, "{kill}");
}

/// Not the same run, with these causes and no other.
fn assert_causes(ran: &Ran, expected: &[&str]) {
    assert_eq!(ran.code, Some(1), "{}", ran.transcript());
    let causes: Vec<String> = ran.causes().into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(causes, expected, "{}", ran.transcript());
}

#[test]
fn the_reference_trainer_survives_a_kill_inside_either_save() {
    for point in ["save:latest:write", "save:best:write"] {
        let ran = Ran::trainer("reference", &["--kill", point]);
        assert_eq!(ran.code, Some(0), "{}", ran.transcript());
        assert_eq!(ran.report["curve"]["kind"], "identical");
        assert_eq!(ran.report["findings"], json!([]), "its saves are durable");
        assert_cut_in_half(&ran);
        assert_eq!(ran.report["kill"]["epoch"], 5);
        let points = ran.report["curves"]["resumed"].as_array().expect("a list");
        let first = points.iter().find(|point| point["epoch_end"] == true).expect("an epoch");
        assert_eq!(first["epoch"], 5, "{point}: the epoch whose save was cut is trained again");
    }
}

#[test]
fn a_save_by_temporary_fsync_rename_and_fsync_survives_and_is_clean() {
    for how in ["nothing", "vectored"] {
        let ran = killed_in_write(how);
        assert_eq!(ran.code, Some(0), "{}", ran.transcript());
        assert_eq!(ran.report["findings"], json!([]));
        assert_cut_in_half(&ran);
        let torn = std::fs::read(ran.run_dir("interrupted").join("latest.tmp"));
        // The resumed run has saved since: what is left is only what it left.
        assert!(torn.is_err(), "{torn:?}");
    }
}

#[test]
fn a_checkpoint_written_in_place_is_torn_and_the_trainer_says_so_itself() {
    let ran = killed_in_write("in-place");
    assert_causes(&ran, &["refused_to_start", "written_in_place"]);
    assert_cut_in_half(&ran);
    assert_eq!(ran.report["kill"]["torn"]["path"], "latest");
    assert_eq!(ran.report["findings"][0]["code"], 1);
    assert_eq!(ran.report["findings"][1]["path"], "latest");
    assert_eq!(ran.report["curve"], json!(null), "nothing was resumed");
    let output = ran.report["trainer_output"].as_str().expect("what it printed");
    assert!(output.contains("the checkpoint is torn"), "{output}");
    let words: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("nothing was left that it could resume from"), "{words}");
    assert!(words.contains("the old one has to stay whole"), "{words}");
    let torn = std::fs::read_to_string(ran.run_dir("interrupted").join("latest"));
    assert_eq!(torn.expect("the torn file"), "20 steps", "the first half of `20 steps are done`");
}

#[test]
fn missing_fsyncs_are_found_though_no_sigkill_shows_them() {
    let ran = killed_in_write("no-fsync");
    assert_causes(&ran, &["renamed_before_sync"]);
    assert_eq!(ran.report["curve"]["kind"], "identical", "the resume itself is perfect");
    assert!(ran.stdout.contains("power failure"), "{}", ran.stdout);

    let ran = killed_in_write("no-directory-fsync");
    assert_causes(&ran, &["directory_not_synced"]);
    assert_eq!(ran.report["findings"][0]["visible_on_curve"], false);
}

#[test]
fn a_checkpoint_removed_too_early_leaves_nothing_to_resume_from() {
    let ran = killed_in_write("remove-first");
    assert_causes(&ran, &["restarted_from_zero", "removed_too_early"]);
    assert_eq!(ran.report["findings"][1]["path"], "latest");
}

#[test]
fn how_a_save_writes_is_looked_at_only_where_it_was_followed() {
    let ran = Ran::trainer("misbehaving", &["--", "--how", "no-fsync"]);
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
}

#[test]
fn a_first_save_that_is_cut_leaves_no_checkpoint() {
    let arguments = ["--epochs", "1+2", "--kill", "save:best:write", "--", "--how", "nothing"];
    let ran = Ran::trainer("misbehaving", &arguments);
    assert_causes(&ran, &["no_checkpoint"]);
}

#[test]
fn a_save_by_another_thread_is_cut_as_well() {
    let ran = killed_in_write("save-in-thread");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
    assert_eq!(ran.report["kill"]["at"], "write");
    let torn = &ran.report["kill"]["torn"];
    assert_eq!((&torn["written"], &torn["wanted"]), (&8.into(), &17.into()), "{torn}");
}

#[test]
fn a_trainer_that_hangs_or_dies_in_a_save_that_is_followed_is_reported() {
    let arguments = ["--kill", "save:best:write", "--timeout", "2", "--", "--how"];
    for (how, says) in
        [("hang-in-save", "said nothing for 2 s"), ("abort-in-save", "signal 6, SIGABRT")]
    {
        let ran = Ran::trainer("misbehaving", &[&arguments[..], &[how]].concat());
        assert_eq!(ran.code, Some(3), "{}", ran.transcript());
        let reason = ran.report["reason"].as_str().expect("a reason");
        assert!(reason.contains(says), "{reason}");
    }
}

#[test]
fn whatever_pid_a_trainer_gives_its_own_calls_are_followed() {
    let ran = killed_in_write("wrong-pid");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
}
