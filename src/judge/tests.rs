//! Promises of the judge, on small runs made by hand and on generated ones.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::protocol::{
    Checkpoint, CheckpointKind, Components, Digest, Digester, Epoch, Event, Finished, Hello, Phase,
    Scalar, Started, Step, Trainer, Validation,
};
use crate::recording::{BestFile, FileCall, Followed, Kill, Outcome, Recording, TracedSave};

const COMPONENTS: [&str; 4] = ["model", "optimizer", "epoch", "rng"];
const STEPS_PER_EPOCH: u64 = 4;
const EPOCHS: u64 = 10;

/// The state of a component after some updates: a function of both.
fn digest(component: &str, step: u64) -> crate::protocol::ComponentDigest {
    let mut digester = Digester::new();
    digester.scalar(&format!("{component}.a"), Scalar::Int(step as i64));
    digester.scalar(&format!("{component}.b"), Scalar::Int(step as i64 * 7 + 1));
    digester.finish()
}

fn state(step: u64) -> Components {
    COMPONENTS.iter().map(|name| ((*name).to_owned(), digest(name, step))).collect()
}

/// A smooth, falling curve with a small ripple, so that the control has a change of its own.
fn loss(step: u64) -> f64 {
    let x = step as f64;
    2.0 / (1.0 + 0.3 * x) + 0.01 * (x * 1.7).sin()
}

fn point(step: u64) -> Event {
    let (val_loss, val_accuracy) = (Some(loss(step)), Some(0.5 + loss(step) / 100.0));
    let (epoch, lr, loss_scale) = (step / STEPS_PER_EPOCH, 0.1 / (1.0 + step as f64), Some(8.0));
    if step.is_multiple_of(STEPS_PER_EPOCH) {
        let train_loss = val_loss;
        Event::Epoch(Epoch { epoch, step, train_loss, val_loss, val_accuracy, lr, loss_scale })
    } else {
        Event::Validation(Validation { epoch, step, val_loss, val_accuracy, lr, loss_scale })
    }
}

fn saves(step: u64) -> Vec<Event> {
    let save = |kind, path: &str, phase| {
        Event::Checkpoint(Checkpoint {
            phase,
            kind,
            path: path.to_owned(),
            epoch: step / STEPS_PER_EPOCH,
            step,
            best_metric: Some(loss(step)),
            components: state(step),
        })
    };
    [(CheckpointKind::Best, "best"), (CheckpointKind::Latest, "latest")]
        .into_iter()
        .flat_map(|(kind, path)| [save(kind, path, Phase::Begin), save(kind, path, Phase::End)])
        .collect()
}

fn recording(events: Vec<Event>, outcome: Outcome) -> Recording {
    Recording {
        events: events.into_iter().map(|event| (Duration::ZERO, event)).collect(),
        outcome,
        kill: None,
        output: String::new(),
        dir: PathBuf::new(),
        wall: Duration::ZERO,
        traced_saves: Vec::new(),
        damaged: Vec::new(),
        best_files: Vec::new(),
        cut_short: None,
    }
}

fn beginning(step: u64) -> Vec<Event> {
    let hello = Hello {
        protocol: 1,
        trainer: Trainer { name: "test".to_owned(), version: "0".to_owned() },
        pid: 1,
        seed: 0,
        components: COMPONENTS.map(str::to_owned).to_vec(),
        capabilities: Vec::new(),
        environment: BTreeMap::new(),
    };
    let started = Started {
        epoch: step / STEPS_PER_EPOCH,
        step,
        resumed_from: (step > 0).then(|| "latest".to_owned()),
        components: state(step),
    };
    vec![Event::Hello(hello), Event::Started(started)]
}

fn updates(from: u64, to: u64) -> Vec<Event> {
    (from + 1..=to)
        .flat_map(|step| {
            let batch = Event::Step(Step {
                epoch: (step - 1) / STEPS_PER_EPOCH,
                step,
                loss: Some(loss(step)),
                lr: 0.1,
                samples: vec![step * 2, step * 2 + 1],
            });
            let mut events = vec![batch, point(step)];
            if step.is_multiple_of(STEPS_PER_EPOCH) {
                events.extend(saves(step));
            }
            events
        })
        .collect()
}

fn ending() -> Event {
    let step = EPOCHS * STEPS_PER_EPOCH;
    Event::Finished(Finished { epoch: EPOCHS, step, components: state(step) })
}

struct Runs {
    control: Recording,
    interrupted: Recording,
    resumed: Recording,
    scrambled: Option<Recording>,
}

impl Runs {
    /// A perfect resume after a kill at the end of that epoch.
    fn killed_after(epoch: u64) -> Self {
        let (at, end) = (epoch * STEPS_PER_EPOCH, EPOCHS * STEPS_PER_EPOCH);
        let whole = |from| [beginning(from), updates(from, end), vec![ending()]].concat();
        let mut interrupted =
            recording([beginning(0), updates(0, at)].concat(), Outcome::Signaled { signal: 9 });
        interrupted.kill = Some(Kill {
            signal: 9,
            at: "checkpoint".to_owned(),
            epoch,
            step: at,
            after: Duration::ZERO,
            torn: None,
        });
        Self {
            control: recording(whole(0), Outcome::Exited { code: 0 }),
            interrupted,
            resumed: recording(whole(at), Outcome::Exited { code: 0 }),
            scrambled: None,
        }
    }

    fn judge_as(&self, change: impl FnOnce(&mut Case<'_>)) -> Verdict {
        let required = COMPONENTS.map(str::to_owned);
        let mut case = Case {
            control: &self.control,
            interrupted: &self.interrupted,
            resumed: &self.resumed,
            required: &required,
            tolerance: None,
            same_program: true,
            expect: Expect::SameRun,
            scrambled: self.scrambled.as_ref(),
        };
        change(&mut case);
        judge(case)
    }

    fn judge_with(&self, tolerance: Option<f64>) -> Verdict {
        self.judge_as(|case| case.tolerance = tolerance)
    }

    /// Against a control that is another program.
    fn judge_against_another(&self) -> Verdict {
        self.judge_as(|case| case.same_program = false)
    }

    fn judge_refusal(&self) -> Verdict {
        self.judge_as(|case| case.expect = Expect::Refusal)
    }

    /// The resumed process said hello and no more, and exited.
    fn fail_to_start(&mut self, code: i32) {
        self.resumed.events.truncate(1);
        self.resumed.outcome = Outcome::Exited { code };
    }

    /// Moves one loss of the interrupted run by a hair.
    fn change_training(&mut self) {
        let losses = self.interrupted.events.iter_mut().find_map(|(_, event)| match event {
            Event::Validation(validation) => validation.val_loss.as_mut(),
            _ => None,
        });
        *losses.expect("a validation") += 1e-9;
    }

    fn judge(&self) -> Verdict {
        self.judge_with(None)
    }

    fn started(&mut self) -> &mut Started {
        self.resumed
            .events
            .iter_mut()
            .find_map(|(_, event)| match event {
                Event::Started(started) => Some(started),
                _ => None,
            })
            .expect("the resumed run has started")
    }

    /// Adds to every validation loss of the resumed run.
    fn shift_losses(&mut self, by: impl Fn(u64) -> f64) {
        for (_, event) in &mut self.resumed.events {
            match event {
                Event::Validation(v) => v.val_loss = v.val_loss.map(|loss| loss + by(v.step)),
                Event::Epoch(e) => e.val_loss = e.val_loss.map(|loss| loss + by(e.step)),
                _ => {}
            }
        }
    }
}

fn curve(verdict: &Verdict) -> &CurveVerdict {
    verdict.curve.as_ref().expect("something was resumed")
}

fn causes(verdict: &Verdict) -> Vec<(Option<&str>, &FindingKind)> {
    let causes = verdict.findings.iter().filter(|finding| finding.is_cause());
    causes.map(|finding| (finding.component.as_deref(), &finding.kind)).collect()
}

#[test]
fn a_perfect_resume_is_the_same_run() {
    let verdict = Runs::killed_after(5).judge();
    assert_eq!(verdict.answer, Answer::SameRun);
    assert_eq!(curve(&verdict).smoothness, Smoothness::Identical);
    assert_eq!(curve(&verdict).identical_points, 20);
    assert_eq!(verdict.findings, []);
    assert!(verdict.components.iter().all(|c| c.state == ComponentState::Restored));
}

#[test]
fn a_component_as_in_a_fresh_process_is_cold() {
    let mut runs = Runs::killed_after(5);
    runs.started().components.insert("optimizer".to_owned(), digest("optimizer", 0));
    let verdict = runs.judge();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(Some("optimizer"), &FindingKind::Cold)]);
}

#[test]
fn a_component_of_an_earlier_epoch_is_stale_and_the_epoch_is_named() {
    let mut runs = Runs::killed_after(5);
    runs.started().components.insert("rng".to_owned(), digest("rng", 4 * STEPS_PER_EPOCH));
    assert_eq!(causes(&runs.judge()), [(Some("rng"), &FindingKind::Stale { epoch: 4 })]);
}

#[test]
fn a_component_that_never_was_is_wrong_and_its_parts_are_named() {
    let mut runs = Runs::killed_after(5);
    let step = 5 * STEPS_PER_EPOCH as i64;
    let mut digester = Digester::new();
    digester.scalar("model.a", Scalar::Int(step));
    digester.scalar("model.b", Scalar::Int(-1));
    runs.started().components.insert("model".to_owned(), digester.finish());
    let parts = vec!["model.b".to_owned()];
    assert_eq!(causes(&runs.judge()), [(Some("model"), &FindingKind::Wrong { parts })]);
}

#[test]
fn a_required_component_that_nobody_reports_never_passes() {
    let mut runs = Runs::killed_after(5);
    for recording in [&mut runs.control, &mut runs.interrupted, &mut runs.resumed] {
        for (_, event) in &mut recording.events {
            match event {
                Event::Hello(e) => e.components.retain(|name| name != "rng"),
                Event::Started(e) => drop(e.components.remove("rng")),
                Event::Checkpoint(e) => drop(e.components.remove("rng")),
                Event::Finished(e) => drop(e.components.remove("rng")),
                _ => {}
            }
        }
    }
    let verdict = runs.judge();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(Some("rng"), &FindingKind::NotObserved)]);
}

#[test]
fn a_jump_is_told_as_a_consequence_of_the_lost_component() {
    let mut runs = Runs::killed_after(5);
    runs.started().components.insert("optimizer".to_owned(), digest("optimizer", 0));
    runs.shift_losses(|step| if step == 22 { 1.5 } else { 0.0 });
    let verdict = runs.judge();
    assert_eq!(curve(&verdict).smoothness, Smoothness::Jump);
    assert!((curve(&verdict).deviation.expect("finite") - 1.5).abs() < 1e-12);
    assert!((curve(&verdict).deviation_epoch - 5.5).abs() < 1e-12);
    assert_eq!(causes(&verdict).len(), 1);
    let cause = &verdict.findings[0];
    assert_eq!(cause.visible_on_curve, Some(true));
    let jump = verdict.findings.last().expect("there is a jump");
    assert!(matches!(jump.kind, FindingKind::Jump { .. }), "{jump:?}");
    assert_eq!(jump.consequence_of, ["optimizer"]);
}

#[test]
fn a_silent_loss_is_said_to_be_invisible() {
    let mut runs = Runs::killed_after(5);
    runs.started().components.insert("rng".to_owned(), digest("rng", 0));
    runs.shift_losses(|_| 1e-4);
    let verdict = runs.judge();
    assert_eq!(curve(&verdict).smoothness, Smoothness::Continuous);
    assert_eq!(verdict.findings[0].visible_on_curve, Some(false));
    assert_eq!(verdict.answer, Answer::NotSameRun, "a smooth curve is not a pass");
}

#[test]
fn a_jump_without_a_lost_component_is_a_cause() {
    let mut runs = Runs::killed_after(5);
    runs.shift_losses(|_| 2.0);
    let verdict = runs.judge();
    assert!(matches!(causes(&verdict)[0], (None, FindingKind::Jump { .. })), "{verdict:?}");
}

#[test]
fn a_loss_that_is_not_finite_is_a_jump() {
    let mut runs = Runs::killed_after(5);
    for (_, event) in &mut runs.resumed.events {
        if let Event::Validation(v) = event {
            v.val_loss = None;
        }
    }
    let verdict = runs.judge();
    assert_eq!(curve(&verdict).smoothness, Smoothness::Jump);
    assert_eq!(curve(&verdict).deviation, None);
}

#[test]
fn a_tolerance_lets_a_small_difference_pass_and_not_a_large_one() {
    let mut runs = Runs::killed_after(5);
    runs.shift_losses(|_| 1e-4);
    assert_eq!(runs.judge().answer, Answer::NotSameRun);
    assert_eq!(runs.judge_with(Some(1e-3)).answer, Answer::SameRun);
    assert_eq!(runs.judge_with(Some(1e-5)).answer, Answer::NotSameRun);
}

#[test]
fn within_a_tolerance_the_curve_is_called_continuous_whatever_its_size() {
    let mut runs = Runs::killed_after(5);
    runs.shift_losses(|_| 5.0);
    let verdict = runs.judge_with(Some(10.0));
    assert_eq!(curve(&verdict).smoothness, Smoothness::Continuous);
    let books = |finding: &Finding| matches!(finding.kind, FindingKind::BestOverwritten { .. });
    assert!(verdict.findings.iter().all(books), "{verdict:?}");
}

#[test]
fn a_training_that_does_not_reproduce_itself_is_not_judged() {
    let mut runs = Runs::killed_after(5);
    runs.change_training();
    let verdict = runs.judge();
    assert_eq!(verdict.answer, Answer::NotJudged);
    assert_eq!(causes(&verdict), [(None, &FindingKind::NotReproducible { step: 1 })]);
}

#[test]
fn another_program_that_trains_differently_is_judged_and_told_so() {
    let mut runs = Runs::killed_after(5);
    assert_eq!(runs.judge_against_another().answer, Answer::SameRun);
    runs.change_training();
    let changed = FindingKind::TrainingChanged { step: 1 };
    let verdict = runs.judge_against_another();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(None, &changed)]);
    // What was lost besides is told too; what the curve shows of another training is not.
    runs.started().components.insert("rng".to_owned(), digest("rng", 0));
    runs.shift_losses(|_| 2.0);
    let verdict = runs.judge_against_another();
    assert_eq!(causes(&verdict), [(None, &changed), (Some("rng"), &FindingKind::Cold)]);
    assert_eq!(verdict.findings.len(), 2);
}

#[test]
fn a_refusal_that_was_asked_for_passes_and_has_no_curve() {
    let mut runs = Runs::killed_after(5);
    runs.fail_to_start(1);
    let verdict = runs.judge_refusal();
    assert_eq!(verdict.answer, Answer::SameRun);
    assert_eq!((verdict.curve, verdict.components, verdict.findings), (None, vec![], vec![]));
}

#[test]
fn a_resume_that_had_to_be_refused_and_trains_does_not_pass() {
    let runs = Runs::killed_after(5);
    let verdict = runs.judge_refusal();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(None, &FindingKind::NotRefused)]);
}

#[test]
fn a_refusal_that_destroys_a_checkpoint_does_not_pass() {
    let mut runs = Runs::killed_after(5);
    runs.fail_to_start(1);
    runs.resumed.damaged = vec!["latest".to_owned()];
    let verdict = runs.judge_refusal();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    let path = "latest".to_owned();
    assert_eq!(causes(&verdict), [(None, &FindingKind::CheckpointChanged { path })]);
}

#[test]
fn a_resume_that_fails_before_it_starts_is_one_finding() {
    let mut runs = Runs::killed_after(5);
    runs.fail_to_start(101);
    let verdict = runs.judge();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(None, &FindingKind::RefusedToStart { code: 101 })]);
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.curve, None);
}

#[test]
fn a_save_that_is_not_durable_does_not_pass_however_smooth_the_resume() {
    let mut runs = Runs::killed_after(5);
    let path = "latest".to_owned();
    let call = FileCall::Open { path: path.clone(), truncate: true, sync: false, append: false };
    let kind = CheckpointKind::Latest;
    runs.interrupted.traced_saves = vec![TracedSave {
        kind,
        path: path.clone(),
        followed: Followed { calls: vec![call], ..Followed::default() },
    }];
    let in_place = FindingKind::WrittenInPlace { path };
    let verdict = runs.judge();
    assert_eq!(verdict.answer, Answer::NotSameRun);
    assert_eq!(causes(&verdict), [(None, &in_place)]);
    // It explains no jump: what the curve shows stands on its own.
    runs.shift_losses(|_| 2.0);
    assert!(matches!(causes(&runs.judge())[..], [_, (None, FindingKind::Jump { .. }), ..]));
    // And it is told beside the resume that failed.
    runs.fail_to_start(1);
    let refused = FindingKind::RefusedToStart { code: 1 };
    assert_eq!(causes(&runs.judge()), [(None, &refused), (None, &in_place)]);
}

#[test]
fn equal_losses_with_other_weights_are_not_reproducible() {
    let mut runs = Runs::killed_after(5);
    for (_, event) in &mut runs.interrupted.events {
        if let Event::Checkpoint(save) = event
            && save.step == 8
        {
            save.components.insert("model".to_owned(), digest("model", 9999));
        }
    }
    assert_eq!(runs.judge().answer, Answer::NotJudged);
}

#[test]
fn a_save_that_has_its_name_may_be_resumed_from_though_the_kill_came_before_its_end() {
    let mut runs = Runs::killed_after(5);
    let (_, last) = runs.interrupted.events.pop().expect("the end of the last save");
    assert!(matches!(last, Event::Checkpoint(save) if save.phase == Phase::End));
    assert_eq!(runs.judge().answer, Answer::SameRun);
}

#[test]
fn an_older_checkpoint_of_the_same_name_is_lost_work_and_nothing_else() {
    let mut runs = Runs::killed_after(5);
    let four = Runs::killed_after(4);
    runs.resumed = four.resumed;
    let verdict = runs.judge();
    let expected = FindingKind::OlderCheckpoint { epoch: 4, steps_lost: STEPS_PER_EPOCH };
    assert_eq!(causes(&verdict), [(None, &expected)]);
    assert!(verdict.components.iter().all(|it| it.state == ComponentState::Restored));
}

#[test]
fn a_run_that_starts_over_is_one_finding() {
    let mut runs = Runs::killed_after(5);
    runs.resumed = runs.control.clone();
    let verdict = runs.judge();
    assert_eq!(causes(&verdict), [(None, &FindingKind::RestartedFromZero)]);
    assert!(verdict.components.iter().all(|c| c.state == ComponentState::Cold));
    let repeated = verdict.findings.iter().find_map(|finding| match &finding.kind {
        FindingKind::EpochsRepeated { epochs } => Some(epochs.clone()),
        _ => None,
    });
    assert_eq!(repeated, Some(vec![1, 2, 3, 4, 5]));
}

#[test]
fn a_run_that_comes_back_without_its_files_did_not_come_back_from_its_checkpoint() {
    let mut runs = Runs::killed_after(5);
    let there = state(runs.resumed.started().expect("it started").step);
    let mut scrambled = |start: Vec<Event>| {
        runs.scrambled = Some(recording(start, Outcome::Signaled { signal: 9 }));
        let findings = runs.judge().findings;
        findings.into_iter().map(|finding| finding.kind).collect::<Vec<_>>()
    };
    assert_eq!(scrambled(beginning(0)), [], "a fresh start is as it should be");
    assert_eq!(scrambled(Vec::new()), [], "and so is none");
    assert_eq!(scrambled(beginning(20)), [FindingKind::NotFromCheckpoint]);
    let mut only_one = beginning(0);
    if let Some(Event::Started(started)) = only_one.last_mut() {
        started.components.insert("model".to_owned(), there["model"].clone());
    }
    assert_eq!(scrambled(only_one), [FindingKind::NotFromCheckpoint]);
}

#[test]
fn a_run_that_never_saved_is_one_finding() {
    let mut runs = Runs::killed_after(5);
    runs.interrupted.events.retain(|(_, event)| !matches!(event, Event::Checkpoint(_)));
    runs.resumed = runs.control.clone();
    assert_eq!(causes(&runs.judge()), [(None, &FindingKind::NoCheckpoint)]);
}

#[test]
fn a_lost_epoch_count_repeats_epochs_as_a_consequence() {
    let mut runs = Runs::killed_after(5);
    runs.started().components.insert("epoch".to_owned(), digest("epoch", 0));
    for (_, event) in &mut runs.resumed.events {
        if let Event::Epoch(epoch) = event {
            epoch.epoch -= 5;
        }
    }
    let verdict = runs.judge();
    assert_eq!(causes(&verdict), [(Some("epoch"), &FindingKind::Cold)]);
    assert_eq!(
        curve(&verdict).smoothness,
        Smoothness::Identical,
        "the labels are off, not the loss"
    );
    let kinds: Vec<_> = verdict.findings.iter().map(|finding| &finding.kind).collect();
    assert!(kinds.contains(&&FindingKind::EpochsRepeated { epochs: vec![1, 2, 3, 4, 5] }));
}

#[test]
fn samples_seen_again_are_named() {
    let mut runs = Runs::killed_after(5);
    // The checkpoint lies in the middle of epoch 6; the resumed run begins that epoch anew.
    let at = 5 * STEPS_PER_EPOCH + 2;
    let end = EPOCHS * STEPS_PER_EPOCH;
    runs.interrupted = recording(
        [beginning(0), updates(0, at), saves(at)].concat(),
        Outcome::Signaled { signal: 9 },
    );
    runs.resumed = recording(
        [beginning(at), updates(at - 2, end), vec![ending()]].concat(),
        Outcome::Exited { code: 0 },
    );
    let verdict = runs.judge();
    let samples = verdict.findings.iter().find_map(|finding| match &finding.kind {
        FindingKind::Samples { repeated, lost, epoch } => Some((&**repeated, &**lost, *epoch)),
        _ => None,
    });
    // Updates 21 and 22 once more, 23 and 24 never.
    assert_eq!(samples, Some((&[42, 43, 44, 45][..], &[46, 47, 48, 49][..], 6)));
}

#[test]
fn best_in_the_file_of_latest_is_found() {
    let mut runs = Runs::killed_after(5);
    for recording in [&mut runs.control, &mut runs.interrupted, &mut runs.resumed] {
        for (_, event) in &mut recording.events {
            if let Event::Checkpoint(save) = event {
                save.path = "latest".to_owned();
            }
        }
    }
    let path = "latest".to_owned();
    assert_eq!(causes(&runs.judge()), [(None, &FindingKind::BestIsLatest { path })]);
}

#[test]
fn a_best_that_another_save_changes_is_found_before_and_after_the_kill() {
    let kept = BestFile {
        path: "/work/best".to_owned(),
        epoch: 3,
        saved: Some(Digest(1)),
        later: Some(Digest(1)),
    };
    let judged = |interrupted: &BestFile, resumed: &BestFile| {
        let mut runs = Runs::killed_after(5);
        runs.interrupted.dir = PathBuf::from("/work");
        runs.resumed.dir = PathBuf::from("/work");
        runs.interrupted.best_files = vec![kept.clone(), interrupted.clone()];
        runs.resumed.best_files = vec![resumed.clone(), kept.clone()];
        runs.judge()
    };
    let verdict = judged(&kept, &kept);
    assert_eq!(verdict.answer, Answer::SameRun, "{verdict:?}");
    let found = FindingKind::BestNotKept { path: "best".to_owned(), epoch: 3 };
    for later in [None, Some(Digest(2))] {
        let lost = BestFile { later, ..kept.clone() };
        for verdict in [judged(&lost, &kept), judged(&kept, &lost), judged(&lost, &lost)] {
            assert_eq!(causes(&verdict), [(None, &found)]);
            assert_eq!(verdict.findings.len(), 1, "it explains nothing else: {verdict:?}");
            assert_eq!(verdict.findings[0].visible_on_curve, Some(false));
        }
    }
    let unreadable = BestFile { saved: None, later: None, ..kept.clone() };
    assert_eq!(judged(&unreadable, &unreadable).answer, Answer::SameRun);
}

#[test]
fn a_worse_best_after_the_resume_is_found() {
    let mut runs = Runs::killed_after(5);
    let worse = |event: &mut Event| {
        if let Event::Epoch(epoch) = event
            && epoch.epoch == 6
        {
            epoch.val_loss = Some(9.0);
        }
    };
    // In the control too: the loss is what it is, only the best is wrong.
    runs.control.events.iter_mut().for_each(|(_, event)| worse(event));
    runs.resumed.events.iter_mut().for_each(|(_, event)| worse(event));
    let verdict = runs.judge();
    assert!(
        matches!(causes(&verdict)[..], [(None, FindingKind::BestOverwritten { epoch: 6, .. })]),
        "{verdict:?}"
    );
}

#[test]
fn a_final_state_that_nothing_explains_is_a_cause() {
    let mut runs = Runs::killed_after(5);
    if let Some((_, Event::Finished(finished))) = runs.resumed.events.last_mut() {
        finished.components.insert("model".to_owned(), digest("model", 1));
    }
    let components = vec!["model".to_owned()];
    assert_eq!(causes(&runs.judge()), [(None, &FindingKind::FinalState { components })]);
}

#[test]
fn a_fall_back_to_an_older_file_is_held_against_that_file() {
    let mut runs = Runs::killed_after(5);
    let (at, end) = (4 * STEPS_PER_EPOCH, EPOCHS * STEPS_PER_EPOCH);
    runs.resumed = recording(
        [beginning(at), updates(at, end), vec![ending()]].concat(),
        Outcome::Exited { code: 0 },
    );
    runs.started().resumed_from = Some("latest.previous".to_owned());
    let verdict = runs.judge();
    let older = FindingKind::OlderCheckpoint { epoch: 4, steps_lost: STEPS_PER_EPOCH };
    assert_eq!(causes(&verdict), [(None, &older)], "work was lost, and nothing else is wrong");
    assert_eq!(curve(&verdict).smoothness, Smoothness::Identical);
    assert_eq!(curve(&verdict).expected_points, 24);
}

proptest! {
    #[test]
    fn identical_recordings_always_pass(epoch in 1..EPOCHS) {
        let verdict = Runs::killed_after(epoch).judge();
        prop_assert_eq!(verdict.answer, Answer::SameRun);
        prop_assert!(verdict.findings.is_empty());
    }

    #[test]
    fn changing_one_digest_always_yields_a_finding_that_names_it(
        epoch in 1..EPOCHS,
        component in 0..COMPONENTS.len(),
        step in any::<u32>(),
    ) {
        let name = COMPONENTS[component];
        prop_assume!(u64::from(step) != epoch * STEPS_PER_EPOCH);
        let mut runs = Runs::killed_after(epoch);
        runs.started().components.insert(name.to_owned(), digest(name, step.into()));
        let verdict = runs.judge();
        prop_assert_eq!(verdict.answer, Answer::NotSameRun);
        let causes = causes(&verdict);
        prop_assert_eq!(causes.len(), 1);
        prop_assert_eq!(causes[0].0, Some(name));
    }

    #[test]
    fn one_changed_bit_of_the_curve_is_never_identical(
        epoch in 1..EPOCHS,
        which in any::<prop::sample::Index>(),
        bit in 0..52u32,
    ) {
        let mut runs = Runs::killed_after(epoch);
        let losses: Vec<&mut Option<f64>> = runs.resumed.events.iter_mut().filter_map(|(_, event)| {
            match event {
                Event::Validation(v) => Some(&mut v.val_loss),
                Event::Epoch(e) => Some(&mut e.val_loss),
                _ => None,
            }
        }).collect();
        let at = which.index(losses.len());
        for (i, loss) in losses.into_iter().enumerate() {
            if i == at {
                *loss = loss.map(|loss| f64::from_bits(loss.to_bits() ^ (1 << bit)));
            }
        }
        let verdict = runs.judge();
        prop_assert_ne!(curve(&verdict).smoothness, Smoothness::Identical);
        prop_assert_eq!(verdict.answer, Answer::NotSameRun);
    }

    #[test]
    fn judging_twice_says_the_same(epoch in 1..EPOCHS, shift in -3.0..3.0f64) {
        let mut runs = Runs::killed_after(epoch);
        runs.shift_losses(|_| shift);
        prop_assert_eq!(runs.judge(), runs.judge());
    }

    #[test]
    fn a_recording_cut_anywhere_never_panics_and_never_passes(
        epoch in 1..EPOCHS,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut runs = Runs::killed_after(epoch);
        let at = cut.index(runs.resumed.events.len());
        runs.resumed.events.truncate(at);
        prop_assert_ne!(runs.judge().answer, Answer::SameRun);
        prop_assert_ne!(runs.judge_with(Some(1e9)).answer, Answer::SameRun);
    }
}
