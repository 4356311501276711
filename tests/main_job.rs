//! The main job, through the built binary: train, SIGKILL, resume, judge, plot.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ran, killresume, set_up};
use killresume::scenario::LESSON_COMPONENTS;
use serde_json::{Value, json};

fn assert_same_run(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
    assert_eq!(ran.report["verdict"], "same_run", "{}", ran.transcript());
    assert_eq!(ran.report["curve"]["kind"], "identical", "{}", ran.transcript());
    assert_eq!(ran.report["findings"], json!([]));
    assert_eq!(ran.states(), LESSON_COMPONENTS.map(|name| (name, "restored")));
}

#[test]
fn the_reference_trainer_comes_back_as_the_same_run() {
    let ran = Ran::trainer("reference", &[]);
    assert_same_run(&ran);
    let kill = &ran.report["kill"];
    assert_eq!(kill["signal"], 9, "the kernel confirms the SIGKILL");
    assert_eq!(kill["epoch"], 5);
    for curve in ["control", "interrupted", "resumed"] {
        let points = ran.report["curves"][curve].as_array().expect("a list");
        let ends = points.iter().filter(|point| point["epoch_end"] == true).count();
        assert_eq!(ends, if curve == "control" { 10 } else { 5 }, "{curve}");
    }
    assert!(ran.stdout.contains("THE SAME RUN"), "{}", ran.stdout);
}

#[test]
fn training_converges_and_the_loss_scale_moves() {
    let ran = Ran::trainer("reference", &[]);
    let control = ran.report["curves"]["control"].as_array().expect("a list").clone();
    let last = control.last().expect("a point");
    assert!(last["val_accuracy"].as_f64() > Some(0.95), "{last}");
    let scales: Vec<f64> =
        control.iter().filter_map(|point| point["loss_scale"].as_f64()).collect();
    let falls = scales.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let rises = scales.windows(2).filter(|pair| pair[1] > pair[0]).count();
    assert!(falls > 1 && rises > 1, "overflows halve the scale and calm doubles it: {scales:?}");
}

#[test]
fn it_comes_back_from_the_middle_of_an_epoch_at_the_exact_batch() {
    let ran = Ran::trainer("reference", &["--kill", "step:132"]);
    assert_same_run(&ran);
    assert_eq!(ran.report["kill"]["step"], 132);
    let first = ran.report["curves"]["resumed"][0]["step"].as_u64();
    assert_eq!(first, Some(131), "the checkpoint of step 130 lies in the middle of the epoch");
}

#[test]
fn it_comes_back_from_a_kill_at_either_side_of_a_save() {
    for (point, resumes_after) in
        [("save:latest:begin", 4), ("save:latest:end", 5), ("save:best:begin", 4)]
    {
        let ran = Ran::trainer("reference", &["--kill", point]);
        assert_same_run(&ran);
        let ends = ran.report["curves"]["resumed"].as_array().expect("a list");
        let first = ends.iter().find(|point| point["epoch_end"] == true).expect("an epoch");
        assert_eq!(first["epoch"], resumes_after + 1, "{point}");
    }
}

#[test]
fn it_comes_back_with_another_optimizer_seed_and_length() {
    let ran = Ran::trainer(
        "reference",
        &["--seed", "18446744073709551615", "--epochs", "1+2", "--", "--optimizer", "sgd"],
    );
    assert_same_run(&ran);
}

#[test]
fn twenty_runs_in_a_row_are_twenty_times_identical() {
    let mut curve = Value::Null;
    for i in 0..20 {
        let ran = Ran::trainer("reference", &[]);
        assert_same_run(&ran);
        let this = ran.report["curves"]["resumed"].clone();
        if i > 0 {
            assert_eq!(this, curve, "run {i} is not the first one again");
        }
        curve = this;
    }
}

#[test]
fn pictures_and_report_go_where_they_are_sent() {
    set_up();
    let out = tempfile::tempdir().expect("a temporary directory");
    let report = out.path().join("deep").join("report.json");
    let output = killresume()
        .args(["run", "--out"])
        .arg(out.path().join("pictures"))
        .arg("--report")
        .arg(&report)
        .output()
        .expect("the harness starts");
    assert!(output.status.success(), "{output:?}");
    let svg = std::fs::read_to_string(out.path().join("pictures/reference.svg")).expect("an SVG");
    assert!(svg.contains("THE SAME RUN") && svg.contains("SIGKILL"), "{svg}");
    let png = std::fs::read(out.path().join("pictures/reference.png")).expect("a PNG");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let report: Value =
        serde_json::from_slice(&std::fs::read(report).expect("a report")).expect("JSON");
    assert_eq!(report["schema_version"], 1);
}

#[test]
fn korean_messages_leave_keys_and_values_english() {
    let ran = Ran::trainer("faulty", &["--lang=ko", "--", "--lose", "rng", "--at", "save"]);
    // Two --lang: the harness refuses rather than guesses.
    assert_eq!(ran.code, Some(2), "{}", ran.transcript());

    set_up();
    let out = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(env!("CARGO_BIN_EXE_killresume"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("LC_ALL", "ko_KR.UTF-8")
        .args(["--trainer", "faulty", "--no-plot", "--out"])
        .arg(out.path())
        .args(["--", "--lose", "rng", "--at", "save"])
        .output()
        .expect("the harness starts");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("같은 run이 아니에요"), "{text}");
    let report = std::fs::read(out.path().join("faulty.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["findings"][0]["kind"], "cold");
    let message = report["findings"][0]["message"].as_str().expect("a message");
    assert!(message.contains("복원되지 않았어요"), "{message}");
}

#[test]
fn a_trainer_that_fails_says_why_in_the_language_of_the_harness() {
    set_up();
    for (lang, says) in [("ko", "CUDA device를 찾지 못했어요"), ("en", "finds no CUDA device")]
    {
        let out = tempfile::tempdir().expect("a temporary directory");
        let output = Command::new(env!("CARGO_BIN_EXE_killresume"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("LC_ALL", "C")
            .args(["--lang", lang, "--no-plot", "--out"])
            .arg(out.path())
            .args(["--", "--device", "cuda"])
            .env("CUDA_VISIBLE_DEVICES", "")
            .output()
            .expect("the harness starts");
        assert_eq!(output.status.code(), Some(3));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn no_line_is_wider_than_80_columns_and_no_colour_means_none() {
    for lang in ["en_US.UTF-8", "ko_KR.UTF-8"] {
        set_up();
        let out = tempfile::tempdir().expect("a temporary directory");
        let output = Command::new(env!("CARGO_BIN_EXE_killresume"))
            .current_dir(out.path())
            .env("LC_ALL", lang)
            .env("NO_COLOR", "1")
            .args(["--trainer", "faulty", "--no-plot", "--out", "."])
            .args(["--", "--lose", "epoch", "--at", "load"])
            .output()
            .expect("the harness starts");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!text.contains('\x1b'), "{text}");
        for line in text.lines() {
            assert!(console::measure_text_width(line) <= 80, "{line}");
        }
    }
}

#[test]
fn an_interrupt_leaves_no_process_and_no_report() {
    set_up();
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let out = tempfile::tempdir().expect("a temporary directory");
        let work = tempfile::tempdir().expect("a temporary directory");
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let mut child = killresume()
            .args(["--epochs", "500+500", "--no-plot", "--out"])
            .arg(out.path())
            .arg("--work")
            .arg(work.path())
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the harness starts");
        // Both trainers hold the lock of their directory as soon as they run.
        let begin = Instant::now();
        let locks = ["control", "interrupted"].map(|run| work.path().join(run).join(".lock"));
        while !locks.iter().all(|lock| holder(lock).is_some()) {
            assert!(begin.elapsed() < Duration::from_secs(60), "the trainers did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let pid = child.id().to_string();
        let send =
            || Command::new("kill").args(["-s", signal, &pid]).status().expect("kill starts");
        assert!(send().success());
        // Twice, as `timeout` does; it may be gone by then.
        let _ = send();
        let status = child.wait().expect("the harness ends");
        assert_eq!(status.code(), Some(code));
        let left: Vec<_> = std::fs::read_dir(out.path()).expect("a directory").collect();
        assert!(left.is_empty(), "no half-written report: {left:?}");
        let left: Vec<_> = std::fs::read_dir(temporary.path()).expect("a directory").collect();
        assert!(left.is_empty(), "no temporary directory: {left:?}");
        for lock in locks {
            let pid = holder(&lock).expect("the lock names its holder");
            assert!(!common::is_alive(pid), "trainer {pid} lives on");
        }
    }
}

/// The process that a run's lock names.
fn holder(lock: &Path) -> Option<u32> {
    std::fs::read_to_string(lock).ok()?.trim().parse().ok()
}
