//! A class whose submissions a test writes, and what a grader makes of it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::killresume;

/// The exercise that most submissions hand in: six epochs, killed after the third.
pub const FOLDER: &str = "10_rng";
/// Its name.
pub const NAME: &str = "rng";

/// Submissions in a folder of their own.
pub struct Class {
    dir: TempDir,
    names: Vec<String>,
}

/// A grading that has come to its end.
pub struct Graded {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// The gradebook.
    pub book: Value,
}

impl Class {
    /// Nobody has handed in anything.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory"), names: Vec::new() }
    }

    /// A file beside the submissions.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The folder of a submission.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.path("class").join(name)
    }

    /// Hands in this file of that exercise.
    pub fn hand_in(&mut self, name: &str, text: impl AsRef<[u8]>) {
        self.hand_in_to(name, FOLDER, text);
    }

    /// Hands in this file of an exercise.
    pub fn hand_in_to(&mut self, name: &str, exercise: &str, text: impl AsRef<[u8]>) {
        let folder = self.empty(name).join(exercise);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("exercise.rs"), text).expect("writes");
    }

    /// Hands in a folder with nothing in it so far.
    pub fn empty(&mut self, name: &str) -> PathBuf {
        let folder = self.folder(name);
        fs::create_dir_all(&folder).expect("a folder");
        if !self.names.iter().any(|other| other == name) {
            self.names.push(name.to_owned());
        }
        folder
    }

    /// How the class is graded, its gradebook in `book.json`. Paths only, so that no name is an option.
    pub fn grader(&self, arguments: &[&str]) -> Command {
        let mut command = killresume();
        command.arg("grade").args(self.names.iter().map(|name| self.folder(name)));
        command.args(arguments).arg("--report");
        command.arg(format!("json={}", self.path("book.json").display()));
        // As far away from the test as it is from a person.
        command.process_group(0);
        command
    }

    /// Grades the class.
    pub fn graded(&self, arguments: &[&str]) -> Graded {
        Graded::of(&mut self.grader(arguments), &self.path("book.json"))
    }

    /// Grades that exercise of the class.
    pub fn graded_in_one(&self, arguments: &[&str]) -> Graded {
        self.graded(&[&["--exercise", NAME], arguments].concat())
    }
}

impl Graded {
    /// Runs the command, which writes a gradebook there.
    pub fn of(command: &mut Command, book: &Path) -> Self {
        let _ = fs::remove_file(book);
        let Output { status, stdout, stderr } = command.output().expect("the harness starts");
        let book = fs::read(book)
            .map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).expect("valid JSON"));
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr), book }
    }

    /// The names of the submissions, in the gradebook's order.
    pub fn names(&self) -> Vec<&str> {
        let submissions = self.book["submissions"].as_array().expect("submissions");
        submissions.iter().map(|it| it["name"].as_str().expect("a name")).collect()
    }

    /// The one case of a submission.
    #[track_caller]
    pub fn case(&self, name: &str) -> &Value {
        let submissions = self.book["submissions"].as_array();
        let found = submissions.into_iter().flatten().find(|it| it["name"] == name);
        let Some(found) = found else { panic!("no {name:?}: {}", self.transcript()) };
        let cases = found["suite"]["cases"].as_array().expect("cases");
        assert_eq!(cases.len(), 1, "{name}: {found:#}");
        &cases[0]
    }

    /// `pass`, `fail` or `error`.
    #[track_caller]
    pub fn status(&self, name: &str) -> &str {
        self.case(name)["status"].as_str().expect("a status")
    }

    /// The message of a submission's one case and all that it printed.
    #[track_caller]
    pub fn says(&self, name: &str) -> String {
        let case = self.case(name);
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        format!("{}\n{}", text("message"), text("output"))
    }

    /// No submission got a point.
    #[track_caller]
    pub fn assert_none_passed(&self) {
        let passed: Vec<&str> =
            self.names().into_iter().filter(|name| self.status(name) == "pass").collect();
        assert!(passed.is_empty(), "{passed:?} passed\n{}", self.transcript());
    }

    /// The submission is in error, and says this.
    #[track_caller]
    pub fn assert_error(&self, name: &str, part: &str) {
        let says = self.says(name);
        assert_eq!(self.status(name), "error", "{name}: {says}");
        assert!(unwrapped(&says).contains(part), "{name} lacks {part:?}: {says}");
    }

    /// Everything, for the message of a failed assertion.
    pub fn transcript(&self) -> String {
        format!("exit {:?}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The model answer of an exercise.
pub fn solution(folder: &str) -> String {
    fs::read_to_string(project("exercises").join(folder).join("solution.rs")).expect("a solution")
}

/// The model answer of that exercise with pieces of it replaced.
#[track_caller]
pub fn answer_with(replaced: &[(&str, &str)]) -> String {
    replaced.iter().fold(solution(FOLDER), |text, (what, by)| {
        assert!(text.contains(what), "the model answer has no {what:?}");
        text.replacen(what, by, 1)
    })
}

/// The text as if it had never been wrapped.
pub fn unwrapped(text: &str) -> String {
    text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
