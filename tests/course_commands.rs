//! The commands of the course, as a learner goes through it.

mod common;

use std::fs;

use common::course::CourseCopy;

/// Runs a command that has to end so; returns what it printed on standard output.
#[track_caller]
fn ends(course: &CourseCopy, code: i32, arguments: &[&str]) -> String {
    let (found, stdout, stderr) = course.run(arguments);
    assert_eq!(found, Some(code), "{arguments:?}\n{stdout}\n{stderr}");
    stdout
}

#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is not there, or too early:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_learner_goes_from_the_list_to_a_solved_exercise_and_on() {
    let course = CourseCopy::fresh();
    let list = ends(&course, 0, &["list"]);
    assert_in_order(&list, &[" 1 only_the_model", "not begun", " 2 optimizer"]);
    assert!(list.contains("0 of "), "{list}");

    // A failed run says, in this order: what happened, the picture, the components, the findings, what
    // to try.
    let failed = ends(&course, 1, &["next"]);
    assert_in_order(
        &failed,
        &[
            "NOT THE SAME RUN",
            "validation loss",
            "optimizer    ✘ cold",
            "findings",
            "visible on the curve",
            "what to try",
            "01_only_the_model/lesson.en.md",
            "01_only_the_model/exercise.rs",
            "stuck?",
        ],
    );
    // Where it is wrapped depends on where the program lies.
    let words: Vec<&str> = failed.split_whitespace().collect();
    assert!(words.join(" ").contains("hint only_the_model (0 of 3 shown)"), "{failed}");
    // Never the fix before the hints.
    assert!(!failed.contains("ckpt.put") && !failed.contains("load_state_dict"), "{failed}");
    assert!(course.root().join("plots/course/only_the_model.svg").is_file());

    course.solve("01_only_the_model");
    let solved = ends(&course, 0, &["run", "1"]);
    assert_in_order(&solved, &["THE SAME RUN", "is solved", "next"]);
    let list = ends(&course, 0, &["list"]);
    assert_in_order(&list, &["only_the_model", "✔ solved", "1 of ", "next: optimizer"]);

    // Broken again, it is shown so, and comes next again.
    let original = course.root().join("exercises/originals/01_only_the_model.rs");
    course.edit("01_only_the_model", &fs::read_to_string(original).expect("an original"));
    assert!(ends(&course, 0, &["list"]).contains("solved, edited since"));
    ends(&course, 1, &["run", "exercises/01_only_the_model/exercise.rs"]);
    let list = ends(&course, 0, &["list"]);
    assert_in_order(&list, &["✘ fails again", "next: only_the_model"]);
}

#[test]
fn the_control_run_is_not_repeated_after_an_edit() {
    let course = CourseCopy::fresh();
    let (_, _, first) = course.run(&["run", "2", "--no-plot"]);
    assert!(first.contains("control run: started"), "{first}");
    course.solve("02_optimizer");
    let (code, _, second) = course.run(&["run", "2", "--no-plot"]);
    assert_eq!(code, Some(0), "{second}");
    assert!(!second.contains("control run: started"), "{second}");
    // A damaged one is.
    let controls = course.root().join(".killresume/controls");
    for entry in fs::read_dir(controls).expect("controls") {
        fs::write(entry.expect("an entry").path(), "{").expect("writes");
    }
    let (code, _, third) = course.run(&["run", "2", "--no-plot"]);
    assert_eq!(code, Some(0), "{third}");
    assert!(third.contains("control run: started"), "{third}");
}

#[test]
fn hints_come_one_at_a_time_and_then_point_to_the_solution() {
    let course = CourseCopy::fresh();
    let first = ends(&course, 0, &["hint", "optimizer"]);
    assert!(first.contains("hint 1 of 3") && !first.contains("hint 2 of 3"), "{first}");
    let second = ends(&course, 0, &["hint", "2"]);
    assert!(second.contains("hint 2 of 3") && !second.contains("hint 3 of 3"), "{second}");
    for _ in 0..2 {
        let third = ends(&course, 0, &["hint", "02_optimizer"]);
        assert_in_order(&third, &["hint 1 of 3", "hint 2 of 3", "hint 3 of 3", "--spoil"]);
    }
    let korean = ends(&course, 0, &["--lang", "ko", "hint", "1"]);
    assert!(korean.contains("힌트 3개 가운데 1번째") && korean.contains('요'), "{korean}");
}

#[test]
fn the_solution_is_shown_after_a_pass_or_on_demand() {
    let course = CourseCopy::fresh();
    let (code, stdout, stderr) = course.run(&["solution", "optimizer"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("--spoil") && stderr.contains("hint optimizer"), "{stderr}");
    assert!(ends(&course, 0, &["solution", "optimizer", "--spoil"]).contains("fn load("));
    course.solve("02_optimizer");
    ends(&course, 0, &["run", "optimizer", "-q"]);
    assert!(ends(&course, 0, &["solution", "optimizer"]).contains("fn load("));
}

#[test]
fn reset_asks_first_and_keeps_what_was_written() {
    let course = CourseCopy::fresh();
    course.edit("02_optimizer", "mine");
    let (code, _, stderr) = course.run(&["reset", "optimizer"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--yes"), "{stderr}");
    let exercise = course.file("02_optimizer", "exercise.rs");
    assert_eq!(fs::read_to_string(&exercise).ok().as_deref(), Some("mine"));

    for (n, text) in [(1, "mine"), (2, "mine too")] {
        course.edit("02_optimizer", text);
        let said = ends(&course, 0, &["reset", "optimizer", "--yes"]);
        let backup = format!(".killresume/backups/02_optimizer/exercise.{n}.rs");
        assert!(said.split_whitespace().any(|word| word == backup), "{said}");
        assert_eq!(fs::read_to_string(course.root().join(backup)).ok().as_deref(), Some(text));
    }
    let original = fs::read(course.root().join("exercises/originals/02_optimizer.rs")).ok();
    assert_eq!(fs::read(&exercise).ok(), original);

    course.edit("01_only_the_model", "1");
    course.edit("02_optimizer", "2");
    ends(&course, 0, &["hint", "2"]);
    ends(&course, 0, &["reset", "--all", "--yes"]);
    let list = ends(&course, 0, &["list"]);
    assert_eq!(list.matches("not begun").count(), course.exercises().len(), "{list}");
    assert!(ends(&course, 0, &["reset", "--all"]).contains("nothing to put back"));
}

#[test]
fn an_unknown_exercise_is_answered_with_those_that_there_are() {
    let course = CourseCopy::fresh();
    for command in
        [&["run", "nope"][..], &["hint", "99"], &["reset", "nope"], &["solution", "nope"]]
    {
        let (code, _, stderr) = course.run(command);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("only_the_model"), "{stderr}");
    }
    let (code, _, stderr) = course.run(&["run", "optimizer", "--kill", "step:3"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--kill"), "{stderr}");
}

#[test]
fn in_its_own_folder_an_exercise_is_named_by_its_file() {
    let course = CourseCopy::fresh();
    let folder = course.root().join("exercises/02_optimizer");
    for wanted in [".", "exercise.rs", "../02_optimizer/"] {
        let output = course.killresume().args(["hint", wanted]).current_dir(&folder).output();
        let text = String::from_utf8(output.expect("starts").stdout).expect("UTF-8");
        assert!(text.contains("optimizer · hint"), "{wanted}: {text}");
    }
}

#[test]
fn what_is_no_file_in_an_exercise_s_place_stops_nothing() {
    let course = CourseCopy::fresh();
    let file = course.file("02_optimizer", "exercise.rs");
    fs::remove_file(&file).expect("was there");
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.expect("starts").success());
    ends(&course, 0, &["list"]);
    ends(&course, 3, &["run", "optimizer"]);
    let (code, _, stderr) = course.run(&["reset", "optimizer", "--yes"]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stderr.contains("no regular file"), "{stderr}");

    // A link is replaced, and what it led to is neither changed nor lost.
    fs::remove_file(&file).expect("was there");
    let target = course.root().join("mine.rs");
    fs::write(&target, "mine").expect("writes");
    std::os::unix::fs::symlink(&target, &file).expect("a link");
    ends(&course, 0, &["reset", "optimizer", "--yes"]);
    assert_eq!(fs::read_to_string(&target).ok().as_deref(), Some("mine"));
    assert!(!file.is_symlink());
    let _ = fs::remove_file(target);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(&file).expect("is there").permissions(),
    );
    assert_eq!(mode & 0o022, 0, "{mode:o}");
}

#[test]
fn a_damaged_progress_file_is_named_and_not_lost() {
    let course = CourseCopy::fresh();
    let path = course.root().join(".killresume/progress.json");
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, "{ damaged").expect("writes");
    for command in [&["list"][..], &["next"], &["hint"]] {
        let (code, _, stderr) = course.run(command);
        assert_eq!(code, Some(4), "{stderr}");
        assert!(stderr.contains("progress.json"), "{stderr}");
    }
    assert_eq!(fs::read_to_string(path).ok().as_deref(), Some("{ damaged"));
}

#[test]
fn check_all_needs_no_terminal_and_tells_by_its_exit_code() {
    let course = CourseCopy::fresh();
    let untouched = ends(&course, 1, &["check-all", "-q"]);
    let all = course.exercises().len();
    assert!(untouched.contains(&format!("0 passed, {all} failed")), "{untouched}");
    assert!(untouched.contains(" 2 optimizer: did not come back: optimizer"), "{untouched}");
}

#[test]
fn every_line_fits_in_80_columns_in_both_languages_and_without_colours() {
    let course = CourseCopy::fresh();
    for lang in ["ko", "en"] {
        for command in [&["list"][..], &["next"], &["hint", "1"], &["run", "10", "--no-plot"]] {
            let output = course
                .killresume()
                .args(command)
                .args(["--lang", lang])
                .output()
                .expect("the harness starts");
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(!text.contains('\x1b'), "{text:?}");
            for line in text.lines() {
                // A path is never broken.
                let wide = console::measure_text_width(line) > 80 && !line.contains("/");
                assert!(!wide, "{command:?} {lang}: {line}");
                assert_eq!(line.trim_end(), line, "{command:?} {lang}");
            }
            let hangul = text.chars().any(|c| ('가'..='힣').contains(&c));
            assert_eq!(hangul, lang == "ko", "{text}");
        }
        // Hangul is two columns wide, and the columns stand below each other all the same.
        let list = ends(&course, 0, &["--lang", lang, "list"]);
        let third = |line: &str| {
            let mark = line.find(['·', '…', '✔', '✘'])?;
            let title = line[mark..].find("  ")? + mark;
            let title = line[title..].find(|c: char| c != ' ')? + title;
            Some(console::measure_text_width(&line[..title]))
        };
        let columns: Vec<usize> = list.lines().filter_map(third).collect();
        assert!(columns.len() > 10 && columns.windows(2).all(|w| w[0] == w[1]), "{list}");
    }
}

#[test]
fn colours_are_there_when_asked_for_and_never_with_no_color() {
    let course = CourseCopy::fresh();
    let colored = ends(&course, 0, &["--color", "always", "list"]);
    assert!(colored.contains("\x1b["), "{colored:?}");
    let output = course.killresume().arg("list").env("NO_COLOR", "1").output();
    let plain = String::from_utf8(output.expect("starts").stdout).expect("UTF-8");
    assert!(!plain.contains('\x1b'), "{plain:?}");
}
