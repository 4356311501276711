//! Reports for machines: where they go, and when.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::messages::cli as say;
use crate::messages::report as say_report;
use crate::report::file_name::{SUBMISSION, file_names, is_per_submission, of_submission};
use crate::report::gradebook::{Gradebook, Submission};
use crate::report::suite::{Case, Destination, Format, Suite};
use crate::report::{csv, exercism, github, gradescope, html, json, junit, write_atomically};

/// Where GitHub Actions wants its summary of a step.
const GITHUB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The time that goes by between two files of a whole class, in multiples of what one takes to write.
const REST: u32 = 20;

/// Replaces each report by one of what there is so far.
pub(super) fn write_suite(suite: &Suite, to: &[Destination]) -> anyhow::Result<()> {
    for Destination { format, path } in to {
        write_atomically(path, of_suite(*format, suite).as_bytes())?;
    }
    Ok(())
}

fn of_suite(format: Format, suite: &Suite) -> String {
    match format {
        Format::Json => json::suite(suite),
        Format::Junit => junit::junit(suite),
        Format::Github => github::annotations(suite, &token()),
        Format::Gradescope => gradescope::gradescope(suite),
        Format::Exercism => exercism::exercism(suite),
        Format::ExercismV2 => exercism::exercism_v2(suite),
        Format::Html => html::html(suite),
        Format::Csv => csv::suite(suite),
    }
}

/// Why these destinations cannot take the reports of so many submissions: a format that knows one
/// submission alone would have to leave out the others.
pub(super) fn check(to: &[Destination], submissions: usize) -> Result<(), String> {
    let unfit = |it: &&Destination| !it.format.holds_several() && !is_per_submission(&it.path);
    match to.iter().find(unfit) {
        Some(Destination { format, path }) if submissions > 1 => {
            let destination = format!("{}={}", format.name(), path.display());
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let own = path.with_file_name(format!("{SUBMISSION}-{name}"));
            let example = format!("{}={}", format.name(), own.display());
            Err(say_report::class_one_file(&destination, submissions, &example))
        }
        _ => Ok(()),
    }
}

/// Replaces every report of a class: the files of each submission, and those of them all.
pub(super) fn write_gradebook(book: &Gradebook, to: &[Destination]) -> anyhow::Result<()> {
    write_submissions(book, &book.submissions, to)?;
    write_class(book, to)
}

/// Writes the reports of a class while it is being graded, at a cost that does not grow with what has
/// been graded before.
pub(super) struct GradebookWriter<'a> {
    to: &'a [Destination],
    /// When files of the whole class are worth their time again.
    due: Instant,
}

impl<'a> GradebookWriter<'a> {
    /// For these destinations.
    pub(super) fn new(to: &'a [Destination]) -> Self {
        Self { to, due: Instant::now() }
    }

    /// Replaces the files of the submission that changed, and those of the whole class unless that would
    /// take more than a twentieth of the time. Afterwards [`write_gradebook`] has to bring all of them up
    /// to date.
    pub(super) fn update(&mut self, book: &Gradebook, changed: &str) -> anyhow::Result<()> {
        write_submissions(book, book.submissions.iter().filter(|it| it.name == changed), self.to)?;
        if Instant::now() < self.due {
            return Ok(());
        }
        let begin = Instant::now();
        write_class(book, self.to)?;
        let took = begin.elapsed();
        self.due = Instant::now() + took.saturating_mul(REST).min(Duration::from_secs(600));
        Ok(())
    }
}

fn write_submissions<'a>(
    book: &Gradebook,
    submissions: impl IntoIterator<Item = &'a Submission>,
    to: &[Destination],
) -> anyhow::Result<()> {
    let to: Vec<_> = to.iter().filter(|it| is_per_submission(&it.path)).collect();
    if to.is_empty() {
        return Ok(());
    }
    // Of all that will be, so that a file keeps its name when a submission is added.
    let rows = book.rows();
    let file_names = file_names(rows.iter().map(|row| row.name));
    for submission in submissions {
        for Destination { format, path } in &to {
            let text = match format {
                Format::Junit => junit::gradebook(&book.only(submission)),
                Format::Github => github::gradebook_annotations(&book.only(submission), &token()),
                Format::Csv => csv::gradebook(&book.only(submission)),
                Format::Html => html::submission(submission),
                _ => of_suite(*format, &submission.suite),
            };
            let path = of_submission(path, &file_names[submission.name.as_str()]);
            write_atomically(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

/// The files of the whole class. One that can hold a single submission alone holds the first: there is
/// no other, see [`check`].
fn write_class(book: &Gradebook, to: &[Destination]) -> anyhow::Result<()> {
    for Destination { format, path } in to.iter().filter(|it| !is_per_submission(&it.path)) {
        let text = match format {
            Format::Json => json::gradebook(book),
            Format::Junit => junit::gradebook(book),
            Format::Github => github::gradebook_annotations(book, &token()),
            Format::Html => html::gradebook(book),
            Format::Csv => csv::gradebook(book),
            Format::Gradescope | Format::Exercism | Format::ExercismV2 => {
                match book.submissions.first() {
                    Some(submission) => of_suite(*format, &submission.suite),
                    None => of_suite(*format, &Suite::new()),
                }
            }
        };
        write_atomically(path, text.as_bytes())?;
    }
    Ok(())
}

/// Adds the step's summary where GitHub Actions asks for it: once, at the end.
pub(super) fn summarise(suite: &Suite, to: &[Destination]) -> anyhow::Result<()> {
    add_summary(|| github::summary(suite), to)
}

/// The same for a class.
pub(super) fn summarise_gradebook(book: &Gradebook, to: &[Destination]) -> anyhow::Result<()> {
    add_summary(|| github::gradebook_summary(book), to)
}

fn add_summary(summary: impl FnOnce() -> String, to: &[Destination]) -> anyhow::Result<()> {
    let wanted = to.iter().any(|destination| destination.format == Format::Github);
    let Some(path) = env::var_os(GITHUB_SUMMARY).filter(|path| wanted && !path.is_empty()) else {
        return Ok(());
    };
    // What other steps wrote stays.
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(summary().as_bytes()))
        .with_context(|| say::summary_not_written(&Path::new(&path).display().to_string()))
}

/// Writes the reports of a single run, but for its JSON, which [`super::write`] writes.
pub(super) fn write_case(case: Case, to: &[Destination]) -> anyhow::Result<()> {
    let others: Vec<_> = to.iter().filter(|it| it.format != Format::Json).cloned().collect();
    let seconds = case.seconds;
    let suite = Suite { cases: vec![case], seconds, ..Suite::new() };
    write_suite(&suite, &others)?;
    summarise(&suite, &others)
}

/// A word that no submission can foresee.
fn token() -> String {
    format!("killresume-{:016x}", super::random())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::time::SystemTime;

    use super::*;
    use crate::report::sample_reports::{a_hundred, everyone, of_status};
    use crate::report::suite::Status;

    fn book() -> Gradebook {
        let [pass, fail, error] = [Status::Pass, Status::Fail, Status::Error].map(of_status);
        everyone(&pass, &fail, &error)
    }

    fn destination(format: Format, path: PathBuf) -> Destination {
        Destination { format, path }
    }

    /// Every format in a file for each submission, and in one of them all where it can hold them.
    fn everywhere(out: &Path) -> Vec<Destination> {
        let own = Format::ALL
            .map(|it| destination(it, out.join(format!("{{submission}}/{}", it.name()))));
        let of_all = Format::ALL.into_iter().filter(|it| it.holds_several());
        let of_all = of_all.map(|it| destination(it, out.join(it.name())));
        own.into_iter().chain(of_all).collect()
    }

    fn files(folder: &Path) -> BTreeMap<String, SystemTime> {
        let modified = |entry: std::fs::DirEntry| {
            let name = entry.file_name().into_string().expect("UTF-8");
            (name, entry.metadata().and_then(|it| it.modified()).expect("has a time"))
        };
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| modified(entry.expect("an entry"))).collect()
    }

    #[test]
    fn a_format_for_one_submission_needs_a_file_for_each_of_several() {
        for format in [Format::Gradescope, Format::Exercism, Format::ExercismV2] {
            let to = [destination(format, "out/results.json".into())];
            assert_eq!(check(&to, 1), Ok(()));
            let message = check(&to, 2).expect_err("one file for two");
            let name = format.name();
            assert!(message.contains(&format!("--report {name}=out/results.json")), "{message}");
            assert!(message.contains(&format!("{name}=out/{{submission}}-results.json")));
        }
        assert_eq!(check(&everywhere(Path::new("out")), 100), Ok(()));
    }

    #[test]
    fn every_format_is_written_for_each_submission_and_for_the_class() {
        let out = tempfile::tempdir().expect("a folder");
        write_gradebook(&book(), &everywhere(out.path())).expect("is written");
        let names: Vec<String> = files(out.path()).into_keys().collect();
        assert_eq!(names, ["csv", "github", "html", "json", "junit", "kim", "lee", "박지우"]);
        for name in ["kim", "lee", "박지우"] {
            assert_eq!(files(&out.path().join(name)).len(), Format::ALL.len());
        }
        let read = |name: &str| std::fs::read_to_string(out.path().join(name)).expect("is written");
        assert!(serde_json::from_str::<Gradebook>(&read("json")).is_ok());
        assert!(serde_json::from_str::<Suite>(&read("kim/json")).is_ok());
        assert!(read("lee/csv").contains("lee,2,4,2,0"));
        assert!(read("lee/html").contains(": 1 passed, 1 failed"));
        assert!(read("lee/junit").contains("classname=\"lee\""));
    }

    #[test]
    fn an_update_rewrites_the_files_of_the_submission_that_changed_alone() {
        let out = tempfile::tempdir().expect("a folder");
        let to = everywhere(out.path());
        write_gradebook(&book(), &to).expect("is written");
        let before = ["kim", "lee"].map(|name| files(&out.path().join(name)));
        GradebookWriter::new(&to).update(&book(), "lee").expect("is written");
        let after = ["kim", "lee"].map(|name| files(&out.path().join(name)));
        assert_eq!(before[0], after[0]);
        assert!(before[1].iter().all(|(name, time)| after[1][name] > *time));
    }

    #[test]
    fn files_of_the_class_are_left_alone_until_they_are_worth_their_time_again() {
        let out = tempfile::tempdir().expect("a folder");
        let to = [destination(Format::Json, out.path().join("class.json"))];
        let mut writer = GradebookWriter::new(&to);
        writer.update(&book(), "lee").expect("is written");
        let first = files(out.path());
        assert_eq!(first.len(), 1, "the first is always written");
        writer.due = Instant::now() + Duration::from_secs(60);
        writer.update(&book(), "lee").expect("is written");
        assert_eq!(files(out.path()), first);
        writer.due = Instant::now();
        writer.update(&book(), "lee").expect("is written");
        assert_ne!(files(out.path()), first);
    }

    /// `cargo test --lib -- --ignored --nocapture a_class_of_a_hundred`
    #[test]
    #[ignore = "measures, for a person to read"]
    fn what_the_files_of_a_class_of_a_hundred_cost() {
        let out = tempfile::tempdir().expect("a folder");
        let book = a_hundred();
        for to in everywhere(out.path()) {
            let begin = Instant::now();
            write_gradebook(&book, std::slice::from_ref(&to)).expect("is written");
            let all = begin.elapsed();
            let begin = Instant::now();
            GradebookWriter::new(std::slice::from_ref(&to))
                .update(&book, "student-42")
                .expect("is written");
            let one = begin.elapsed();
            let path = of_submission(&to.path, "student-42");
            let bytes = std::fs::metadata(path).expect("is written").len();
            println!(
                "{:40} {bytes:>10} bytes, all {all:>8.0?}, update {one:>8.1?}",
                to.path.display()
            );
        }
    }
}
