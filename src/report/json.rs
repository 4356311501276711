//! Reports as JSON.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use super::Report;
use super::gradebook::Gradebook;
use super::suite::Suite;

/// The report as pretty JSON with a newline at its end.
pub fn json(report: &Report) -> String {
    pretty(report)
}

/// The suite, with all its reports, in the same form.
pub fn suite(suite: &Suite) -> String {
    pretty(suite)
}

/// The gradebook, with all its reports, on one line: indented it takes twice the space.
pub fn gradebook(book: &Gradebook) -> String {
    let mut text = serde_json::to_string(book).expect("a gradebook always serialises");
    text.push('\n');
    text
}

/// The JSON Schema of a report, a suite or a gradebook (draft 2020-12), as it is committed under `schema/`.
pub fn schema<T: JsonSchema>() -> String {
    pretty(&schema_for!(T))
}

/// Any value as pretty JSON with a newline at its end.
pub fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a report always serialises");
    text.push('\n');
    text
}
