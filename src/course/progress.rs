//! How far the learner is: a small file that is replaced atomically, as the course teaches it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{Catalogue, Exercise, HINTS, file_digest, state_dir};
use crate::libtorch::Project;
use crate::messages::course as say;
use crate::protocol::Digest;
use crate::report::write_atomically;

const VERSION: u32 = 1;

/// Where the progress is kept. Commands in two terminals take turns.
#[derive(Debug, Clone)]
pub struct ProgressFile {
    path: PathBuf,
}

/// What is remembered of each exercise, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    schema_version: u32,
    /// The exercise that the learner was last at.
    current: Option<String>,
    #[serde(default)]
    exercises: BTreeMap<String, Record>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    /// Whether it ever passed.
    #[serde(default)]
    solved: bool,
    /// How many hints were shown.
    #[serde(default)]
    hints: usize,
    /// The last attempt.
    #[serde(default)]
    last: Option<Last>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    passed: bool,
    /// The digest of the learner's file at that time.
    source: Digest,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// Where an exercise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it was shipped.
    Untouched,
    /// Edited or tried, and not passed yet.
    Started,
    /// Passed, as the file is now.
    Solved,
    /// Passed, and the file was edited since.
    EditedSince,
    /// Passed once, and failed the last time.
    FailsAgain,
}

impl Status {
    /// Whether there is nothing left to do.
    pub fn is_solved(self) -> bool {
        matches!(self, Status::Solved | Status::EditedSince)
    }
}

/// Where the learner is.
#[derive(Debug)]
pub enum Position<'a> {
    /// At this exercise.
    At(&'a Exercise),
    /// Everything is solved.
    Done,
}

impl Progress {
    fn new() -> Self {
        Self { schema_version: VERSION, current: None, exercises: BTreeMap::new() }
    }

    /// Where an exercise stands, given its file as it is now.
    pub fn status(&self, exercise: &Exercise) -> Status {
        let now = file_digest(&exercise.source());
        let record = self.exercises.get(&exercise.name);
        let solved = self.was_solved(exercise);
        match record.and_then(|record| record.last.as_ref()) {
            Some(last) if solved && !last.passed => Status::FailsAgain,
            Some(last) if solved && Some(last.source) == now => Status::Solved,
            _ if solved => Status::EditedSince,
            None if exercise.is_untouched() => Status::Untouched,
            _ => Status::Started,
        }
    }

    /// The exercise to do: the one that the learner was last at if it is not solved, or else the next
    /// one that is not, from there on and then from the beginning.
    pub fn position<'a>(&self, catalogue: &'a Catalogue) -> Position<'a> {
        let exercises = catalogue.exercises();
        let at =
            self.current.as_ref().and_then(|name| exercises.iter().position(|e| e.name == *name));
        let (before, after) = exercises.split_at(at.unwrap_or(0));
        let open = after.iter().chain(before).find(|e| !self.status(e).is_solved());
        open.map_or(Position::Done, Position::At)
    }

    /// The next exercise after this one that is not solved; after the last one comes the first.
    pub fn open_after<'a>(
        &self,
        catalogue: &'a Catalogue,
        exercise: &Exercise,
    ) -> Option<&'a Exercise> {
        let (before, after) = catalogue.exercises().split_at(exercise.number);
        let mut others = after.iter().chain(before).filter(|other| other.name != exercise.name);
        others.find(|other| !self.status(other).is_solved())
    }

    /// Whether an exercise ever passed.
    pub fn was_solved(&self, exercise: &Exercise) -> bool {
        self.exercises.get(&exercise.name).is_some_and(|record| record.solved)
    }

    /// How many hints of an exercise were shown.
    pub fn hints(&self, exercise: &Exercise) -> usize {
        self.exercises.get(&exercise.name).map_or(0, |record| record.hints.min(HINTS))
    }

    /// The learner is at this exercise.
    pub fn set_current(&mut self, exercise: &Exercise) {
        self.current = Some(exercise.name.clone());
    }

    /// The learner was shown this many of its hints.
    pub fn set_hints(&mut self, exercise: &Exercise, hints: usize) {
        self.exercises.entry(exercise.name.clone()).or_default().hints = hints;
    }

    /// The file with this digest was tried.
    pub fn set_attempt(&mut self, exercise: &Exercise, source: Digest, passed: bool) {
        let record = self.exercises.entry(exercise.name.clone()).or_default();
        record.solved |= passed;
        record.last = Some(Last { passed, source });
    }

    /// The exercise begins anew.
    pub fn forget(&mut self, exercise: &Exercise) {
        self.exercises.remove(&exercise.name);
    }
}

impl ProgressFile {
    /// The project's.
    pub fn of(project: &Project) -> Self {
        Self { path: state_dir(project).join("progress.json") }
    }

    /// What it says; nothing has been done where there is none.
    ///
    /// # Errors
    /// [`ProgressError`] if the file cannot be read or understood. It is left as it is.
    pub fn read(&self) -> Result<Progress, ProgressError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Progress::new()),
            Err(error) => return Err(self.unreadable(&error)),
        };
        // First of all: another version may have fields that this one does not know.
        let version: Version =
            serde_json::from_slice(&bytes).map_err(|error| self.unreadable(&error))?;
        if version.schema_version != VERSION {
            let why = say::progress_version(version.schema_version, VERSION);
            return Err(self.unreadable(&why));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(&error))
    }

    /// Changes it. What other commands wrote in the meantime is kept.
    ///
    /// # Errors
    /// It cannot be read, or not be replaced; then the old one is still there.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) -> anyhow::Result<Progress> {
        let shown = self.path.display().to_string();
        let dir = self.path.parent().context("the progress file lies in a folder")?;
        fs::create_dir_all(dir).with_context(|| say::progress_not_written(&shown))?;
        // Its own file: the lock of a file that is replaced would be lost with it.
        let lock = File::create(self.path.with_extension("lock"))
            .and_then(|file| file.lock().map(|()| file))
            .with_context(|| say::progress_not_written(&shown))?;
        let mut progress = self.read()?;
        change(&mut progress);
        let mut bytes = serde_json::to_vec_pretty(&progress)?;
        bytes.push(b'\n');
        write_atomically(&self.path, &bytes)?;
        drop(lock);
        Ok(progress)
    }

    fn unreadable(&self, why: &dyn ToString) -> ProgressError {
        ProgressError { path: self.path.clone(), why: why.to_string() }
    }
}

/// The progress cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", say::progress_unreadable(&.path.display().to_string(), .why))]
pub struct ProgressError {
    path: PathBuf,
    why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project with three exercises.
    fn course() -> (tempfile::TempDir, Project, Catalogue) {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path();
        let exercises = root.join("exercises");
        fs::create_dir_all(exercises.join("originals")).expect("a folder");
        fs::write(root.join("Cargo.toml"), "").expect("a file");
        fs::write(exercises.join("Cargo.toml"), "").expect("a file");
        let mut info = String::new();
        for folder in ["01_a", "02_b", "03_c"] {
            fs::create_dir(exercises.join(folder)).expect("a folder");
            for file in [format!("{folder}/exercise.rs"), format!("originals/{folder}.rs")] {
                fs::write(exercises.join(file), folder).expect("a file");
            }
            info += &format!(
                "[[exercise]]\nfolder = \"{folder}\"\n[[exercise.trial]]\ncurve = \"jump\"\n"
            );
        }
        fs::write(exercises.join("info.toml"), info).expect("a file");
        let project = Project::around(root).expect("is a project");
        let catalogue = Catalogue::read(&project).expect("is a catalogue");
        (dir, project, catalogue)
    }

    fn edit(exercise: &Exercise, text: &str) -> Digest {
        fs::write(exercise.source(), text).expect("writes");
        file_digest(&exercise.source()).expect("reads")
    }

    #[test]
    fn an_exercise_goes_from_untouched_to_solved_and_is_seen_to_fail_again() {
        let (_dir, project, catalogue) = course();
        let file = ProgressFile::of(&project);
        let a = &catalogue.exercises()[0];
        assert_eq!(file.read().expect("reads").status(a), Status::Untouched);
        let wrong = edit(a, "wrong");
        assert_eq!(file.read().expect("reads").status(a), Status::Started);
        let progress = file.update(|it| it.set_attempt(a, wrong, false)).expect("writes");
        assert_eq!(progress.status(a), Status::Started);
        let right = edit(a, "right");
        let progress = file.update(|it| it.set_attempt(a, right, true)).expect("writes");
        assert_eq!(progress.status(a), Status::Solved);
        let wrong = edit(a, "wrong again");
        assert_eq!(file.read().expect("reads").status(a), Status::EditedSince);
        let progress = file.update(|it| it.set_attempt(a, wrong, false)).expect("writes");
        assert_eq!(progress.status(a), Status::FailsAgain);
        assert_eq!(file.read().expect("reads"), progress);
    }

    #[test]
    fn the_position_is_remembered_and_moves_on_to_what_is_not_solved() {
        let (_dir, project, catalogue) = course();
        let file = ProgressFile::of(&project);
        let [a, b, c] = catalogue.exercises() else { panic!("three exercises") };
        let at = |progress: &Progress| match progress.position(&catalogue) {
            Position::At(exercise) => exercise.name.clone(),
            Position::Done => "done".to_owned(),
        };
        let solve = |exercise: &Exercise| {
            let source = edit(exercise, "right");
            let solved = |it: &mut Progress| {
                it.set_current(exercise);
                it.set_attempt(exercise, source, true);
            };
            file.update(solved).expect("writes")
        };
        assert_eq!(at(&file.read().expect("reads")), "a");
        assert_eq!(at(&file.update(|it| it.set_current(b)).expect("writes")), "b");
        assert_eq!(at(&solve(b)), "c");
        assert_eq!(at(&solve(c)), "a");
        assert_eq!(at(&solve(a)), "done");
    }

    #[test]
    fn an_exercise_may_be_skipped_and_comes_again_after_the_last_one() {
        let (_dir, project, catalogue) = course();
        let file = ProgressFile::of(&project);
        let [a, b, c] = catalogue.exercises() else { panic!("three exercises") };
        let after = |exercise| {
            let progress = file.read().expect("reads");
            progress.open_after(&catalogue, exercise).map(|next| next.name.clone())
        };
        let solve = |exercise: &Exercise| {
            let source = edit(exercise, "right");
            file.update(|it| it.set_attempt(exercise, source, true)).expect("writes");
        };
        assert_eq!(after(a).as_deref(), Some("b"));
        assert_eq!(after(c).as_deref(), Some("a"));
        solve(b);
        assert_eq!(after(a).as_deref(), Some("c"));
        solve(c);
        assert_eq!(after(a), None);
    }

    #[test]
    fn a_damaged_file_is_named_and_left_as_it_is() {
        let (_dir, project, catalogue) = course();
        let file = ProgressFile::of(&project);
        file.update(|it| it.set_hints(&catalogue.exercises()[0], 2)).expect("writes");
        for damage in ["{", "{\"schema_version\":99,\"current\":null}"] {
            fs::write(&file.path, damage).expect("writes");
            let error = file.update(|it| it.set_hints(&catalogue.exercises()[0], 3));
            let message = error.expect_err("is refused").to_string();
            assert!(message.contains("progress.json"), "{message}");
            assert_eq!(fs::read_to_string(&file.path).expect("reads"), damage);
        }
        fs::write(&file.path, "{\"schema_version\":2,\"of_the_future\":1}").expect("writes");
        let message = file.read().expect_err("is refused").to_string();
        assert!(message.contains("version 2"), "{message}");
    }
}
