//! The report in the terminal: verdict, curve, components, findings, paths.

use std::path::{Path, PathBuf};

use anstyle::Style;

use crate::judge::{Answer, ComponentState};
use crate::messages::report as say;
use crate::messages::run as say_run;

use super::layout::{
    BAD, FAINT, GOOD, STRONG, UNSURE, WIDTH, labelled, line, link, styled, table, wrapped,
};
use super::progress::printable;
use super::terminal_curve::TerminalCurve;
use super::{FindingReport, Report, figure, words};

/// Lines shown of the output of a trainer that could not be judged.
const OUTPUT_LINES: usize = 20;

/// The files that a report was written to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paths<'a> {
    /// The pictures.
    pub pictures: &'a [PathBuf],
    /// The JSON report.
    pub report: Option<&'a Path>,
}

/// The report for a person, with ANSI styles; the stream that prints it strips them where needed.
pub fn terminal(report: &Report, paths: Paths<'_>) -> String {
    let mut text = String::new();
    let out = &mut text;
    let scenario = &report.scenario;
    line(
        out,
        &styled(
            FAINT,
            &say::headline(
                &scenario.trainer,
                scenario.epochs_before,
                scenario.epochs_after,
                scenario.seed,
                &scenario.kill,
            ),
        ),
    );
    line(out, "");
    let (mark, style) = match report.verdict {
        Answer::SameRun => ("✔", GOOD),
        Answer::NotSameRun => ("✘", BAD),
        Answer::NotJudged => ("?", UNSURE),
    };
    let verdict = styled(style, &format!("{mark} {}", words::headline(report)));
    line(out, &wrapped(&format!("{verdict}: {}", words::because(report)), "", "  "));
    if let Some(output) = &report.trainer_output {
        line(out, "");
        trainer_output(out, output);
    }
    if report.curve.is_some() {
        line(out, "");
        out.push_str(&curve(report));
    }
    if !report.components.is_empty() {
        line(out, "");
        components(out, report);
    }
    if !report.findings.is_empty() {
        line(out, "");
        findings(out, &report.findings);
    }
    line(out, "");
    if let Some(curve) = &report.curve {
        labelled(out, &say::label_curve(), &words::curve(curve));
    }
    if let Some(kill) = &report.kill {
        let kill = words::kill(kill);
        labelled(out, &say::label_kill(), &kill);
    }
    if report.curve.is_some() {
        let times = say::times(report.timings.total, report.timings.kill_to_ready);
        labelled(out, &say::label_time(), &times);
    }
    for picture in paths.pictures {
        labelled(out, &say::label_picture(), &link(picture));
    }
    if let Some(path) = paths.report {
        labelled(out, &say::label_report(), &link(path));
    }
    text
}

fn components(out: &mut String, report: &Report) {
    let title = [say::column_component(), say::column_state(), say::column_detail()];
    let rows = report.components.iter().map(|component| {
        let (mark, style) = match component.state {
            ComponentState::Restored => ("✔", GOOD),
            ComponentState::NotObserved => ("?", UNSURE),
            _ => ("✘", BAD),
        };
        let state = format!("{mark} {}", words::state(component.state));
        (style, [printable(&component.name), state, printable(&words::detail(component))])
    });
    table(out, title, rows.collect());
}

/// What each loss did, and where the figure is.
pub fn gallery(reports: &[(Option<&str>, Report)], pictures: &[PathBuf]) -> String {
    let mut text = String::new();
    let out = &mut text;
    let title = [say::gallery_lost(), say::gallery_curve(), say::gallery_found()];
    let rows = reports.iter().map(|(lost, report)| {
        let (name, caption) = words::gallery_entry(*lost, report);
        let style = if words::is_visible(report) { BAD } else { Style::new() };
        let found = match report.findings.first() {
            Some(found) => found.finding.component.clone().unwrap_or_default(),
            None => String::new(),
        };
        (style, [name, caption, printable(&found)])
    });
    table(out, title, rows.collect());
    line(out, "");
    let lost = reports.iter().filter(|(lost, _)| lost.is_some());
    let unseen = lost.clone().filter(|(_, report)| !words::is_visible(report)).count();
    line(out, &wrapped(&say::gallery_summary(unseen, lost.count()), "", ""));
    for picture in pictures {
        labelled(out, &say::label_picture(), &link(picture));
    }
    text
}

fn curve(report: &Report) -> String {
    let picture = figure(report);
    TerminalCurve {
        control: picture.control,
        interrupted: picture.interrupted,
        resumed: &picture.resumed,
        steps_per_epoch: picture.steps_per_epoch,
        epochs: picture.epochs,
        kill: picture.kill.clone(),
        labels: &picture.labels,
    }
    .draw(WIDTH, true)
}

fn findings(out: &mut String, findings: &[FindingReport]) {
    line(out, &styled(STRONG, &say::label_findings()));
    let causes: Vec<_> = findings.iter().filter(|f| f.finding.is_cause()).collect();
    for report in &causes {
        line(out, &wrapped(&printable(&report.message), &styled(BAD, "✘ "), "  "));
        let more = [words::why(&report.finding), words::visible(&report.finding)];
        for sentence in more.into_iter().flatten() {
            line(out, &wrapped(&sentence, "  ", "  "));
        }
    }
    if causes.iter().any(|report| words::is_one_of_many(&report.finding)) {
        line(out, &wrapped(&say::visible_among_others(), "  ", "  "));
    }
    let mut consequences = findings.iter().filter(|f| !f.finding.is_cause()).peekable();
    if consequences.peek().is_some() {
        line(out, &styled(FAINT, &say::consequences()));
        for report in consequences {
            line(out, &wrapped(&printable(&report.message), "  · ", "    "));
        }
    }
}

fn trainer_output(out: &mut String, output: &str) {
    let lines: Vec<&str> = output.lines().collect();
    if lines.is_empty() {
        line(out, &say_run::no_output());
        return;
    }
    line(out, &styled(FAINT, &say_run::last_output()));
    for text in &lines[lines.len().saturating_sub(OUTPUT_LINES)..] {
        let text: String = printable(text).chars().take(500).collect();
        line(out, &wrapped(&text, "  │ ", "  │ "));
    }
}
