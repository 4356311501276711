//! The reports for machines, all from one run: valid, whole at every moment, and never a pass for a
//! program that is dead.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::course::CourseCopy;
use killresume::crash::Tally;
use killresume::crash::soak::Soaked;
use killresume::report::Report;
use killresume::report::gradebook::Gradebook;
use killresume::report::json::schema;
use killresume::report::suite::{Format, Suite};
use serde_json::Value;

fn read(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).expect("is JSON")
}

#[track_caller]
fn assert_valid(schema: &str, value: &Value) {
    let schema = serde_json::from_str(schema).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("is a schema");
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// `UPDATE=1 cargo test --test reports schemas` writes them anew.
#[test]
fn the_committed_schemas_are_those_of_the_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let schemas = [
        ("report", schema::<Report>()),
        ("suite", schema::<Suite>()),
        ("gradebook", schema::<Gradebook>()),
        ("torture", schema::<Tally>()),
        ("soak", schema::<Soaked>()),
    ];
    for (name, text) in schemas {
        let path = folder.join(format!("{name}.schema.json"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &text).expect("writes");
        }
        let committed = fs::read_to_string(&path).expect("is committed");
        assert!(committed == text, "{} is not what the code says", path.display());
    }
}

/// Every format into a folder; the arguments that ask for it.
fn every_format(out: &Path) -> Vec<String> {
    Format::ALL
        .map(Format::name)
        .map(|it| format!("--report={it}={}", out.join(it).display()))
        .into()
}

/// What the formats say of one case: passed, failed or in error.
#[track_caller]
fn assert_status(out: &Path, status: &str) {
    let text = |name: &str| fs::read_to_string(out.join(name)).expect("is written");
    let junit = text("junit");
    assert_eq!(junit.contains("<failure"), status == "fail", "{junit}");
    assert_eq!(junit.contains("<error"), status == "error", "{junit}");
    assert_eq!(text("github").contains("::error"), status != "pass");
    let gradescope = read(&out.join("gradescope"));
    let passed = if status == "pass" { "passed" } else { "failed" };
    assert_eq!(gradescope["tests"][0]["status"], passed, "{gradescope}");
    assert_eq!(gradescope["tests"][0]["score"].as_f64() == Some(1.0), status == "pass");
    let exercism = read(&out.join("exercism"));
    assert_eq!(exercism["status"] == "pass", status == "pass", "{exercism}");
    let exercism_v2 = read(&out.join("exercism-v2"));
    assert_eq!(exercism_v2["status"], exercism["status"]);
    assert_eq!(exercism_v2["version"], 2);
    let row = text("csv").lines().nth(1).expect("a row").to_owned();
    assert_eq!(row.starts_with(",1,1,1"), status == "pass", "{row}");
    assert!(text("html").contains("<!DOCTYPE html>") || text("html").contains("<!doctype html>"));
}

#[test]
fn one_run_gives_every_format_and_they_agree() {
    let course = CourseCopy::fresh();
    let out = tempfile::tempdir().expect("a directory");
    let formats = every_format(out.path());
    let run = |arguments: &[&str]| {
        let formats = formats.iter().map(String::as_str);
        let arguments: Vec<&str> = arguments.iter().copied().chain(formats).collect();
        course.run(&arguments).0
    };
    assert_eq!(run(&["run", "optimizer"]), Some(1));
    assert_status(out.path(), "fail");
    let report = read(&out.path().join("json"));
    assert_valid(&schema::<Report>(), &report);
    assert_eq!(report["verdict"], "not_same_run");

    course.solve("02_optimizer");
    assert_eq!(run(&["run", "optimizer"]), Some(0));
    assert_status(out.path(), "pass");
    assert_valid(&schema::<Report>(), &read(&out.path().join("json")));

    course.edit("02_optimizer", "fn main() { panic!(\"]]> <b> ::error::x\") }");
    assert_eq!(run(&["run", "optimizer"]), Some(3));
    assert_status(out.path(), "error");
    assert_valid(&schema::<Report>(), &read(&out.path().join("json")));

    course.edit("02_optimizer", "fn main() { nonsense }");
    assert_eq!(run(&["run", "optimizer"]), Some(3));
    assert_status(out.path(), "error");
    assert!(!out.path().join("json").exists(), "an earlier run's report is none of this one");

    assert_eq!(run(&["--trainer", "reference", "--no-plot"]), Some(0));
    assert_status(out.path(), "pass");
}

#[test]
fn a_check_that_is_killed_half_way_leaves_whole_reports_of_what_it_had() {
    let course = CourseCopy::fresh();
    let out = tempfile::tempdir().expect("a directory");
    let json = out.path().join("json");
    let mut command = course.killresume();
    command.arg("check-all").args(every_format(out.path()));
    let mut check = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let begin = Instant::now();
    let cases = || fs::read(&json).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let count = |value: &Value| value["cases"].as_array().map_or(0, Vec::len);
    while cases().is_none_or(|value| count(&value) < 2) {
        assert!(begin.elapsed() < Duration::from_secs(120), "two exercises take a few seconds");
        thread::sleep(Duration::from_millis(20));
    }
    check.kill().expect("is killed");
    check.wait().expect("ends");

    let suite = read(&json);
    assert!(count(&suite) >= 2);
    assert_valid(&schema::<Suite>(), &suite);
    assert_eq!(suite["cases"][1]["status"], "fail");
    assert_status(out.path(), "fail");
    let left = fs::read_dir(out.path()).expect("a folder").count();
    assert!(left <= Format::ALL.len() + 1, "at most one file was being written");
}

#[test]
fn an_unknown_format_is_answered_with_those_that_there_are() {
    let output = common::killresume().args(["--report", "pdf=x.pdf"]).output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("junit=results.xml") && message.contains("exercism"), "{message}");
}
