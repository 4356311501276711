//! What the lives of a run said, taken together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::judge::{Answer, Case, Finding, FindingKind, Lineage, how_it_came_back};
use crate::messages::soak as say;
use crate::protocol::{Checkpoint, CheckpointKind, Components, Event, Phase, Started};
use crate::recording::{Kill, Outcome, Point, Recording};
use crate::scenario::{Cut, Expect, KillPoint, LESSON_COMPONENTS};

use super::result::{Curve, Fault, Landed, Life, Place, Soaked, Spread, verdict};
use super::{Known, Moment, Soak};

/// Grows by one life after the other.
pub(super) struct Lives<'a> {
    job: &'a Soak,
    known: &'a Known,
    required: Vec<String>,
    /// Every side of a save that any life has said, in order, as if one process had.
    saves: Recording,
    /// The validation curve as last trained: by update, and whether an epoch ends there.
    curve: BTreeMap<(u64, bool), Point>,
    /// The step of a save that a kill landed inside, until a life has started after it.
    under_way: Option<u64>,
    finished: Option<Components>,
    lives: Vec<Life>,
    faults: Vec<Fault>,
    /// The update by which a life that nobody had killed before is not the control.
    diverged: Option<u64>,
    /// Why it cannot go on, and what the trainer printed last.
    failure: Option<(String, String)>,
}

impl<'a> Lives<'a> {
    pub(super) fn new(job: &'a Soak, known: &'a Known) -> Self {
        let saves = Recording {
            events: Vec::new(),
            outcome: Outcome::Exited { code: 0 },
            kill: None,
            output: String::new(),
            dir: PathBuf::new(),
            wall: Duration::ZERO,
            traced_saves: Vec::new(),
            cut_short: None,
            damaged: Vec::new(),
            best_files: Vec::new(),
        };
        Self {
            job,
            known,
            required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
            saves,
            curve: BTreeMap::new(),
            under_way: None,
            finished: None,
            lives: Vec::new(),
            faults: Vec::new(),
            diverged: None,
            failure: None,
        }
    }

    /// The step of the newest save of latest that the next life may come back from, 0 before the first: the
    /// newest durable one, or one that a kill landed inside, as long as no life has shown what is left of it.
    pub(super) fn furthest(&self) -> u64 {
        self.under_way.or(self.newest().map(|save| save.step)).unwrap_or_default()
    }

    fn newest(&self) -> Option<&Checkpoint> {
        self.saves.saves().filter(|save| save.kind == CheckpointKind::Latest).last()
    }

    /// Takes one more life in, which was to be killed at this moment. Whether there is another after it.
    pub(super) fn add(&mut self, life: &Recording, moment: Moment) -> bool {
        let number = self.lives.len() as u64 + 1;
        let findings = self.came_back(life);
        if !findings.is_empty() {
            let after = self.lives.last().and_then(|life| life.kill.clone());
            let output = life.started().is_none().then(|| life.output.clone());
            self.faults.push(Fault { life: number, after, findings, output });
        }
        if self.newest().is_none() && life.started().is_some_and(|it| it.resumed_from.is_none()) {
            self.diverged = self.diverged.or_else(|| first_difference(&self.known.control, life));
        }
        let saves = life.events.iter().filter(|(_, it)| matches!(it, Event::Checkpoint(_)));
        self.saves.events.extend(saves.cloned());
        self.curve.extend(life.curve().into_iter().map(|point| (key(&point), point)));
        self.finished = life.finished().map(|finished| finished.components.clone());
        let told = told(number, life, moment);
        match &told.kill {
            Some(kill) if matches!(kill.place, Place::InsideLatest { .. }) => {
                self.under_way = Some(kill.step);
            }
            _ if told.started_step.is_some() => self.under_way = None,
            _ => {}
        }
        self.lives.push(told);
        life.kill.is_some()
    }

    /// What is wrong with how this life came back from the ones before.
    fn came_back(&mut self, life: &Recording) -> Vec<Finding> {
        // Killed before it could say so: the next one will.
        if life.started().is_none() && life.kill.is_some() {
            return Vec::new();
        }
        let case = Case {
            control: &self.known.control,
            interrupted: &self.saves,
            resumed: life,
            required: &self.required,
            tolerance: None,
            same_program: true,
            expect: Expect::SameRun,
            scrambled: None,
        };
        let mut findings = how_it_came_back(case);
        let lineage = Lineage::trace(case);
        if lineage.newest.is_none() {
            // As long as no latest is durable, zero is where it has to start.
            findings.retain(|finding| {
                use FindingKind::{NoCheckpoint, RestartedFromZero};
                !matches!(finding.kind, NoCheckpoint | RestartedFromZero)
            });
        }
        // The kill came between the name and the word of it: a save that a run grew from is one.
        let under_way = lineage.checkpoint.filter(|save| save.phase == Phase::Begin).cloned();
        if let Some(save) = under_way {
            let end = Event::Checkpoint(Checkpoint { phase: Phase::End, ..save });
            self.saves.events.push((Duration::ZERO, end));
        }
        findings
    }

    /// How the life that comes next failed, in words.
    pub(super) fn failed(&self, why: &str) -> String {
        let number = self.lives.len() as u64 + 1;
        match self.lives.last().and_then(|life| life.kill.as_ref()) {
            Some(kill) => say::life_failed(number, &kill.point(), why),
            None => say::first_life_failed(why),
        }
    }

    /// There is no going on.
    pub(super) fn fail(&mut self, why: String, output: String) {
        self.failure = Some((why, output));
    }

    /// What came of all of it.
    pub(super) fn end(mut self, time: Duration) -> Soaked {
        self.count_again();
        let repeated = self.lives.iter().filter_map(|life| Some(life.kill.as_ref()?.again as f64));
        let recover = self.lives.iter().skip(1).filter_map(|life| life.first_update_seconds);
        let curve = self.finished.is_some().then(|| self.compare_curve());
        let final_state = self.finished.as_ref().map(|found| {
            let expected = self.known.control.finished().map(|finished| &finished.components);
            differing(expected.unwrap_or(found), found)
        });
        let mut soaked = Soaked {
            schema_version: 1,
            kind: "soak",
            trainer: self.job.name.clone(),
            trainer_args: self.job.args.clone(),
            epochs: self.job.epochs,
            seed: self.job.seed,
            kills_wanted: self.job.kills,
            kills: self.lives.iter().filter(|life| life.kill.is_some()).count() as u64,
            verdict: Answer::NotJudged,
            reason: None,
            output: None,
            not_followed: self.known.save.as_ref().err().cloned(),
            save_calls: self
                .known
                .save
                .as_ref()
                .map_or_else(|_| Vec::new(), |it| it.followed.calls.clone()),
            repeated_updates: Spread::of(repeated),
            recover_seconds: Spread::of(recover),
            curve,
            final_state,
            faults: self.faults,
            lives: self.lives,
            seconds: time.as_secs_f64(),
        };
        let (reason, output) = self.failure.unzip();
        soaked.output = output;
        (soaked.verdict, soaked.reason) = verdict(&soaked, self.diverged, reason);
        soaked
    }

    /// An update is done again if the next life that starts does so before it.
    fn count_again(&mut self) {
        let mut next_start = None;
        for life in self.lives.iter_mut().rev() {
            if let (Some(kill), Some(_), Some(next)) =
                (&mut life.kill, life.started_step, next_start)
            {
                kill.again = kill.step.saturating_sub(next);
            }
            next_start = life.started_step.or(next_start);
        }
    }

    fn compare_curve(&self) -> Curve {
        let expected = self.known.control.curve();
        let found = |point: &Point| self.curve.get(&key(point));
        let is_same = |point: &&Point| found(point).is_some_and(|it| same_bits(it, point));
        let of_epochs = |wanted: &dyn Fn(&Point) -> bool| {
            let ends = expected.iter().filter(|point| point.epoch_end && wanted(point));
            ends.map(|point| point.epoch).collect()
        };
        Curve {
            points: expected.len() as u64,
            same: expected.iter().filter(is_same).count() as u64,
            epochs_missing: of_epochs(&|point| found(point).is_none()),
            epochs_different: of_epochs(&|point| found(point).is_some() && !is_same(&point)),
        }
    }
}

fn told(number: u64, life: &Recording, moment: Moment) -> Life {
    let started: Option<&Started> = life.started();
    let first_update = life.events.iter().find(|(_, event)| matches!(event, Event::Step(_)));
    Life {
        number,
        started_step: started.map(|started| started.step),
        resumed_from: started.and_then(|it| it.resumed_from.as_deref()).map(|path| {
            let path = Path::new(path);
            path.strip_prefix(&life.dir).unwrap_or(path).display().to_string()
        }),
        first_update_seconds: first_update.map(|(at, _)| at.as_secs_f64()),
        kill: life.kill.as_ref().map(|kill| Landed {
            kill: moment.kill.to_string(),
            of_epoch: moment.kill.is_inside_save().then_some(moment.epoch),
            place: place(life, kill, moment.kill),
            epoch: kill.epoch,
            step: kill.step,
            again: 0,
        }),
    }
}

/// Where a kill landed: at what the life said last, unless that was inside a save.
fn place(life: &Recording, kill: &Kill, drawn: KillPoint) -> Place {
    if let ("call" | "write", KillPoint::Inside(_, cut)) = (kill.at.as_str(), drawn) {
        return match cut {
            Cut::Call(call) => Place::InsideLatest { call, done: true },
            Cut::Half(call) => Place::InsideLatest { call, done: false },
            Cut::FirstWrite => Place::InsideLatest { call: 1, done: false },
        };
    }
    match life.events.last().map(|(_, event)| event) {
        None | Some(Event::Hello(_) | Event::Started(_)) => Place::StartUp,
        Some(Event::Step(_)) => Place::Update,
        Some(Event::Validation(_)) => Place::Validation,
        Some(Event::Epoch(_)) => Place::Epoch,
        Some(Event::Checkpoint(save)) => match (save.kind, save.phase) {
            (CheckpointKind::Best, _) => Place::Best,
            (CheckpointKind::Latest, Phase::Begin) => Place::BeforeLatest,
            (CheckpointKind::Latest, Phase::End) => Place::AfterLatest,
        },
        Some(Event::Finished(_)) => Place::Finished,
    }
}

/// The first update by which a run from zero is not the control: a value of the curve or a state that is saved.
fn first_difference(control: &Recording, life: &Recording) -> Option<u64> {
    let points: BTreeMap<_, _> = control.curve().into_iter().map(|it| (key(&it), it)).collect();
    let curve = life
        .curve()
        .into_iter()
        .find(|point| points.get(&key(point)).is_some_and(|expected| !same_bits(expected, point)));
    let states: BTreeMap<_, _> = states(control).collect();
    let state = states_that_differ(&states, life);
    let start = control.started().zip(life.started());
    let start = start.filter(|(a, b)| a.components != b.components).map(|(_, it)| it.step);
    start.or_else(|| curve.map(|point| point.step).into_iter().chain(state).min())
}

type State<'a> = ((u64, &'static str), &'a Components);

fn states(run: &Recording) -> impl Iterator<Item = State<'_>> {
    let begins = run.checkpoints().filter(|save| save.phase == Phase::Begin);
    begins.map(|save| ((save.step, save.kind.name()), &save.components))
}

fn states_that_differ(
    expected: &BTreeMap<(u64, &'static str), &Components>,
    life: &Recording,
) -> Option<u64> {
    let mut states = states(life);
    let other = states.find(|(at, found)| expected.get(at).is_some_and(|it| it != found));
    other.map(|((step, _), _)| step)
}

fn differing(expected: &Components, found: &Components) -> Vec<String> {
    let digest = |of: &Components, name: &String| of.get(name).map(|component| component.digest);
    let mut names: Vec<&String> = expected.keys().chain(found.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| digest(expected, name) != digest(found, name));
    names.into_iter().cloned().collect()
}

fn key(point: &Point) -> (u64, bool) {
    (point.step, point.epoch_end)
}

fn same_bits(a: &Point, b: &Point) -> bool {
    let bits = |value: Option<f64>| value.map(f64::to_bits);
    bits(a.val_loss) == bits(b.val_loss) && bits(a.val_accuracy) == bits(b.val_accuracy)
}
