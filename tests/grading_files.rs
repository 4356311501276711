//! What spreads a class over machines, and what explains it, names nothing that killresume does not know.
//!
//! In place of Slurm, cargo and a grader stand scripts; what these are called with is put before the real
//! command line, which checks it and, asked for help, does nothing else.

// The scripts are for clusters and runners, which have bash 4 and GNU's tools.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Takes a job as Slurm does, and runs it at once from a spool.
const SBATCH: &str = r#"
while [[ $1 != -- ]]; do
    case $1 in --array=1-*) tasks=${1#--array=1-} ;; esac
    shift
done
shift
cp "$1" "${0%/*}/spooled"
shift
export SLURM_JOB_ID=7 SLURM_CPUS_PER_TASK=2
if [[ -n ${tasks:-} ]]; then
    export SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=$tasks SLURM_ARRAY_TASK_COUNT=$tasks
    for ((task = 1; task <= tasks; task++)); do
        SLURM_ARRAY_TASK_ID=$task "${0%/*}/spooled" "$@" >&2 || exit
    done
else
    "${0%/*}/spooled" "$@" >&2 || exit
fi
echo "7;cluster"
"#;

/// Stands in for killresume: notes the call, and whether the real one would take it.
const GRADER: &str = r#"
printf '%s\n' "$*" >>"${0%/*}/calls"
"$KILLRESUME_REAL" "$@" --help >/dev/null 2>>"${0%/*}/refused"
for argument in "$@"; do
    case $argument in json=* | github=*) : >"${argument#*=}" ;; esac
done
"#;

const CARGO: &str = r#"
[[ "$1 $2 $3" == "run --quiet --" ]] && shift 3 && exec "${0%/*}/grader" "$@"
"#;

/// Scripts that are found before all other programs.
struct Stage(TempDir);

impl Stage {
    fn set() -> Self {
        let stage = Self(tempfile::tempdir().expect("a directory"));
        for (name, script) in [("sbatch", SBATCH), ("grader", GRADER), ("cargo", CARGO)] {
            let path = stage.0.path().join(name);
            fs::write(&path, format!("#!/usr/bin/env bash\n{script}")).expect("a script");
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a mode");
        }
        stage
    }

    /// A script of ours, in an empty folder with two submissions.
    fn run(&self, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let work = self.0.path().join("work");
        for name in ["ann", "bob o'neil"] {
            fs::create_dir_all(work.join("class").join(name)).expect("a submission");
        }
        fs::write(work.join("class/README.md"), "the class").expect("a file beside them");
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new(project().join("grading").join(script))
            .args(arguments)
            .current_dir(&work)
            .env("PATH", format!("{}:{path}", self.0.path().display()))
            .env("KILLRESUME", self.0.path().join("grader"))
            .env("KILLRESUME_REAL", env!("CARGO_BIN_EXE_killresume"))
            .env("GITHUB_WORKSPACE", &work)
            .env("GITHUB_OUTPUT", work.join("outputs"))
            .env("RUNNER_TEMP", &work)
            .envs(variables.iter().copied())
            .output()
            .expect("bash")
    }

    /// The calls of the grader; the real one would have taken each.
    fn calls(&self, output: &Output) -> Vec<String> {
        assert!(output.status.success(), "{output:?}");
        let read = |name: &str| fs::read_to_string(self.0.path().join(name)).unwrap_or_default();
        assert_eq!(read("refused"), "");
        read("calls").lines().map(str::to_owned).collect()
    }
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(project().join(path)).expect("a file of the project")
}

#[test]
fn slurm_sh_grades_every_shard_and_joins_them() {
    let stage = Stage::set();
    let arguments = ["-n", "3", "-o", "out of it", "-s", "--time=9", "--"];
    let submissions = ["class/ann", "class/bob o'neil", "--exercise", "optimizer", "--limit=cpu=9"];
    let output = stage.run("slurm.sh", &[&arguments[..], &submissions].concat(), &[]);
    let calls = stage.calls(&output);
    assert_eq!(calls.len(), 4, "{calls:?}");
    let seed = |call: &str| call.split("--seed ").nth(1).map(|rest| rest[..3].to_owned());
    for (place, call) in calls[..3].iter().enumerate() {
        assert!(call.starts_with("grade class/ann class/bob o'neil --exercise"), "{call}");
        assert!(call.contains(&format!("--shard {}/3", place + 1)), "{call}");
        assert_eq!(seed(call), seed(&calls[0]), "one seed for all");
    }
    assert!(seed(&calls[0]).is_some(), "{calls:?}");
    let of_shards = |call: &str| (1..=3).all(|k| call.contains(&format!("/shards/{k}.json")));
    assert!(calls[3].starts_with("merge ") && of_shards(&calls[3]), "{}", calls[3]);
}

#[test]
fn slurm_sh_joins_no_two_gradings() {
    let stage = Stage::set();
    let arguments = ["-n", "1", "--", "class/ann"];
    assert!(stage.run("slurm.sh", &arguments, &[]).status.success());
    assert_eq!(stage.run("slurm.sh", &arguments, &[]).status.code(), Some(2));
}

#[test]
fn the_action_hands_its_inputs_over_as_they_are() {
    let stage = Stage::set();
    let inputs = [
        ("INPUT_SUBMISSIONS", " class/* \r\n\n class/$(id)"),
        ("INPUT_EXERCISES", "optimizer, rng"),
        ("INPUT_POINTS", "a b.toml"),
        ("INPUT_LIMITS", "wall=9\ncpu=9"),
        ("INPUT_SHARD", "1/2"),
        ("INPUT_JOBS", "2"),
        ("INPUT_SEED", "71"),
        ("INPUT_LANG", "ko"),
        ("INPUT_GRADEBOOKS", "killresume.*/gradebook.json"),
    ];
    stage.calls(&stage.run("action.sh", &["grade"], &inputs));
    let calls = stage.calls(&stage.run("action.sh", &["merge"], &inputs));
    let work = stage.0.path().join("work").display().to_string();
    let submissions =
        format!("grade {work}/class/ann {work}/class/bob o'neil {work}/class/$(id) --");
    assert!(calls[0].starts_with(&submissions), "{}", calls[0]);
    let options = "--exercise=optimizer --exercise=rng --limit=wall=9 --limit=cpu=9 ";
    assert!(calls[0].contains(options), "{}", calls[0]);
    assert!(calls[1].starts_with(&format!("merge {work}/killresume.")), "{}", calls[1]);
}

/// The keys below a line, one step further in.
fn keys_below(text: &str, header: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let at = |line: &str| line.trim_start().trim_start_matches("- ") == header;
    let mut keys = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.find(|line| at(line)) {
        let own = indent(line) + 2 * usize::from(line.trim_start().starts_with("- "));
        let inner = lines.clone().take_while(|it| it.is_empty() || indent(it) > own);
        let inner = inner.filter(|it| indent(it) == own + 2 && it.contains(':'));
        keys.extend(inner.filter_map(|it| it.trim().split(':').next().map(str::to_owned)));
    }
    keys
}

#[test]
fn the_workflow_gives_inputs_that_the_action_has() {
    let (action, workflow) = (read("action.yml"), read(".github/workflows/grade.yml"));
    let known = keys_below(&action, "inputs:");
    assert!(known.contains(&"submissions".to_owned()), "{known:?}");
    let steps = workflow.split("uses: ./killresume").skip(1);
    let given = steps.flat_map(|step| {
        let step = step.split("\n      - ").next().unwrap_or_default();
        keys_below(step, "with:")
    });
    for input in given {
        assert!(known.contains(&input), "the action has no input '{input}'");
    }
    let script = read("grading/action.sh");
    for variable in script.split("INPUT_").skip(1) {
        let end = variable.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(variable.len());
        let name = variable[..end].to_lowercase();
        assert!(name.is_empty() || known.contains(&name), "the action has no input '{name}'");
    }
    let (called, by_hand) = workflow.split_once("workflow_dispatch:").expect("both triggers");
    let mut called = keys_below(called, "inputs:");
    called.retain(|input| input != "artifact");
    assert_eq!(called, keys_below(by_hand, "inputs:"));
}

#[test]
fn no_input_becomes_text_of_a_shell() {
    for path in ["action.yml", ".github/workflows/grade.yml"] {
        let text = read(path);
        for script in text.split("run: ").skip(1) {
            // A key as far out as `run` ends it.
            let end = ["\n      env:", "\n      - ", "\n    - ", "\n      #", "\n  "];
            let block = script.starts_with('|');
            let end = if block { &end[..4] } else { &end[..] };
            let end = end.iter().filter_map(|end| script.find(end)).min().unwrap_or(script.len());
            assert!(!script[..end].contains("${{"), "{path}: {}", &script[..end]);
        }
    }
}

/// The blocks of code of a text: the language and the lines.
fn blocks(text: &str) -> Vec<&str> {
    text.split("```").skip(1).step_by(2).collect()
}

#[test]
fn every_command_of_the_readmes_parses() {
    let (en, ko) = (read("grading/README.md"), read("grading/README.ko.md"));
    assert_eq!(blocks(&en), blocks(&ko));
    let lines = blocks(&en).into_iter().filter_map(|block| block.strip_prefix("sh\n"));
    let mut parsed = 0;
    for line in lines.flat_map(str::lines) {
        let arguments = if let Some(arguments) = line.strip_prefix("cargo run -- ") {
            arguments.to_owned()
        } else if let Some((_, arguments)) = line.split_once(" killresume grade ") {
            format!("grade {arguments}")
        } else if let Some((_, arguments)) = line.split_once(" -- ") {
            format!("grade {arguments}")
        } else {
            continue;
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_killresume"));
        let output = command.args(arguments.split_whitespace()).arg("--help").output();
        let output = output.expect("the harness starts");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        parsed += 1;
    }
    assert!(parsed >= 8, "{parsed} commands");
}
