//! A page for a person: self-contained, without a script, readable on a phone, in print and in the dark.
//!
//! Nothing that a submission has written reaches the page but as the text of an element ([`markup`]),
//! and the page's own policy forbids the browser to load or run anything.

mod case;
mod class;
mod markup;
#[cfg(test)]
mod tests;
mod trial;

use crate::messages::lang;
use crate::messages::report as say;

use super::gradebook::Submission;
use super::progress::printable;
use super::suite::{Status, Suite};
use markup::{Element, element};

const STYLE: &str = include_str!("style.css");

/// What the browser may do: nothing but show the page's own style.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A text that should be a line is cut after this many characters.
const LONGEST_LINE: usize = 600;

/// And a name after this many: it stands in headings and in columns.
const LONGEST_NAME: usize = 80;

pub use class::gradebook;

/// The suite as an HTML document in the language of the process.
pub fn html(suite: &Suite) -> String {
    page(None, suite)
}

/// The same of a submission, with its name.
pub fn submission(submission: &Submission) -> String {
    page(Some(&submission.name), &submission.suite)
}

fn page(whose: Option<&str>, suite: &Suite) -> String {
    let result = match suite.cases.len() {
        0 => say::page_nothing(),
        _ => say::page_result(
            suite.count(Status::Pass),
            suite.count(Status::Fail),
            suite.count(Status::Error),
        ),
    };
    let result = match whose {
        Some(whose) => format!("{}: {result}", name(whose)),
        None => result,
    };
    let header = element("header")
        .add(element("h1").add(sign(overall(suite))).text(" ").text(&result))
        .add(made_by(&suite.killresume, suite.seconds));
    let cases = suite.cases.iter().enumerate().map(|(i, case)| case::section(i + 1, case));
    let main = element("main").add(cases);
    document(&result, element("body").add(header).add(contents(suite)).add(main))
}

fn made_by(version: &str, seconds: f64) -> Element {
    element("p").class("quiet").text(say::page_made_by(version, seconds))
}

fn document(result: &str, body: Element) -> String {
    let page = element("html").with("lang", lang().code()).add(head(result)).add(body);
    format!("<!DOCTYPE html>\n{page}")
}

fn head(result: &str) -> Element {
    let meta = |key, content| element("meta").with("name", key).with("content", content);
    element("head")
        .add(element("meta").with("charset", "utf-8"))
        .add(element("meta").with("http-equiv", "Content-Security-Policy").with("content", POLICY))
        .add(meta("viewport", "width=device-width, initial-scale=1"))
        .add(meta("color-scheme", "light dark"))
        .add(element("title").text(say::page_title(result)))
        .add(element("style").markup(STYLE))
}

/// Where each case is, if there is more than one.
fn contents(suite: &Suite) -> Option<Element> {
    let entries = suite.cases.iter().enumerate().map(|(i, case)| {
        let link = element("a").with("href", format!("#{}", case::id(i + 1)));
        element("li").add(badge(case.status)).text(" ").add(link.text(name(&case.name)))
    });
    (suite.cases.len() > 1).then(|| {
        element("nav")
            .with("aria-labelledby", "contents")
            .add(element("h2").with("id", "contents").text(say::page_contents()))
            .add(element("ol").add(entries))
    })
}

/// The worst that came out. Where nothing was judged, nothing has passed.
fn overall(suite: &Suite) -> Status {
    match (suite.count(Status::Error), suite.count(Status::Fail), suite.cases.len()) {
        (0, 0, 1..) => Status::Pass,
        (0, 1.., _) => Status::Fail,
        _ => Status::Error,
    }
}

/// A status by colour, sign and word.
fn badge(status: Status) -> Element {
    let badge = element("strong").with("class", format!("badge {}", class(status)));
    badge.add(mark(status)).text(word(status))
}

fn word(status: Status) -> String {
    match status {
        Status::Pass => say::page_pass(),
        Status::Fail => say::page_fail(),
        Status::Error => say::page_error(),
    }
}

/// A status by colour and sign, where words stand beside it.
fn sign(status: Status) -> Element {
    element("span").with("class", format!("sign {}", class(status))).add(mark(status))
}

/// The sign of a status, as text and not as a picture; a screen reader has the words.
fn mark(status: Status) -> Element {
    let mark = match status {
        Status::Pass => "✔\u{fe0e}",
        Status::Fail => "✘\u{fe0e}",
        Status::Error => "!",
    };
    element("span").class("mark").with("aria-hidden", "true").text(mark)
}

fn class(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Error => "error",
    }
}

/// A line without anything that steers a terminal, cut to a length that a person reads.
fn line(text: &str) -> String {
    cut(text, LONGEST_LINE).0
}

/// The same for a name.
fn name(text: &str) -> String {
    cut(text, LONGEST_NAME).0
}

/// The same, cut to so many characters, and whether something was cut off.
fn cut(text: &str, longest: usize) -> (String, bool) {
    let text = printable(&text.replace('\n', " "));
    match text.char_indices().nth(longest) {
        Some((end, _)) => (format!("{}…", &text[..end]), true),
        None => (text, false),
    }
}
