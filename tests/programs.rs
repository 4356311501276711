//! `killresume torture -- COMMAND`: programs that know nothing of killresume, in other languages.

mod common;

use std::path::Path;

use common::killresume;
use serde_json::Value;

/// What a program's torture came to.
struct Tortured {
    code: Option<i32>,
    /// Standard output and error.
    text: String,
    /// What `--json` wrote.
    tally: Value,
}

/// Tortures a program, or does this `only` to it.
fn torture(only: &str, command: &[&str]) -> Tortured {
    let out = tempfile::tempdir().expect("a directory");
    let json = out.path().join("torture.json");
    let mut torture = killresume();
    torture.arg("torture").arg("--out").arg(out.path()).arg("--json").arg(&json);
    if !only.is_empty() {
        torture.args(["--only", only]);
    }
    let output = torture.arg("--").args(command).output().expect("the harness starts");
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("UTF-8"));
    let tally = std::fs::read(json)
        .map_or(Value::Null, |json| serde_json::from_slice(&json).expect("JSON"));
    Tortured { code: output.status.code(), text: text.concat(), tally }
}

fn python(how: &str, only: &str) -> Tortured {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/train.py");
    torture(only, &["python3", &script.display().to_string(), how, "{dir}"])
}

impl Tortured {
    /// The outcomes of everything of one kind that was tried, in order.
    fn outcomes(&self, kind: &str) -> Vec<&str> {
        let tried = self.tally["saves"][0][kind].as_array().expect("a list");
        tried.iter().map(|it| it["outcome"].as_str().expect("an outcome")).collect()
    }

    fn assert_all_survived(&self, kinds: &[&str]) {
        for kind in kinds {
            let outcomes = self.outcomes(kind);
            assert!(!outcomes.is_empty(), "{kind}: {}", self.text);
            assert!(outcomes.iter().all(|outcome| *outcome == "same_run"), "{kind}: {}", self.text);
        }
        assert_eq!(self.code, Some(0), "{}", self.text);
    }
}

#[test]
fn a_shell_script_that_saves_well_survives_everything() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/train.sh");
    let tortured = torture("", &["sh", &script.display().to_string(), "{dir}"]);
    tortured.assert_all_survived(&["kills", "power_failures", "faults"]);
    assert!(tortured.outcomes("kills").len() >= 6, "{}", tortured.text);
    // The processes that it starts make the calls.
    let calls = tortured.tally["saves"][0]["calls"].as_array().expect("a list");
    assert!(calls.iter().any(|call| call["call"] == "rename" && call["to"] == "latest"));
}

#[test]
fn a_python_script_that_saves_well_survives_kills_and_power_failures() {
    let tortured = python("good", "kills,power,call:2:ENOSPC,call:2:short,call:3:EIO");
    tortured.assert_all_survived(&["kills", "power_failures", "faults"]);
    assert_eq!(tortured.outcomes("faults").len(), 3);
    assert_eq!(tortured.tally["saves"][0]["left_out"][0], "curve", "it is only appended to");
}

#[test]
fn a_save_by_a_thread_or_a_child_is_followed_as_well() {
    for how in ["thread", "child"] {
        let tortured = python(how, "call:2:half,call:5,power");
        tortured.assert_all_survived(&["kills", "power_failures"]);
        assert_eq!(tortured.outcomes("kills").len(), 2, "{}", tortured.text);
    }
}

#[test]
fn a_save_through_a_memory_map_a_symbolic_link_or_a_random_name_is_followed_as_well() {
    for (how, call) in [("mmap", "map"), ("symlink", "symlink"), ("random-name", "rename")] {
        let tortured = python(how, "call:3,power");
        tortured.assert_all_survived(&["kills", "power_failures"]);
        let calls = tortured.tally["saves"][0]["calls"].as_array().expect("a list");
        assert!(calls.iter().any(|it| it["call"] == call), "{how}: {calls:?}");
    }
}

#[test]
fn a_file_that_tells_where_it_is_is_compared_in_one_place() {
    python("place", "call:2:half,call:5").assert_all_survived(&["kills"]);
}

#[test]
fn what_is_wrong_with_a_save_has_its_name() {
    for (how, only, kind, outcome) in [
        ("in-place", "call:2:half", "kills", "refused_to_start"),
        ("in-place", "call:2:ENOSPC", "faults", "refused_to_start"),
        ("no-fsync", "power", "power_failures", "refused_to_start"),
        ("remove-first", "call:2:half", "kills", "restarted_from_zero"),
        ("silent", "call:2:ENOSPC", "faults", "failed_silently"),
        ("from-zero", "call:5", "kills", "restarted_from_zero"),
        ("no-rng", "call:5", "kills", "silently_different"),
    ] {
        let tortured = python(how, only);
        assert!(tortured.outcomes(kind).contains(&outcome), "{how}: {}", tortured.text);
        assert_eq!(tortured.code, Some(1), "{how}: {}", tortured.text);
    }
}

#[test]
fn what_was_found_can_be_repeated_by_the_command_that_is_told() {
    let first = python("in-place", "kills");
    assert!(first.text.contains("torture --only call:1 --"), "{}", first.text);
    let again = python("in-place", "call:1");
    assert_eq!(again.outcomes("kills"), ["refused_to_start"], "{}", again.text);
}

#[test]
fn a_program_that_cannot_be_judged_is_said_to_be_so() {
    let time = python("time", "");
    assert_eq!(time.code, Some(3), "{}", time.text);
    assert!(time.text.contains("keep times and process ids out"), "{}", time.text);
    let ring = python("io-uring", "");
    assert_eq!(ring.code, Some(3), "{}", ring.text);
    assert!(ring.text.contains("writes by io_uring"), "{}", ring.text);
    let fails = torture("", &["sh", "-c", "echo no such data >&2; exit 7", "sh", "{dir}"]);
    assert_eq!(fails.code, Some(3), "{}", fails.text);
    assert!(fails.text.contains("exit code 7: no such data"), "{}", fails.text);
    let nothing = torture("", &["sh", "-c", "true", "{dir}"]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.text);
    assert!(nothing.text.contains("changed nothing in its directory"), "{}", nothing.text);
    let missing = torture("", &["/no/such/program", "{dir}"]);
    assert_eq!(missing.code, Some(3), "{}", missing.text);
    assert!(missing.text.contains("cannot start /no/such/program"), "{}", missing.text);
}

#[test]
fn wrong_use_is_refused_with_what_to_do() {
    let no_directory = torture("", &["python3", "train.py"]);
    assert_eq!(no_directory.code, Some(2), "{}", no_directory.text);
    assert!(no_directory.text.contains("{dir}"), "{}", no_directory.text);
    let mut epochs = killresume();
    epochs.args(["torture", "--epochs", "3+3", "--", "python3", "train.py", "{dir}"]);
    let output = epochs.output().expect("the harness starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--epochs and --save"));
}

#[cfg(target_os = "linux")]
#[test]
fn where_ptrace_is_refused_that_is_said_and_what_works_without_it() {
    let tortured = common::without_ptrace(|| python("good", ""));
    assert_eq!(tortured.code, Some(4), "{}", tortured.text);
    for part in ["ptrace was refused", "--cap-add=SYS_PTRACE", "epoch:E"] {
        assert!(tortured.text.contains(part), "{part}: {}", tortured.text);
    }
}
