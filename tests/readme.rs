//! What the READMEs tell a reader to type works, in the order in which it stands there.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::course::CourseCopy;

/// Commands that other tests run, or that take minutes.
const ELSEWHERE: [&str; 5] =
    ["-- gallery", "-- python3", "-- soak", "-- watch", "-p lesson --bin tuning"];

/// The lines of the `sh` blocks that begin with `cargo run`, without their comments.
fn commands(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a README");
    let mut in_sh = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => in_sh = !in_sh && language == "sh",
            None if in_sh && line.starts_with("cargo run") => {
                commands.push(line.split('#').next().unwrap_or_default().trim().to_owned());
            }
            None => {}
        }
    }
    assert!(!commands.is_empty(), "{} has no commands", path.display());
    commands
}

#[test]
fn the_commands_of_the_readmes_work() {
    let course = CourseCopy::fresh();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut done = BTreeSet::new();
    for readme in ["README.md", "README.ko.md", "exercises/README.md", "exercises/README.ko.md"] {
        for command in commands(&root.join(readme)) {
            // Most stand in both languages.
            if ELSEWHERE.iter().any(|elsewhere| command.contains(elsewhere))
                || !done.insert(command.clone())
            {
                continue;
            }
            let rest = command.strip_prefix("cargo run").unwrap_or_default().trim_start();
            let arguments = rest.strip_prefix("-- ").unwrap_or(rest);
            assert!(rest.is_empty() || rest.starts_with("-- "), "{readme}: {command}");
            let work = tempfile::tempdir().expect("a directory");
            let work = work.path().join("runs").to_string_lossy().into_owned();
            let arguments: Vec<String> =
                arguments.split_whitespace().map(|word| word.replace("/tmp/runs", &work)).collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let (code, stdout, stderr) = course.run(&arguments);
            // A run that loses something says so: that is what it is for.
            assert!(
                matches!(code, Some(0 | 1)),
                "{readme}: {command}: {code:?}\n{stdout}\n{stderr}"
            );
            assert!(!stdout.is_empty(), "{readme}: {command}");
        }
    }
}

/// A transcript without what differs from one run to the next.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(str::trim_end) {
        let words = line.split(' ').map(|word| {
            let number = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            if number.contains('.') && number.parse::<f64>().is_ok() {
                word.replacen(number, "#", 1)
            } else {
                word.to_owned()
            }
        });
        out.push_str(&words.collect::<Vec<_>>().join(" "));
        out.push('\n');
    }
    out
}

#[test]
fn the_readmes_show_what_is_printed() {
    let course = CourseCopy::fresh();
    for (readme, lang) in [("README.md", "en"), ("README.ko.md", "ko")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(readme);
        let text = fs::read_to_string(path).expect("a README");
        let transcript = text.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next());
        let transcript = transcript.expect("a transcript");
        let (code, stdout, stderr) = course.run(&["--lang", lang]);
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!(without_times(&stdout), without_times(transcript), "{readme}");
    }
}
