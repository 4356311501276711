//! Builds a trainer with cargo, and tells a trainer that does not compile from a machine that
//! cannot compile it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use console::strip_ansi_codes;
use serde_json::Value;

use super::child::{Line, Tail, follow, was_interrupted};
use super::machine::Machine;
use super::progress::Progress;
use super::{BuildError, Project, SetupError};
use crate::messages::setup as say;

/// The packages that trainers are binaries of: the course's exercises, and the lesson's own.
const PACKAGES: [&str; 2] = ["exercises", "lesson"];

/// Builds trainers, which fetches and compiles what they need first, and returns their executables.
///
/// Call [`ensure`](super::ensure) before. The first build compiles torch-sys: minutes.
///
/// # Errors
/// [`BuildError::Compile`] where a trainer's code is wrong, [`BuildError::NoSuchTrainer`], and
/// [`BuildError::Setup`] for everything that is not the trainers' fault.
pub fn build_trainers<const N: usize>(
    project: &Project,
    names: [&str; N],
    progress: &Progress,
) -> Result<[PathBuf; N], BuildError> {
    build_trainers_on(&Machine::this(), project, names, progress)
}

/// [`build_trainers`] on a machine that need not be this one.
///
/// # Errors
/// As [`build_trainers`].
pub fn build_trainers_on<const N: usize>(
    machine: &Machine,
    project: &Project,
    names: [&str; N],
    progress: &Progress,
) -> Result<[PathBuf; N], BuildError> {
    build(machine, project, names, progress).map(|built| built.executables)
}

/// What cargo built.
pub(super) struct Built<const N: usize> {
    pub(super) executables: [PathBuf; N],
    /// The crates that went into them, by name.
    pub(super) libraries: BTreeMap<String, PathBuf>,
    /// Where build scripts told the linker to look, as `-L` takes it.
    pub(super) search: Vec<String>,
}

pub(super) fn build<const N: usize>(
    machine: &Machine,
    project: &Project,
    names: [&str; N],
    progress: &Progress,
) -> Result<Built<N>, BuildError> {
    let cargo = Cargo::find(machine, project)?;
    let mut work = progress.begin();
    let mut announced = !cargo.has_compiled_torch();
    if announced {
        check_compiler(machine)?;
        work.say(&say::compiling_torch());
    }

    let mut command = cargo.command();
    command.args(["build", "--message-format=json-render-diagnostics"]);
    command.args(PACKAGES.map(|package| format!("--package={package}")));
    command.args(names.map(|name| format!("--bin={name}")));
    command.arg(if console::colors_enabled_stderr() { "--color=always" } else { "--color=never" });

    let mut executables = names.map(|_| None);
    let mut libraries = BTreeMap::new();
    let mut search = Vec::new();
    let mut done = 0;
    let mut compiling = names.join(", ");
    let mut tail = Tail::default();
    let status = follow(command, |line| {
        match line {
            Some(Line::Out(line)) => {
                let message = serde_json::from_str::<Value>(&line).unwrap_or_default();
                done += usize::from(message["reason"] == "compiler-artifact");
                if let Some(executable) = message["executable"].as_str()
                    && let Some(i) =
                        names.iter().position(|name| message["target"]["name"] == *name)
                {
                    executables[i] = Some(PathBuf::from(executable));
                }
                libraries.extend(library(&message));
                search.extend(strings(&message["linked_paths"]));
            }
            Some(Line::Err(line)) => match status_line(&strip_ansi_codes(&line)) {
                Some(("Compiling", rest)) => {
                    compiling = rest.split(' ').next().unwrap_or_default().to_owned();
                    if compiling == "torch-sys" && !announced {
                        announced = true;
                        work.say(&say::compiling_torch());
                    }
                }
                Some(("Blocking", _)) => work.say(&say::waiting_for_cargo()),
                Some(_) => {}
                None => tail.push(line),
            },
            None => {}
        }
        work.update(&say::compiling_now(&compiling, done), None);
    })
    .map_err(|source| SetupError::CannotRun { program: cargo.program.clone(), source })?;
    drop(work);

    let missing = executables.iter().position(Option::is_none);
    let executables = executables.map(Option::unwrap_or_default);
    match missing {
        None if status.success() => Ok(Built { executables, libraries, search }),
        _ if was_interrupted(status) => Err(SetupError::Interrupted.into()),
        _ if status.success() || tail.has(&["no bin target named", "no bin target matches"]) => {
            let name = names[missing.unwrap_or_default()].to_owned();
            Err(BuildError::NoSuchTrainer { name, known: cargo.trainers() })
        }
        _ => Err(why(&tail, machine, project)),
    }
}

/// The crate that a message of cargo's says was built, and the file to link.
fn library(message: &Value) -> Option<(String, PathBuf)> {
    // The copy beside the others it depends on, not the one that cargo puts in plain sight.
    let metadata = strings(&message["filenames"]).find(|name| name.ends_with(".rmeta"))?;
    let name = message["target"]["name"].as_str()?;
    Some((name.to_owned(), Path::new(&metadata).with_extension("rlib")))
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned))
}

/// What cargo's output means.
fn why(tail: &Tail, machine: &Machine, project: &Project) -> BuildError {
    let shown = tail.show();
    let plain: Vec<_> = tail.lines().map(|line| strip_ansi_codes(line).into_owned()).collect();
    let says = |needles: &[&str]| plain.iter().any(|l| needles.iter().any(|n| l.contains(n)));
    let failed = plain.iter().filter_map(|line| failed_crate(line)).collect::<Vec<_>>();

    if says(&["No space left on device", "os error 28", "Disk quota exceeded"]) {
        return SetupError::DiskFull { dir: project.root().to_owned(), tail: shown }.into();
    }
    if says(&["failed to find tool", "linker `cc` not found", "invalid active developer path"]) {
        return SetupError::NoCompiler { compiler: compiler(machine) }.into();
    }
    if says(&["linking with `"]) {
        let krate = format!("{} (linking)", PACKAGES[0]);
        return SetupError::Dependency { krate, tail: shown }.into();
    }
    if let Some(krate) = failed.iter().find(|krate| !PACKAGES.contains(*krate)) {
        return SetupError::Dependency { krate: (*krate).to_owned(), tail: shown }.into();
    }
    if failed.is_empty() {
        const NETWORK: &[&str] =
            &["failed to download", "network error", "download of ", "Could not resolve host"];
        let tail = shown;
        return match says(NETWORK) {
            true => SetupError::NoCrates { tail }.into(),
            false => SetupError::CargoFailed { tail }.into(),
        };
    }
    BuildError::Compile { stderr: tail.lines().collect::<Vec<_>>().join("\n") }
}

/// The crate that a line of cargo's says it could not build.
fn failed_crate(line: &str) -> Option<&str> {
    let prefixes =
        ["error: could not compile `", "error: failed to run custom build command for `"];
    let rest = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix))?;
    rest.split(['`', ' ']).next()
}

/// The verb and the rest of a status line: cargo sets the verb against column 12.
fn status_line(line: &str) -> Option<(&str, &str)> {
    let (verb, rest) = line.split_at_checked(12)?;
    let verb = verb.trim_start();
    let is_verb = verb.starts_with(|c: char| c.is_ascii_uppercase())
        && verb.chars().all(|c| c.is_ascii_alphabetic());
    Some((verb, rest.strip_prefix(' ')?)).filter(|_| is_verb)
}

/// The C++ compiler that torch-sys will call: `CXX` may hold a wrapper before it, or flags after.
fn compiler(machine: &Machine) -> String {
    let set = ["HOST_CXX", "CXX"].iter().find_map(|name| machine.var(name));
    set.map_or_else(|| "c++".to_owned(), |value| value.to_string_lossy().into_owned())
}

/// Finds out before the minutes that come before torch-sys whether there is a C++ compiler.
fn check_compiler(machine: &Machine) -> Result<(), SetupError> {
    // CXX_<target> is for those who know what they do.
    if machine.var_names().any(|name| name.to_string_lossy().starts_with("CXX_")) {
        return Ok(());
    }
    let compiler = compiler(machine);
    let program = compiler.split_whitespace().next().unwrap_or_default();
    match machine.find(&compiler).or_else(|| machine.find(program)) {
        Some(_) => Ok(()),
        None => Err(SetupError::NoCompiler { compiler }),
    }
}

/// cargo, as a person would call it in the project's folder.
struct Cargo<'a> {
    machine: &'a Machine,
    project: &'a Project,
    program: PathBuf,
}

impl<'a> Cargo<'a> {
    fn find(machine: &'a Machine, project: &'a Project) -> Result<Self, SetupError> {
        let name = machine.var("CARGO").unwrap_or(OsStr::new("cargo"));
        let program = machine.find(name).or_else(|| machine.find("cargo"));
        let cargo = name.to_string_lossy().into_owned();
        Ok(Self { machine, project, program: program.ok_or(SetupError::NoCargo { cargo })? })
    }

    /// What the cargo that started us added to the environment is left out. With it, build scripts
    /// that watch such a variable would run again, torch-sys's among them: minutes.
    fn command(&self) -> Command {
        let mut command = self.machine.command(&self.program);
        for name in self.machine.var_names() {
            let text = name.to_string_lossy();
            let by_cargo = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
            if by_cargo.iter().any(|prefix| text.starts_with(prefix))
                || matches!(&*text, "CARGO_PRIMARY_PACKAGE" | "CARGO_TARGET_TMPDIR" | "OUT_DIR")
            {
                command.env_remove(name);
            }
        }
        let own = |path: &OsStr| self.project.is_own_libtorch(Path::new(path));
        if self.machine.var("LIBTORCH").is_none_or(own) {
            // The project's .cargo/config.toml sets it, always to the same text.
            command.env_remove("LIBTORCH");
        }
        if self.machine.var("LIBTORCH_USE_PYTORCH").is_none() {
            command.env_remove("LIBTORCH_USE_PYTORCH");
        }
        command.current_dir(self.project.root());
        command
    }

    /// Whether the slow part of a first build has been done.
    fn has_compiled_torch(&self) -> bool {
        let default = match self.machine.var("CARGO_TARGET_DIR") {
            Some(dir) => self.project.root().join(dir),
            None => self.project.root().join("target"),
        };
        has_compiled_torch(&default)
            || self
                .metadata()
                .and_then(|it| it["target_directory"].as_str().map(PathBuf::from))
                .is_some_and(|dir| dir != default && has_compiled_torch(&dir))
    }

    /// The names of all trainers, sorted. The model answers are left out: nobody looks for them here.
    fn trainers(&self) -> Vec<String> {
        let metadata = self.metadata().unwrap_or_default();
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let targets = packages
            .filter(|package| PACKAGES.iter().any(|name| package["name"] == *name))
            .flat_map(|package| package["targets"].as_array().into_iter().flatten());
        let is_bin = |target: &&Value| {
            target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
        };
        let mut names: Vec<_> =
            targets.filter(is_bin).filter_map(|t| t["name"].as_str().map(str::to_owned)).collect();
        names.retain(|name| !name.ends_with("_solution"));
        names.sort();
        names
    }

    fn metadata(&self) -> Option<Value> {
        let mut command = self.command();
        let output = command.args(["metadata", "--no-deps", "--format-version=1"]).output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }
}

/// Whether a target directory holds the shim that torch-sys compiles.
fn has_compiled_torch(target: &Path) -> bool {
    let Ok(entries) = fs::read_dir(target.join("debug/build")) else { return false };
    entries.flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with("torch-sys-")
            && entry.path().join("out/libtch.a").is_file()
    })
}
