use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::exercism::{exercism, exercism_v2};
use super::github::{annotations, summary};
use super::gradescope::gradescope;
use super::junit::junit;
use super::sample_reports::everyone;
use super::suite::{Case, Status, Suite};

const TOKEN: &str = "5f0c7c1f9b6f4d0c8a7e";
const MEGABYTE: usize = 1 << 20;

fn case(name: &str, status: Status) -> Case {
    let message = match status {
        Status::Pass => None,
        Status::Fail => Some("did not come back: optimizer".to_owned()),
        Status::Error => Some("it does not build".to_owned()),
    };
    Case {
        name: name.into(),
        title: format!("the {name}"),
        file: Some(format!("exercises/{name}/exercise.rs").into()),
        status,
        message,
        output: format!("output of {name}\n"),
        points: 1.0,
        seconds: 1.5,
        reports: Vec::new(),
    }
}

fn suite(cases: Vec<Case>) -> Suite {
    Suite { cases, seconds: 4.5, ..Suite::new() }
}

/// A pass, a fail, an error.
fn three() -> Suite {
    suite(vec![
        case("model", Status::Pass),
        case("optimizer", Status::Fail),
        case("rng", Status::Error),
    ])
}

/// What a submission can print to be taken for something else, on lines of their own and inside lines.
fn attacks() -> String {
    let attacks = [
        "::error::x",
        "  ::set-output name=a::b",
        "##[error]x",
        "::stop-commands::mine",
        "::mine::",
        "]]>",
        "</testcase></system-out>",
        "<testcase name=\"fake\"/>",
        "&amp; &#0; %0A",
        "| pipe | table |",
        "<script>alert(1)</script>",
        "</pre></details>",
        "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;http://evil\u{7}link\u{1b}]8;;\u{7}",
        "nul \u{0} bell \u{7} csi \u{9b}31m override \u{202e} nonchar \u{ffff}",
        "```\n# heading\n[link](http://evil) ![i](x) `code` *b* www.evil.com @someone",
        "\"}],\"score\":100,\"status\":\"pass\"",
        "a\r::error::after a carriage return",
    ];
    attacks.join("\n")
}

/// The three again, the middle one hostile in `output`, in every other field too with `everywhere`.
fn hostile(everywhere: bool) -> Suite {
    let mut suite = three();
    let case = &mut suite.cases[1];
    case.output = format!("{}\n{}\nthe end", attacks(), "<&`|".repeat(MEGABYTE / 4));
    if everywhere {
        case.name = format!("opt {}", attacks());
        case.title = attacks();
        case.message = Some(format!("{}{}", attacks(), "m".repeat(MEGABYTE)));
        case.file = Some(format!("x/{}", attacks()).into());
    }
    suite
}

/// Whether it holds nothing that steers a terminal.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n') || "\u{202e}\u{ffff}".contains(c))
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }
}

/// The root element; panics where it is not well-formed.
fn xml(text: &str) -> Element {
    let mut open = vec![Element::default()];
    let mut reader = Reader::from_str(text);
    loop {
        let event = reader.read_event().expect("well-formed");
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("an attribute");
                    let value = str::from_utf8(&attribute.value).expect("UTF-8");
                    let key = str::from_utf8(attribute.key.as_ref()).expect("UTF-8");
                    (key.to_owned(), unescape(value).expect("escaped").into_owned())
                });
                let name = str::from_utf8(tag.name().as_ref()).expect("UTF-8").to_owned();
                let element =
                    Element { name, attributes: attributes.collect(), ..Element::default() };
                match event {
                    Event::Empty(_) => open.last_mut().expect("open").children.push(element),
                    _ => open.push(element),
                }
            }
            Event::End(_) => {
                let element = open.pop().expect("opened");
                open.last_mut().expect("open").children.push(element);
            }
            Event::Text(text) => {
                let text = text.decode().expect("UTF-8");
                open.last_mut().expect("open").text.push_str(&text);
            }
            Event::GeneralRef(name) => {
                let name = format!("&{};", name.decode().expect("UTF-8"));
                let text = unescape(&name).expect("a known entity").into_owned();
                open.last_mut().expect("open").text.push_str(&text);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    let mut root = open.pop().expect("the document");
    assert!(open.is_empty() && root.children.len() == 1);
    root.children.remove(0)
}

fn parsed(text: &str) -> Value {
    assert!(text.ends_with("}\n"));
    serde_json::from_str(text).expect("JSON")
}

/// The workflow commands that a runner carries out when this is printed.
fn commands(log: &str) -> Vec<&str> {
    let mut stopped: Option<&str> = None;
    let mut commands = Vec::new();
    for line in log.lines() {
        let command = line.trim_start().strip_prefix("::");
        match (stopped, command) {
            (Some(token), Some(command)) if command == format!("{token}::") => stopped = None,
            (None, Some(command)) => match command.strip_prefix("stop-commands::") {
                Some(token) => stopped = Some(token),
                None => commands.push(command),
            },
            (None, None) => assert!(!line.contains("##["), "{line}"),
            _ => {}
        }
    }
    assert!(stopped.is_none(), "commands were never taken again");
    commands
}

#[test]
fn junit_tells_pass_fail_and_error_apart() {
    let root = xml(&junit(&three()));
    assert_eq!((root.name.as_str(), root.names()), ("testsuites", vec!["testsuite"]));
    let suite = &root.children[0];
    for (key, value) in [("tests", "3"), ("failures", "1"), ("errors", "1"), ("time", "4.500")] {
        assert_eq!((key, suite.attributes[key].as_str()), (key, value));
        assert_eq!((key, root.attributes[key].as_str()), (key, value));
    }
    let [pass, fail, error] = &suite.children[..] else { panic!("{suite:?}") };
    assert_eq!(pass.attributes["name"], "model");
    assert_eq!(pass.attributes["classname"], "killresume");
    assert_eq!(pass.attributes["time"], "1.500");
    assert_eq!(pass.attributes["file"], "exercises/model/exercise.rs");
    assert_eq!(pass.names(), ["system-out"]);
    assert_eq!(pass.children[0].text, "output of model\n");
    assert_eq!(fail.names(), ["failure", "system-out"]);
    assert_eq!(fail.children[0].attributes["message"], "did not come back: optimizer");
    assert_eq!(fail.children[0].attributes["type"], "fail");
    assert_eq!(error.names(), ["error", "system-out"]);
    assert_eq!(error.children[0].attributes["message"], "it does not build");
    assert_eq!(error.children[0].attributes["type"], "error");
}

/// What Jenkins' junit-10.xsd allows of each element that we write, its children after the bar, and the
/// two attributes that we write beyond it, in brackets; see [`super::junit`].
const ALLOWED: [(&str, &str); 6] = [
    ("testsuites", "name time tests failures errors [skipped] | testsuite"),
    (
        "testsuite",
        "name tests failures errors group time skipped timestamp hostname id package file log url \
         | testsuite properties testcase system-out system-err",
    ),
    (
        "testcase",
        "name time classname group [file] | skipped error failure rerunFailure rerunError \
         flakyFailure flakyError system-out system-err",
    ),
    ("failure", "type message |"),
    ("error", "type message |"),
    ("system-out", "|"),
];

/// What the schema requires.
const REQUIRED: [(&str, &[&str]); 2] =
    [("testsuite", &["name", "tests", "failures", "errors"]), ("testcase", &["name"])];

#[track_caller]
fn assert_junit(element: &Element) {
    let (_, allowed) = ALLOWED
        .into_iter()
        .find(|(name, _)| *name == element.name)
        .unwrap_or_else(|| panic!("{} is not allowed", element.name));
    let (attributes, children) = allowed.split_once('|').expect("a bar");
    let is_in = |list: &str, name: &str| {
        list.split_whitespace().any(|word| word.trim_matches(['[', ']']) == name)
    };
    for (name, value) in &element.attributes {
        assert!(is_in(attributes, name), "{}@{name}", element.name);
        let is_time = |c: char| c.is_ascii_digit() || c == '.';
        assert!(name != "time" || value.chars().all(is_time), "{value}");
    }
    for (_, names) in REQUIRED.iter().filter(|(name, _)| *name == element.name) {
        assert!(names.iter().all(|name| element.attributes.contains_key(*name)));
    }
    for child in &element.children {
        assert!(is_in(children, &child.name), "{} in {}", child.name, element.name);
        assert_junit(child);
    }
}

#[test]
fn junit_holds_what_jenkins_schema_allows_and_a_file() {
    for suite in [three(), hostile(true), suite(Vec::new())] {
        assert_junit(&xml(&junit(&suite)));
    }
    let [pass, fail, error] = &three().cases[..] else { panic!() };
    assert_junit(&xml(&super::junit::gradebook(&everyone(pass, fail, error))));
}

/// GitLab shows the text, others the attribute.
#[test]
fn junit_says_why_in_the_attribute_and_in_the_text() {
    let root = xml(&junit(&three()));
    let [_, fail, error] = &root.children[0].children[..] else { panic!() };
    for (case, why) in [(fail, "did not come back: optimizer"), (error, "it does not build")] {
        assert_eq!((&*case.children[0].attributes["message"], &*case.children[0].text), (why, why));
    }
}

#[test]
fn hostile_output_stays_in_its_system_out() {
    let of = |suite: &Suite| {
        let mut root = xml(&junit(suite));
        let case = &mut root.children[0].children[1];
        let output = std::mem::take(&mut case.children[1].text);
        (format!("{root:?}"), output)
    };
    let (clean, _) = of(&three());
    let (same, output) = of(&hostile(false));
    assert_eq!(clean, same);
    assert!(output.contains("]]>\n</testcase></system-out>\n<testcase name=\"fake\"/>"));
    assert!(output.ends_with("the end") && output.len() > MEGABYTE && is_plain(&output));

    let root = xml(&junit(&hostile(true)));
    let [pass, fail, error] = &root.children[0].children[..] else { panic!() };
    assert_eq!((pass.names(), error.names()), (vec!["system-out"], vec!["error", "system-out"]));
    assert_eq!(fail.names(), ["failure", "system-out"]);
    let message = &fail.child("failure").expect("a failure").attributes["message"];
    for text in fail.attributes.values().chain([message]) {
        assert!(is_plain(text) && !text.contains('\n') && text.chars().count() <= 500, "{text}");
    }
}

#[test]
fn gradescope_gives_a_point_for_a_pass_alone() {
    let results = parsed(&gradescope(&three()));
    let test = |name: &str, score: f64, status: &str, output: &str, tag: &str| {
        json!({
            "name": format!("{name}: the {name}"), "score": score, "max_score": 1.0,
            "status": status, "output": output, "output_format": "text", "tags": [tag],
        })
    };
    let expected = json!({
        "execution_time": 4.5,
        "output": "1 of 3 came back as the same run",
        "output_format": "text",
        "tests": [
            test("model", 1.0, "passed", "output of model\n", "pass"),
            test(
                "optimizer", 0.0, "failed",
                "did not come back: optimizer\n\noutput of optimizer\n", "fail",
            ),
            test(
                "rng", 0.0, "failed",
                "Not judged, so no points: it does not build\n\noutput of rng\n", "error",
            ),
        ],
    });
    assert_eq!(results, expected);
}

#[test]
fn exercism_tells_pass_fail_and_error_apart() {
    let results = parsed(&exercism(&three()));
    let expected = json!({
        "version": 3, "status": "fail", "message": null,
        "tests": [
            {
                "name": "model: the model", "status": "pass",
                "output": "output of model\n", "task_id": 1,
            },
            {
                "name": "optimizer: the optimizer", "status": "fail",
                "message": "did not come back: optimizer",
                "output": "output of optimizer\n", "task_id": 2,
            },
            {
                "name": "rng: the rng", "status": "error", "message": "it does not build",
                "output": "output of rng\n", "task_id": 3,
            },
        ],
    });
    assert_eq!(results, expected);
    let status = |cases| parsed(&exercism(&suite(cases)))["status"].clone();
    assert_eq!(status(vec![case("model", Status::Pass)]), "pass");
    assert_eq!(status(vec![case("model", Status::Fail)]), "fail");
    assert_eq!(status(vec![case("model", Status::Pass), case("rng", Status::Error)]), "fail");
}

#[test]
fn version_2_for_exercism_is_version_3_without_tasks() {
    for suite in [three(), hostile(true), suite(Vec::new())] {
        let mut expected = parsed(&exercism(&suite));
        expected["version"] = 2.into();
        for test in expected["tests"].as_array_mut().expect("tests") {
            test.as_object_mut().expect("a test").remove("task_id");
        }
        assert_eq!(parsed(&exercism_v2(&suite)), expected);
    }
}

#[test]
fn exercism_says_why_no_test_ran() {
    let results = parsed(&exercism(&suite(vec![case("rng", Status::Error)])));
    assert_eq!(results["status"], "error");
    assert_eq!(results["message"], "rng: it does not build\noutput of rng");
    let mut broken = hostile(true).cases.remove(1);
    broken.status = Status::Error;
    let message = parsed(&exercism(&suite(vec![broken])))["message"].clone();
    assert!(message.as_str().is_some_and(|m| m.len() < 65_535 && m.ends_with("… truncated")));
}

#[test]
fn exercism_cuts_output_at_500_characters_and_says_so() {
    let output = |output: String| {
        let case = Case { output, ..case("model", Status::Pass) };
        let output = parsed(&exercism(&suite(vec![case])))["tests"][0]["output"].clone();
        output.as_str().expect("text").to_owned()
    };
    let whole = "가".repeat(500);
    assert_eq!(output(whole.clone()), whole);
    let cut = output(format!("{whole}나"));
    assert_eq!(cut, format!("{}… truncated", "가".repeat(489)));
    assert_eq!(cut.chars().count(), 500);
}

#[test]
fn hostile_text_changes_nothing_but_its_own_field_of_the_json_formats() {
    for format in [gradescope, exercism] {
        let mut clean = parsed(&format(&three()));
        let mut same = parsed(&format(&hostile(false)));
        let output = same["tests"][1]["output"].take();
        clean["tests"][1]["output"].take();
        assert_eq!(clean, same);
        assert!(output.as_str().is_some_and(is_plain));

        let mut all = parsed(&format(&hostile(true)));
        for field in ["name", "message", "output"] {
            clean["tests"][1][field].take();
            assert!(all["tests"][1][field].take().as_str().is_none_or(is_plain));
        }
        assert_eq!(clean["tests"], {
            let mut tests = all["tests"].clone();
            tests[1]["output"].take();
            tests
        });
    }
}

#[test]
fn annotations_name_the_file_of_what_did_not_pass() {
    let log = annotations(&three(), TOKEN);
    let expected = format!(
        "::error file=exercises/optimizer/exercise.rs,line=1,\
         title=optimizer (not the same run)::did not come back: optimizer\n\
         ::stop-commands::{TOKEN}\n│ output of optimizer\n::{TOKEN}::\n\
         ::error file=exercises/rng/exercise.rs,line=1,\
         title=rng (not judged)::it does not build\n\
         ::stop-commands::{TOKEN}\n│ output of rng\n::{TOKEN}::\n"
    );
    assert_eq!(log, expected);
    assert_eq!(annotations(&suite(vec![case("model", Status::Pass)]), TOKEN), "");
}

#[test]
fn hostile_text_runs_no_workflow_command_in_the_log_of_a_class() {
    let of = |suite: &Suite| {
        let [pass, fail, error] = &suite.cases[..] else { panic!() };
        let mut book = everyone(pass, fail, error);
        book.submissions[1].name = attacks();
        book.planned[1] = attacks();
        super::github::gradebook_annotations(&book, TOKEN)
    };
    let (clean, log) = (of(&three()), of(&hostile(false)));
    assert_eq!(commands(&log), commands(&clean));
    assert!(is_plain(&log) && commands(&log).len() == 4 && log.len() < 64 * 1024, "{}", log.len());
}

#[test]
fn hostile_text_runs_no_workflow_command() {
    let clean = annotations(&three(), TOKEN);
    let log = annotations(&hostile(false), TOKEN);
    assert_eq!(commands(&log), commands(&clean));
    assert!(log.contains("│ ::error::x\n") && is_plain(&log));

    let log = annotations(&hostile(true), TOKEN);
    let [hostile, rng] = commands(&log)[..] else { panic!("{log}") };
    assert_eq!(rng, commands(&clean)[1]);
    let (properties, message) = hostile.split_once("::").expect("a command");
    let keys = properties.strip_prefix("error ").expect("an error").split(',');
    let keys: Vec<&str> = keys.map(|pair| pair.split_once('=').expect("a pair").0).collect();
    assert_eq!(keys, ["file", "line", "title"]);
    assert!(message.contains("%250A") && message.ends_with("… truncated") && is_plain(&log));
}

#[test]
fn the_summary_is_a_table_and_what_was_printed() {
    let expected = "\
## killresume

1 of 3 came back as the same run

| program | verdict | why | time |
| --- | --- | --- | ---: |
| model&#58; the model | ✅ same run |  | 1.5 s |
| optimizer&#58; the optimizer | ❌ not the same run | did not come back&#58; optimizer | 1.5 s |
| rng&#58; the rng | ❔ not judged | it does not build | 1.5 s |

<details>
<summary>❌ optimizer</summary>

<pre>output of optimizer

</pre>

</details>

<details>
<summary>❔ rng</summary>

<pre>output of rng

</pre>

</details>
";
    assert_eq!(summary(&three()), expected);
}

#[test]
fn hostile_text_adds_neither_cells_nor_elements_to_the_summary() {
    for everywhere in [false, true] {
        let text = summary(&hostile(everywhere));
        let (table, _) = text.split_once("<details>").expect("details");
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).collect();
        assert!(rows.len() == 5 && rows.iter().all(|row| row.matches('|').count() == 5));
        assert!(rows.iter().all(|row| !row.contains(['<', '`', '*', '[', '@', '\\'])), "{rows:?}");
        let elements: Vec<&str> = text.split('<').skip(1).collect();
        assert_eq!(elements.len(), 2 * 6, "three elements for each of two");
        assert!(text.contains("… truncated\n</pre>") && text.contains("output of rng"));
        assert!(is_plain(&text) && text.len() < 64 * 1024);
    }
}

#[test]
fn a_summary_for_a_thousand_is_cut_between_parts() {
    let broken = || Case { output: "한".repeat(8 * 1024), ..case("rng", Status::Error) };
    let text = summary(&suite((0..1000).map(|_| broken()).collect()));
    assert!(text.len() <= MEGABYTE && text.len() > MEGABYTE - 64 * 1024);
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert!(text.trim_end().ends_with("more parts did not fit into 1 MiB."), "it says so");
}

#[test]
fn nothing_judged_is_a_pass_in_no_format() {
    let nothing = suite(Vec::new());
    let results = parsed(&exercism(&nothing));
    let expected =
        json!({ "version": 3, "status": "error", "message": "nothing was judged", "tests": [] });
    assert_eq!(results, expected);

    let results = parsed(&gradescope(&nothing));
    assert_eq!(results["score"], 0.0);
    assert_eq!(results["tests"], json!([]));

    let root = xml(&junit(&nothing));
    assert_eq!((&*root.attributes["tests"], &*root.attributes["errors"]), ("1", "1"));
    assert_eq!(root.children[0].children[0].names(), ["error"]);

    assert_eq!(annotations(&nothing, TOKEN), "::error title=killresume::nothing was judged\n");
    assert!(summary(&nothing).contains("❔ nothing was judged"));
}
