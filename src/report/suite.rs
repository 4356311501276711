//! Several programs judged in one go: what every format for a machine is made from.

use std::path::PathBuf;

use console::strip_ansi_codes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::terminal::{Paths, terminal};
use super::{Report, words};
use crate::judge::Answer;

/// The version of a suite's JSON form.
pub const SUITE_SCHEMA_VERSION: u32 = 1;

/// What was judged in one go, as far as it has come.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Suite {
    /// Grows when a reader of an older version could be misled.
    pub schema_version: u32,
    /// The version of killresume.
    pub killresume: String,
    /// What was judged, in order.
    pub cases: Vec<Case>,
    /// Wall time so far, in seconds.
    pub seconds: f64,
}

/// One program that was judged: an exercise, or the trainer of the main job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Its name: `optimizer`.
    pub name: String,
    /// What it is about, in the language of the process.
    pub title: String,
    /// The file that a person would edit, relative to the project where it lies in it.
    pub file: Option<PathBuf>,
    /// How it came out.
    pub status: Status,
    /// Why, in one line; `None` only for a pass.
    pub message: Option<String>,
    /// What a person should read: findings in words, what the program or the compiler printed. Plain
    /// text from which nothing has been escaped yet; it may hold anything that a program can print.
    pub output: String,
    /// What a pass is worth: 1 unless a grader says otherwise.
    pub points: f64,
    /// Wall time in seconds, building included.
    pub seconds: f64,
    /// One report for each trial that was carried out.
    pub reports: Vec<Report>,
}

/// Pass, fail and error are three things everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The same run, in every trial.
    Pass,
    /// Judged, and not the same run.
    Fail,
    /// Not judged: it does not build, crashes, hangs, breaks the protocol. Never a pass.
    Error,
}

impl Case {
    /// A case of one report or more, the last of which decides.
    pub fn of_reports(
        name: &str,
        title: &str,
        file: Option<PathBuf>,
        seconds: f64,
        reports: Vec<Report>,
    ) -> Self {
        let status = match reports.last().map(|report| report.verdict) {
            Some(Answer::SameRun) => Status::Pass,
            Some(Answer::NotSameRun) => Status::Fail,
            Some(Answer::NotJudged) | None => Status::Error,
        };
        let message = reports.last().filter(|_| status != Status::Pass).map(words::because);
        let output = reports.last().map(|report| terminal(report, Paths::default()));
        let output = strip_ansi_codes(&output.unwrap_or_default()).into_owned();
        let (name, title) = (name.to_owned(), title.to_owned());
        Self { name, title, file, status, message, output, points: 1.0, seconds, reports }
    }

    /// A case that was never run.
    pub fn not_run(
        name: &str,
        title: &str,
        file: Option<PathBuf>,
        seconds: f64,
        message: String,
        output: &str,
    ) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            file,
            status: Status::Error,
            message: Some(message),
            output: strip_ansi_codes(output).into_owned(),
            points: 1.0,
            seconds,
            reports: Vec::new(),
        }
    }
}

impl Case {
    /// Its points for a pass, none for a fail or an error.
    pub fn score(&self) -> f64 {
        match self.status {
            Status::Pass => self.points,
            Status::Fail | Status::Error => 0.0,
        }
    }
}

impl Suite {
    /// Of nothing so far.
    pub fn new() -> Self {
        Self {
            schema_version: SUITE_SCHEMA_VERSION,
            killresume: env!("CARGO_PKG_VERSION").to_owned(),
            cases: Vec::new(),
            seconds: 0.0,
        }
    }

    /// The points of all cases that passed.
    pub fn score(&self) -> f64 {
        total(self.cases.iter().map(Case::score))
    }

    /// The points that there are.
    pub fn max_score(&self) -> f64 {
        total(self.cases.iter().map(|case| case.points))
    }

    /// How many cases came out so.
    pub fn count(&self, status: Status) -> usize {
        self.cases.iter().filter(|case| case.status == status).count()
    }
}

impl Default for Suite {
    fn default() -> Self {
        Self::new()
    }
}

/// The sum of points. [`Iterator::sum`] of none is −0, and would be written so.
pub(super) fn total(points: impl Iterator<Item = f64>) -> f64 {
    points.fold(0.0, |sum, points| sum + points)
}

/// A format for a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The suite as it is; for a single run, its report.
    Json,
    /// JUnit XML.
    Junit,
    /// GitHub Actions: annotations; the step summary goes to `$GITHUB_STEP_SUMMARY`.
    Github,
    /// Gradescope's results.json.
    Gradescope,
    /// exercism's results.json, version 3.
    Exercism,
    /// exercism's results.json, version 2.
    ExercismV2,
    /// A self-contained page.
    Html,
    /// A table of points for a learning management system.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Junit,
        Self::Github,
        Self::Gradescope,
        Self::Exercism,
        Self::ExercismV2,
        Self::Html,
        Self::Csv,
    ];

    /// The name in `--report`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gradescope => "gradescope",
            Self::Exercism => "exercism",
            Self::ExercismV2 => "exercism-v2",
            Self::Html => "html",
            Self::Csv => "csv",
        }
    }

    /// Whether a file of this format can hold more than one submission.
    pub fn holds_several(self) -> bool {
        !matches!(self, Self::Gradescope | Self::Exercism | Self::ExercismV2)
    }
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// In which format.
    pub format: Format,
    /// The file that is replaced. Where submissions are graded, one that holds
    /// [`SUBMISSION`](super::file_name::SUBMISSION) stands for a file for each of them.
    pub path: PathBuf,
}
