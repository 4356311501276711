//! The page of a class: who passed what, and below it what did not pass, folded away.
//!
//! A hundred submissions of seventeen exercises have to stay a page that a browser opens at once. So
//! there are no curves, tables of components and timings here: they are on each submission's own page.

use crate::messages::report as say;

use super::super::gradebook::{Gradebook, Row, Task};
use super::super::suite::{Case, Status};
use super::case::{self, Excerpt};
use super::markup::{Element, element};
use super::{badge, class, document, line, made_by, mark, name, sign, trial, word};

/// What is shown of an output, which holds the verdict, the components and the findings.
const EXCERPT: Excerpt = Excerpt { lines: 60, width: 200 };

/// The gradebook as an HTML document in the language of the process.
pub fn gradebook(book: &Gradebook) -> String {
    let rows = book.rows();
    let passed = rows.iter().filter(|row| row.overall() == Some(Status::Pass)).count();
    let result = match rows.len() {
        0 => say::page_nothing(),
        all => say::class_summary(passed, all),
    };
    let left = rows.iter().filter(|row| !row.is_complete()).count();
    let left = (left > 0).then(|| element("p").text(say::class_left(left, rows.len())));
    let header = element("header")
        .add(element("h1").text(&result))
        .add(left)
        .add(made_by(&book.killresume, book.seconds));
    let main = element("main")
        .add(matrix(book, &rows))
        .add(rows.iter().enumerate().map(|(i, row)| submission(i + 1, row, book.max_score())));
    document(&result, element("body").class("class").add(header).add(main))
}

/// Where the submission with this number, from 1, is on the page.
fn id(number: usize) -> String {
    format!("submission-{number}")
}

fn matrix(book: &Gradebook, rows: &[Row<'_>]) -> Element {
    let title = "class-table";
    let column = |text: String| element("th").with("scope", "col").text(text);
    let exercise = |task: &Task| {
        let upright = element("span").text(name(&task.name));
        element("th").with("scope", "col").class("exercise").add(upright)
    };
    let head = element("tr")
        .add(column(say::class_submission()))
        .add(column(say::class_points()))
        .add(book.exercises.iter().map(exercise));
    let body = rows.iter().enumerate().map(|(i, row)| {
        let link = element("a").with("href", format!("#{}", id(i + 1))).text(name(row.name));
        let points = format!("{} / {}", row.score(), book.max_score());
        element("tr")
            .add(element("th").with("scope", "row").add(link))
            .add(element("td").class("points").text(points))
            .add(row.cases.iter().map(|case| cell(*case)))
    });
    let passed = (0..book.exercises.len()).map(|at| {
        let passes = |row: &&Row<'_>| row.cases[at].is_some_and(|it| it.status == Status::Pass);
        element("td").text(rows.iter().filter(passes).count().to_string())
    });
    let foot = element("tr")
        .add(element("th").with("scope", "row").text(say::class_passed()))
        .add(element("td"))
        .add(passed);
    let table = element("table")
        .class("matrix")
        .add(element("thead").add(head))
        .add(element("tbody").add(body))
        .add(element("tfoot").add(foot));
    // It scrolls where the window is too narrow, so the keyboard has to reach it.
    let scrolled = element("div")
        .class("wide")
        .with("role", "group")
        .with("aria-labelledby", title)
        .with("tabindex", "0")
        .add(table);
    let statuses = [Status::Pass, Status::Fail, Status::Error];
    let legend =
        statuses.map(|status| element("li").add(sign(status)).text(" ").text(word(status)));
    element("section")
        .with("aria-labelledby", title)
        .add(element("h2").with("id", title).text(say::class_table()))
        .add(element("ul").class("legend").add(legend).add(to_be_graded_entry()))
        .add(scrolled)
}

fn to_be_graded_entry() -> Element {
    element("li").add(to_be_graded()).text(" ").text(say::class_to_be_graded())
}

/// The sign where nothing has come out yet; words stand beside it.
fn to_be_graded() -> Element {
    element("span").class("sign").with("aria-hidden", "true").text("–")
}

/// A sign for the eye, and the word for who does not see it.
fn cell(case: Option<&Case>) -> Element {
    let (class, sign, word) = match case {
        Some(case) => (class(case.status), mark(case.status), word(case.status)),
        None => ("quiet", to_be_graded(), say::class_to_be_graded()),
    };
    element("td").class(class).add(sign).add(element("span").class("unseen").text(word))
}

/// A submission, folded away.
fn submission(number: usize, row: &Row<'_>, max_score: f64) -> Element {
    let heading = element("h2").text(name(row.name));
    let summary = element("summary")
        .add(row.overall().map_or_else(to_be_graded, sign))
        .add(heading)
        .add(element("span").class("quiet").text(say::class_points_of(row.score(), max_score)));
    let cases = element("div").add(row.cases.iter().flatten().map(|case| self::case(case)));
    let nothing = row.cases.iter().all(Option::is_none);
    element("details")
        .class("submission")
        .with("id", id(number))
        .add(summary)
        .add(nothing.then(|| element("p").class("quiet").text(say::class_nothing_yet())))
        .add(cases)
}

fn case(case: &Case) -> Element {
    let message = case.message.as_deref().map(|text| element("span").text(line(text)));
    let section = element("section")
        .add(element("h3").add(element("code").text(name(&case.name))))
        .add(element("p").class("status").add(badge(case.status)).text(" ").add(message))
        .add(case::about(case));
    if case.status == Status::Pass {
        return section;
    }
    let findings = case.reports.last().map(|report| &report.findings[..]).unwrap_or_default();
    let output = case.output.trim();
    section
        .add((!findings.is_empty()).then(|| trial::findings(findings)))
        .add((!output.is_empty()).then(|| case::output(&say::page_output(), output, EXCERPT)))
}
