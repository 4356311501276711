//! Reports for machines: where they go, and when.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::messages::cli as say;
use crate::report::gradebook::Gradebook;
use crate::report::suite::{Case, Destination, Format, Suite};
use crate::report::{exercism, github, gradescope, html, json, junit, write_atomically};

/// Where GitHub Actions wants its summary of a step.
const GITHUB_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Replaces each report by one of what there is so far.
pub(super) fn write_suite(suite: &Suite, to: &[Destination]) -> anyhow::Result<()> {
    for Destination { format, path } in to {
        let text = match format {
            Format::Json => json::suite(suite),
            Format::Junit => junit::junit(suite),
            Format::Github => github::annotations(suite, &token()),
            Format::Gradescope => gradescope::gradescope(suite),
            Format::Exercism => exercism::exercism(suite),
            Format::Html => html::html(suite),
        };
        write_atomically(path, text.as_bytes())?;
    }
    Ok(())
}

/// Adds the step's summary where GitHub Actions asks for it: once, at the end.
pub(super) fn summarise(suite: &Suite, to: &[Destination]) -> anyhow::Result<()> {
    let wanted = to.iter().any(|destination| destination.format == Format::Github);
    let Some(path) = env::var_os(GITHUB_SUMMARY).filter(|path| wanted && !path.is_empty()) else {
        return Ok(());
    };
    // What other steps wrote stays.
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(github::summary(suite).as_bytes()))
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

pub(super) fn check(_to: &[Destination], _submissions: usize) -> Result<(), String> {
    Ok(())
}

pub(super) struct GradebookWriter<'a> {
    to: &'a [Destination],
}

impl<'a> GradebookWriter<'a> {
    pub(super) fn new(to: &'a [Destination]) -> Self {
        Self { to }
    }

    pub(super) fn update(&mut self, book: &Gradebook, _changed: &str) -> anyhow::Result<()> {
        write_gradebook(book, self.to)
    }
}

pub(super) fn write_gradebook(book: &Gradebook, to: &[Destination]) -> anyhow::Result<()> {
    for Destination { path, .. } in to {
        write_atomically(path, &serde_json::to_vec(book)?)?;
    }
    Ok(())
}

pub(super) fn summarise_gradebook(_book: &Gradebook, _to: &[Destination]) -> anyhow::Result<()> {
    Ok(())
}

/// A word that no submission can foresee.
fn token() -> String {
    let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
    format!("killresume-{seed:016x}")
}
