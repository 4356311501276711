//! JUnit XML, as those read it that publish what they read.
//!
//! - Jenkins: [junit-10.xsd]. Its `junit` step takes no offence at more; the xUnit plugin validates.
//! - [GitLab]: `testcase` with `classname`, which names the suite, `name`, `file` and `time`; of a
//!   `failure` or an `error` the text inside, not the attribute `message`.
//! - [CircleCI]: `file`, `name`, `time` and `classname` of each `testcase`.
//! - dorny/test-reporter on GitHub: `testsuite`'s name and time, the cases grouped by `classname`, and of
//!   a failure the attribute `message` and the text inside.
//!
//! So a failure says why in both places. Beyond the schema there are two attributes: `file` of a
//! `testcase`, which GitLab and CircleCI link and which the xUnit plugin would refuse, and `skipped` of
//! the root, always 0.
//!
//! [junit-10.xsd]: https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
//! [GitLab]: https://docs.gitlab.com/ci/testing/unit_test_reports/
//! [CircleCI]: https://support.circleci.com/hc/en-us/articles/360021624194

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::messages::report as say;

use super::file_name::file_names;
use super::gradebook::{Gradebook, Row};
use super::plain;
use super::suite::{Case, Status, Suite};

/// The name of the whole and, where no submission has one, of the suite and its cases' class.
const NAME: &str = "killresume";

/// Characters of a case's output among those of a class. GitLab takes 30 MB in all.
const CLASS_OUTPUT_LIMIT: usize = 16 * 1024;

/// The suite as JUnit XML. Of nothing judged it makes one error: a reader that looks for failures alone
/// would take an empty suite for a pass.
pub fn junit(suite: &Suite) -> String {
    let cases = suite.cases.iter().map(|case| test_case(NAME, case, usize::MAX)).collect();
    document(suite.seconds, vec![test_suite(NAME, suite.seconds, cases)])
}

/// A suite for each submission. What is still to be graded is an error, for the same reason.
pub fn gradebook(book: &Gradebook) -> String {
    let rows = book.rows();
    let classes = file_names(rows.iter().map(|row| row.name));
    let suites = rows.iter().map(|row| submission(book, row, &classes[row.name])).collect();
    document(book.seconds, suites)
}

fn submission(book: &Gradebook, row: &Row<'_>, class: &str) -> TestSuite {
    let cases = book.exercises.iter().zip(&row.cases).map(|(task, case)| match case {
        Some(case) => test_case(class, case, CLASS_OUTPUT_LIMIT),
        None => error(class, &task.name, &say::class_to_be_graded()),
    });
    let seconds = row.submission.map_or(0.0, |submission| submission.suite.seconds);
    test_suite(class, seconds, cases.collect())
}

fn document(time: f64, mut suites: Vec<TestSuite>) -> String {
    if suites.is_empty() {
        suites.push(test_suite(NAME, 0.0, Vec::new()));
    }
    let mut report = Report::new(NAME);
    report.set_time(seconds(time)).add_test_suites(suites);
    report.to_string().expect("writing to memory cannot fail, and every string is valid XML text")
}

fn test_suite(name: &str, time: f64, mut cases: Vec<TestCase>) -> TestSuite {
    if cases.is_empty() {
        cases.push(error(name, NAME, &say::suite_nothing()));
    }
    let mut suite = TestSuite::new(name);
    suite.set_time(seconds(time)).add_test_cases(cases);
    suite
}

fn test_case(class: &str, case: &Case, output_limit: usize) -> TestCase {
    let status = match case.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Fail => no_pass(NonSuccessKind::Failure, "fail", &plain::reason(case)),
        Status::Error => no_pass(NonSuccessKind::Error, "error", &plain::reason(case)),
    };
    let mut test_case = TestCase::new(plain::line(&case.name), status);
    test_case.set_classname(class).set_time(seconds(case.seconds));
    if let Some(file) = &case.file {
        test_case.extra.insert("file".into(), plain::line(&file.to_string_lossy()).into());
    }
    let output = plain::clipped(&plain::lines(&case.output), output_limit);
    if !output.is_empty() {
        test_case.set_system_out(output);
    }
    test_case
}

fn error(class: &str, name: &str, why: &str) -> TestCase {
    let status = no_pass(NonSuccessKind::Error, "error", why);
    let mut test_case = TestCase::new(plain::line(name), status);
    test_case.set_classname(class).set_time(Duration::ZERO);
    test_case
}

fn no_pass(kind: NonSuccessKind, name: &str, why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name).set_message(why).set_description(why);
    status
}

/// A measured time; zero for what is none.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
