//! One case: how it came out, its trials, and what was printed.

use crate::messages::report as say;

use super::super::suite::Case;
use super::markup::{Element, element};
use super::{badge, cut, line, name, trial};

/// How much of an output is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excerpt {
    /// So many lines, the last ones.
    pub lines: usize,
    /// So many characters of each, the first ones.
    pub width: usize,
}

/// What a page of one program shows.
pub(super) const EXCERPT: Excerpt = Excerpt { lines: 200, width: 500 };

/// Where the case with this number, from 1, is on the page.
pub(super) fn id(number: usize) -> String {
    format!("case-{number}")
}

/// The section of a case.
pub(super) fn section(number: usize, case: &Case) -> Element {
    let heading = format!("{}-title", id(number));
    let mut h2 = element("h2").with("id", &heading).add(element("code").text(name(&case.name)));
    if case.title != case.name && !case.title.is_empty() {
        h2 = h2.text(": ").text(line(&case.title));
    }
    let message = case.message.as_deref().map(|message| element("span").text(line(message)));
    let trials = case
        .reports
        .iter()
        .enumerate()
        .map(|(i, report)| trial::section(i + 1, case.reports.len(), report));
    element("section")
        .with("id", id(number))
        .with("aria-labelledby", &heading)
        .add(h2)
        .add(element("p").class("status").add(badge(case.status)).text(" ").add(message))
        .add(about(case))
        .add(trials)
        .add(
            (!case.output.trim().is_empty())
                .then(|| output(&say::page_output(), &case.output, EXCERPT)),
        )
}

/// Its file and its time.
pub(super) fn about(case: &Case) -> Element {
    let seconds = say::page_seconds(case.seconds);
    let about = element("p").class("quiet");
    match &case.file {
        Some(file) => about
            .text(format!("{}: ", say::page_file()))
            .add(element("code").text(line(&file.display().to_string())))
            .text(format!(" · {seconds}")),
        None => about.text(seconds),
    }
}

/// What a program printed, folded away.
pub(super) fn output(label: &str, output: &str, shown: Excerpt) -> Element {
    let lines: Vec<&str> = output.lines().collect();
    let left_out = lines.len().saturating_sub(shown.lines);
    let lines: Vec<(String, bool)> =
        lines[left_out..].iter().map(|line| cut(line, shown.width)).collect();
    let was_cut = left_out > 0 || lines.iter().any(|(_, cut)| *cut);
    let note = was_cut
        .then(|| element("p").class("quiet").text(say::page_output_cut(shown.lines, shown.width)));
    let text: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    // A parser drops one newline at the start of a `pre`; the program may have printed it.
    let pre = element("pre").text("\n").text(text.join("\n"));
    element("details").add(element("summary").text(label)).add(note).add(pre)
}
