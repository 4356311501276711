//! What all submissions share, made once: the lesson's library, and the control runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::course::{Catalogue, Controls, TIMEOUT};
use crate::libtorch::{self, Library, Project};
use crate::messages::grade as say;
use crate::report::gradebook::Task;
use crate::report::progress;
use crate::sandbox::Limits;
use crate::supervise::{Cancel, Role, SuperviseError, record};

use super::compile::{Compiled, compile};
use super::work::{OPTIONS, seeded};

/// What all submissions share.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bench {
    /// The grader's own checkout.
    pub project: PathBuf,
    /// What to compile against.
    pub library: Library,
    /// The folder of the recorded control runs.
    pub controls: PathBuf,
}

/// Builds and records what all submissions share; the recordings go into `dir`.
///
/// # Errors
/// The grader's own parts do not build, compile or run.
pub fn prepare(
    project: &Project,
    exercises: &[Task],
    seed: u64,
    dir: &Path,
    quiet: bool,
    cancel: &Cancel,
) -> Result<Bench, SuperviseError> {
    let shown = libtorch::Progress::stderr(quiet);
    let found = libtorch::ensure(project, &shown).map_err(anyhow::Error::from)?;
    let library = libtorch::build_library(project, &found, &shown).map_err(anyhow::Error::from)?;
    let catalogue = Catalogue::read(project).map_err(anyhow::Error::from)?;
    let bench =
        Bench { project: project.root().to_owned(), library, controls: dir.join("controls") };
    check_compiler(&bench, &catalogue, dir, cancel)?;

    let controls = Controls::at(&bench.controls);
    let mut recorded = BTreeSet::new();
    for task in exercises {
        let exercise = catalogue.find(&task.name).map_err(anyhow::Error::from)?;
        for trial in &exercise.trials {
            let reference = &bench.library.reference;
            let scenario = trial.scenario(&exercise.name, reference, reference, TIMEOUT);
            let scenario = seeded(scenario, seed);
            if controls.get(&scenario).is_some() {
                continue;
            }
            let work = dir.join(format!("control-{}", recorded.len()));
            fs::create_dir_all(&work)
                .with_context(|| format!("cannot create {}", work.display()))?;
            let quiet =
                progress::Progress::new(scenario.epochs.total(), true, true, OPTIONS.verbose);
            let control = record(Role::Control, &scenario, &work, &quiet, cancel)?;
            controls.put(&scenario, &control);
            // Its checkpoints are nobody's to find.
            let _ = fs::remove_dir_all(&work);
            recorded.insert(work);
        }
    }
    Ok(bench)
}

/// Whether an exercise that is known to compile does: if not, no learner is to blame.
fn check_compiler(
    bench: &Bench,
    catalogue: &Catalogue,
    dir: &Path,
    cancel: &Cancel,
) -> Result<(), SuperviseError> {
    let exercise = &catalogue.exercises()[0];
    let path = exercise.original();
    let source =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (dir, place) = (dir.join("check"), Path::new("exercise.rs"));
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let limits = Limits::default();
    let compiled = compile(&bench.library, &source, place, &exercise.name, &dir, limits, cancel)?;
    let failed = match compiled {
        Compiled::Program(_) => return Ok(()),
        Compiled::DoesNotCompile(messages) => messages,
        Compiled::Limit(message, messages) => format!("{message}\n{messages}"),
    };
    let result =
        || bail!(say::own_does_not_compile(&path.display().to_string(), failed.trim_end()));
    Ok(result()?)
}
