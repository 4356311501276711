//! Wrong input: a clear error that names the flag and says what was expected, and exit code 2.

mod common;

use common::{killresume, set_up};

fn refused(args: &[&str], says: &[&str]) {
    let output = killresume().args(args).output().expect("the harness starts");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
    for part in says {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn nonsense_is_refused_by_the_flag_s_name() {
    refused(&["--epochs", "five"], &["--epochs", "5+5"]);
    refused(&["--kill", "now"], &["--kill", "epoch:5"]);
    refused(&["--kill", "epoch:10"], &["--kill epoch:10", "10 epochs"]);
    refused(&["--timeout", "0"], &["--timeout", "seconds"]);
    refused(&["--tolerance", "-1"], &["--tolerance"]);
    refused(&["--tolerance=NaN"], &["--tolerance", "0.001"]);
    refused(&["--trainer", "../../etc"], &["--trainer", "binary of the exercises package"]);
    refused(&["--seed", "-1"], &["--seed", "from 0 to"]);
    refused(&["--", "--seed", "4"], &["--seed after --"]);
    refused(&["--", "--epochs=3"], &["--epochs=3 after --"]);
    refused(&["--colour"], &["--colour"]);
    refused(&["fly"], &["fly"]);
}

#[test]
fn an_unknown_trainer_is_answered_with_the_known_ones() {
    set_up();
    refused(&["--trainer", "nosuch"], &["nosuch", "reference"]);
}

#[test]
fn a_kill_point_that_never_comes_is_refused_with_the_length_of_the_run() {
    set_up();
    let out = tempfile::tempdir().expect("a temporary directory");
    let out = out.path().to_str().expect("UTF-8");
    refused(
        &[
            "--trainer",
            "misbehaving",
            "--kill",
            "step:99999",
            "--out",
            out,
            "--",
            "--how",
            "nothing",
        ],
        &["step:99999", "10 epochs", "40 steps"],
    );
}

#[test]
fn a_work_directory_with_something_in_it_is_left_alone() {
    set_up();
    let work = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(work.path().join("thesis.txt"), "three years").expect("written");
    refused(&["--work", work.path().to_str().expect("UTF-8")], &["--work", "not empty"]);
    let kept = std::fs::read_to_string(work.path().join("thesis.txt")).expect("still there");
    assert_eq!(kept, "three years");
}

#[test]
fn a_report_that_cannot_be_written_is_exit_4_and_names_the_path() {
    set_up();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let output = killresume()
        .args(["--trainer", "misbehaving", "--no-plot", "--out"])
        .arg(file.join("plots"))
        .args(["--", "--how", "nothing"])
        .output()
        .expect("the harness starts");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(text.contains("cannot write") && text.contains("misbehaving.json"), "{text}");
}

#[test]
fn help_is_there_in_both_languages() {
    for (lang, says) in [("en", "Where the SIGKILL lands"), ("ko", "SIGKILL 지점")] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_killresume"))
            .args(["run", "--lang", lang, "--help"])
            .output()
            .expect("the harness starts");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn usage_errors_are_there_in_korean() {
    for (args, says) in [
        (["--epochs", "five"], "\"five\" 값은 쓸 수 없어요"),
        (["--bogus", "1"], "--bogus 인자는 없어요"),
        (["fly", "away"], "\"fly\" 명령은 없어요"),
        (["--color", "blue"], "auto, always, never"),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_killresume"))
            .args(["--lang", "ko"])
            .args(args)
            .output()
            .expect("the harness starts");
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(text.contains("오류") && text.contains(says), "{text}");
    }
}

#[test]
fn a_language_asked_for_by_name_comes_before_the_locale() {
    for (args, variable, locale, korean) in [
        (vec!["--lang", "ko"], "en", "en_US.UTF-8", true),
        (vec!["--lang=en"], "ko", "ko_KR.UTF-8", false),
        (vec![], "ko", "en_US.UTF-8", true),
        (vec![], "en", "ko_KR.UTF-8", false),
        (vec![], "", "ko_KR.UTF-8", true),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_killresume"))
            .args(&args)
            .arg("--help")
            .env("KILLRESUME_LANG", variable)
            .env("LC_ALL", locale)
            .output()
            .expect("the harness starts");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(text.contains("사용법"), korean, "{args:?} {variable:?} {locale}: {text}");
    }
}
