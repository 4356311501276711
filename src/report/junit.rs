//! JUnit XML, as Jenkins, GitLab and most others read it.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::messages::report as say;

use super::plain;
use super::suite::{Case, Status, Suite};

/// The name of the suite, and the class that every case belongs to.
const NAME: &str = "killresume";

/// The suite as JUnit XML. Of nothing judged it makes one error: a reader that looks for failures alone
/// would take an empty suite for a pass.
pub fn junit(suite: &Suite) -> String {
    let time = seconds(suite.seconds);
    let mut cases = TestSuite::new(NAME);
    cases.set_time(time);
    if suite.cases.is_empty() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("error").set_message(say::suite_nothing());
        cases.add_test_case(TestCase::new(NAME, status)).test_cases[0].set_classname(NAME);
    }
    cases.add_test_cases(suite.cases.iter().map(test_case));

    let mut report = Report::new(NAME);
    report.set_time(time).add_test_suite(cases);
    report.to_string().expect("writing to memory cannot fail, and every string is valid XML text")
}

fn test_case(case: &Case) -> TestCase {
    let no_pass = |kind, name: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(name).set_message(plain::reason(case));
        status
    };
    let status = match case.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Fail => no_pass(NonSuccessKind::Failure, "fail"),
        Status::Error => no_pass(NonSuccessKind::Error, "error"),
    };
    let mut test_case = TestCase::new(plain::line(&case.name), status);
    test_case.set_classname(NAME).set_time(seconds(case.seconds));
    if let Some(file) = &case.file {
        // GitLab and CircleCI link it.
        test_case.extra.insert("file".into(), plain::line(&file.to_string_lossy()).into());
    }
    let output = plain::lines(&case.output);
    if !output.is_empty() {
        test_case.set_system_out(output);
    }
    test_case
}

/// A measured time; zero for what is none.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
