//! A trainer speaks its learner's language: progress, errors, help, and what comes after a panic.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use clap::Parser;
use killresume::messages::LANG_VARIABLE;
use lesson::{Args, Checkpoint, CheckpointKind, Store};
use tempfile::TempDir;

/// The reference trainer over one epoch, in a language.
fn reference(lang: &str, dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reference"))
        .env(LANG_VARIABLE, lang)
        .args(["--epochs", "1", "--dir"])
        .arg(dir)
        .args(arguments)
        .output()
        .expect("runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn progress_is_told_in_both_languages_and_the_bits_do_not_depend_on_it() {
    let dir = TempDir::new().expect("a directory");
    let (korean, english) = (dir.path().join("ko"), dir.path().join("en"));
    let said = stdout(&reference("ko", &korean, &[]));
    for part in
        ["처음부터 학습해요\nepoch   1/1  step    23  train loss ", "정확도", "학습이 끝났어요"]
    {
        assert!(said.contains(part), "{said}");
    }
    let said = stdout(&reference("en", &english, &[]));
    for part in ["starting afresh\nepoch   1/1  step    23  train loss ", "accuracy", "finished"] {
        assert!(said.contains(part), "{said}");
    }
    for file in ["latest.safetensors", "best.safetensors"] {
        let bytes = |dir: &Path| fs::read(dir.join(file)).expect("saved");
        assert!(bytes(&korean) == bytes(&english), "{file} depends on the language");
    }
    let said = stdout(&reference("ko", &korean, &[]));
    assert!(said.starts_with("epoch 1 뒤부터 이어서 학습해요: "), "{said}");
}

#[test]
fn a_missing_component_is_told_in_both_languages() {
    let dir = TempDir::new().expect("a directory");
    let mut checkpoint = Checkpoint::new();
    checkpoint.put("step", 1_u64);
    let store = Store::open(dir.path()).expect("opens");
    store.save(CheckpointKind::Latest, &checkpoint).expect("saves");
    drop(store);
    let latest = dir.path().join("latest.safetensors").display().to_string();

    let output = reference("ko", dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let korean = format!(
        "오류: resume할 수 없어요: {latest}: checkpoint에 \"config\" component가 없어요. 들어 있는 것: step. \
         이 component도 저장하거나, 이 component가 있는 checkpoint를 불러와 주세요\n"
    );
    let said = stderr(&output);
    assert!(said.starts_with(&korean), "{said}");
    let place = said.lines().nth(1).unwrap_or_default();
    assert!(place.starts_with("  저장된 상태를 마지막으로 읽은 곳: "), "{said}");
    assert!(place.contains("reference.rs:"), "{said}");
    let english = format!(
        "error: cannot resume: {latest}: the checkpoint has no component \"config\", it holds step; \
         save that component too, or load a checkpoint that has it\n"
    );
    let said = stderr(&reference("en", dir.path(), &[]));
    assert!(said.starts_with(&english), "{said}");
}

#[test]
fn torn_files_and_another_config_are_told_in_korean() {
    let dir = TempDir::new().expect("a directory");
    reference("ko", dir.path(), &[]);
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (latest, previous) = (path("latest.safetensors"), path("latest.previous.safetensors"));

    let refused = stderr(&reference("ko", dir.path(), &["--seed", "2"]));
    let expected = format!(
        "오류: resume할 수 없어요: {latest}: config: key \"seed\"의 값이 맞지 않아요. 기대한 값: 2, 실제 값: 0\n"
    );
    assert!(refused.starts_with(&expected), "{refused}");

    let whole = fs::read(&latest).expect("saved");
    fs::write(&previous, &whole).expect("writes");
    fs::write(&latest, &whole[..whole.len() / 2]).expect("writes");
    let output = reference("ko", dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    let torn = format!(
        "{latest}: 잘린 파일이에요. {} byte 가운데 {} byte만 있어요. 더 예전 checkpoint를 불러와 주세요",
        whole.len(),
        whole.len() / 2
    );
    assert_eq!(stderr(&output), format!("경고: {torn}\n  대신 불러온 checkpoint: {previous}\n"));

    fs::write(&previous, b"").expect("writes");
    let said = stderr(&reference("ko", dir.path(), &[]));
    for part in ["쓸 수 있는 checkpoint가 하나도 없어요", &torn, "빈 파일이에요(0 byte)"]
    {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn help_and_wrong_arguments_speak_korean_too() {
    let dir = TempDir::new().expect("a directory");
    let help = stdout(&reference("ko", dir.path(), &["--help"]));
    for part in ["손글씨 숫자로", "사용법: ", "옵션:", "checkpoint를 두는 폴더예요", "도움말을"]
    {
        assert!(help.contains(part), "{help}");
    }
    // What is left in English: options, their values, the name of the program.
    for part in ["Usage", "Options", "default", "possible", "Print"] {
        assert!(!help.contains(part), "{help}");
    }
    let help = stdout(&reference("en", dir.path(), &["--help"]));
    for part in ["Usage: reference", "\nOptions:\n", "--save-every <STEPS>", "Print version"] {
        assert!(help.contains(part), "{help}");
    }
    let wrong = reference("ko", dir.path(), &["--epochs", "0"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = stderr(&wrong);
    assert!(said.starts_with("오류: 명령줄") && said.contains("--epochs"), "{said}");
}

const PANICS_IN: &str = "LESSON_TEST_PANICS_IN";

/// Not a test of its own: the trainer of the next test.
#[test]
fn panicking_trainer() {
    let Some(place) = std::env::var_os(PANICS_IN) else { return };
    let dir = TempDir::new().expect("a directory");
    let args = Args::parse_from(["trainer", "--dir", &dir.path().display().to_string()]);
    killresume::messages::set_lang(killresume::messages::Lang::of_process(&[]));
    let code = lesson::train_with(
        &args,
        |_, _, _| panic!("the learner's own words"),
        |_, _| if place == "load" { panic!("the learner's own words") } else { Ok(None) },
    );
    unreachable!("training ended with {code:?}");
}

#[test]
fn a_panic_is_followed_by_where_it_happened() {
    for (lang, place, after) in [
        ("ko", "load", "오류: 위의 panic은 resume하는 동안 load 안에서 일어났어요."),
        ("en", "load", "error: the panic above happened in load, while resuming;"),
        ("en", "save", "error: the panic above happened in save, while saving /"),
    ] {
        let output = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "panicking_trainer", "--nocapture"])
            .env(LANG_VARIABLE, lang)
            .env(PANICS_IN, place)
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        assert_eq!(output.status.code(), Some(101));
        let said = stderr(&output);
        let own = said.find("the learner's own words").expect("Rust's own message");
        let after = said.find(after).unwrap_or_else(|| panic!("{after:?} is not in {said}"));
        assert!(own < after, "{said}");
        assert!(!said.contains("unreachable"), "the panic was swallowed: {said}");
    }
}
