//! Trainers that misbehave: the documented exit code, a message that helps, nothing left running.

mod common;

use common::{Ran, is_alive};

fn ran(how: &str) -> Ran {
    // Only those that hang are to run into the limit, however slow the machine.
    let timeout = if how.starts_with("hang") { "2" } else { "60" };
    Ran::trainer("misbehaving", &["--timeout", timeout, "--", "--how", how])
}

/// The trainer cannot be judged: exit 3, and the message says why.
fn not_judged(how: &str, says: &[&str]) {
    let ran = ran(how);
    assert_eq!(ran.code, Some(3), "{}", ran.transcript());
    assert_eq!(ran.report["verdict"], "not_judged", "{}", ran.transcript());
    let reason = ran.report["reason"].as_str().expect("a reason");
    for part in says {
        assert!(reason.contains(part), "{part:?} is not in {reason:?}");
    }
    assert!(ran.stdout.contains("NOT JUDGED"), "{}", ran.stdout);
}

/// The trainer is judged and did not come back: exit 1 with this one cause.
fn not_same_run(how: &str, cause: &str) {
    let ran = ran(how);
    assert_eq!(ran.code, Some(1), "{}", ran.transcript());
    let causes: Vec<String> = ran.causes().into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(causes, [cause], "{}", ran.transcript());
}

#[test]
fn the_fixture_itself_passes_when_it_behaves() {
    let ran = ran("nothing");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
}

#[test]
fn a_trainer_that_hangs_is_killed_and_reported() {
    not_judged("hang", &["said nothing for 2 s", "epoch", "--timeout"]);
}

#[test]
fn a_trainer_that_hangs_before_it_connects_is_killed_and_reported() {
    not_judged("hang-at-start", &["did not connect", "KILLRESUME_SOCKET", "--timeout"]);
}

#[test]
fn a_trainer_that_connects_and_says_nothing_is_killed_and_reported() {
    not_judged("hang-at-hello", &["connected and then said nothing for 2 s", "hello"]);
}

#[test]
fn a_trainer_that_does_not_wait_for_answers_cannot_be_judged() {
    not_judged("impatient", &["\"hello\"", "without waiting for the answer"]);
}

#[test]
fn a_training_shorter_than_told_never_reads_as_a_pass() {
    not_judged("short-run", &["control run", "after 7 epochs", "told to train 10"]);
}

#[test]
fn going_on_from_an_older_checkpoint_is_lost_work() {
    not_same_run("old-checkpoint", "older_checkpoint");
}

#[test]
fn what_could_not_be_judged_leaves_no_picture_of_an_earlier_run() {
    common::set_up();
    let out = tempfile::tempdir().expect("a temporary directory");
    let run = |how| {
        let mut command = common::killresume();
        command.args(["-q", "--trainer", "misbehaving", "--out"]).arg(out.path());
        let output = command.args(["--", "--how", how]).output().expect("the harness starts");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    assert_eq!(run("nothing").0, Some(0));
    assert!(out.path().join("misbehaving.svg").is_file());
    let (code, errors) = run("crash-on-resume");
    assert_eq!(code, Some(3));
    assert!(errors.contains("missing key \"optimizer\""), "quiet is not silent: {errors}");
    assert!(!out.path().join("misbehaving.svg").exists());
}

#[test]
fn a_trainer_that_hangs_up_and_lives_on_is_killed_and_reported() {
    not_judged("hang-up", &["said nothing for 2 s"]);
}

#[test]
fn a_trainer_that_never_connects_is_reported() {
    not_judged("never-connect", &["never connected", "exit code 0"]);
}

#[test]
fn a_trainer_that_exits_0_in_the_middle_never_reads_as_a_pass() {
    not_judged("exit-early", &["ended in the middle", "exit code 0"]);
}

#[test]
fn a_trainer_that_exits_0_on_resume_never_reads_as_a_pass() {
    not_judged("exit-on-resume", &["resumed run", "exit code 0"]);
}

#[test]
fn a_trainer_that_crashes_on_resume_is_reported_with_its_own_words() {
    let ran = ran("crash-on-resume");
    assert_eq!(ran.code, Some(3), "{}", ran.transcript());
    assert!(ran.report["reason"].as_str().is_some_and(|r| r.contains("resumed run")));
    assert!(ran.stdout.contains("missing key \"optimizer\""), "{}", ran.stdout);
}

#[test]
fn a_trainer_that_aborts_is_reported_with_its_signal() {
    not_judged("abort", &["signal 6, SIGABRT"]);
}

#[test]
fn a_trainer_that_fails_after_it_said_finished_is_reported() {
    not_judged("fail-after-finish", &["had finished and then failed", "exit code 7"]);
}

#[test]
fn a_trainer_that_speaks_a_newer_protocol_is_told_which_to_update() {
    not_judged("newer-protocol", &["version 2", "version 1", "update"]);
}

#[test]
fn a_trainer_that_writes_garbage_is_quoted_harmlessly() {
    not_judged("garbage", &["not an event", "epoch 1: \\u{1b}[31mloss"]);
    not_judged("unknown-event", &["not an event", "party"]);
}

#[test]
fn a_line_without_an_end_is_cut_off() {
    not_judged("long-line", &["longer than 4194304 bytes"]);
}

#[test]
fn a_trainer_that_speaks_out_of_order_is_reported() {
    not_judged("out-of-order", &["\"epoch\"", "hello"]);
}

#[test]
fn a_training_that_does_not_reproduce_itself_is_not_judged() {
    not_judged("irreproducible", &["does not reproduce itself", "--tolerance"]);
}

#[test]
fn a_run_that_never_saves_or_never_loads_is_not_the_same_run() {
    not_same_run("never-save", "no_checkpoint");
    not_same_run("never-load", "restarted_from_zero");
}

#[test]
fn best_and_latest_in_one_file_are_found() {
    not_same_run("one-file", "best_is_latest");
}

#[test]
fn a_best_that_changes_with_latest_is_found_whatever_links_them() {
    not_same_run("hard-link-in-place", "best_not_kept");
    not_same_run("symbolic-link", "best_not_kept");
    not_same_run("lose-best-on-resume", "best_not_kept");
}

#[test]
fn a_best_that_is_linked_to_a_latest_replaced_by_a_rename_is_a_best() {
    let ran = ran("hard-link");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
}

#[test]
fn a_skipped_epoch_is_found_though_every_component_claims_to_be_right() {
    let ran = ran("skip-epoch");
    assert_eq!(ran.code, Some(1), "{}", ran.transcript());
}

#[test]
fn a_required_component_that_nobody_reports_is_not_a_pass() {
    not_same_run("no-sampler", "not_observed");
}

#[test]
fn a_million_lines_of_output_do_no_harm() {
    let ran = ran("million-lines");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
}

#[test]
fn hostile_output_reaches_the_terminal_only_as_text() {
    let output = common::killresume()
        .args(["--trainer", "misbehaving", "--no-plot", "-v", "--out"])
        .arg(tempfile::tempdir().expect("a temporary directory").path())
        .args(["--", "--how", "hostile-output"])
        .output()
        .expect("the harness starts");
    assert_eq!(output.status.code(), Some(0));
    for stream in [output.stdout, output.stderr] {
        let text = String::from_utf8(stream).expect("UTF-8");
        assert!(!text.contains('\x1b') && !text.contains('\x07'), "an escape got through");
        assert!(!text.lines().any(|line| line.starts_with("::error")), "a command got through");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn children_that_outlive_their_trainer_are_killed_wherever_they_went() {
    let ran = ran("leave-children");
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
    let mut seen = 0;
    for run in ["control", "interrupted"] {
        let pids =
            std::fs::read_to_string(ran.run_dir(run).join("children")).expect("their numbers");
        for pid in pids.lines().map(|line| line.parse().expect("a number")) {
            assert!(!is_alive(pid), "child {pid} of the {run} run lives on");
            seen += 1;
        }
    }
    assert_eq!(seen, 9, "three for each of the three processes");
}
