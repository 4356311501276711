//! Made-up reports, cases and classes for the tests of the formats.

use std::time::Duration;

use super::gradebook::{Containment, GRADEBOOK_SCHEMA_VERSION, Gradebook, Shard, Submission, Task};
use super::samples::{Lost, Sample};
use super::suite::{Case, Status, Suite};
use super::{Curves, FindingReport, Report, SCHEMA_VERSION, ScenarioSummary, Timings, words};
use crate::judge::{
    Answer, ComponentState, ComponentVerdict, CurveVerdict, Finding, FindingKind, Smoothness,
};
use crate::recording::Kill;
use crate::scenario::Expect;

/// A version that no release changes.
pub(super) const VERSION: &str = "1.2.3";

pub(super) fn component(name: &str, state: ComponentState) -> ComponentVerdict {
    ComponentVerdict { name: name.into(), state, stale_epoch: None, parts: Vec::new() }
}

pub(super) fn finding(
    component: Option<&str>,
    kind: FindingKind,
    consequence_of: &[&str],
) -> FindingReport {
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

pub(super) fn report(verdict: Answer) -> Report {
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
        killresume: VERSION.to_owned(),
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

pub(super) fn case(name: &str, status: Status, reports: Vec<Report>) -> Case {
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

pub(super) fn suite(cases: Vec<Case>) -> Suite {
    Suite { killresume: VERSION.to_owned(), cases, seconds: 21.5, ..Suite::new() }
}

pub(super) fn error() -> Case {
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

/// Submissions with these names, who handed in these exercises.
pub(super) fn a_class(submissions: Vec<(&str, Vec<Case>)>, exercises: &[&str]) -> Gradebook {
    let task = |name: &&str| Task { name: (*name).to_owned(), points: 2.0 };
    let submission = |(name, cases): (&str, Vec<Case>)| Submission {
        name: name.to_owned(),
        path: format!("class/{name}").into(),
        suite: suite(cases),
    };
    Gradebook {
        schema_version: GRADEBOOK_SCHEMA_VERSION,
        killresume: VERSION.to_owned(),
        exercises: exercises.iter().map(task).collect(),
        shard: Shard { number: 1, of: 1 },
        planned: submissions.iter().map(|(name, _)| (*name).to_owned()).collect(),
        seed: Some(7),
        containment: Containment::Landlock,
        submissions: submissions.into_iter().map(submission).collect(),
        seconds: 64.5,
    }
}

/// A class of four: who passed, who failed, whose work could not be judged, and who is still to come.
pub(crate) fn everyone(pass: &Case, fail: &Case, error: &Case) -> Gradebook {
    let named = |case: &Case, name: &str| Case { name: name.into(), points: 2.0, ..case.clone() };
    let of =
        |first: &Case, second: &Case| vec![named(first, "optimizer"), named(second, "sampler")];
    let mut book = a_class(
        vec![("kim", of(pass, pass)), ("lee", of(pass, fail)), ("박지우", of(error, fail))],
        &["optimizer", "sampler"],
    );
    book.planned.push("최유진".into());
    book
}

/// A hundred submissions of seventeen exercises, every other one failed.
pub(crate) fn a_hundred() -> Gradebook {
    let exercises: Vec<String> = (1..=17).map(|i| format!("exercise_{i}")).collect();
    let exercises: Vec<&str> = exercises.iter().map(String::as_str).collect();
    let names: Vec<String> = (0..100).map(|i| format!("student-{i:02}")).collect();
    let of = |i: usize, name: &str| {
        let answer = if i.is_multiple_of(2) { Answer::SameRun } else { Answer::NotSameRun };
        let case = Case::of_reports(name, name, None, 4.2, vec![report(answer)]);
        Case { points: 2.0, ..case }
    };
    let cases = |student: usize| {
        exercises.iter().enumerate().map(|(i, name)| of(student + i, name)).collect()
    };
    let submissions = names.iter().enumerate().map(|(i, name)| (name.as_str(), cases(i)));
    a_class(submissions.collect(), &exercises)
}

/// A case that came out so.
pub(crate) fn of_status(status: Status) -> Case {
    case("a", status, Vec::new())
}
