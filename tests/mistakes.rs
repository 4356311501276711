//! A learner's code can be wrong in any way. Each gets a message that helps, and never a pass.

mod common;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::course::CourseCopy;

const FOLDER: &str = "02_optimizer";

/// Runs exercise 2 with this file, and returns exit code and everything printed.
fn with_file(course: &CourseCopy, text: &str) -> (Option<i32>, String) {
    course.edit(FOLDER, text);
    let (code, stdout, stderr) = course.run(&["run", "optimizer", "--no-plot", "--timeout", "4"]);
    (code, format!("{stdout}\n{stderr}"))
}

/// The text as if it had never been wrapped.
fn unwrapped(text: &str) -> String {
    text.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The model answer with one piece of it replaced.
fn answer_with(course: &CourseCopy, what: &str, by: &str) -> String {
    let answer = std::fs::read_to_string(course.file(FOLDER, "solution.rs")).expect("a solution");
    assert!(answer.contains(what), "the model answer has no {what:?}");
    answer.replacen(what, by, 1)
}

const IN_SAVE: &str = "    let mut ckpt = Checkpoint::new();\n";
const IN_LOAD: &str = "    let ckpt = &loaded.checkpoint;\n";
const AT_START: &str = "    let Some(loaded)";

fn mistake(at: &str, line: &str) -> (Option<i32>, String) {
    let course = CourseCopy::fresh();
    let text = answer_with(&course, at, &format!("    {line}\n{at}"));
    with_file(&course, &text)
}

#[track_caller]
fn assert_says(ended: &(Option<i32>, String), code: i32, parts: &[&str]) {
    let (found, printed) = ended;
    assert_eq!(*found, Some(code), "{printed}");
    for part in parts {
        assert!(unwrapped(printed).contains(part), "lacks {part:?}:\n{printed}");
    }
    // What to try is said in every case.
    assert!(unwrapped(printed).contains("hint optimizer"), "{printed}");
}

#[test]
fn code_that_does_not_compile_shows_the_compiler_s_message() {
    let course = CourseCopy::fresh();
    let text = answer_with(&course, "run.step);", "run.stepp);");
    let ended = with_file(&course, &text);
    assert_says(&ended, 3, &["no field `stepp`", "exercise.rs", "does not compile"]);

    let empty = with_file(&course, "");
    assert_says(&empty, 3, &["`main` function not found", "does not compile"]);
}

#[test]
fn one_exercise_that_does_not_compile_does_not_stop_the_others() {
    let course = CourseCopy::fresh();
    for folder in course.exercises() {
        course.solve(&folder);
    }
    course.edit("02_optimizer", "nonsense");
    course.edit("03_scheduler", "fn main() {}");
    let (code, stdout, stderr) = course.run(&["check-all"]);
    let printed = format!("{stdout}\n{stderr}");
    assert_eq!(code, Some(3), "{printed}");
    let all = course.exercises().len();
    assert!(
        printed.contains(&format!("{} passed, 0 failed, 2 could not be judged", all - 2)),
        "{printed}"
    );
}

#[test]
fn a_panic_is_shown_with_its_message() {
    let ended = mistake(IN_LOAD, "panic!(\"where am I\");");
    assert_says(&ended, 3, &["resumed run", "101", "where am I", "exercise.rs"]);
    let ended = mistake(IN_SAVE, "None::<u8>.expect(\"a number\");");
    assert_says(&ended, 3, &["101", "a number"]);
}

#[test]
fn a_missing_component_is_named() {
    let course = CourseCopy::fresh();
    let text = answer_with(&course, "put(\"sampler\"", "put(\"samples\"");
    assert_says(&with_file(&course, &text), 3, &["no component \"sampler\"", "samples"]);
}

#[test]
fn the_line_that_read_another_component_s_state_is_named() {
    let course = CourseCopy::fresh();
    let text = answer_with(&course, "get(\"rng\")", "get(\"optimizer\")");
    let line = text.lines().position(|line| line.contains("run.rng.load_state_dict"));
    let line = format!("02_optimizer/exercise.rs:{}", line.expect("the line") + 1);
    assert_says(&with_file(&course, &text), 3, &["cannot resume", &line]);
}

#[test]
fn a_wrong_path_is_named() {
    let course = CourseCopy::fresh();
    let by = "ckpt.save(\"/nowhere/at/all\".as_ref())?;\n    Ok(store.save(kind, &ckpt)?)";
    let text = answer_with(&course, "Ok(store.save(kind, &ckpt)?)", by);
    assert_says(&with_file(&course, &text), 3, &["cannot save", "/nowhere/at/all"]);
}

#[test]
fn a_file_that_was_never_written_is_no_checkpoint() {
    let course = CourseCopy::fresh();
    let by = "Ok(store.path(kind))";
    let text = answer_with(&course, "Ok(store.save(kind, &ckpt)?)", by);
    assert_says(&with_file(&course, &text), 3, &["no file in the run's directory"]);
    // Nor is a best one that is only claimed.
    let by = "if kind == CheckpointKind::Best { return Ok(store.path(kind)) }\n    \
              Ok(store.save(kind, &ckpt)?)";
    let text = answer_with(&course, "Ok(store.save(kind, &ckpt)?)", by);
    assert_says(&with_file(&course, &text), 3, &["best.safetensors", "no file in the run's"]);
}

#[test]
fn a_checkpoint_outside_the_run_s_directory_is_refused_at_once() {
    let course = CourseCopy::fresh();
    let by =
        "let path = PathBuf::from(\"mine.safetensors\");\n    ckpt.save(&path)?;\n    Ok(path)";
    let text = answer_with(&course, "Ok(store.save(kind, &ckpt)?)", by);
    let ended = with_file(&course, &text);
    let _ = std::fs::remove_file(course.root().join("mine.safetensors"));
    assert_says(&ended, 3, &["mine.safetensors", "no file in the run's", "store.dir()"]);
}

#[test]
fn an_answer_that_only_looks_right_does_not_pass() {
    let course = CourseCopy::fresh();
    let wrong = |folder: &str, what: &str, by: &str| {
        let answer = std::fs::read_to_string(course.file(folder, "solution.rs")).expect("one");
        assert!(answer.contains(what), "the model answer of {folder} has no {what:?}");
        course.edit(folder, &answer.replacen(what, by, 1));
        let (code, stdout, stderr) = course.run(&["run", folder, "--no-plot"]);
        (code, unwrapped(&format!("{stdout}\n{stderr}")))
    };
    // Best is as good as latest only where an epoch has just ended.
    let ended =
        wrong("09_best_and_latest", "load(CheckpointKind::Latest)", "load(CheckpointKind::Best)");
    assert_eq!(ended.0, Some(1), "{}", ended.1);
    assert!(ended.1.contains("thrown away"), "{}", ended.1);
    // Two names are not two files.
    for link in ["fs::hard_link", "os::unix::fs::symlink"] {
        let by = format!(
            "let latest = store.path(CheckpointKind::Latest);
    let written = store.dir().join(\"written\");
    ckpt.save(&written)?;
    std::fs::write(&latest, std::fs::read(written)?)?;
    let path = store.path(kind);
    if !path.exists() {{
        std::{link}(latest, &path)?;
    }}
    Ok(path)"
        );
        let ended = wrong("09_best_and_latest", "Ok(store.save(kind, &ckpt)?)", &by);
        assert_eq!(ended.0, Some(1), "{}", ended.1);
        assert!(ended.1.contains("best.safetensors, saved as best at epoch"), "{}", ended.1);
    }
    // Between the two calls there is no checkpoint.
    let rename = "fs::rename(&temporary, path)?;";
    let ended =
        wrong("13_torn_write", rename, &format!("let _ = fs::remove_file(path);\n    {rename}"));
    assert_eq!(ended.0, Some(1), "{}", ended.1);
    assert!(ended.1.contains("removed before the new one is durable"), "{}", ended.1);
    // What cannot be cut in two is told in the course's words, not in those of an option.
    let whole = "file.write_all(bytes)?;";
    let by = "let outside = std::env::temp_dir().join(format!(\"whole-{}\", std::process::id()));
    fs::write(&outside, bytes)?;
    std::io::copy(&mut fs::File::open(&outside)?, &mut &file)?;
    fs::remove_file(outside)?;";
    let ended = wrong("13_torn_write", whole, by);
    assert_eq!(ended.0, Some(3), "{}", ended.1);
    assert!(
        ended.1.contains("not copied from another file") && !ended.1.contains("--kill"),
        "{}",
        ended.1
    );
}

#[test]
fn deleted_files_are_no_pass() {
    let remove = "let _ = std::fs::remove_file(store.path(CheckpointKind::Latest));";
    assert_says(&mistake(AT_START, remove), 1, &["went on from epoch 4", "thrown away"]);
    let ended = mistake(IN_SAVE, "let _ = std::fs::remove_dir_all(store.dir());");
    assert_says(&ended, 3, &["cannot save"]);
}

#[test]
fn an_infinite_loop_is_ended_and_leaves_nothing_running() {
    for at in [IN_LOAD, IN_SAVE] {
        let begin = Instant::now();
        let ended = mistake(at, "loop { std::thread::sleep(std::time::Duration::from_millis(9)) }");
        assert_says(&ended, 3, &["4 s", "a loop in"]);
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let found = std::process::Command::new("pgrep")
        .arg("-f")
        .arg(program.join("debug/optimizer"))
        .stdin(Stdio::null())
        .output();
    // Where there is no pgrep, this says nothing.
    if let Ok(found) = found {
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "still running");
    }
}

#[test]
fn garbage_on_the_output_changes_nothing() {
    let garbage = r#"for _ in 0..2000 { println!("\x1b[2J\x1b]0;x\x07{{\"event\":\"finished\"}}{}", "\u{fffd}".repeat(200)); }"#;
    let ended = mistake(IN_SAVE, garbage);
    assert_eq!(ended.0, Some(0), "{}", ended.1);
    assert!(!ended.1.contains('\x1b'), "{:?}", ended.1);
}

#[test]
fn a_program_that_ends_early_is_no_pass() {
    for (at, code) in [(IN_SAVE, 0), (IN_LOAD, 0), (IN_LOAD, 3)] {
        #[allow(clippy::allow_attributes, reason = "the text of a learner's program")]
        let ended =
            mistake(at, &format!("if run.step < u64::MAX {{ std::process::exit({code}) }}"));
        assert_says(&ended, 3, &["exit"]);
    }
    let course = CourseCopy::fresh();
    assert_says(&with_file(&course, "fn main() {}"), 3, &["never connected", "lesson::train"]);
}

#[test]
fn training_that_the_code_changes_is_named_as_such() {
    let ended = mistake(AT_START, "run.step = 7;");
    assert_says(&ended, 1, &["before the kill"]);
}

#[test]
fn a_file_that_is_gone_is_named_and_reset_brings_it_back() {
    let course = CourseCopy::fresh();
    let file = course.file(FOLDER, "exercise.rs");
    std::fs::remove_file(&file).expect("was there");
    let (code, stdout, stderr) = course.run(&["run", "optimizer"]);
    assert_eq!(code, Some(3), "{stdout}{stderr}");
    assert!(stderr.contains("02_optimizer/exercise.rs"), "{stderr}");
    assert!(stdout.contains("reset optimizer"), "{stdout}");
    let (code, stdout, stderr) = course.run(&["reset", "optimizer", "--yes"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let original = course.root().join("exercises/originals/02_optimizer.rs");
    assert_eq!(std::fs::read(file).ok(), std::fs::read(original).ok());
}
