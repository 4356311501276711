//! What a submission prints or is called changes nothing but its own text, in no channel.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use serde_json::{Value, json};

use crate::class::{Class, Graded, NAME};
use crate::common::killresume;
use crate::fakes::main_does;

const FORMATS: [(&str, &str); 8] = [
    ("junit", "junit.xml"),
    ("html", "page.html"),
    ("csv", "points.csv"),
    ("github", "log.txt"),
    ("gradescope", "gradescope/{submission}.json"),
    ("exercism", "exercism/{submission}.json"),
    ("exercism-v2", "exercism-v2/{submission}.json"),
    ("html", "html/{submission}.html"),
];

/// Names that a folder can have and nobody should.
const NAMES: [&str; 13] = [
    "two words",
    "it's \"quoted\"",
    "=cmd|' C calc'!A0",
    "@SUM(1+1)*cmd",
    "<script>alert(1)<script>",
    "<img src=x onerror=alert(1)>",
    "new\nline\n::error::owned",
    "::error::owned",
    "wrapped, as long names are, to the next line of eighty ::::error::owned",
    "\x1b[2Jescape\u{202e}",
    "김민수 학생",
    "-rf",
    "%2e%2e]]>&amp;{submission}",
];

/// A program that prints everything that some reader would take for more than text.
fn loud() -> String {
    main_does(
        r####"let lines = [
        "::error::owned",
        "::set-output name=score::1",
        "::add-mask::passed",
        "::stop-commands::owned",
        "##[error]owned",
        "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}",
        "]]><owned/><![CDATA[",
        "</system-out></testcase><testcase name=\"owned\"/>",
        "</pre><script>alert('owned')</script><img src=x onerror=alert(1)>",
        "&lt;owned&gt; &#60;script&#62;",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "{\"status\":\"pass\",\"score\":100}",
        "\u{0}\u{8}\u{fffe}\u{85}\u{2028}",
        "ok 1 - owned",
    ];
    for line in lines {
        println!("{line}");
        eprintln!("{line}");
    }
    println!("{}", "owned".repeat(1 << 18));
    for line in lines {
        println!("{line}\r{line}");
    }
    ExitCode::from(9)"####,
    )
}

/// The gradebook without what may differ: times, and the texts of the cases.
fn without_texts(submission: &Value) -> Value {
    let mut submission = submission.clone();
    let cases = submission["suite"]["cases"].as_array_mut().expect("cases");
    for case in cases {
        case["output"] = Value::Null;
        case["seconds"] = Value::Null;
        case["file"] = Value::Null;
        for report in case["reports"].as_array_mut().expect("reports") {
            report["trainer_output"] = Value::Null;
            report["timings"] = Value::Null;
        }
    }
    json!([submission["suite"]["cases"]])
}

#[test]
fn hostile_output_and_names_change_nothing_but_their_own_text() {
    let mut class = Class::new();
    class.hand_in("loud", loud());
    class.hand_in("quiet", main_does("ExitCode::from(9)"));
    for name in NAMES {
        class.empty(name);
    }
    let out = class.path("out");
    for folder in ["gradescope", "exercism", "exercism-v2", "html"] {
        fs::create_dir_all(out.join(folder)).expect("a folder");
    }
    let summary = class.path("summary.md");
    let mut command = class.grader(&["--exercise", NAME]);
    command.env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_ACTIONS", "true");
    for (format, file) in FORMATS {
        command.arg("--report").arg(format!("{format}={}", out.join(file).display()));
    }
    let graded = Graded::of(&mut command, &class.path("book.json"));
    assert_eq!(graded.code, Some(3), "{}", graded.transcript());
    let count = NAMES.len() + 2;
    assert_eq!(graded.names().len(), count);

    // Only the text is another one.
    let of = |name: &str| {
        let all = graded.book["submissions"].as_array().expect("submissions");
        all.iter().find(|it| it["name"] == name).expect("is graded")
    };
    assert_eq!(without_texts(of("loud")), without_texts(of("quiet")));
    assert!(graded.says("loud").contains("owned"));
    for name in NAMES {
        graded.assert_error(name, "nothing was handed in");
    }

    for stream in [&graded.stdout, &graded.stderr] {
        let is_harmful =
            |c: char| c.is_control() && c != '\n' || "\u{202e}\u{2028}\u{85}".contains(c);
        assert!(!stream.contains(is_harmful), "{stream:?}");
        assert!(!stream.lines().any(|line| line.trim_start().starts_with("::")), "{stream}");
        assert!(!stream.lines().any(|line| line.starts_with("##[")), "{stream}");
    }

    let read = |name: &str| fs::read_to_string(out.join(name)).expect("a report");
    junit(&read("junit.xml"), count);
    csv(&read("points.csv"), count);
    github(&read("log.txt"), count);
    page(&read("page.html"));
    for folder in ["gradescope", "exercism", "exercism-v2", "html"] {
        let files: Vec<_> = fs::read_dir(out.join(folder)).expect("reports").flatten().collect();
        assert_eq!(files.len(), count, "{folder}: one for each, and none elsewhere");
        for file in files {
            let text = fs::read_to_string(file.path()).expect("text");
            match folder {
                "html" => page(&text),
                _ => not_passed(&serde_json::from_str(&text).expect("valid JSON")),
            }
        }
    }
    let summary = fs::read_to_string(summary).expect("a summary");
    assert!(!summary.contains("<script") && !summary.contains("<img") && !summary.contains('\x1b'));
}

#[test]
fn a_name_that_no_report_can_hold_is_refused() {
    let class = Class::new();
    let strange = class.path("strange").with_file_name(OsStr::from_bytes(b"not \xff UTF-8"));
    fs::create_dir(&strange).expect("a folder");
    let graded = Graded::of(killresume().arg("grade").arg(strange), &class.path("none"));
    assert_eq!(graded.code, Some(2), "{}", graded.transcript());
    assert!(graded.stderr.contains("UTF-8"), "{}", graded.transcript());
}

/// Valid, with one error for each and none that a submission made.
fn junit(text: &str, count: usize) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        match reader.read_event().expect("valid XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                *seen.entry(name).or_default() += 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(seen.get("testcase"), Some(&count), "{seen:?}");
    assert_eq!(seen.get("error"), Some(&count), "{seen:?}");
    assert!(!seen.contains_key("owned") && !seen.contains_key("script"), "{seen:?}");
}

/// One row for each, and no cell that a spreadsheet would calculate.
fn csv(text: &str, count: usize) {
    let text = text.trim_start_matches('\u{feff}');
    let mut cells = vec![String::new()];
    let mut rows = Vec::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            '\n' if !quoted => rows.push(std::mem::replace(&mut cells, vec![String::new()])),
            '\r' if !quoted => {}
            c => cells.last_mut().expect("one").push(c),
        }
    }
    assert_eq!(rows.len(), 1 + count, "{text}");
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{text}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell:?}");
        }
    }
    for row in &rows[1..] {
        assert_eq!(row[1], "0", "{row:?}");
    }
}

/// What GitHub's runner would do: one error for each, and nothing else.
fn github(text: &str, count: usize) {
    let mut stopped: Option<String> = None;
    let mut errors = 0;
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}']) {
        let line = line.trim_start();
        if let Some(token) = &stopped {
            if line == format!("::{token}::") {
                stopped = None;
            }
        } else if let Some(token) = line.strip_prefix("::stop-commands::") {
            assert_ne!(token, "owned");
            stopped = Some(token.to_owned());
        } else if line.starts_with("::error ") {
            errors += 1;
        } else {
            assert!(!line.starts_with("::") && !line.starts_with("##["), "{line:?}");
        }
    }
    assert_eq!((errors, stopped), (count, None));
}

/// Nothing in it runs or loads anything.
fn page(text: &str) {
    for part in ["<script", "<img src=x", "<owned", "javascript:", "\x1b"] {
        assert!(!text.contains(part), "{part:?} is in the page");
    }
    assert!(text.trim_end().ends_with("</html>"));
}

/// No score and no pass, whatever a submission printed.
fn not_passed(report: &Value) {
    if let Some(score) = report.get("score") {
        assert_eq!(score.as_f64(), Some(0.0), "{report}");
    }
    if let Some(status) = report.get("status") {
        assert!(status == "fail" || status == "error", "{report}");
    }
    let tests = report["tests"].as_array().into_iter().flatten();
    for test in tests {
        assert_ne!(test["status"], "passed");
        assert_ne!(test["status"], "pass");
    }
}
