//! What each format looks like, in both languages, for a person to review.
//!
//! `INSTA_UPDATE=always cargo test --lib golden` writes the snapshots anew; the difference is then
//! reviewed as any other. Without it nothing is overwritten.

use std::path::Path;
use std::process::Command;

use super::gradebook::Gradebook;
use super::sample_reports::{VERSION, everyone, report};
use super::suite::{Case, Status, Suite};
use super::{Report, csv, exercism, github, gradescope, html, json, junit};
use crate::judge::Answer;
use crate::messages::{Lang, set_lang};

/// Where the test that writes puts its files.
const FOLDER_VARIABLE: &str = "KILLRESUME_GOLDEN";

const TOKEN: &str = "killresume-0123456789abcdef";

/// A report whose curves are a few points about the resume, so that a snapshot can be read.
fn short(answer: Answer) -> Report {
    let mut report = report(answer);
    report.curves.control = report.curves.control[38..42].to_vec();
    report.curves.interrupted = report.curves.interrupted[38..].to_vec();
    report.curves.resumed.truncate(2);
    report
}

fn case(status: Status) -> Case {
    let file = Some("exercises/02_optimizer/exercise.rs".into());
    let of = |report| Case::of_reports("optimizer", "Adam", file.clone(), 4.2, vec![report]);
    match status {
        Status::Pass => of(short(Answer::SameRun)),
        Status::Fail => of(short(Answer::NotSameRun)),
        Status::Error => of(Report {
            reason: Some("the control run ended with exit code 101".into()),
            fault: Some("crash".into()),
            kill: None,
            curve: None,
            components: Vec::new(),
            findings: Vec::new(),
            trainer_output: Some("thread 'main' panicked at exercise.rs:3:\n<b>]]> ::x\n".into()),
            ..short(Answer::NotJudged)
        }),
    }
}

/// Every format of one case, by the extension of its snapshot.
fn formats(case: Case) -> Vec<(&'static str, String)> {
    let report = json::json(&case.reports[0]);
    let suite =
        Suite { killresume: VERSION.into(), seconds: 4.2, cases: vec![case], ..Suite::new() };
    let summary = github::summary(&suite);
    vec![
        ("report.json", report),
        ("junit", junit::junit(&suite)),
        ("github", github::annotations(&suite, TOKEN)),
        ("github-summary", summary),
        ("gradescope", gradescope::gradescope(&suite)),
        ("exercism", exercism::exercism(&suite)),
        ("exercism-v2", exercism::exercism_v2(&suite)),
        ("html", readable(&html::html(&suite))),
        ("csv", csv::suite(&suite)),
    ]
}

fn formats_of_class(book: &Gradebook) -> Vec<(&'static str, String)> {
    vec![
        ("junit", junit::gradebook(book)),
        ("github", github::gradebook_annotations(book, TOKEN)),
        ("github-summary", github::gradebook_summary(book)),
        ("html", readable(&html::gradebook(book))),
        ("csv", csv::gradebook(book)),
    ]
}

/// The page without its style and its pictures, which other tests are about.
fn readable(page: &str) -> String {
    let mut page = page.to_owned();
    for (start, end) in [("<style>", "</style>"), ("<svg ", "</svg>")] {
        let mut from = 0;
        while let Some(begin) = page[from..].find(start).map(|at| at + from + start.len()) {
            let length = page[begin..].find(end).expect("it is closed");
            page.replace_range(begin..begin + length, "…");
            from = begin;
        }
    }
    page
}

/// Written by a process of its own, because the language is the process's: other tests read English.
#[test]
fn every_format_says_what_it_said_when_it_was_last_reviewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["report::golden_tests::write_every_format", "--exact", "--ignored"])
        .env(FOLDER_VARIABLE, folder.path())
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 2 * (3 * 9 + 5));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in names {
            let text = std::fs::read_to_string(folder.path().join(&name)).expect("is text");
            // A file of lines would lose the carriage returns of CSV.
            insta::assert_snapshot!(name, text.replace('\r', "␍").replace('\u{feff}', "BOM "));
        }
    });
}

#[test]
#[ignore = "writes where another test reads, and sets the language of the process"]
fn write_every_format() {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE) else { return };
    let folder = Path::new(&folder);
    let write = |name: &str, formats: Vec<(&str, String)>| {
        for (format, text) in formats {
            std::fs::write(folder.join(format!("{name}.{format}")), text).expect("written");
        }
    };
    for lang in [Lang::En, Lang::Ko] {
        set_lang(lang);
        let [pass, fail, error] = [Status::Pass, Status::Fail, Status::Error].map(case);
        let class = everyone(&pass, &fail, &error);
        for (name, case) in [("pass", pass), ("fail", fail), ("error", error)] {
            write(&format!("{name}-{}", lang.code()), formats(case));
        }
        write(&format!("class-{}", lang.code()), formats_of_class(&class));
    }
    set_lang(Lang::En);
}
