//! What the formats of a class promise.

use super::csv;
use super::github::{gradebook_annotations, gradebook_summary};
use super::gradebook::Gradebook;
use super::html;
use super::json;
use super::junit;
use super::sample_reports::{a_class, case, error, everyone, report, suite};
use super::suite::{Case, Status, Suite};
use crate::judge::Answer;

fn book() -> Gradebook {
    let [pass, fail, error] =
        [Status::Pass, Status::Fail, Status::Error].map(|status| case("a", status, Vec::new()));
    everyone(&pass, &fail, &error)
}

/// The cells of each line, for tables without quotes.
fn cells(table: &str) -> Vec<Vec<&str>> {
    let table = table.strip_prefix('\u{feff}').expect("a byte order mark");
    let table = table.strip_suffix("\r\n").expect("an end of line");
    table.split("\r\n").map(|line| line.split(',').collect()).collect()
}

#[test]
fn a_row_knows_what_is_still_to_be_graded() {
    let mut book = book();
    book.submissions[1].suite.cases.pop();
    let rows = book.rows();
    let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(names, ["kim", "lee", "박지우", "최유진"]);
    let overall: Vec<Option<Status>> = rows.iter().map(|row| row.overall()).collect();
    assert_eq!(overall, [Some(Status::Pass), None, Some(Status::Error), None]);
    assert_eq!(rows.iter().map(|row| row.score()).sum::<f64>(), 6.0);
    assert!(!book.is_complete() && book.max_score() == 4.0);
    assert_eq!(rows[3].score().to_string(), "0", "and not -0");
}

#[test]
fn csv_has_a_row_for_each_submission_and_no_grade_for_what_was_not_graded() {
    let mut book = book();
    assert_eq!(
        cells(&csv::gradebook(&book)),
        [
            vec!["submission", "score", "max_score", "optimizer", "sampler"],
            vec!["kim", "4", "4", "2", "2"],
            vec!["lee", "2", "4", "2", "0"],
            vec!["박지우", "0", "4", "0", "0"],
            vec!["최유진", "", "4", "", ""],
        ]
    );
    book.submissions[0].suite.cases.pop();
    assert_eq!(cells(&csv::gradebook(&book))[1], ["kim", "", "4", "2", ""]);
}

#[test]
fn a_class_of_which_nothing_was_graded_has_not_passed() {
    let nobody = a_class(vec![], &["optimizer"]);
    let nothing = a_class(vec![("kim", vec![])], &[]);
    assert_eq!(nothing.rows()[0].overall(), None);
    assert_eq!(cells(&csv::gradebook(&nothing))[1], ["kim", "", "0"]);
    for book in [nobody, nothing] {
        assert!(junit::gradebook(&book).contains("errors=\"1\""));
        assert!(gradebook_annotations(&book, "token").starts_with("::error "));
        assert!(gradebook_summary(&book).contains('❔'));
    }
}

#[test]
fn csv_of_a_suite_is_one_row() {
    let cases = vec![case("model", Status::Pass, vec![]), case("rng", Status::Error, vec![])];
    let table = csv::suite(&Suite { cases, ..Suite::new() });
    assert_eq!(
        cells(&table),
        [vec!["submission", "score", "max_score", "model", "rng"], vec!["", "1", "2", "1", "0"]]
    );
}

#[test]
fn csv_quotes_what_would_end_a_cell_and_no_spreadsheet_takes_a_name_for_a_formula() {
    let names =
        ["=cmd|' /C calc'!A0", "+1", "-2", "@x", "＝1", "\t=1", "\r=1", "a,\"b\"\nc", "\u{202e}=1"];
    let book = a_class(names.iter().map(|name| (*name, Vec::new())).collect(), &["=x"]);
    let table = csv::gradebook(&book);
    let mut reader = ::csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(&reader.headers().expect("a header")[3], "'=x");
    let records: Vec<_> = reader.records().map(|record| record.expect("four cells")).collect();
    assert_eq!(records.len(), names.len());
    for record in &records {
        let first = record[0].chars().next().expect("a name");
        assert!(first.is_alphanumeric() || first == '\'', "{record:?}");
        assert!(!record[0].contains('\n'));
    }
    assert!(table.contains("\"a,\"\"b\"\" c\""), "{table}");
}

#[test]
fn junit_has_a_suite_for_each_submission_and_an_error_for_what_was_not_graded() {
    let xml = junit::gradebook(&book());
    assert_eq!(xml.matches("<testsuite ").count(), 4);
    assert_eq!(xml.matches("<testcase ").count(), 8);
    for class in ["kim", "lee", "박지우", "최유진"] {
        assert_eq!(xml.matches(&format!("classname=\"{class}\"")).count(), 2, "{class}");
    }
    assert!(xml.contains(r#"tests="8" skipped="0" failures="2" errors="3""#), "{xml}");
    assert!(xml.contains("message=\"still to be graded\""));
    let nobody = junit::gradebook(&a_class(vec![], &["optimizer"]));
    assert!(nobody.contains("errors=\"1\""), "{nobody}");
}

#[test]
fn annotations_name_the_submission_and_how_many_are_still_to_be_graded() {
    let log = gradebook_annotations(&book(), "token");
    assert!(log.contains("title=lee%3A sampler (not the same run)::"), "{log}");
    assert_eq!(log.matches("::error ").count(), 3 + 1);
    assert!(log.contains("::still to be graded: 1 of 4 submissions\n"));
    assert!(gradebook_annotations(&a_class(vec![], &[]), "token").contains("nothing was judged"));
}

#[test]
fn the_summary_of_a_class_is_a_table_of_submissions_and_the_cases_of_each() {
    let text = gradebook_summary(&book());
    assert!(text.contains("1 of 4 submissions passed every exercise"));
    assert!(text.contains("| kim | 4 of 4 | 2 | 0 | 0 |\n| lee | 2 of 4 | 1 | 1 | 0 |\n"));
    assert_eq!(text.matches("<details>").count(), 4);
    let hostile =
        a_class(vec![("</summary>|`x`", vec![case("<b>|", Status::Fail, vec![])])], &["<b>|"]);
    let text = gradebook_summary(&hostile);
    assert!(!text.contains("<b>") && text.matches("</summary>").count() == 1, "{text}");
    assert!(
        text.lines()
            .filter(|line| line.starts_with("| &"))
            .all(|line| line.matches('|').count() >= 5)
    );
}

#[test]
fn the_summary_of_a_class_is_cut_between_parts_at_a_mebibyte() {
    let cases = || {
        let broken = |i: usize| {
            let message = Some("한&".repeat(250));
            Case { message, ..case(&format!("e{i}"), Status::Error, vec![]) }
        };
        (0..17).map(broken).collect()
    };
    let names: Vec<String> = (0..300).map(|i| format!("student-{i}")).collect();
    let exercises: Vec<String> = (0..17).map(|i| format!("e{i}")).collect();
    let exercises: Vec<&str> = exercises.iter().map(String::as_str).collect();
    let book = a_class(names.iter().map(|name| (name.as_str(), cases())).collect(), &exercises);
    let text = gradebook_summary(&book);
    assert!(text.len() <= 1 << 20 && text.len() > (1 << 20) - (64 << 10), "{}", text.len());
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert!(text.trim_end().ends_with("more parts did not fit into 1 MiB."));
}

#[test]
fn the_json_of_a_class_can_be_read_back() {
    let text = json::gradebook(&book());
    let again: Gradebook = serde_json::from_str(&text).expect("is a gradebook");
    assert_eq!(json::gradebook(&again), text);
    assert!(text.ends_with("}\n") && text.lines().count() == 1);
}

#[test]
fn what_is_read_back_makes_the_same_page() {
    for answer in [Answer::SameRun, Answer::NotSameRun, Answer::NotJudged] {
        let made = suite(vec![case("a", Status::Fail, vec![report(answer)])]);
        let again: Suite = serde_json::from_str(&json::suite(&made)).expect("is a suite");
        assert_eq!(html::html(&again), html::html(&made));
    }
}

#[test]
fn the_json_of_a_class_is_what_its_schema_says() {
    let schema = serde_json::from_str(&json::schema::<Gradebook>()).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("is a schema");
    let of = |status, answer| case("a", status, vec![report(answer)]);
    let pass = of(Status::Pass, Answer::SameRun);
    let book = everyone(&pass, &of(Status::Fail, Answer::NotSameRun), &error());
    let value = serde_json::from_str(&json::gradebook(&book)).expect("is JSON");
    let errors: Vec<String> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
