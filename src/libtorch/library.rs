//! What it takes to compile a program against the lesson's library without cargo.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::{Deserialize, Serialize};

use super::build::build;
use super::machine::Machine;
use super::progress::Progress;
use super::{BuildError, Libtorch, Project, SetupError};

/// What it takes to compile a program against the lesson's library without cargo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// The compiler itself, not rustup's proxy of it.
    pub rustc: PathBuf,
    /// The folder that the compiler and its libraries lie in.
    pub sysroot: PathBuf,
    /// The crates that an exercise can name.
    pub externs: Vec<(String, PathBuf)>,
    /// Where to look for what these need, as `-L` takes it.
    pub search: Vec<String>,
    /// The folder with libtorch's libraries.
    pub libtorch: PathBuf,
    /// The folders with the shared libraries that a program loads, libtorch's among them.
    pub loaded: Vec<PathBuf>,
    /// The reference trainer.
    pub reference: PathBuf,
}

/// Builds the lesson's library and its reference trainer. Call [`ensure`](super::ensure) before, which
/// gives `libtorch`.
///
/// # Errors
/// As [`build_trainers`].
pub fn build_library(
    project: &Project,
    libtorch: &Libtorch,
    progress: &Progress,
) -> Result<Library, BuildError> {
    let machine = Machine::this();
    let built = build(&machine, project, ["reference"], progress)?;
    let [reference] = built.executables;
    let sysroot = sysroot(&machine, project)?;
    let extern_crate = |name: &str| {
        let path = built.libraries.get(name).cloned();
        let tail = format!("cargo did not say where it built {name}");
        let path = path.ok_or(SetupError::CargoFailed { tail })?;
        Ok::<_, SetupError>((name.to_owned(), path))
    };
    let externs = vec![extern_crate("lesson")?, extern_crate("anyhow")?];
    let mut search = built.search;
    let folders: BTreeSet<_> = externs.iter().filter_map(|(_, path)| path.parent()).collect();
    search.extend(folders.into_iter().map(|dir| format!("dependency={}", dir.display())));
    let home = machine.var("LIBTORCH_LIB").map_or(&*libtorch.dir, Path::new);
    Ok(Library {
        rustc: sysroot.join("bin/rustc"),
        sysroot,
        externs,
        search,
        libtorch: home.join("lib"),
        loaded: loaded(&machine, &reference),
        reference,
    })
}

/// The folders of the shared libraries that a program loads, as the loader tells them. Where it does not,
/// as on macOS, none: nothing asks for them there.
fn loaded(machine: &Machine, program: &Path) -> Vec<PathBuf> {
    let mut command = machine.command(program);
    let output = command.env("LD_TRACE_LOADED_OBJECTS", "1").stdin(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = if cfg!(target_os = "linux") { text.unwrap_or_default() } else { String::new() };
    // NAME => PATH (ADDRESS)
    let paths =
        text.lines().filter_map(|line| line.split_once("=> ")?.1.rsplit_once(" (").map(|it| it.0));
    let folders: BTreeSet<_> = paths.filter_map(|path| Path::new(path).parent()).collect();
    folders.into_iter().map(Path::to_owned).collect()
}

/// Where the compiler that cargo calls in the project's folder lies.
fn sysroot(machine: &Machine, project: &Project) -> Result<PathBuf, SetupError> {
    let name = machine.var("RUSTC").unwrap_or(OsStr::new("rustc"));
    let rustc = machine.find(name).unwrap_or_else(|| PathBuf::from(name));
    let mut command = machine.command(&rustc);
    command.args(["--print", "sysroot"]).current_dir(project.root());
    let output = command.output();
    let output = output.map_err(|source| SetupError::CannotRun { program: rustc, source })?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
}
