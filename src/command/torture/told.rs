//! What torture tells.

use std::collections::BTreeMap;

use crate::cli::TortureArgs;
use crate::command::command;
use crate::crash::{Attempted, Left, Outcome, Point, State};
use crate::judge::Finding;
use crate::messages::crash as say;
use crate::protocol::Phase;
use crate::recording::FileCall;
use crate::report::layout::{BAD, GOOD, UNSURE, line, styled, table, wrapped};
use crate::report::progress::printable;
use crate::report::words;
use crate::scenario::{Cut, KillPoint};

/// The table, and how to repeat the worst of it.
pub(super) fn kills(
    args: &TortureArgs,
    points: &[Point],
    results: &[Attempted],
    seconds: f64,
) -> String {
    let mut text = String::new();
    let title = [say::column_point(), say::column_outcome(), say::column_call()];
    let rows = points.iter().zip(results).map(|(point, result)| {
        let style = match result.outcome {
            Outcome::SameRun => GOOD,
            Outcome::NotJudged { .. } => UNSURE,
            _ => BAD,
        };
        let kill = point.kill.to_string();
        let short = kill.splitn(3, ':').last().unwrap_or_default().to_owned();
        let cells = [short, said(result), when(point)];
        (style, cells.map(|cell| printable(&cell)))
    });
    table(&mut text, title, rows.collect());
    line(&mut text, "");
    let same = results.iter().filter(|it| it.outcome == Outcome::SameRun).count();
    let rate = results.len() as f64 / seconds;
    line(&mut text, &wrapped(&say::summary(same, results.len(), seconds, rate), "", ""));
    if let Some((point, result)) = worst(points, results) {
        let mut repeat = format!(
            "run --trainer {} --epochs {} --seed {} --kill {}",
            args.trainer, args.epochs, args.seed, point.kill
        );
        if !args.trainer_args.is_empty() {
            repeat.push_str(&format!(" -- {}", args.trainer_args.join(" ")));
        }
        if let Outcome::SilentlyDifferent { why } | Outcome::NotJudged { why } = &result.outcome {
            line(
                &mut text,
                &wrapped(&printable(&say::worst(&point.kill.to_string(), why)), "", "  "),
            );
        }
        line(&mut text, &wrapped(&say::repeat(&command(&repeat)), "", "  "));
    }
    line(&mut text, "");
    text
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
        Outcome::SameRun => say::same_run(result.again),
        Outcome::OlderCheckpoint { steps_lost } => say::older_checkpoint(*steps_lost),
        Outcome::RestartedFromZero => say::restarted_from_zero(),
        Outcome::RefusedToStart => say::refused_to_start(),
        Outcome::SilentlyDifferent { .. } => say::silently_different(),
        Outcome::NotJudged { .. } => say::not_judged(),
    }
}

/// The call that is done or half done at a point.
fn when(point: &Point) -> String {
    let Some(call) = &point.call else {
        return match point.kill {
            KillPoint::Save(_, Phase::Begin) => say::before_the_first(),
            _ => say::after_the_last(),
        };
    };
    let call = match call {
        FileCall::Open { path, truncate: true, .. } => format!("open(O_TRUNC) {path}"),
        FileCall::Open { path, .. } => format!("open {path}"),
        FileCall::Write { path, bytes } => format!("write {path} ({bytes} B)"),
        FileCall::Truncate { path } => format!("truncate {path}"),
        FileCall::Close { path } => format!("close {path}"),
        FileCall::Sync { path } => format!("fsync {path}"),
        FileCall::SyncAll => "sync".to_owned(),
        FileCall::Rename { from, to } => format!("rename {from} -> {to}"),
        FileCall::Link { from, to } => format!("link {from} -> {to}"),
        FileCall::Unlink { path } => format!("unlink {path}"),
    };
    match point.kill {
        KillPoint::Inside(_, Cut::Half(_)) => say::half(&call),
        _ => call,
    }
}
