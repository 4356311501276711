//! What the page promises, whatever is on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::judge::{
    Answer, ComponentState, ComponentVerdict, CurveVerdict, Finding, FindingKind, Smoothness,
};
use crate::messages::{Lang, set_lang};
use crate::recording::{Kill, TornWrite};
use crate::report::samples::{Lost, Sample};
use crate::report::suite::Case;
use crate::report::{
    Curves, FindingReport, Report, SCHEMA_VERSION, ScenarioSummary, Timings, words,
};
use crate::scenario::Expect;

/// Where the drawing test puts its pages.
const FOLDER_VARIABLE: &str = "KILLRESUME_PAGES";

/// What a hostile submission writes wherever it can.
const HOSTILE: &str = "<script>alert(1)</script> \" onload='x' --> ]]> </pre></style> \
                       <img src=https://evil.example/x> &lt; \u{1b}[31mred\u{1b}[0m \u{7} \u{202e}abc \u{ffff}";

fn component(name: &str, state: ComponentState) -> ComponentVerdict {
    ComponentVerdict { name: name.into(), state, stale_epoch: None, parts: Vec::new() }
}

fn finding(component: Option<&str>, kind: FindingKind, consequence_of: &[&str]) -> FindingReport {
    let finding = Finding {
        component: component.map(str::to_owned),
        visible_on_curve: Some(matches!(kind, FindingKind::Jump { .. })),
        kind,
        consequence_of: consequence_of.iter().map(|&name| name.to_owned()).collect(),
    };
    FindingReport { message: words::finding(&finding), finding }
}

fn curve(smoothness: Smoothness) -> CurveVerdict {
    let jump = smoothness == Smoothness::Jump;
    CurveVerdict {
        smoothness,
        resumed_at_step: 120,
        identical_points: if jump { 0 } else { 40 },
        expected_points: 40,
        deviation: Some(if jump { 0.4312 } else { 0.0 }),
        deviation_epoch: 5.12,
        own_change: 0.03,
        ratio: Some(if jump { 14.4 } else { 0.0 }),
        largest: Some(0.4312),
        within_tolerance: !jump,
        tolerance: None,
        first_difference: jump.then_some(5.12),
    }
}

fn report(verdict: Answer) -> Report {
    let passed = verdict == Answer::SameRun;
    let sample = Sample::new(if passed { Lost::Nothing } else { Lost::Optimizer });
    let names = ["model", "buffers", "scheduler", "scaler", "step", "epoch", "best_metric", "rng"];
    let optimizer = if passed { ComponentState::Restored } else { ComponentState::Cold };
    let mut components: Vec<ComponentVerdict> =
        names.iter().map(|name| component(name, ComponentState::Restored)).collect();
    components.insert(2, component("optimizer", optimizer));
    let jump = FindingKind::Jump { size: Some(0.4312), ratio: Some(14.4), epoch: 5.12 };
    let findings = vec![
        finding(Some("optimizer"), FindingKind::Cold, &[]),
        finding(None, jump, &["optimizer"]),
    ];
    let environment = [("os", "linux"), ("arch", "x86_64"), ("libtorch", "2.13.0")];
    Report {
        schema_version: SCHEMA_VERSION,
        killresume: env!("CARGO_PKG_VERSION").to_owned(),
        verdict,
        reason: None,
        fault: None,
        scenario: ScenarioSummary {
            trainer: "optimizer".into(),
            epochs_before: 5,
            epochs_after: 5,
            seed: 0,
            kill: "epoch:5".into(),
            tolerance: None,
            expect: Expect::SameRun,
        },
        kill: Some(Kill {
            signal: 9,
            at: "checkpoint".into(),
            epoch: 5,
            step: 120,
            after: Duration::from_millis(1563),
            torn: None,
        }),
        curve: Some(curve(if passed { Smoothness::Identical } else { Smoothness::Jump })),
        components,
        findings: if passed { Vec::new() } else { findings },
        curves: Curves {
            control: sample.control,
            interrupted: sample.interrupted,
            resumed: sample.resumed,
        },
        environment: environment.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        timings: Timings {
            total: 3.2,
            control: 2.81,
            interrupted: 1.563,
            resumed: 1.635,
            kill_to_ready: 0.528,
            kill_to_first_step: Some(0.547),
        },
        trainer_output: None,
    }
}

fn case(name: &str, status: Status, reports: Vec<Report>) -> Case {
    let message = reports.first().map(words::because).filter(|_| status != Status::Pass);
    Case {
        name: name.into(),
        title: "An optimizer without its moments".into(),
        file: Some("exercises/03_optimizer/exercise.rs".into()),
        status,
        message,
        output: String::new(),
        points: 1.0,
        seconds: 4.2,
        reports,
    }
}

fn suite(cases: Vec<Case>) -> Suite {
    Suite { cases, seconds: 21.5, ..Suite::new() }
}

fn error() -> Case {
    let failed = Report {
        reason: Some("the interrupted run was killed by signal 11 (SIGSEGV) in epoch 2".into()),
        kill: None,
        curve: None,
        components: Vec::new(),
        findings: Vec::new(),
        trainer_output: Some("loading …\nthread 'main' panicked at src/main.rs:3\n".into()),
        ..report(Answer::NotJudged)
    };
    let output = (1..=300).map(|i| format!("{i}: a line of the program\n")).collect();
    Case { output, ..case("sampler", Status::Error, vec![failed]) }
}

/// A submission that writes markup wherever it can, and a megabyte on one line.
fn hostile() -> Case {
    let hostile = HOSTILE.to_owned();
    let mut torn = report(Answer::NotSameRun);
    let path = hostile.clone();
    torn.kill = torn.kill.map(|kill| Kill {
        at: hostile.clone(),
        torn: Some(TornWrite { path, written: 2048, wanted: 4096 }),
        ..kill
    });
    let megabyte = "x".repeat(1 << 20);
    let wrong = |name: &str| ComponentVerdict {
        parts: vec![hostile.clone(), hostile.clone()],
        ..component(name, ComponentState::Wrong)
    };
    torn.components.extend([wrong(HOSTILE), wrong(&megabyte)]);
    torn.findings.push(finding(Some(HOSTILE), FindingKind::Cold, &[]));
    torn.findings.push(finding(Some(HOSTILE), FindingKind::Stale { epoch: 4 }, &[HOSTILE]));
    torn.scenario.trainer = hostile.clone();
    torn.scenario.kill = hostile.clone();
    torn.environment = BTreeMap::from([(hostile.clone(), hostile.clone())]);
    torn.trainer_output = Some(format!("{HOSTILE}\n{megabyte}\n"));
    Case {
        title: hostile.clone(),
        file: Some(Path::new(HOSTILE).into()),
        message: Some(format!("{HOSTILE}\n{megabyte}")),
        output: format!("\n  {HOSTILE}\n::error::x\n{megabyte}\n\tend"),
        ..case(HOSTILE, Status::Fail, vec![torn])
    }
}

fn everything() -> Suite {
    let pass = case("optimizer_solution", Status::Pass, vec![report(Answer::SameRun); 2]);
    let fail = case("optimizer", Status::Fail, vec![report(Answer::NotSameRun)]);
    suite(vec![pass, fail, error(), hostile()])
}

/// What a parser makes of a page: the elements with their attributes, and the text.
#[derive(Default)]
struct Parsed {
    elements: Vec<(String, BTreeMap<String, String>)>,
    text: String,
}

impl Parsed {
    /// Panics where an element is not closed, or anything else is not well-formed.
    fn of(page: &str) -> Self {
        let mut reader = Reader::from_str(page);
        reader.config_mut().check_end_names = true;
        let (mut parsed, mut open) = (Self::default(), 0);
        loop {
            let event = reader.read_event().expect("well-formed");
            match &event {
                Event::Start(tag) | Event::Empty(tag) => {
                    open += i32::from(matches!(event, Event::Start(_)));
                    let attribute = |attribute: quick_xml::events::attributes::Attribute<'_>| {
                        let value = String::from_utf8_lossy(&attribute.value).into_owned();
                        (String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value)
                    };
                    let attributes = tag.attributes().map(|a| attribute(a.expect("well-formed")));
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    parsed.elements.push((name, attributes.collect()));
                }
                Event::End(_) => open -= 1,
                Event::Text(text) => parsed.text.push_str(&text.decode().expect("UTF-8")),
                Event::GeneralRef(name) => {
                    parsed.text.push_str(match name.decode().expect("UTF-8").as_ref() {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        "apos" | "#39" => "'",
                        other => panic!("unknown entity {other}"),
                    });
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(open, 0, "an element is left open");
        parsed
    }

    fn all(&self, attribute: &str) -> impl Iterator<Item = &str> {
        self.elements.iter().filter_map(move |(_, a)| a.get(attribute)).map(String::as_str)
    }

    fn count(&self, element: &str) -> usize {
        self.elements.iter().filter(|(name, _)| name == element).count()
    }
}

#[test]
fn every_element_is_closed_every_id_is_there_once_and_every_link_leads_somewhere() {
    let parsed = Parsed::of(&html(&everything()));
    let ids: Vec<&str> = parsed.all("id").collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    assert_eq!(parsed.all("href").count(), 4);
    for target in parsed.all("href").chain(parsed.all("aria-labelledby")) {
        assert!(unique.contains(target.trim_start_matches('#')), "{target}");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_runs_nothing() {
    let page = html(&suite(vec![
        case("a", Status::Pass, vec![report(Answer::SameRun)]),
        case("b", Status::Fail, vec![report(Answer::NotSameRun)]),
    ]));
    for reference in
        ["http://", "https://", "<script", "<link", "<img", "<iframe", "url(", "@import"]
    {
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
}

#[test]
fn what_a_submission_writes_is_only_ever_text() {
    let page = html(&suite(vec![hostile()]));
    let parsed = Parsed::of(&page);
    let harmless = Parsed::of(&html(&suite(vec![case("a", Status::Fail, vec![])])));
    for element in ["script", "img"] {
        assert_eq!(parsed.count(element), 0, "{element}");
    }
    assert_eq!(parsed.count("style"), harmless.count("style"));
    assert!(parsed.elements.iter().all(|(_, a)| a.keys().all(|key| !key.starts_with("on"))));
    assert!(parsed.text.contains("<script>alert(1)</script> \" onload='x'"), "it is still shown");
    assert!(parsed.text.contains("red"));
    let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{ffff}');
    assert_eq!(page.chars().find(|c| steers(*c)), None);
}

#[test]
fn a_megabyte_on_one_line_is_cut_and_the_page_says_so() {
    let page = html(&suite(vec![hostile()]));
    assert!(page.len() < 200_000, "{}", page.len());
    let cut = say::page_output_cut(case::OUTPUT_LINES, case::OUTPUT_WIDTH);
    assert_eq!(page.matches(&cut).count(), 2);
    let page = html(&suite(vec![error()]));
    assert_eq!(page.matches(&cut).count(), 1);
    assert!(page.contains("\n300: a line") && page.contains("\n101: a line"));
    assert!(!page.contains("\n100: a line"));
}

#[test]
fn pass_fail_and_error_differ_in_word_sign_and_colour() {
    let badges = [Status::Pass, Status::Fail, Status::Error].map(|s| badge(s).to_string());
    let words = [say::page_pass(), say::page_fail(), say::page_error()];
    for (i, badge) in badges.iter().enumerate() {
        assert!(badge.contains(&words[i]), "{badge}");
    }
    let differing = |part: &dyn Fn(Status) -> String| {
        let all = [Status::Pass, Status::Fail, Status::Error].map(part);
        BTreeSet::from(all).len()
    };
    assert_eq!(differing(&|status| mark(status).to_string()), 3);
    assert_eq!(differing(&|status| class(status).to_owned()), 3);
}

#[test]
fn the_heading_tells_the_worst_that_came_out_and_nothing_judged_is_no_pass() {
    let of = |statuses: &[Status]| {
        overall(&suite(statuses.iter().map(|status| case("a", *status, vec![])).collect()))
    };
    assert_eq!(of(&[]), Status::Error);
    assert_eq!(of(&[Status::Pass, Status::Pass]), Status::Pass);
    assert_eq!(of(&[Status::Fail, Status::Pass]), Status::Fail);
    assert_eq!(of(&[Status::Fail, Status::Error]), Status::Error);
    assert!(html(&suite(vec![])).contains(&say::page_nothing()));
    let text = Parsed::of(&html(&everything())).text;
    assert!(text.contains(&say::page_result(1, 2, 1)), "{text}");
}

#[test]
fn headings_follow_each_other_without_a_gap_and_headers_of_tables_have_a_scope() {
    let parsed = Parsed::of(&html(&everything()));
    let levels = parsed.elements.iter().filter_map(|(name, _)| match name.as_str() {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        _ => None,
    });
    let mut before = 0;
    for level in levels {
        assert!(level <= before + 1, "h{level} after h{before}");
        before = level;
    }
    for (name, attributes) in &parsed.elements {
        assert!(name != "th" || attributes.contains_key("scope"));
        assert!(name != "svg" || attributes.get("role").is_some_and(|role| role == "img"));
    }
    assert_eq!(parsed.count("svg"), 4);
}

/// The contrast of two colours as WCAG 2 defines it, 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let digits = color.trim_start_matches('#');
        let long: String = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect(),
            _ => digits.to_owned(),
        };
        let channel = |at: usize| {
            let value = u8::from_str_radix(&long[at..at + 2], 16).expect("a colour");
            let value = f64::from(value) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_stands_out_from_its_ground_by_day_and_by_night() {
    let schemes: Vec<BTreeMap<&str, &str>> = STYLE
        .split(":root {")
        .filter(|part| part.contains("--paper:"))
        .map(|part| {
            let block = part.split('}').next().expect("a block");
            block
                .split(';')
                .filter_map(|rule| rule.trim().strip_prefix("--")?.split_once(": "))
                .collect()
        })
        .collect();
    assert_eq!(schemes.len(), 2);
    for scheme in schemes {
        for text in ["ink", "quiet", "link", "pass", "fail", "error"] {
            for ground in ["paper", "card"] {
                let contrast = contrast(scheme[text], scheme[ground]);
                assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
            }
        }
    }
}

/// In a process of its own, because the language is the process's: the other tests read English.
#[test]
fn the_page_speaks_both_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["report::html::tests::draw_the_pages", "--exact", "--ignored"])
        .env(FOLDER_VARIABLE, folder.path())
        .output()
        .expect("runs");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    let page = |name: &str| {
        let page = std::fs::read_to_string(folder.path().join(name)).expect("a page");
        let parsed = Parsed::of(&page);
        assert!(parsed.elements.iter().any(|(name, _)| name == "svg"));
        (page, parsed.text)
    };
    let (ko, korean) = page("ko.html");
    assert!(ko.contains("<html lang=\"ko\">"));
    for word in ["통과 1개, 실패 2개, 오류 1개", "차례", "component별 상태", "복원됨", "실행 환경"]
    {
        assert!(korean.contains(word), "{word}");
    }
    let (en, english) = page("en.html");
    assert!(en.contains("<html lang=\"en\">"));
    assert!(english.contains("1 passed, 2 failed, 1 with an error"));
    assert!(!english.chars().any(|c| ('가'..='힣').contains(&c)));
}

/// `cargo test -p killresume draw_the_pages -- --ignored` to look at them.
#[test]
#[ignore = "writes target/pages for a person to look at, and sets the language of the process"]
fn draw_the_pages() {
    let folder = std::env::var_os(FOLDER_VARIABLE).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages"),
        std::path::PathBuf::from,
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    for lang in [Lang::En, Lang::Ko] {
        set_lang(lang);
        let path = folder.join(format!("{}.html", lang.code()));
        std::fs::write(path, html(&everything())).expect("written");
    }
    set_lang(Lang::En);
}
