//! A grader that is killed half way leaves valid reports of what it had graded, and no process.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::class::{Class, Graded, NAME, answer_with};
use crate::common::killresume;

#[test]
fn a_killed_grader_leaves_valid_reports_and_no_process() {
    let mut class = Class::new();
    class.hand_in("a", "does not compile");
    for name in ["b", "c", "d", "e"] {
        class.hand_in(name, answer_with(&[]));
    }
    let tmp = class.path("tmp");
    fs::create_dir(&tmp).expect("a folder");
    let out = class.path("out");
    fs::create_dir(&out).expect("a folder");
    let mut command = class.grader(&["--exercise", NAME, "--jobs", "2"]);
    for (format, file) in [
        ("junit", "junit.xml"),
        ("html", "page.html"),
        ("csv", "points.csv"),
        ("github", "log.txt"),
        ("gradescope", "{submission}.gradescope.json"),
        ("exercism", "{submission}.exercism.json"),
        ("json", "{submission}.json"),
    ] {
        command.arg("--report").arg(format!("{format}={}", out.join(file).display()));
    }
    command.env("TMPDIR", &tmp).stdout(Stdio::null()).stderr(Stdio::null());
    let mut grader = command.spawn().expect("the harness starts");
    let book = class.path("book.json");
    let read = || -> Option<Value> { serde_json::from_slice(&fs::read(&book).ok()?).ok() };
    let count = |book: &Value| -> usize {
        let submissions = book["submissions"].as_array().into_iter().flatten();
        submissions.map(|it| it["suite"]["cases"].as_array().map_or(0, Vec::len)).sum()
    };
    // Two more are at work by then.
    let begin = Instant::now();
    while read().is_none_or(|book| count(&book) < 2) {
        assert!(begin.elapsed() < Duration::from_secs(300), "nothing gets graded");
        assert!(grader.try_wait().expect("waits").is_none(), "it has ended");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(processes_of(&tmp).len() > 1, "the programs are found while they run");
    grader.kill().expect("SIGKILL");
    grader.wait().expect("ends");
    let begin = Instant::now();
    while !processes_of(&tmp).is_empty() {
        let left = processes_of(&tmp);
        assert!(begin.elapsed() < Duration::from_secs(1), "{left:#?} live on");
        thread::sleep(Duration::from_millis(20));
    }

    let left = read().expect("a valid gradebook");
    assert!((2..5).contains(&count(&left)), "{left:#}");
    assert_eq!(left["planned"], serde_json::json!(["a", "b", "c", "d", "e"]));
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("a report");
    let junit = read("junit.xml");
    let mut reader = quick_xml::Reader::from_str(&junit);
    while reader.read_event().expect("valid XML") != quick_xml::events::Event::Eof {}
    assert!(read("page.html").trim_end().ends_with("</html>"));
    assert!(read("points.csv").lines().count() >= 6, "a row for each, graded or not");
    for entry in fs::read_dir(&out).expect("the reports") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a report");
        assert!(!text.is_empty(), "{name} is empty");
        if name.ends_with(".json") {
            serde_json::from_str::<Value>(&text).expect("valid JSON");
        }
    }
    // It says what is missing, and is no whole class.
    let mut merge = killresume();
    merge.arg("merge").arg(&book);
    let merged = Graded::of(&mut merge, &class.path("none"));
    assert_eq!(merged.code, Some(3), "{}", merged.transcript());
    assert!(merged.stderr.contains('e'), "{}", merged.transcript());
}

/// The processes that were told of this folder, in their arguments or their environment.
fn processes_of(tmp: &Path) -> Vec<String> {
    let tmp = tmp.to_str().expect("UTF-8");
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let told = |entry: &fs::DirEntry, file: &str| {
        let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    processes
        .filter(|entry| entry.file_name().to_string_lossy().parse() != Ok(std::process::id()))
        .map(|entry| (told(&entry, "cmdline"), told(&entry, "environ")))
        .filter(|(command, environment)| command.contains(tmp) || environment.contains(tmp))
        .map(|(command, _)| command)
        .collect()
}
