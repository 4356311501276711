//! One trial: the curve, the components, the findings, the kill, and what the bits depend on.

use crate::judge::{Answer, ComponentState};
use crate::messages::report as say;
use crate::messages::{course as say_course, run as say_run};

use super::super::picture::PictureError;
use super::super::suite::Status;
use super::super::{FindingReport, Report, figure, words};
use super::markup::{Element, element};
use super::{case, line, sign};

/// The section of the `number`th of `all` trials.
pub(super) fn section(number: usize, all: usize, report: &Report) -> Element {
    let scenario = &report.scenario;
    let epochs = format!("{}+{}", scenario.epochs_before, scenario.epochs_after);
    let title = say_course::trial(number, all, &epochs, &line(&scenario.kill));
    let status = match report.verdict {
        Answer::SameRun => Status::Pass,
        Answer::NotSameRun => Status::Fail,
        Answer::NotJudged => Status::Error,
    };
    let verdict = element("p")
        .class("status")
        .add(sign(status))
        .text(" ")
        .add(element("strong").text(words::headline(report)))
        .text(format!(": {}", line(&words::because(report))));
    let output = report.trainer_output.as_deref().map(|text| match text.trim() {
        "" => element("p").class("quiet").text(say_run::no_output()),
        _ => case::output(say_run::last_output().trim_end_matches(':'), text, case::EXCERPT),
    });
    element("section")
        .add(element("h3").text(title))
        .add(verdict)
        .add(curve(report))
        .add((!report.components.is_empty()).then(|| components(report)))
        .add((!report.findings.is_empty()).then(|| findings(&report.findings)))
        .add(timeline(report))
        .add(facts(report))
        .add(output)
}

fn curve(report: &Report) -> Option<Element> {
    let verdict = report.curve.as_ref()?;
    let mut picture = figure(report);
    // The picture cuts its texts to what fits, and takes long over one of a megabyte.
    picture.title = line(&picture.title);
    picture.missing = picture.missing.iter().map(|text| line(text)).collect();
    let drawing = |svg: Result<String, PictureError>| match svg {
        // Inside a page the namespace goes without saying.
        Ok(svg) => svg.replacen(r#" xmlns="http://www.w3.org/2000/svg""#, "", 1),
        Err(error) => element("p").text(line(&error.to_string())).to_string(),
    };
    let wide = drawing(picture.svg());
    // One of the two is shown: no text of the wide one could be read on a phone.
    picture.title = line(&report.scenario.trainer);
    let narrow = drawing(picture.narrow_svg());
    let card = element("div")
        .class("picture")
        .add(element("div").class("on-wide").markup(&wide))
        .add(element("div").class("on-narrow").markup(&narrow));
    let caption = element("figcaption").text(line(&words::curve(verdict)));
    let block = element("div").add(element("h4").text(say::page_curve()));
    Some(block.add(element("figure").add(card).add(caption)))
}

fn components(report: &Report) -> Element {
    let rows = report.components.iter().map(|component| {
        let status = match component.state {
            ComponentState::Restored => Status::Pass,
            ComponentState::NotObserved => Status::Error,
            _ => Status::Fail,
        };
        let state = element("td").class("state").add(sign(status)).text(" ");
        element("tr")
            .add(element("th").with("scope", "row").text(line(&component.name)))
            .add(state.text(words::state(component.state)))
            .add(element("td").text(line(&words::detail(component))))
    });
    let columns = [say::column_component(), say::column_state(), say::column_detail()];
    element("div").add(element("h4").text(say::page_components())).add(table(None, &columns, rows))
}

/// What is wrong, causes first.
pub(super) fn findings(findings: &[FindingReport]) -> Element {
    let (causes, consequences): (Vec<_>, Vec<_>) =
        findings.iter().partition(|report| report.finding.is_cause());
    let among_others = causes.iter().any(|report| words::is_one_of_many(&report.finding));
    let items = causes.iter().map(|report| {
        let more = [words::why(&report.finding), words::visible(&report.finding)];
        let more = more.into_iter().flatten().map(|text| element("p").class("quiet").text(text));
        let message = element("p").add(sign(Status::Fail)).text(" ").text(line(&report.message));
        element("li").add(message).add(more)
    });
    let block = element("div")
        .add(element("h4").text(say::label_findings()))
        .add((!causes.is_empty()).then(|| element("ul").class("causes").add(items)))
        .add(among_others.then(|| element("p").class("quiet").text(say::visible_among_others())));
    if consequences.is_empty() {
        return block;
    }
    let items = consequences.iter().map(|report| element("li").text(line(&report.message)));
    block.add(element("p").text(say::consequences())).add(element("ul").add(items))
}

/// From the start of the run that was killed to the resumed run's first step.
fn timeline(report: &Report) -> Option<Element> {
    let kill = report.kill.as_ref()?;
    let timings = &report.timings;
    let at_kill = say::page_seconds(kill.after.as_secs_f64());
    let mut stations =
        vec![(say::page_seconds(0.0), say::page_spawned()), (at_kill, line(&words::kill(kill)))];
    if timings.kill_to_ready > 0.0 {
        stations.push((say::page_after_kill(timings.kill_to_ready), say::page_ready()));
    }
    if let Some(seconds) = timings.kill_to_first_step {
        stations.push((say::page_after_kill(seconds), say::page_first_step()));
    }
    let stations = stations.into_iter().map(|(at, what)| {
        element("li").add(element("strong").text(at)).add(element("p").text(what))
    });
    let block = element("div").add(element("h4").text(say::page_timeline()));
    Some(block.add(element("ol").class("timeline").add(stations)))
}

/// What the bits depend on and how long it took, folded away.
fn facts(report: &Report) -> Element {
    let timings = &report.timings;
    let of_runs = [
        (say_run::role_control(), timings.control),
        (say_run::role_interrupted(), timings.interrupted),
        (say_run::role_resumed(), timings.resumed),
        (say::page_to_ready(), timings.kill_to_ready),
        (say::page_to_first_step(), timings.kill_to_first_step.unwrap_or_default()),
    ];
    // A run that was not carried out took no time.
    let of_runs = of_runs.into_iter().filter(|(_, seconds)| *seconds > 0.0);
    let times = std::iter::once((say::page_total(), timings.total))
        .chain(of_runs)
        .map(|(name, seconds)| row(&name, &say::page_seconds(seconds)));
    let environment = report.environment.iter().map(|(name, value)| row(name, value));
    let columns = [say::page_name(), say::page_value()];
    element("details")
        .class("facts")
        .add(element("summary").text(say::page_facts()))
        .add(table(Some(say::page_environment()), &columns, environment))
        .add(table(Some(say::page_timings()), &columns, times))
}

fn row(name: &str, value: &str) -> Element {
    element("tr")
        .add(element("th").with("scope", "row").text(line(name)))
        .add(element("td").text(line(value)))
}

fn table(
    caption: Option<String>,
    columns: &[String],
    rows: impl IntoIterator<Item = Element>,
) -> Element {
    let titles = columns.iter().map(|title| element("th").with("scope", "col").text(title));
    element("table")
        .add(caption.map(|caption| element("caption").text(caption)))
        .add(element("thead").add(element("tr").add(titles)))
        .add(element("tbody").add(rows))
}
