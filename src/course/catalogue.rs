//! What exercises there are: `exercises/info.toml`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::libtorch::Project;
use crate::messages::{Lang, course as say};
use crate::scenario::{
    Epochs, Expect, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand,
};

/// The exercises, in the order of the course.
#[derive(Debug)]
pub struct Catalogue {
    exercises: Vec<Exercise>,
}

/// One exercise: a folder `NN_NAME`.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its place in the course, from 1.
    pub number: usize,
    /// What a learner calls it, and the name of its program.
    pub name: String,
    /// What it has to pass, in order; at least one.
    pub trials: Vec<TrialSpec>,
    folder: PathBuf,
}

/// One training that is killed and resumed, and what the judge finds of the untouched exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialSpec {
    /// Before and after the kill.
    #[serde(default = "five_and_five", deserialize_with = "parsed")]
    pub epochs: Epochs,
    /// Where the SIGKILL lands; `None`: when the epochs before it are done.
    #[serde(default, deserialize_with = "parsed_option")]
    pub kill: Option<KillPoint>,
    /// Of the run.
    #[serde(default)]
    pub seed: u64,
    /// Further arguments of the trainer, of the control too.
    #[serde(default)]
    pub args: Vec<String>,
    /// Further arguments of the resumed process alone.
    #[serde(default)]
    pub resume_args: Vec<String>,
    /// What the resumed process has to do.
    #[serde(default)]
    pub expect: Expect,
    /// The causes that the judge names of the untouched exercise, as `component kind` or `kind`. Empty:
    /// the trial passes, or an earlier one has failed.
    #[serde(default)]
    pub findings: Vec<String>,
    /// What its curve shows then, by its name in the report.
    #[serde(default)]
    pub curve: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    exercise: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    folder: String,
    trial: Vec<TrialSpec>,
}

impl Catalogue {
    /// Reads the project's catalogue.
    ///
    /// # Errors
    /// The file cannot be read, is not what it should be, or names a folder that is not there.
    pub fn read(project: &Project) -> Result<Self, CatalogueError> {
        let root = project.root().join("exercises");
        let path = root.join("info.toml");
        let text = fs::read_to_string(&path)
            .map_err(|error| CatalogueError::Read { path: path.clone(), error })?;
        let wrong = |why: String| CatalogueError::Wrong { path: path.clone(), why };
        let info: Info = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut names = BTreeSet::new();
        let mut exercises = Vec::new();
        for (index, Entry { folder, trial: trials }) in info.exercise.into_iter().enumerate() {
            let number = index + 1;
            let name = folder
                .split_once('_')
                .filter(|(prefix, _)| prefix.parse() == Ok(number))
                .map(|(_, name)| name.to_owned())
                .ok_or_else(|| wrong(say::catalogue_folder(&folder, number)))?;
            if trials.is_empty() || !names.insert(name.clone()) {
                return Err(wrong(say::catalogue_entry(&folder)));
            }
            exercises.push(Exercise { number, name, trials, folder: root.join(folder) });
        }
        if exercises.is_empty() {
            return Err(wrong(say::catalogue_empty()));
        }
        Ok(Self { exercises })
    }

    /// All of them, in order.
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// The exercise that a learner means: by name, number, folder, or the path of its file.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, wanted: &str) -> Result<&Exercise, CatalogueError> {
        // In the exercise's own folder, `.` and `exercise.rs` are it.
        let wanted_path = std::path::absolute(wanted).unwrap_or_default();
        let of_path =
            |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let folder = if wanted_path.extension().is_some_and(|extension| extension == "rs") {
            wanted_path.parent().and_then(of_path)
        } else {
            of_path(&wanted_path)
        };
        self.exercises
            .iter()
            .find(|exercise| {
                exercise.name == wanted
                    || wanted.parse() == Ok(exercise.number)
                    || folder.as_deref() == Some(&*exercise.folder_name())
            })
            .ok_or_else(|| CatalogueError::NoSuchExercise {
                wanted: wanted.to_owned(),
                known: self.exercises.iter().map(|exercise| exercise.name.clone()).collect(),
            })
    }
}

impl Exercise {
    /// The name of its folder, for example `02_optimizer`.
    pub fn folder_name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What the learner edits.
    pub fn source(&self) -> PathBuf {
        self.folder.join("exercise.rs")
    }

    /// The same as it was before any edit.
    pub fn original(&self) -> PathBuf {
        let originals = self.folder.with_file_name("originals");
        originals.join(self.folder_name()).with_extension("rs")
    }

    /// Whether the learner's file is as it was shipped.
    pub fn is_untouched(&self) -> bool {
        super::file_digest(&self.source()) == super::file_digest(&self.original())
    }

    /// The model answer.
    pub fn solution(&self) -> PathBuf {
        self.folder.join("solution.rs")
    }

    /// The lesson's text.
    pub fn lesson(&self, lang: Lang) -> PathBuf {
        self.folder.join(format!("lesson.{}.md", lang.code()))
    }

    /// The hints.
    pub fn hints(&self, lang: Lang) -> PathBuf {
        self.folder.join(format!("hints.{}.md", lang.code()))
    }
}

impl TrialSpec {
    /// Where the SIGKILL lands.
    pub fn kill(&self) -> KillPoint {
        self.kill.unwrap_or(KillPoint::Epoch(self.epochs.before))
    }

    /// The scenario of this trial for a program, with another as its control.
    pub fn scenario(
        &self,
        name: &str,
        program: &Path,
        control: &Path,
        timeout: Duration,
    ) -> Scenario {
        let command = |name: &str, program: &Path| TrainerCommand {
            name: name.to_owned(),
            program: program.to_owned(),
            args: self.args.iter().map(OsString::from).collect(),
            sandbox: None,
        };
        Scenario {
            trainer: command(name, program),
            control: Some(command(super::attempt::CONTROL, control)),
            epochs: self.epochs,
            seed: self.seed,
            kill: self.kill(),
            tolerance: None,
            timeout,
            required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
            resume: Resume {
                args: self.resume_args.iter().map(OsString::from).collect(),
                expect: self.expect,
            },
            inject: None,
            scrambled: false,
            keep: None,
        }
    }
}

fn five_and_five() -> Epochs {
    Epochs { before: 5, after: 5 }
}

fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: std::str::FromStr<Err = String>,
    D: serde::Deserializer<'de>,
{
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn parsed_option<'de, D>(deserializer: D) -> Result<Option<KillPoint>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    parsed(deserializer).map(Some)
}

/// What is wrong with the catalogue, or with what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It cannot be read.
    #[error("{}", say::catalogue_not_read(&.path.display().to_string(), &.error.to_string()))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is not what it should be.
    #[error("{}", say::catalogue_wrong(&.path.display().to_string(), .why))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// There is no such exercise.
    #[error("{}", say::no_such_exercise(.wanted, &.known.join(", ")))]
    NoSuchExercise {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<String>,
    },
}
