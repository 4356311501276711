//! GitHub Actions: annotations for the log, and the step summary.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use crate::messages::report as say;

use super::gradebook::{Gradebook, Row};
use super::plain;
use super::suite::{Case, Status, Suite};

/// Bytes of a step summary that GitHub takes. One byte more, and it shows none of it.
const SUMMARY_LIMIT: usize = 1024 * 1024;

/// Kept free of the summary for the sentence that it was cut.
const RESERVE: usize = 512;

/// Characters of a case's output in the log.
const LOG_LIMIT: usize = 64 * 1024;

/// Characters of a case's output in the log among those of a class.
const CLASS_LOG_LIMIT: usize = 4 * 1024;

/// Bytes of a case's output in the summary, escapes included, so that none crowds out the others.
const OUTPUT_LIMIT: usize = 16 * 1024;

/// An error on its file for each case that did not pass, followed by what it printed, in which the
/// runner takes no commands: it waits for `::token::`.
///
/// The token has to be made at random after the judged programs ended, so that none can print it; it
/// must not be the name of a workflow command.
pub fn annotations(suite: &Suite, token: &str) -> String {
    if suite.cases.is_empty() {
        return format!("::error title=killresume::{}\n", data(&say::suite_nothing()));
    }
    suite.cases.iter().map(|case| annotated(None, case, token, LOG_LIMIT)).collect()
}

/// The same for a class, the submission named in each title.
pub fn gradebook_annotations(book: &Gradebook, token: &str) -> String {
    let rows = book.rows();
    let cases = rows.iter().flat_map(|row| row.cases.iter().flatten().map(move |c| (row, c)));
    let mut log: String =
        cases.map(|(row, case)| annotated(Some(row.name), case, token, CLASS_LOG_LIMIT)).collect();
    if let Some(left) = left(&rows) {
        log.push_str(&format!("::error title=killresume::{}\n", data(&left)));
    }
    log
}

/// How many submissions are still to be graded, if any; a class without any is no class that passed.
fn left(rows: &[Row<'_>]) -> Option<String> {
    match rows.iter().filter(|row| !row.is_complete()).count() {
        0 if rows.is_empty() => Some(say::suite_nothing()),
        0 => None,
        left => Some(say::class_left(left, rows.len())),
    }
}

/// The error of a case, if it is one, with the name of whose it is.
fn annotated(whose: Option<&str>, case: &Case, token: &str, limit: usize) -> String {
    if case.status == Status::Pass {
        return String::new();
    }
    let file = case
        .file
        .as_ref()
        .map(|file| format!("file={},line=1,", property(&plain::line(&file.to_string_lossy()))));
    let whose = whose.map(|name| format!("{}: ", plain::line(name))).unwrap_or_default();
    let title = format!("{whose}{} ({})", plain::line(&case.name), plain::verdict(case.status));
    let mut text = format!(
        "::error {}title={}::{}\n",
        file.unwrap_or_default(),
        property(&title),
        data(&plain::reason(case))
    );
    if !case.output.is_empty() {
        text.push_str(&format!("::stop-commands::{token}\n"));
        // No line starts with a colon: what the token does for commands, the bar does for the token.
        for line in plain::clipped(&plain::lines(&case.output), limit).lines() {
            text.push_str(&format!("│ {line}\n"));
        }
        text.push_str(&format!("::{token}::\n"));
    }
    text
}

/// A message as a workflow command takes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// What is appended to `$GITHUB_STEP_SUMMARY`: a table of the cases, and what those printed that did
/// not pass.
pub fn summary(suite: &Suite) -> String {
    if suite.cases.is_empty() {
        return format!("## killresume\n\n❔ {}\n", say::suite_nothing());
    }
    let (passed, all) = (suite.count(Status::Pass), suite.cases.len());
    let mut text = format!("## killresume\n\n{}\n\n", say::suite_summary(passed, all));
    text.push_str(&table_head());
    let rows = suite.cases.iter().map(row);
    let printed = suite.cases.iter().filter(|c| c.status != Status::Pass && !c.output.is_empty());
    fitted(text, rows.chain(printed.map(details)))
}

/// The same for a class: a table of the submissions, and one of the cases of each.
pub fn gradebook_summary(book: &Gradebook) -> String {
    let rows = book.rows();
    let all = rows.iter().filter(|row| row.overall() == Some(Status::Pass)).count();
    let mut text = format!("## killresume\n\n{}\n\n", say::class_summary(all, rows.len()));
    if let Some(left) = left(&rows) {
        text.push_str(&format!("❔ {left}\n\n"));
    }
    text.push_str(&format!(
        "| {} | {} | ✅ | ❌ | ❔ |\n| --- | ---: | ---: | ---: | ---: |\n",
        say::class_submission(),
        say::class_points()
    ));
    let table = rows.iter().map(|row| {
        let [pass, fail, error] =
            [Status::Pass, Status::Fail, Status::Error].map(|status| row.count(status));
        let points = say::class_points_of(row.score(), book.max_score());
        format!("| {} | {points} | {pass} | {fail} | {error} |\n", cell(&plain::line(row.name)))
    });
    fitted(text, table.chain(rows.iter().map(submission)))
}

/// What a submission's exercises came to, closed until it is asked for.
fn submission(row: &Row<'_>) -> String {
    let mark = row.overall().map_or("…", mark);
    let name = html(&plain::line(row.name), OUTPUT_LIMIT);
    let rows: String = row.cases.iter().flatten().map(|case| self::row(case)).collect();
    let table = match &*rows {
        "" => format!("{}\n", say::class_to_be_graded()),
        rows => table_head() + rows,
    };
    format!("\n<details>\n<summary>{mark} {name}</summary>\n\n{table}\n</details>\n")
}

/// Adds whole parts in order, so that no cut leaves an element open, until GitHub would take no more.
fn fitted(mut text: String, parts: impl Iterator<Item = String>) -> String {
    let mut left_out = 0;
    for part in parts {
        if left_out == 0 && text.len() + part.len() <= SUMMARY_LIMIT - RESERVE {
            text.push_str(&part);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        text.push_str(&format!("\n{}\n", say::suite_left_out(left_out)));
    }
    text
}

fn table_head() -> String {
    format!(
        "| {} | {} | {} | {} |\n| --- | --- | --- | ---: |\n",
        say::suite_column_program(),
        say::suite_column_verdict(),
        say::suite_column_reason(),
        say::suite_column_time()
    )
}

fn row(case: &Case) -> String {
    let reason = match case.status {
        Status::Pass => String::new(),
        _ => plain::reason(case),
    };
    format!(
        "| {} | {} {} | {} | {} |\n",
        cell(&plain::label(case)),
        mark(case.status),
        plain::verdict(case.status),
        cell(&reason),
        say::suite_seconds(case.seconds)
    )
}

/// Closed until it is asked for. The blank lines are Markdown's: an HTML block other than `<pre>` ends
/// at one, and a `<pre>` at its end tag only, which the text cannot hold.
fn details(case: &Case) -> String {
    let name = html(&plain::line(&case.name), OUTPUT_LIMIT);
    let output = html(&plain::lines(&case.output), OUTPUT_LIMIT);
    let mark = mark(case.status);
    format!(
        "\n<details>\n<summary>{mark} {name}</summary>\n\n<pre>{output}\n</pre>\n\n</details>\n"
    )
}

fn mark(status: Status) -> &'static str {
    match status {
        Status::Pass => "✅",
        Status::Fail => "❌",
        Status::Error => "❔",
    }
}

/// Text in a cell of a GFM table. A character that is written as a number has no meaning in Markdown;
/// the point and the colon make links.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !"-,;()'%?+=".contains(c) {
            cell.push_str(&format!("&#{};", u32::from(c)));
        } else {
            cell.push(c);
        }
    }
    cell
}

/// Text in HTML of at most about `limit` bytes, with a word where it was cut.
fn html(text: &str, limit: usize) -> String {
    let mut html = String::new();
    for c in text.chars() {
        if html.len() >= limit {
            html.push_str(&say::suite_truncated());
            break;
        }
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            c => html.push(c),
        }
    }
    html
}
