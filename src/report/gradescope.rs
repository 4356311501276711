//! Gradescope's results.json.
//!
//! <https://gradescope-autograders.readthedocs.io/en/latest/specs/>

use serde::Serialize;

use crate::messages::report as say;

use super::plain;
use super::suite::{Case, Status, Suite};

#[derive(Serialize)]
struct Results {
    /// Only where no test carries one: Gradescope adds up the tests' scores otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    execution_time: f64,
    output: String,
    output_format: &'static str,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    score: f64,
    max_score: f64,
    status: &'static str,
    output: String,
    output_format: &'static str,
    /// Says what `status`, which knows passed and failed alone, cannot: whether it was judged at all.
    tags: [Status; 1],
}

/// The suite for Gradescope: its points for each pass, none for a fail or an error.
pub fn gradescope(suite: &Suite) -> String {
    let results = Results {
        score: suite.cases.is_empty().then_some(0.0),
        execution_time: suite.seconds,
        output: match suite.cases.len() {
            0 => say::suite_nothing(),
            all => say::suite_summary(suite.count(Status::Pass), all),
        },
        output_format: "text",
        tests: suite.cases.iter().map(test).collect(),
    };
    let mut text = serde_json::to_string_pretty(&results).expect("results always serialise");
    text.push('\n');
    text
}

fn test(case: &Case) -> Test {
    let (status, note) = match case.status {
        Status::Pass => ("passed", String::new()),
        Status::Fail => ("failed", plain::reason(case)),
        Status::Error => ("failed", say::suite_not_judged_because(&plain::reason(case))),
    };
    let parts = [note, plain::lines(&case.output)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Test {
        name: plain::label(case),
        score: case.score(),
        max_score: case.points,
        status,
        output: parts.join("\n\n"),
        output_format: "text",
        tags: [case.status],
    }
}
