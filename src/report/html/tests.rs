//! What the page promises, whatever is on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::judge::{Answer, ComponentState, ComponentVerdict, FindingKind};
use crate::messages::{Lang, set_lang};
use crate::recording::{Kill, TornWrite};
use crate::report::sample_reports::{
    a_hundred, case, component, error, everyone, finding, report, suite,
};
use crate::report::suite::Case;

/// Where the drawing test puts its pages.
const FOLDER_VARIABLE: &str = "KILLRESUME_PAGES";

/// What a hostile submission writes wherever it can.
const HOSTILE: &str = "<script>alert(1)</script> \" onload='x' --> ]]> </pre></style> \
                       <img src=https://evil.example/x> &lt; \u{1b}[31mred\u{1b}[0m \u{7} \u{202e}abc \u{ffff}";

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
    let cut = say::page_output_cut(case::EXCERPT.lines, case::EXCERPT.width);
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
    assert_eq!(parsed.count("svg"), 2 * 4, "a wide and a narrow one each");
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
        let pass = case("a", Status::Pass, vec![report(Answer::SameRun)]);
        let fail = case("a", Status::Fail, vec![report(Answer::NotSameRun)]);
        for (name, case) in [("pass", &pass), ("fail", &fail), ("error", &error())] {
            let path = folder.join(format!("{name}-{}.html", lang.code()));
            std::fs::write(path, html(&suite(vec![case.clone()]))).expect("written");
        }
        let book = everyone(&pass, &fail, &error());
        let path = folder.join(format!("class-{}.html", lang.code()));
        std::fs::write(path, gradebook(&book)).expect("written");
        let path = folder.join(format!("hundred-{}.html", lang.code()));
        std::fs::write(path, gradebook(&a_hundred())).expect("written");
    }
    set_lang(Lang::En);
}

#[test]
fn the_page_of_a_class_of_a_hundred_stays_one_that_a_browser_opens() {
    let page = gradebook(&a_hundred());
    assert!(page.len() < 6 << 20, "{}", page.len());
    let parsed = Parsed::of(&page);
    assert_eq!(parsed.count("svg"), 0, "curves are on each submission's page");
    assert_eq!(parsed.count("tr"), 1 + 100 + 1);
}

#[test]
fn the_page_of_a_class_marks_each_exercise_by_sign_and_word_and_leads_to_each_submission() {
    let pass = case("a", Status::Pass, vec![report(Answer::SameRun)]);
    let book = everyone(&pass, &hostile(), &error());
    let page = gradebook(&book);
    let parsed = Parsed::of(&page);
    assert_eq!(parsed.count("script") + parsed.count("img"), 0);
    let ids: Vec<&str> = parsed.all("id").collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    let links: Vec<&str> = parsed.all("href").collect();
    assert_eq!(links, ["#submission-1", "#submission-2", "#submission-3", "#submission-4"]);
    for target in links.into_iter().chain(parsed.all("aria-labelledby")) {
        assert!(ids.contains(&target.trim_start_matches('#')), "{target}");
    }
    let cells = page.split("<td class=\"").skip(1).filter(|cell| !cell.starts_with("points"));
    let cells: Vec<&str> = cells.map(|cell| cell.split("</td>").next().expect("a cell")).collect();
    let words = [say::page_pass(), say::page_fail(), say::page_error(), say::class_to_be_graded()];
    for (cell, word) in cells.iter().zip([0, 0, 0, 1, 2, 1, 3, 3].map(|at| &words[at])) {
        assert!(cell.contains(word), "{cell}: {word}");
    }
    assert_eq!(cells.len(), 8);
    assert!(parsed.text.contains("1 of 4 submissions passed") && parsed.text.contains("2 of 4"));
}
