//! Compiles a learner's file, without cargo and without trust.
//!
//! The file becomes a library crate. What is run is a program of ours that connects to the harness first
//! and then calls the learner's `main`: the harness takes one connection, so that the learner's code cannot
//! speak for the lesson's library. Without `unsafe` it cannot reach into that library either.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::libtorch::Library;
use crate::recording::Outcome;
use crate::sandbox::{Limits, Sandbox};
use crate::supervise::{Cancel, SuperviseError, run_bounded};

/// Added to the learner's file: `main` is private there, whatever it returns.
const START: &str = "\npub fn killresume_start() -> impl ::std::process::Termination { main() }\n";

/// The program.
const MAIN: &str = "//! Connects before the learner's code runs.\n\
    fn main() -> impl ::std::process::Termination {\n    \
    ::lesson::connect().expect(\"the harness that started this process listens\");\n    \
    ::exercise::killresume_start()\n}\n";

/// What came of compiling.
#[derive(Debug)]
pub enum Compiled {
    /// The program.
    Program(PathBuf),
    /// The compiler's messages.
    DoesNotCompile(String),
    /// The compiler passed a limit: what to say, and its messages.
    Limit(String, String),
}

/// Compiles `source` in `dir`, a folder for it alone, into a program of this name. `place` is how the
/// compiler's messages name the file.
///
/// # Errors
/// The compiler cannot be run; a signal asked us to stop.
pub fn compile(
    library: &Library,
    source: &str,
    place: &Path,
    name: &str,
    dir: &Path,
    limits: Limits,
    cancel: &Cancel,
) -> Result<Compiled, SuperviseError> {
    let file = dir.join(place);
    let main = dir.join("main.rs");
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap_or(dir))
            .and_then(|()| fs::write(path, text))
            .with_context(|| format!("cannot write {}", path.display()))
    };
    write(&file, &format!("{source}{START}"))?;
    write(&main, MAIN)?;
    let exercise = dir.join("libexercise.rlib");
    let program = dir.join(name);
    let rpath = format!("-Clink-arg=-Wl,-rpath,{}", library.libtorch.display());
    let steps: [&[&str]; 2] = [
        // Warnings are the learner's business, and would come again and again.
        &["--crate-name=exercise", "--crate-type=lib", "-Awarnings", "-Funsafe_code"],
        &["--crate-name=graded", "--crate-type=bin", &rpath],
    ];
    for (step, (source, to)) in steps.into_iter().zip([(place, &exercise), (&main, &program)]) {
        let mut arguments: Vec<String> = step.iter().map(|&text| text.to_owned()).collect();
        arguments.extend(["--edition=2024".to_owned(), "--color=never".to_owned()]);
        let own = (to == &program).then(|| ("exercise".to_owned(), exercise.clone()));
        for (name, path) in library.externs.iter().chain(&own) {
            arguments.push(format!("--extern={name}={}", path.display()));
        }
        arguments.extend(library.search.iter().map(|path| format!("-L{path}")));
        arguments.extend(["-o".to_owned(), to.display().to_string(), source.display().to_string()]);
        let command = sandbox(library, limits).command(&library.rustc, arguments, dir);
        let mut command = command.context("cannot put the compiler into its sandbox")?;
        let bounded = run_bounded(command.current_dir(dir), limits, cancel)?;
        if let Some(fault) = bounded.fault {
            return Ok(Compiled::Limit(fault.to_string(), bounded.output));
        }
        if bounded.outcome != (Outcome::Exited { code: 0 }) {
            return Ok(Compiled::DoesNotCompile(bounded.output));
        }
    }
    Ok(Compiled::Program(program))
}

/// The compiler reads the libraries, and runs itself and the linker.
fn sandbox(library: &Library, limits: Limits) -> Sandbox {
    let searched = library.search.iter().map(|path| match path.split_once('=') {
        Some((_, path)) => PathBuf::from(path),
        None => PathBuf::from(path),
    });
    let externs = library.externs.iter().map(|(_, path)| path.clone());
    let read = searched.chain(externs).chain([library.libtorch.clone()]).collect();
    let tools =
        ["/bin", "/usr/bin", "/usr/lib", "/usr/libexec", "/usr/local/bin", "/lib", "/lib64"];
    let mut execute: Vec<PathBuf> = tools.iter().map(PathBuf::from).collect();
    execute.push(library.sysroot.clone());
    Sandbox { limits, read, execute }
}
