//! What soak tells.

use std::collections::BTreeMap;
use std::path::Path;

use crate::command::command;
use crate::crash::soak::{Curve, Place, Soaked};
use crate::judge::{Answer, Finding, FindingKind};
use crate::messages::report as say_report;
use crate::messages::soak as say;
use crate::recording::FileCall;
use crate::report::layout::{
    BAD, FAINT, GOOD, STRONG, UNSURE, labelled, line, link, styled, table, wrapped,
};
use crate::report::progress::printable;
use crate::report::words;

/// Columns of the longest bar.
const BAR: usize = 30;
/// Lines shown of what a trainer printed.
const LINES: usize = 10;

/// All of it; `json` is where it was written to.
pub(super) fn all(soaked: &Soaked, json: Option<&Path>) -> String {
    let mut text = String::new();
    let out = &mut text;
    let Soaked { trainer, epochs, seed, kills_wanted, .. } = soaked;
    line(out, &styled(FAINT, &say::headline(trainer, *epochs, *seed, *kills_wanted)));
    line(out, "");
    verdict(out, soaked);
    if soaked.kills > 0 {
        line(out, "");
        places(out, soaked);
    }
    line(out, "");
    figures(out, soaked);
    if let Some(path) = json {
        labelled(out, &say::label_json(), &link(path));
    }
    labelled(out, &say::label_repeat(), &printable(&repeat(soaked)));
    text
}

/// In a word, why, and what is wrong.
fn verdict(out: &mut String, soaked: &Soaked) {
    let (mark, style) = match soaked.verdict {
        Answer::SameRun => ("✔", GOOD),
        Answer::NotSameRun => ("✘", BAD),
        Answer::NotJudged => ("?", UNSURE),
    };
    let verdict = styled(style, &format!("{mark} {}", words::verdict(soaked.verdict)));
    line(out, &wrapped(&printable_after(&verdict, &because(soaked)), "", "  "));
    if let Some(output) = &soaked.output {
        last_lines(out, output);
    }
    if soaked.verdict == Answer::NotJudged {
        return;
    }
    if let Some(first) = soaked.faults.first() {
        first.findings.iter().for_each(|finding| wrong(out, &in_words(finding)));
        if let Some(output) = &first.output {
            last_lines(out, output);
        }
        if soaked.faults.len() > 1 {
            wrong(out, &say::further_lives(soaked.faults.len() - 1));
        }
    }
    if let Some(reason) = soaked.reason.as_ref().filter(|_| soaked.verdict == Answer::NotSameRun) {
        wrong(out, reason);
    }
    if let Some(components) = soaked.final_state.as_ref().filter(|names| !names.is_empty()) {
        wrong(out, &say::final_state(&components.join(", ")));
    }
    if let Some(curve) = soaked.curve.as_ref().filter(|curve| !curve.epochs_missing.is_empty()) {
        let epochs: Vec<String> = curve.epochs_missing.iter().map(u64::to_string).collect();
        wrong(out, &say::epochs_missing(&epochs.join(", ")));
    }
}

fn wrong(out: &mut String, text: &str) {
    line(out, &wrapped(&printable(text), &styled(BAD, "✘ "), "  "));
}

/// The end of what a trainer printed.
fn last_lines(out: &mut String, output: &str) {
    let lines: Vec<&str> = output.lines().collect();
    for text in &lines[lines.len().saturating_sub(LINES)..] {
        line(out, &format!("  {}", printable(text)));
    }
}

fn in_words(finding: &Finding) -> String {
    match finding.kind {
        // Any kill may be behind that here.
        FindingKind::RefusedToStart { code } => say::refused_to_start(code),
        _ => words::finding(finding),
    }
}

/// Only what comes from elsewhere is made harmless: the verdict has its style.
fn printable_after(verdict: &str, because: &str) -> String {
    format!("{verdict}: {}", printable(because))
}

fn because(soaked: &Soaked) -> String {
    match (soaked.verdict, soaked.faults.first(), &soaked.reason) {
        (Answer::SameRun, ..) => say::because_same(soaked.kills),
        (Answer::NotSameRun, Some(first), _) => match &first.after {
            Some(kill) => say::because_life(first.life, &kill.point()),
            None => say::because_first_life(),
        },
        (Answer::NotSameRun, None, _) => say::because_unreported(),
        (Answer::NotJudged, _, reason) => reason.clone().unwrap_or_default(),
    }
}

/// How many kills landed where.
fn places(out: &mut String, soaked: &Soaked) {
    let always = [Place::StartUp, Place::Update, Place::BeforeLatest, Place::AfterLatest];
    let inside = soaked.save_calls.iter().zip(1..).flat_map(|(call, number)| {
        let is_torn = matches!(call, FileCall::Write { bytes: 2.., .. });
        let half = is_torn.then_some(Place::InsideLatest { call: number, done: false });
        half.into_iter().chain([Place::InsideLatest { call: number, done: true }])
    });
    let mut counts: BTreeMap<Place, usize> =
        always.into_iter().chain(inside).map(|place| (place, 0)).collect();
    for kill in soaked.lives.iter().filter_map(|life| life.kill.as_ref()) {
        *counts.entry(kill.place).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(1).max(1);
    let rows = counts.into_iter().map(|(place, count)| {
        let bar = "█".repeat((count * BAR).div_ceil(most));
        let percent = 100.0 * count as f64 / soaked.kills as f64;
        let share = if count > 0 { format!("{bar} {percent:.1} %") } else { String::new() };
        (STRONG, [name(place, &soaked.save_calls), count.to_string(), share])
    });
    table(out, [say::column_place(), say::column_kills(), String::new()], rows.collect());
}

fn name(place: Place, calls: &[FileCall]) -> String {
    let call_name = |call: u32| calls.get(call as usize - 1).map_or("?", FileCall::name);
    match place {
        Place::StartUp => say::place_start_up(),
        Place::Update => say::place_update(),
        Place::Validation => say::place_validation(),
        Place::Epoch => say::place_epoch(),
        Place::Best => say::place_best(),
        Place::BeforeLatest => say::place_before_latest(),
        Place::InsideLatest { call, done: false } => say::place_half(call, call_name(call)),
        Place::InsideLatest { call, done: true } => say::place_call(call, call_name(call)),
        Place::AfterLatest => say::place_after_latest(),
        Place::Finished => say::place_finished(),
    }
}

fn figures(out: &mut String, soaked: &Soaked) {
    let Soaked { lives, kills, kills_wanted, seconds, .. } = soaked;
    labelled(out, &say::label_lives(), &say::lives(lives.len(), *kills, *seconds));
    if soaked.curve.is_some() && kills < kills_wanted {
        labelled(out, "", &say::ended_before(*kills, *kills_wanted));
    }
    if let Some(why) = &soaked.not_followed {
        labelled(out, "", &printable(&say::no_kill_inside(why)));
    }
    if let Some(again) = soaked.repeated_updates {
        labelled(out, &say::label_again(), &say::again(again.sum, again.median, again.max));
    }
    if let Some(times) = soaked.recover_seconds {
        let text = say::recover(times.median, times.p95, times.max);
        labelled(out, &say::label_recover(), &text);
    }
    if let Some(curve) = &soaked.curve {
        labelled(out, &say_report::label_curve(), &curve_in_words(curve));
    }
}

fn curve_in_words(curve: &Curve) -> String {
    if curve.same == curve.points {
        return say::curve_same(curve.points);
    }
    let mut text = say::curve_different(curve.same, curve.points);
    if let Some(epoch) = curve.epochs_different.first() {
        text.push_str("; ");
        text.push_str(&say::first_different_epoch(*epoch));
    }
    text
}

/// The same again: the seed kills at the same places.
fn repeat(soaked: &Soaked) -> String {
    let Soaked { trainer, epochs, seed, kills_wanted, trainer_args, .. } = soaked;
    let mut again =
        format!("soak --trainer {trainer} --kills {kills_wanted} --epochs {epochs} --seed {seed}");
    if !trainer_args.is_empty() {
        again.push_str(&format!(" -- {}", trainer_args.join(" ")));
    }
    command(&again)
}
