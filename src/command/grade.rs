//! `killresume grade` and `killresume merge`: grades what learners handed in, and joins what several
//! graders made of their parts of a class.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::cli::{GradeArgs, MergeArgs, SandboxArgs, Talk};
use crate::course::{AttemptError, Catalogue, TIMEOUT};
use crate::exit::Exit;
use crate::grade::{self, Job, Plan, WORK};
use crate::libtorch::Project;
use crate::messages::grade as say;
use crate::pool::{Pool, Progress};
use crate::report::gradebook::{Containment, GRADEBOOK_SCHEMA_VERSION, Gradebook, Submission};
use crate::report::layout::{BAD, GOOD, UNSURE, line, table, wrapped};
use crate::report::progress::inert;
use crate::report::suite::{Case, Destination, Status, Suite};
use crate::sandbox::{self, Entry, Limit, Limits};

use super::reports::{GradebookWriter, check, summarise_gradebook, write_gradebook};
use super::{
    cancel, exit_of_cases, marked, no_report, print, print_progress, random, refuse, worker,
};

/// Grades submissions. Exit 0 if all pass, 3 if one could not be judged, or else 1.
pub fn grade(args: &GradeArgs, talk: Talk) -> anyhow::Result<Exit> {
    let project = Project::find()?;
    let catalogue = Catalogue::read(&project)?;
    let plan = grade::submissions(&args.submissions, args.shard).and_then(|submissions| {
        let exercises = grade::points(&catalogue, &args.exercise, args.points.as_deref())?;
        Ok(Plan { submissions, exercises })
    });
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return Ok(refuse(&error.to_string())),
    };
    if let Err(message) = check(&args.report, args.submissions.len()) {
        return Ok(refuse(&message));
    }
    let cancel = cancel()?;
    let seed = args.seed.unwrap_or_else(secret_seed);
    let mut class = Class::new(&plan, args, seed);
    if class.book.containment == Containment::LimitsOnly {
        print_progress(&say::limits_only());
    }
    // What an earlier grading left is none of this one.
    write_gradebook(&class.book, &args.report)?;
    let shared = tempfile::Builder::new().prefix("killresume-").tempdir();
    let shared = shared.context("cannot create a temporary directory for what is shared")?;
    if !talk.quiet {
        print_progress(&say::preparing());
    }
    let bench = grade::prepare(&project, &plan.exercises, seed, shared.path(), talk.quiet, &cancel);
    let bench = match bench {
        Ok(bench) => bench,
        Err(error) => return no_report(error),
    };
    let limits = limits(&args.limit);
    let job = |(_, folder): &(String, PathBuf)| Job {
        folder: folder.clone(),
        exercises: plan.exercises.clone(),
        seed,
        timeout: args.timeout.unwrap_or(TIMEOUT),
        limits,
        bench: bench.clone(),
    };
    let jobs: Vec<Job> = plan.submissions.iter().map(job).collect();
    let mut writer = GradebookWriter::new(&args.report);
    Pool::<Job, Case>::start(WORK, jobs, args.jobs).follow(&cancel, |progress| {
        match progress {
            Progress::Result(place, case) => {
                if !talk.quiet {
                    print(&row(&class.book.submissions[place].name, &case), talk.color)?;
                }
                class.add(place, *case);
                writer.update(&class.book, &class.book.submissions[place].name)?;
            }
            Progress::Done(place, Err(why)) => class.fail(place, &why),
            Progress::Done(_, Ok(())) => {}
        }
        anyhow::Ok(())
    })?;
    write_gradebook(&class.book, &args.report)?;
    if let Some(signal) = cancel.signal() {
        print_progress(&say::stopped(signal));
        return Ok(Exit::Signal(signal));
    }
    finish(&class.book, &args.report, talk)
}

/// Joins the gradebooks of all shards of a class.
pub fn merge(args: &MergeArgs, talk: Talk) -> anyhow::Result<Exit> {
    let mut parts = Vec::new();
    for path in &args.gradebooks {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| error.to_string());
        let part = text.and_then(|text| {
            serde_json::from_str::<Gradebook>(&text).map_err(|error| error.to_string())
        });
        match part {
            Ok(part) if part.schema_version != GRADEBOOK_SCHEMA_VERSION => {
                return Ok(refuse(&say::other_version(&shown, part.schema_version)));
            }
            Ok(part) => parts.push((shown, part)),
            Err(why) => return Ok(refuse(&say::not_a_gradebook(&shown, &why))),
        }
    }
    let book = match Gradebook::merged(parts) {
        Ok(book) => book,
        Err(message) => return Ok(refuse(&message)),
    };
    if let Err(message) = check(&args.report, book.planned.len()) {
        return Ok(refuse(&message));
    }
    write_gradebook(&book, &args.report)?;
    finish(&book, &args.report, talk)
}

/// Grades the submission that standard input names.
pub fn grade_one() -> anyhow::Result<Exit> {
    let (job, cancel) = worker::begin::<Job>()?;
    match grade::work(&job, &cancel, |case| worker::tell(&case)) {
        Ok(()) => Ok(Exit::SameRun),
        Err(AttemptError::Supervise(error)) => no_report(error),
        Err(AttemptError::Harness(error)) => Err(error),
    }
}

/// Enters a sandbox and becomes the program.
pub fn sandbox(args: &SandboxArgs) -> anyhow::Result<Exit> {
    let entry: Entry = serde_json::from_str(&args.entry).context("cannot read the sandbox")?;
    let (program, arguments) = args.command.split_first().context("no program is named")?;
    let entered = sandbox::enter(&entry, program.as_ref(), arguments);
    let error = entered.map_or_else(|error| error, |never| match never {});
    Err(error).with_context(|| format!("cannot start {} in its sandbox", program.display()))
}

/// What is being graded.
struct Class {
    book: Gradebook,
    begin: Instant,
}

impl Class {
    fn new(plan: &Plan, args: &GradeArgs, seed: u64) -> Self {
        let submission = |(name, path): &(String, PathBuf)| Submission {
            name: name.clone(),
            path: path.clone(),
            suite: Suite::new(),
        };
        let book = Gradebook {
            schema_version: GRADEBOOK_SCHEMA_VERSION,
            killresume: env!("CARGO_PKG_VERSION").to_owned(),
            exercises: plan.exercises.clone(),
            shard: args.shard,
            planned: plan.submissions.iter().map(|(name, _)| name.clone()).collect(),
            seed: Some(seed),
            containment: match sandbox::has_landlock() {
                true => Containment::Landlock,
                false => Containment::LimitsOnly,
            },
            submissions: plan.submissions.iter().map(submission).collect(),
            seconds: 0.0,
        };
        Self { book, begin: Instant::now() }
    }

    fn add(&mut self, place: usize, case: Case) {
        self.book.seconds = self.begin.elapsed().as_secs_f64();
        let suite = &mut self.book.submissions[place].suite;
        suite.seconds += case.seconds;
        suite.cases.push(case);
    }

    /// What a grader that died has left ungraded is in error.
    fn fail(&mut self, place: usize, why: &str) {
        for task in self.book.exercises.clone() {
            let graded = &self.book.submissions[place].suite.cases;
            if graded.iter().all(|case| case.name != task.name) {
                let message = say::grader_failed();
                let case = Case::not_run(&task.name, &task.name, None, 0.0, message, why);
                self.add(place, Case { points: task.points, ..case });
            }
        }
    }
}

/// The summary for people and for GitHub, and the exit code.
fn finish(book: &Gradebook, to: &[Destination], talk: Talk) -> anyhow::Result<Exit> {
    summarise_gradebook(book, to)?;
    if !talk.quiet {
        print(&scores(book), talk.color)?;
    }
    if !book.is_complete() {
        let rows = book.rows();
        let missing = rows.iter().filter(|row| !row.is_complete()).map(|row| row.name);
        let missing: Vec<&str> = missing.collect();
        print_progress(&inert(&say::incomplete(&missing.join(", "))));
        return Ok(Exit::NotJudged);
    }
    Ok(exit_of_cases(book.count(Status::Fail), book.count(Status::Error)))
}

/// One exercise of one submission.
fn row(submission: &str, case: &Case) -> String {
    let why = case.message.clone().unwrap_or_else(say::passed);
    let row = format!("{submission} · {}: {why}", case.name);
    let mut text = String::new();
    line(&mut text, &wrapped(&inert(&row), &marked(case.status), "  "));
    text
}

/// A line for each submission.
fn scores(book: &Gradebook) -> String {
    let mut text = String::from("\n");
    let title = [say::column_submission(), say::column_score(), say::column_result()];
    let rows = book.rows().into_iter().map(|row| {
        let [passed, failed, errors] =
            [Status::Pass, Status::Fail, Status::Error].map(|status| row.count(status));
        let style = match (failed, errors) {
            (0, 0) => GOOD,
            (_, 0) => BAD,
            _ => UNSURE,
        };
        let score = format!("{} / {}", row.score(), book.max_score());
        (style, [inert(row.name), score, say::counts(passed, failed, errors)])
    });
    table(&mut text, title, rows.collect());
    line(&mut text, "");
    let mut done = say::graded(book.submissions.len(), book.seconds);
    if let Some(seed) = book.seed {
        done.push_str(&say::repeats(seed));
    }
    line(&mut text, &wrapped(&done, "", ""));
    text
}

fn limits(changed: &[(Limit, u64)]) -> Limits {
    let mut limits = Limits::default();
    for &(limit, value) in changed {
        match limit {
            Limit::Wall => limits.wall = Duration::from_secs(value),
            Limit::Cpu => limits.cpu = Duration::from_secs(value),
            Limit::Memory => limits.memory = value << 20,
            Limit::FileSize => limits.file_size = value << 20,
            Limit::Processes => limits.processes = usize::try_from(value).unwrap_or(usize::MAX),
        }
    }
    limits
}

/// One that no submission can know.
fn secret_seed() -> u64 {
    // Small enough for every reader of JSON to keep all of it.
    random() >> 32
}
