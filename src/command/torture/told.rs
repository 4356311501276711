//! What torture tells.

use std::collections::BTreeMap;

use crate::crash::{At, Attempted, Left, Outcome, Point, State};
use crate::judge::Finding;
use crate::messages::crash as say;
use crate::recording::FileCall;
use crate::report::layout::{BAD, GOOD, UNSURE, line, styled, table, wrapped};
use crate::report::progress::printable;
use crate::report::words;
use crate::scenario::CallFault;

/// The table of kills, and how to repeat the worst of them.
pub(super) fn kills(
    points: &[Point],
    results: &[Attempted],
    seconds: f64,
    repeat: impl Fn(At) -> String,
) -> String {
    let mut text = String::new();
    let title = [say::column_point(), say::column_outcome(), say::column_call()];
    let rows = points.iter().zip(results).map(|(point, result)| {
        let cells = [point.at.to_string(), said(result), when(point)];
        (style(result), cells.map(|cell| printable(&cell)))
    });
    table(&mut text, title, rows.collect());
    line(&mut text, "");
    let same = results.iter().filter(|it| it.outcome == Outcome::SameRun).count();
    let rate = results.len() as f64 / seconds;
    line(&mut text, &wrapped(&say::summary(same, results.len(), seconds, rate), "", ""));
    if let Some((point, result)) = worst(points, results) {
        tell_worst(&mut text, &point.at.to_string(), result, &repeat(point.at));
    }
    line(&mut text, "");
    text
}

/// What calls that failed led to: those that did not end well, one by one, and how to repeat the worst.
pub(super) fn faults<'a>(
    faults: &[(u32, CallFault)],
    call: impl Fn(u32) -> Option<&'a FileCall>,
    results: &[Attempted],
    seconds: f64,
    repeat: impl Fn((u32, CallFault)) -> String,
) -> String {
    let mut text = String::new();
    let tried = faults.iter().zip(results);
    let bad = tried.filter(|(_, it)| it.outcome != Outcome::SameRun);
    // One row for all faults of a call that lead to the same.
    let mut rows: Vec<(u32, &Attempted, Vec<&str>)> = Vec::new();
    for ((number, fault), result) in bad.clone() {
        match rows.last_mut() {
            Some((last, other, names)) if last == number && said(other) == said(result) => {
                names.push(fault.name());
            }
            _ => rows.push((*number, result, vec![fault.name()])),
        }
    }
    let good = results.len() - bad.count();
    if !rows.is_empty() {
        let title = [say::column_fault(), say::column_outcome(), say::column_failed_call()];
        let rows = rows.into_iter().map(|(number, result, names)| {
            let what = call(number).map(ToString::to_string).unwrap_or_default();
            let what = format!("{what}: {}", names.join(", "));
            let cells = [format!("call:{number}"), said(result), what];
            (style(result), cells.map(|cell| printable(&cell)))
        });
        table(&mut text, title, rows.collect());
        line(&mut text, "");
    }
    line(&mut text, &wrapped(&say::faults_summary(good, results.len(), seconds), "", ""));
    if let Some(((number, fault), result)) = worst(faults, results) {
        let name = format!("call:{number}:{}", fault.name());
        tell_worst(&mut text, &name, result, &repeat((*number, *fault)));
    }
    line(&mut text, "");
    text
}

fn tell_worst(text: &mut String, name: &str, result: &Attempted, repeat: &str) {
    if let Outcome::SilentlyDifferent { why } | Outcome::NotJudged { why } = &result.outcome {
        line(text, &wrapped(&printable(&say::worst(name, why)), "", "  "));
    }
    line(text, &wrapped(&say::repeat(repeat), "", "  "));
}

fn style(result: &Attempted) -> anstyle::Style {
    match result.outcome {
        Outcome::SameRun => GOOD,
        Outcome::NotJudged { .. } => UNSURE,
        _ => BAD,
    }
}

/// What is wrong with the way in which the save writes, whether or not a kill shows it.
pub(super) fn how_it_writes(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let row = printable(&words::finding(finding));
        line(&mut text, &wrapped(&row, &styled(BAD, "✘ "), "  "));
    }
    text
}

/// What power failures led to: how many states to which outcome, and the worst of them.
pub(super) fn power_losses(states: &[State], results: &[Attempted], seconds: f64) -> String {
    let mut text = String::new();
    let same = results.iter().filter(|it| it.outcome == Outcome::SameRun).count();
    line(&mut text, &wrapped(&say::power_summary(states.len(), same, seconds), "", ""));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for result in results.iter().filter(|it| it.outcome != Outcome::SameRun) {
        *counts.entry(said(result)).or_default() += 1;
    }
    for (outcome, count) in counts {
        let row = format!("{count} × {}", printable(&outcome));
        line(&mut text, &wrapped(&row, &styled(BAD, "✘ "), "  "));
    }
    if let Some((state, result)) = worst(states, results) {
        if let Outcome::SilentlyDifferent { why } | Outcome::NotJudged { why } = &result.outcome {
            line(&mut text, &wrapped(&printable(why), "  ", "  "));
        }
        let after =
            if state.told { say::after_it_was_told() } else { say::after_calls(state.calls) };
        line(&mut text, &wrapped(&say::worst_state(&after), "", ""));
        for (name, left) in &state.files {
            let how = match left {
                Left::Whole(content) => say::left_whole(content.bytes),
                Left::Short(content, bytes) => say::left_short(*bytes, content.bytes),
                Left::Zeros(content) => say::left_zeros(content.bytes),
                Left::Empty => say::left_empty(),
                Left::Link(target) => format!("-> {target}"),
                Left::Directory => say::left_directory(),
            };
            line(&mut text, &wrapped(&printable(&format!("{name}: {how}")), "  ", "    "));
        }
    }
    text
}

/// What led to the worst outcome, if that is not the same run.
pub(super) fn worst<'a, T>(
    tried: &'a [T],
    results: &'a [Attempted],
) -> Option<(&'a T, &'a Attempted)> {
    let all = tried.iter().zip(results);
    // The first of several.
    let worst = all.rev().max_by(|(_, a), (_, b)| a.outcome.cmp(&b.outcome));
    worst.filter(|(_, result)| result.outcome != Outcome::SameRun)
}

fn said(result: &Attempted) -> String {
    match &result.outcome {
        Outcome::SameRun => result.again.map_or_else(say::same_run_uncounted, say::same_run),
        Outcome::OlderCheckpoint { steps_lost } => say::older_checkpoint(*steps_lost),
        Outcome::OlderSave { saves_lost } => say::older_save(*saves_lost),
        Outcome::RestartedFromZero => say::restarted_from_zero(),
        Outcome::RefusedToStart => say::refused_to_start(),
        Outcome::FailedSilently => say::failed_silently(),
        Outcome::SilentlyDifferent { .. } => say::silently_different(),
        Outcome::NotJudged { .. } => say::not_judged(),
    }
}

/// The call that is done or half done at a point.
fn when(point: &Point) -> String {
    match (&point.call, point.at) {
        (Some(call), At::Half(_)) => say::half(&call.to_string()),
        (Some(call), _) => call.to_string(),
        (None, At::Begin) => say::before_the_first(),
        (None, _) => say::after_the_last(),
    }
}
