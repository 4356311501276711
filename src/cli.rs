//! The command line: definitions and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::crash::ATTEMPT;
use crate::crash::hazard::HAZARD;
use crate::grade::WORK;
use crate::messages::cli as say;
use crate::messages::soak as say_soak;
use crate::protocol::CheckpointKind;
use crate::report::gradebook::Shard;
use crate::report::suite::{Destination, Format};
use crate::sandbox::{ENTER, Limit};
use crate::scenario::{Epochs, Injection, KillPoint};
use crate::supervise;

/// `killresume`
#[derive(Debug, Parser)]
#[command(
    name = "killresume",
    version,
    about = say::about(),
    after_help = say::after_help(),
    help_template = say::help_template(),
    subcommand_help_heading = say::heading_commands(),
    subcommand_value_name = "COMMAND",
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to talk.
    #[command(flatten)]
    pub talk: Talk,
    /// `--help`
    #[arg(long, short, global = true, help_heading = say::heading_talk(), display_order = 200, action = clap::ArgAction::Help, help = say::help_help())]
    help: Option<bool>,
    /// `--version`
    #[arg(long, short = 'V', help_heading = say::heading_talk(), display_order = 201, action = clap::ArgAction::Version, help = say::help_version())]
    version: Option<bool>,
}

impl Cli {
    /// Parses the arguments. Where they name no command, it is `run`.
    pub fn parse_or_run(mut arguments: Vec<OsString>) -> Result<Self, clap::Error> {
        if !names_a_command(&arguments) {
            arguments.insert(arguments.len().min(1), "run".into());
        }
        Self::try_parse_from(arguments)
    }
}

/// Whether a command, or help or version in place of one, comes before any option of `run`.
fn names_a_command(arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--lang" | "--color" => drop(arguments.next()),
            "-q" | "--quiet" | "-v" | "--verbose" => {}
            "-h" | "--help" | "-V" | "--version" => return true,
            other if other.starts_with("--lang=") || other.starts_with("--color=") => {}
            // A word that is no command is answered as one.
            other => return !other.starts_with('-'),
        }
    }
    false
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train, kill, resume, judge, plot.
    #[command(about = say::about_run(), help_template = say::help_template())]
    Run(RunArgs),
    /// The exercises, and how far the learner is.
    #[command(about = say::about_list(), help_template = say::help_template())]
    List,
    /// Run the exercise that comes next.
    #[command(about = say::about_next(), help_template = say::help_template())]
    Next,
    /// Run an exercise whenever its file is saved.
    #[command(about = say::about_watch(), help_template = say::help_template())]
    Watch(ExerciseArgs),
    /// One more hint.
    #[command(about = say::about_hint(), help_template = say::help_template())]
    Hint(ExerciseArgs),
    /// The model answer.
    #[command(about = say::about_solution(), help_template = say::help_template())]
    Solution(SolutionArgs),
    /// Put an exercise back as it was.
    #[command(about = say::about_reset(), help_template = say::help_template())]
    Reset(ResetArgs),
    /// Run every exercise.
    #[command(about = say::about_check_all(), help_template = say::help_template())]
    CheckAll(CheckAllArgs),
    /// Lose each component once and draw what the curve shows of it.
    #[command(about = say::about_gallery(), help_template = say::help_template())]
    Gallery(GalleryArgs),
    /// Fetch libtorch and build the reference trainer.
    #[command(about = say::about_setup(), help_template = say::help_template())]
    Setup,
    /// Kill a save at every one of its calls.
    #[command(about = say::about_torture(), help_template = say::help_template())]
    Torture(TortureArgs),
    /// Make the attempt that standard input names; what `torture` starts.
    #[command(name = ATTEMPT, hide = true)]
    TortureOne,
    /// Kill one run again and again.
    #[command(about = say_soak::about_soak(), help_template = say::help_template())]
    Soak(SoakArgs),
    /// Let the surroundings of a run go wrong.
    #[command(about = say::about_hazards(), help_template = say::help_template())]
    Hazards(HazardsArgs),
    /// Do the part of a hazard that standard input names; what `hazards` starts.
    #[command(name = HAZARD, hide = true)]
    HazardOne,
    /// Grade submissions.
    #[command(about = say::about_grade(), help_template = say::help_template())]
    Grade(GradeArgs),
    /// Join the gradebooks of shards.
    #[command(about = say::about_merge(), help_template = say::help_template())]
    Merge(MergeArgs),
    /// Grade the submission that standard input names; what `grade` starts.
    #[command(name = WORK, hide = true)]
    GradeOne,
    /// Enter a sandbox and become a program; what a sandboxed program is started by.
    #[command(name = ENTER, hide = true)]
    Sandbox(SandboxArgs),
    /// Wait to be followed and become a program; what a followed program is started by.
    #[command(name = supervise::ENTER, hide = true)]
    Followed(FollowedArgs),
}

/// The options of `run`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct RunArgs {
    /// An exercise of the course, in place of the main job.
    #[arg(value_name = "NAME", conflicts_with_all = ["trainer", "epochs", "kill", "inject", "seed", "work", "tolerance", "trainer_args"], help = say::help_exercise_to_run())]
    pub exercise: Option<String>,
    /// The trainer's name.
    #[arg(long, value_name = "NAME", default_value = "reference", hide_default_value = true, value_parser = trainer_name, help = say::help_trainer())]
    pub trainer: String,
    /// Epochs before and after the kill.
    #[arg(long, value_name = "A+B", default_value = "5+5", hide_default_value = true, help = say::help_epochs())]
    pub epochs: Epochs,
    /// Where the SIGKILL lands.
    #[arg(long, value_name = "POINT", help = say::help_kill())]
    pub kill: Option<KillPoint>,
    /// A call of a save that fails before.
    #[arg(long, value_name = "FAULT", help = say::help_inject())]
    pub inject: Option<Injection>,
    /// The seed.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 0, hide_default_value = true, value_parser = seed, help = say::help_seed())]
    pub seed: u64,
    /// Where the picture and the report go.
    #[arg(long, value_name = "DIR", help = say::help_out())]
    pub out: Option<PathBuf>,
    /// The reports for machines.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = destination, help = say::help_report())]
    pub report: Vec<Destination>,
    /// Keeps the runs' own directories.
    #[arg(long, value_name = "DIR", help = say::help_work())]
    pub work: Option<PathBuf>,
    /// The largest difference in validation loss that still passes.
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = tolerance, help = say::help_tolerance())]
    pub tolerance: Option<f64>,
    /// How long a trainer may be silent.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = timeout, help = say::help_timeout())]
    pub timeout: Option<Duration>,
    /// No picture.
    #[arg(long, help = say::help_no_plot())]
    pub no_plot: bool,
    /// Further arguments for the trainer.
    #[arg(last = true, value_name = "TRAINER_ARGS", help_heading = say::heading_options(), help = say::help_trainer_args())]
    pub trainer_args: Vec<OsString>,
}

/// The options of `gallery`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct GalleryArgs {
    /// The seed.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 0, hide_default_value = true, value_parser = seed, help = say::help_seed())]
    pub seed: u64,
    /// Where the figure goes.
    #[arg(long, value_name = "DIR", help = say::help_out())]
    pub out: Option<PathBuf>,
}

/// An exercise.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct ExerciseArgs {
    /// Name, number, folder or file; `None` is where the learner is.
    #[arg(value_name = "NAME", help = say::help_exercise())]
    pub exercise: Option<String>,
}

/// The options of `torture`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct TortureArgs {
    /// The trainer's name.
    #[arg(long, value_name = "NAME", value_parser = trainer_name, help = say::help_trainer())]
    pub trainer: Option<String>,
    /// Which save.
    #[arg(long, value_name = "latest|best", value_parser = save_kind, help = say::help_save())]
    pub save: Option<CheckpointKind>,
    /// Epochs before and after the save.
    #[arg(long, value_name = "A+B", help = say::help_torture_epochs())]
    pub epochs: Option<Epochs>,
    /// The seed.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 0, hide_default_value = true, value_parser = seed, help = say::help_seed())]
    pub seed: u64,
    /// Where a state that breaks the trainer goes.
    #[arg(long, value_name = "DIR", help = say::help_torture_out())]
    pub out: Option<PathBuf>,
    /// Kills side by side.
    #[arg(long, value_name = "N", value_parser = jobs, help = say::help_torture_jobs())]
    pub jobs: Option<usize>,
    /// How long a trainer may be silent.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = timeout, help = say::help_timeout())]
    pub timeout: Option<Duration>,
    /// This alone.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', help = say::help_torture_only())]
    pub only: Vec<String>,
    /// Where everything goes that came of it.
    #[arg(long, value_name = "FILE", help = say::help_torture_json())]
    pub json: Option<PathBuf>,
    /// A program, or further arguments for the trainer.
    #[arg(last = true, value_name = "COMMAND", help_heading = say::heading_options(), help = say::help_torture_command())]
    pub command: Vec<String>,
}

/// The options of `soak`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct SoakArgs {
    /// The trainer's name.
    #[arg(long, value_name = "NAME", default_value = "reference", hide_default_value = true, value_parser = trainer_name, help = say::help_trainer())]
    pub trainer: String,
    /// How many kills.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 200, hide_default_value = true, value_parser = kills, help = say_soak::help_kills())]
    pub kills: u64,
    /// Epochs of the run.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 20, hide_default_value = true, value_parser = soak_epochs, help = say_soak::help_soak_epochs())]
    pub epochs: u64,
    /// The seed of the run and of the kills.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 0, hide_default_value = true, value_parser = seed, help = say_soak::help_soak_seed())]
    pub seed: u64,
    /// Where the result goes as JSON.
    #[arg(long, value_name = "FILE", help = say_soak::help_json())]
    pub json: Option<PathBuf>,
    /// How long a trainer may be silent.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = timeout, help = say::help_timeout())]
    pub timeout: Option<Duration>,
    /// Further arguments for the trainer.
    #[arg(last = true, value_name = "TRAINER_ARGS", help_heading = say::heading_options(), help = say::help_trainer_args())]
    pub trainer_args: Vec<String>,
}

/// The options of `hazards`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct HazardsArgs {
    /// The trainer's name.
    #[arg(long, value_name = "NAME", default_value = "reference", hide_default_value = true, value_parser = trainer_name, help = say::help_trainer())]
    pub trainer: String,
    /// Epochs before and after it happens.
    #[arg(long, value_name = "A+B", default_value = "2+2", hide_default_value = true, help = say::help_hazards_epochs())]
    pub epochs: Epochs,
    /// The seed.
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value_t = 0, hide_default_value = true, value_parser = seed, help = say::help_seed())]
    pub seed: u64,
    /// How long a trainer may be silent.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = timeout, help = say::help_timeout())]
    pub timeout: Option<Duration>,
    /// Further arguments for the trainer.
    #[arg(last = true, value_name = "TRAINER_ARGS", help_heading = say::heading_options(), help = say::help_trainer_args())]
    pub trainer_args: Vec<String>,
}

/// The options of `grade`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct GradeArgs {
    /// A folder for each learner.
    #[arg(value_name = "SUBMISSION", required = true, help = say::help_submission())]
    pub submissions: Vec<PathBuf>,
    /// The exercises; none: all.
    #[arg(long, value_name = "NAME", help = say::help_graded_exercise())]
    pub exercise: Vec<String>,
    /// What a pass is worth.
    #[arg(long, value_name = "FILE", help = say::help_points())]
    pub points: Option<PathBuf>,
    /// Submissions side by side.
    #[arg(long, value_name = "N", value_parser = jobs, help = say::help_jobs())]
    pub jobs: Option<usize>,
    /// A part of the class.
    #[arg(long, value_name = "K/N", value_parser = shard, default_value = "1/1", hide_default_value = true, help = say::help_shard())]
    pub shard: Shard,
    /// Added to every trial's seed.
    #[arg(long, value_name = "N", value_parser = seed, help = say::help_grading_seed())]
    pub seed: Option<u64>,
    /// How long a trainer may be silent.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true, value_parser = timeout, help = say::help_grading_timeout())]
    pub timeout: Option<Duration>,
    /// What a program may use.
    #[arg(long, value_name = "NAME=VALUE", value_parser = limit, help = say::help_limit())]
    pub limit: Vec<(Limit, u64)>,
    /// The reports for machines.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = destination, help = say::help_grade_report())]
    pub report: Vec<Destination>,
}

/// The options of `merge`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct MergeArgs {
    /// The gradebooks, as JSON.
    #[arg(value_name = "GRADEBOOK", required = true, help = say::help_gradebook())]
    pub gradebooks: Vec<PathBuf>,
    /// The reports for machines.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = destination, help = say::help_grade_report())]
    pub report: Vec<Destination>,
}

/// What a sandboxed program is started with.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The sandbox, as JSON.
    pub entry: String,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

/// What a followed program is started with.
#[derive(Debug, Args)]
pub struct FollowedArgs {
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

/// The options of `check-all`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct CheckAllArgs {
    /// The reports for machines.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = destination, help = say::help_reports())]
    pub report: Vec<Destination>,
}

/// The options of `reset`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct ResetArgs {
    /// Name, number, folder or file.
    #[arg(value_name = "NAME", required_unless_present = "all", help = say::help_exercise_to_reset())]
    pub exercise: Option<String>,
    /// Every exercise.
    #[arg(long, conflicts_with = "exercise", help = say::help_reset_all())]
    pub all: bool,
    /// Do not ask.
    #[arg(long, short, help = say::help_yes())]
    pub yes: bool,
}

/// The options of `solution`.
#[derive(Debug, Args)]
#[command(next_help_heading = say::heading_options())]
pub struct SolutionArgs {
    /// Name, number, folder or file; `None` is where the learner is.
    #[arg(value_name = "NAME", help = say::help_exercise())]
    pub exercise: Option<String>,
    /// Even if it has not passed.
    #[arg(long, help = say::help_spoil())]
    pub spoil: bool,
}

/// How to talk.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = say::heading_talk(), next_display_order = 100)]
pub struct Talk {
    /// The language of the messages.
    #[arg(long, value_name = "ko|en", hide_possible_values = true, global = true, help = say::help_lang())]
    pub lang: Option<Language>,
    /// Colours.
    #[arg(long, value_name = "auto|always|never", hide_possible_values = true, default_value = "auto", hide_default_value = true, global = true, help = say::help_color())]
    pub color: Color,
    /// Only errors.
    #[arg(long, short, conflicts_with = "verbose", global = true, help = say::help_quiet())]
    pub quiet: bool,
    /// The trainers' output too.
    #[arg(long, short, global = true, help = say::help_verbose())]
    pub verbose: bool,
}

/// A language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn trainer_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = !text.is_empty() && !text.starts_with('-') && text.chars().all(allowed);
    is_name.then(|| text.to_owned()).ok_or_else(say::bad_trainer)
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| say::bad_seed())
}

fn save_kind(text: &str) -> Result<CheckpointKind, String> {
    let kind = CheckpointKind::ALL.into_iter().find(|kind| kind.name() == text);
    kind.ok_or_else(say::bad_save)
}

fn jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| (1..=256).contains(jobs)).ok_or_else(say::bad_jobs)
}

fn kills(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|kills| (1..=100_000).contains(kills)).ok_or_else(say_soak::bad_kills)
}

fn soak_epochs(text: &str) -> Result<u64, String> {
    let epochs = text.parse().ok().filter(|epochs| (1..=10_000).contains(epochs));
    epochs.ok_or_else(say_soak::bad_soak_epochs)
}

fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    numbers
        .filter(|(number, of)| (1..=*of).contains(number))
        .map(|(number, of)| Shard { number, of })
        .ok_or_else(say::bad_shard)
}

fn limit(text: &str) -> Result<(Limit, u64), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let limit = Limit::ALL.into_iter().find(|limit| limit.name() == name);
    let value = value.parse().ok().filter(|value| (1..=1 << 20).contains(value));
    limit.zip(value).ok_or_else(|| say::bad_limit(&Limit::ALL.map(Limit::name).join(", ")))
}

fn destination(text: &str) -> Result<Destination, String> {
    // A file alone is JSON: what the option meant before there were formats.
    let (format, path) = text.split_once('=').unwrap_or((Format::Json.name(), text));
    let format = Format::ALL.into_iter().find(|known| known.name() == format);
    match format {
        Some(format) if !path.is_empty() => Ok(Destination { format, path: path.into() }),
        _ => Err(say::bad_report(&Format::ALL.map(Format::name).join(", "))),
    }
}

fn tolerance(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
    value.ok_or_else(say::bad_tolerance)
}

fn timeout(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|s: &f64| (0.1..=86_400.0).contains(s));
    seconds.map(Duration::from_secs_f64).ok_or_else(say::bad_timeout)
}

/// A usage error in Korean; `None` where clap's own English has to do.
pub fn in_korean(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg);
    let why = std::error::Error::source(error).map(ToString::to_string);
    Some(match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue)?;
            let expected = why.or_else(|| context(ContextKind::ValidValue)).unwrap_or_default();
            if value.is_empty() {
                say::missing_value(&argument?)
            } else {
                say::bad_value(&argument?, &value, &expected)
            }
        }
        ErrorKind::UnknownArgument => say::unknown_argument(&argument?),
        ErrorKind::InvalidSubcommand => {
            say::unknown_command(&context(ContextKind::InvalidSubcommand)?)
        }
        ErrorKind::ArgumentConflict => match context(ContextKind::PriorArg) {
            Some(other) if Some(&other) != argument.as_ref() => say::conflict(&argument?, &other),
            _ => say::given_twice(&argument?),
        },
        ErrorKind::MissingRequiredArgument => say::missing_argument(&argument?),
        ErrorKind::MissingSubcommand => say::missing_command(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_do_not_contradict_each_other() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
