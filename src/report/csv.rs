//! Points as CSV, for a learning management system or a spreadsheet.
//!
//! RFC 4180: a header line, CRLF, quotes where they are needed. A cell is empty where something is
//! still to be graded, because a zero would be taken for a grade.

use super::gradebook::{Gradebook, Row};
use super::plain;
use super::suite::Suite;

/// Tells Excel that this is UTF-8; it would take it for the encoding of the system otherwise.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A row for each submission: its points, and those for each exercise.
pub fn gradebook(book: &Gradebook) -> String {
    let rows = book.rows();
    let rows = rows.iter().map(|row| cells(row, book.max_score()));
    table(book.exercises.iter().map(|task| task.name.as_str()), rows)
}

/// One row, of a submission without a name.
pub fn suite(suite: &Suite) -> String {
    let cases = suite.cases.iter().map(Some).collect();
    let row = Row { name: "", submission: None, cases };
    let cells = cells(&row, suite.max_score());
    table(suite.cases.iter().map(|case| case.name.as_str()), [cells])
}

fn cells(row: &Row<'_>, max_score: f64) -> Vec<String> {
    let score = row.is_complete().then(|| row.score().to_string());
    let points = row.cases.iter().map(|case| case.map(|case| case.score().to_string()));
    let mut cells = vec![text(row.name), score.unwrap_or_default(), max_score.to_string()];
    cells.extend(points.map(Option::unwrap_or_default));
    cells
}

fn table<'a>(
    exercises: impl Iterator<Item = &'a str>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let header = ["submission", "score", "max_score"].map(str::to_owned).into_iter();
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in std::iter::once(header.chain(exercises.map(text)).collect()).chain(rows) {
        writer.write_record(record).expect("memory takes it, and every record has these columns");
    }
    let bytes = writer.into_inner().expect("memory takes it");
    BYTE_ORDER_MARK.to_owned() + &String::from_utf8(bytes).expect("made of strings")
}

/// A text that no spreadsheet takes for a formula: a quote before it makes it a text.
///
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn text(text: &str) -> String {
    let text = plain::line(text);
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}
