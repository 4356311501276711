//! exercism's results.json, versions 2 and 3.
//!
//! <https://exercism.org/docs/building/tooling/test-runners/interface>

use serde::Serialize;

use crate::messages::report as say;

use super::plain;
use super::suite::{Case, Status, Suite};

/// Characters of a test's output that exercism takes.
const OUTPUT_LIMIT: usize = 500;

/// Characters of the message that exercism takes are 65535 bytes of a database column; this many fit
/// in any script.
const MESSAGE_LIMIT: usize = 16_000;

#[derive(Serialize)]
struct Results {
    version: u32,
    status: Status,
    /// Where no test ran, why.
    message: Option<String>,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<usize>,
}

/// The suite for exercism, each case linked to the task of its place.
pub fn exercism(suite: &Suite) -> String {
    results(suite, 3)
}

/// The same for a track whose tests are linked to no task.
pub fn exercism_v2(suite: &Suite) -> String {
    results(suite, 2)
}

fn results(suite: &Suite, version: u32) -> String {
    let status = status(suite);
    let task = |number| (version >= 3).then_some(number);
    let results = Results {
        version,
        status,
        message: (status == Status::Error).then(|| message(suite)),
        tests: suite.cases.iter().zip(1..).map(|(case, number)| test(case, task(number))).collect(),
    };
    let mut text = serde_json::to_string_pretty(&results).expect("results always serialise");
    text.push('\n');
    text
}

/// Error means that no test ran; a test that could not be judged beside others is a fail of the whole.
fn status(suite: &Suite) -> Status {
    let all = suite.cases.len();
    if suite.count(Status::Error) == all {
        Status::Error
    } else if suite.count(Status::Pass) == all {
        Status::Pass
    } else {
        Status::Fail
    }
}

/// Why no test ran: all that a person gets to see, so with what the compiler said.
fn message(suite: &Suite) -> String {
    if suite.cases.is_empty() {
        return say::suite_nothing();
    }
    let parts = suite.cases.iter().map(|case| {
        let reason = format!("{}: {}", plain::line(&case.name), plain::reason(case));
        format!("{reason}\n{}", plain::lines(&case.output)).trim_end().to_owned()
    });
    plain::clipped(&parts.collect::<Vec<_>>().join("\n\n"), MESSAGE_LIMIT)
}

fn test(case: &Case, task_id: Option<usize>) -> Test {
    let output = plain::clipped(&plain::lines(&case.output), OUTPUT_LIMIT);
    Test {
        name: plain::label(case),
        status: case.status,
        message: (case.status != Status::Pass).then(|| plain::reason(case)),
        output: (!output.is_empty()).then_some(output),
        task_id,
    }
}
