//! `killresume torture`: kills a save at every one of its system calls, has the power fail at each, and has each
//! of them fail.

mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;

use super::{
    REFERENCE, Stop, TIMEOUT, build, cancel, command, ended, no_report, out_dir, print,
    print_progress, refuse, without_result, worker,
};
use crate::cli::{FollowedArgs, Talk, TortureArgs};
use crate::crash::{
    ATTEMPT, At, Attempt, Attempted, Bound, Happening, KEPT, Outcome, Program, State, States,
    Subject, TALLY_VERSION, TalliedFault, TalliedKill, TalliedSave, TalliedState, Tally, Torture,
    attempt, faults, points, states, survey, survey_program,
};
use crate::exit::Exit;
use crate::judge::Finding;
use crate::libtorch::Project;
use crate::messages::{cli as say_cli, crash as say};
use crate::pool::{Pool, Progress};
use crate::protocol::CheckpointKind;
use crate::recording::{FileCall, Followed};
use crate::report::layout::link;
use crate::report::progress::{Progress as Bars, counting, printable};
use crate::report::{json, words, write_atomically};
use crate::scenario::{Cut, Epochs, Injection, KillPoint};
use crate::supervise::{Cancel, DIR, Outside, enter};

/// States after a power failure that are tried of each save; of more, so many are drawn.
const MOST_STATES: usize = 300;
/// Of a program's save; each takes a whole run of it.
const MOST_PROGRAM_STATES: usize = 100;
/// Its epochs, where the user does not say.
const EPOCHS: Epochs = Epochs { before: 2, after: 1 };

/// Tortures the saves of a trainer or of a program. Exit 0 if everything ends in the same run, 3 if something
/// could not be judged, or else 1.
pub fn torture(args: &TortureArgs, talk: Talk) -> anyhow::Result<Exit> {
    let epochs = args.epochs.unwrap_or(EPOCHS);
    if args.trainer.is_some() || args.command.is_empty() {
        return ended(torture_trainer(args, epochs, talk));
    }
    if args.epochs.is_some() || args.save.is_some() {
        return Ok(refuse(&say_cli::not_for_programs()));
    }
    if !args.command.iter().any(|word| word.contains(DIR)) {
        return Ok(refuse(&say_cli::no_directory(DIR)));
    }
    ended(torture_program(args, talk))
}

/// Makes the attempt that standard input names.
pub fn torture_one() -> anyhow::Result<Exit> {
    let (job, cancel) = worker::begin::<Attempt>()?;
    match attempt(&job, &cancel) {
        Ok(result) => worker::tell(&result).map(|()| Exit::SameRun),
        Err(error) => no_report(error),
    }
}

/// Becomes the program, which is followed from its beginning.
pub fn followed(args: &FollowedArgs) -> anyhow::Result<Exit> {
    let (program, arguments) = args.command.split_first().context("no program is named")?;
    let error = enter(program, arguments).map_or_else(|error| error, |never| match never {});
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}

fn torture_trainer(args: &TortureArgs, epochs: Epochs, talk: Talk) -> Result<Exit, Stop> {
    let project = Project::find()?;
    let name = args.trainer.clone().unwrap_or_else(|| REFERENCE.to_owned());
    let program = build(&project, &name, talk)?.map_err(Stop::Exit)?;
    let mut session = Session::new(args, talk, vec![name.clone()])?;
    session.out = out_dir(args.out.as_deref(), &project).join("torture");
    for kind in args.save.map_or(CheckpointKind::ALL.to_vec(), |kind| vec![kind]) {
        let home = session.home(kind.name())?;
        let torture = Torture {
            name: name.clone(),
            program: program.clone(),
            args: args.command.clone(),
            epochs: (epochs.before, epochs.after),
            seed: args.seed,
            timeout: args.timeout.unwrap_or(TIMEOUT),
            survey: home.join("survey.json"),
        };
        session.say(&say::surveying());
        let scenario = torture.scenario(KillPoint::Inside(kind, Cut::FirstWrite));
        let bars = Bars::new(scenario.epochs.total(), true, talk.quiet, talk.verbose);
        let known = survey(&scenario, kind, &home, &bars, &session.cancel);
        bars.finish();
        let known = known.map_err(without_result)?;
        write(&torture.survey, &serde_json::to_vec(&known)?)?;
        session.torture(Tortured {
            subject: Subject::Trainer(torture),
            kind: Some(kind),
            epochs,
            save: known.save.followed,
            findings: known.findings,
            left_out: Vec::new(),
            is_pinned: false,
            kept: home.join(KEPT),
        })?;
    }
    session.finish()
}

fn torture_program(args: &TortureArgs, talk: Talk) -> Result<Exit, Stop> {
    let mut session = Session::new(args, talk, args.command.clone())?;
    session.out = args.out.clone().unwrap_or_else(|| "plots".into()).join("torture");
    let home = session.home("program")?;
    let timeout = args.timeout.unwrap_or(TIMEOUT);
    let program = Program {
        outside: Outside { command: args.command.clone(), timeout },
        survey: home.join("survey.json"),
    };
    session.say(&say::surveying_program());
    let known = survey_program(&program, &session.cancel).map_err(without_result)?;
    write(&program.survey, &serde_json::to_vec(&known)?)?;
    if !known.left_out.is_empty() {
        session.say(&say::left_out(&known.left_out.join(", ")));
    }
    session.torture(Tortured {
        subject: Subject::Program(program),
        kind: None,
        epochs: EPOCHS,
        save: known.save,
        findings: known.findings,
        left_out: known.left_out,
        is_pinned: known.place.is_some(),
        kept: home.join(KEPT),
    })?;
    session.finish()
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// A save and whose it is.
struct Tortured {
    subject: Subject,
    /// Which save, of a trainer.
    kind: Option<CheckpointKind>,
    epochs: Epochs,
    save: Followed,
    findings: Vec<Finding>,
    left_out: Vec<String>,
    /// Whether all runs have to be in the same place, one after the other.
    is_pinned: bool,
    /// Where the contents of files are kept.
    kept: PathBuf,
}

/// Everything that is tried, and what came of it so far.
struct Session<'a> {
    args: &'a TortureArgs,
    talk: Talk,
    cancel: Cancel,
    dir: tempfile::TempDir,
    out: PathBuf,
    worst: Exit,
    tally: Tally,
}

impl<'a> Session<'a> {
    fn new(args: &'a TortureArgs, talk: Talk, subject: Vec<String>) -> Result<Self, Stop> {
        let dir = tempfile::Builder::new().prefix("killresume-").tempdir();
        let dir = dir.context("cannot create a temporary directory for the runs")?;
        let saves = Vec::new();
        let kind = "torture".to_owned();
        let tally = Tally { schema_version: TALLY_VERSION, kind, subject, seed: args.seed, saves };
        let (cancel, worst) = (cancel()?, Exit::SameRun);
        Ok(Self { args, talk, cancel, dir, out: PathBuf::new(), worst, tally })
    }

    fn home(&self, name: &str) -> anyhow::Result<PathBuf> {
        let home = self.dir.path().join(name);
        fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
        Ok(home)
    }

    fn say(&self, text: &str) {
        if !self.talk.quiet {
            print_progress(&printable(text));
        }
    }

    fn print(&self, text: &str) -> anyhow::Result<()> {
        print(text, self.talk.color)
    }

    fn finish(self) -> Result<Exit, Stop> {
        if let Some(path) = &self.args.json {
            write_atomically(path, json::pretty(&self.tally).as_bytes())?;
        }
        Ok(self.worst)
    }

    /// All that can happen to one save.
    fn torture(&mut self, it: Tortured) -> Result<(), Stop> {
        let finding = |finding: &Finding| words::finding(finding);
        let mut tallied = TalliedSave {
            save: it.kind,
            calls: it.save.calls.clone(),
            kills: Vec::new(),
            all_states: true,
            power_failures: Vec::new(),
            faults: Vec::new(),
            findings: it.findings.iter().map(finding).collect(),
            left_out: it.left_out.clone(),
        };
        self.kill(&it, &mut tallied)?;
        self.lose_power(&it, &mut tallied)?;
        self.fail(&it, &mut tallied)?;
        self.print(&told::how_it_writes(&it.findings))?;
        if !it.findings.is_empty() {
            self.worsen(Exit::NotSameRun);
        }
        self.tally.saves.push(tallied);
        Ok(())
    }

    /// A SIGKILL at every point.
    fn kill(&mut self, it: &Tortured, tallied: &mut TalliedSave) -> Result<(), Stop> {
        let mut points = points(&it.save);
        if let Subject::Program(_) = it.subject {
            // Where a save begins and ends, nobody tells; its calls do.
            points.retain(|point| !matches!(point.at, At::Begin | At::End));
        }
        points.retain(|point| self.is_wanted("kills", &point.at.to_string()));
        if points.is_empty() {
            return Ok(());
        }
        let whose = it.kind.map_or_else(say::program, |kind| kind.name().to_owned());
        self.say(&say::points(&whose, it.save.calls.len(), points.len()));
        let begin = Instant::now();
        let kills = points.iter().map(|point| Happening::Kill(point.at));
        let results = self.try_all(it, kills)?;
        let repeat = |at: At| match it.kind {
            Some(kind) => self.run(it, &format!("--kill {}", at.kill_point(kind))),
            None => self.only(&at.to_string()),
        };
        self.print(&told::kills(&points, &results, begin.elapsed().as_secs_f64(), repeat))?;
        let kills = points.iter().zip(results);
        tallied.kills.extend(kills.map(|(point, Attempted { outcome, again })| TalliedKill {
            at: point.at,
            outcome,
            again,
        }));
        Ok(())
    }

    /// A power failure after every call.
    fn lose_power(&mut self, it: &Tortured, tallied: &mut TalliedSave) -> Result<(), Stop> {
        let is_program = matches!(it.subject, Subject::Program(_));
        let most = if is_program { MOST_PROGRAM_STATES } else { MOST_STATES };
        let bound = Bound { most, seed: self.args.seed };
        let States { mut states, all } = states(&it.save, !is_program, bound);
        if !self.is_wanted("power", "power") {
            states.clear();
        }
        if states.is_empty() {
            return Ok(());
        }
        self.say(&match all {
            true => say::power_states(states.len()),
            false => say::some_power_states(states.len(), self.args.seed),
        });
        let begin = Instant::now();
        let losses = states.iter().cloned().map(Happening::PowerLoss);
        let results = self.try_all(it, losses)?;
        let seconds = begin.elapsed().as_secs_f64();
        self.print(&told::power_losses(&states, &results, seconds))?;
        let left = self.out.join(it.kind.map_or("program", CheckpointKind::name));
        // What an earlier one left is none of this one.
        let _ = fs::remove_dir_all(&left);
        if let Some((state, _)) = told::worst(&states, &results) {
            write_out(state, &left, &it.kept)?;
            self.print(&format!("{}\n\n", say::written_out(&link(&left))))?;
        }
        tallied.all_states = all;
        let results = states.into_iter().zip(results);
        tallied.power_failures.extend(results.map(|(state, result)| TalliedState {
            calls: state.calls,
            told: state.told,
            files: state.files,
            outcome: result.outcome,
        }));
        Ok(())
    }

    /// Every call fails in every way that it can.
    fn fail(&mut self, it: &Tortured, tallied: &mut TalliedSave) -> Result<(), Stop> {
        let name = |(call, fault): (u32, crate::scenario::CallFault)| {
            format!("call:{call}:{}", fault.name())
        };
        let mut faults = faults(&it.save);
        faults.retain(|fault| self.is_wanted("faults", &name(*fault)));
        if faults.is_empty() {
            return Ok(());
        }
        self.say(&say::faults(faults.len()));
        let begin = Instant::now();
        let tries = faults.iter().map(|(call, fault)| Happening::Fault(*call, *fault));
        let results = self.try_all(it, tries)?;
        let repeat = |(call, fault)| match it.kind {
            Some(save) => self.run(it, &format!("--inject {}", Injection { save, call, fault })),
            None => self.only(&name((call, fault))),
        };
        let call = |number: u32| -> Option<&FileCall> { it.save.calls.get(number as usize - 1) };
        let seconds = begin.elapsed().as_secs_f64();
        self.print(&told::faults(&faults, call, &results, seconds, repeat))?;
        let results = faults.into_iter().zip(results);
        tallied.faults.extend(results.map(|((call, fault), result)| TalliedFault {
            call,
            fault,
            outcome: result.outcome,
        }));
        Ok(())
    }

    /// Whether the user asked for this, for all of its kind, or for everything.
    fn is_wanted(&self, kind: &str, name: &str) -> bool {
        let only = &self.args.only;
        only.is_empty() || only.iter().any(|only| only == name || only == kind)
    }

    /// The command that does this to a trainer once, with everything shown.
    fn run(&self, it: &Tortured, what: &str) -> String {
        let name = &self.tally.subject[0];
        let mut repeat =
            format!("run --trainer {name} --epochs {} --seed {} {what}", it.epochs, self.args.seed);
        if !self.args.command.is_empty() {
            repeat.push_str(&format!(" -- {}", self.args.command.join(" ")));
        }
        command(&repeat)
    }

    /// The command that does this alone to a program.
    fn only(&self, what: &str) -> String {
        command(&format!("torture --only {what} -- {}", self.args.command.join(" ")))
    }

    /// Makes every attempt, several side by side, each in a process of its own.
    fn try_all(
        &mut self,
        it: &Tortured,
        what: impl Iterator<Item = Happening>,
    ) -> Result<Vec<Attempted>, Stop> {
        let jobs: Vec<Attempt> =
            what.map(|to| Attempt { subject: it.subject.clone(), to }).collect();
        let mut results: Vec<Option<Attempted>> = vec![None; jobs.len()];
        let side_by_side = if it.is_pinned { Some(1) } else { self.args.jobs };
        let bar = counting(jobs.len(), self.talk.quiet);
        Pool::start(ATTEMPT, jobs, side_by_side).follow(&self.cancel, |progress| {
            match progress {
                Progress::Result(place, result) => results[place] = Some(*result),
                Progress::Done(place, end) => {
                    if let Err(why) = end {
                        let outcome = Outcome::NotJudged { why: say::attempt_failed(&why) };
                        results[place].get_or_insert(outcome.into());
                    }
                    bar.inc(1);
                }
            }
            anyhow::Ok(())
        })?;
        bar.finish_and_clear();
        if let Some(signal) = self.cancel.signal() {
            return Err(Stop::Exit(Exit::Signal(signal)));
        }
        let results: Vec<Attempted> = results.into_iter().flatten().collect();
        self.worsen(exit_of(&results));
        Ok(results)
    }

    fn worsen(&mut self, exit: Exit) {
        if exit.code() > self.worst.code() {
            self.worst = exit;
        }
    }
}

/// For a person to look at.
fn write_out(state: &State, to: &Path, kept: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)
        .and_then(|()| state.write(to, kept))
        .with_context(|| format!("cannot write {}", to.display()))
}

fn exit_of(results: &[Attempted]) -> Exit {
    let is_judged = |it: &Attempted| !matches!(it.outcome, Outcome::NotJudged { .. });
    if !results.iter().all(is_judged) {
        Exit::NotJudged
    } else if results.iter().all(|it| it.outcome == Outcome::SameRun) {
        Exit::SameRun
    } else {
        Exit::NotSameRun
    }
}
