//! Control runs that are kept, because nothing that they depend on has changed.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use xxhash_rust::xxh3::Xxh3Default;

use super::state_dir;
use crate::libtorch::Project;
use crate::protocol::{Digest, VERSION};
use crate::recording::Recording;
use crate::report::write_atomically;
use crate::scenario::Scenario;

/// How many are kept; the course needs fewer.
const KEPT: usize = 32;

/// Variables that change the bits of a result.
const VARIABLES: [&str; 6] = [
    "ATEN_CPU_CAPABILITY",
    "LD_LIBRARY_PATH",
    "MKL_CBWR",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "ONEDNN_MAX_CPU_ISA",
];

/// The control runs that need no repeating.
#[derive(Debug)]
pub struct Controls {
    dir: PathBuf,
}

impl Controls {
    /// The project's.
    pub fn of(project: &Project) -> Self {
        Self { dir: state_dir(project).join("controls") }
    }

    /// Those of a folder.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The recorded control of a scenario, if it is still what the control would be.
    pub fn get(&self, scenario: &Scenario) -> Option<Recording> {
        let bytes = fs::read(self.path(scenario)?).ok()?;
        // A damaged one is repeated, and replaced.
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a control. It is no loss if that fails: it will be repeated.
    pub fn put(&self, scenario: &Scenario, control: &Recording) {
        let (Some(path), Ok(bytes)) = (self.path(scenario), serde_json::to_vec(control)) else {
            return;
        };
        if write_atomically(&path, &bytes).is_ok() {
            let _ = self.remove_oldest();
        }
    }

    /// The name says all that the control depends on: the program itself, what it is told, the
    /// environment that changes its bits, and the processor.
    fn path(&self, scenario: &Scenario) -> Option<PathBuf> {
        let command = scenario.control.as_ref().unwrap_or(&scenario.trainer);
        let mut key = Xxh3Default::new();
        let mut add = |bytes: &[u8]| {
            key.update(&(bytes.len() as u64).to_le_bytes());
            key.update(bytes);
        };
        add(&fs::read(&command.program).ok()?);
        for argument in &command.args {
            add(argument.as_encoded_bytes());
        }
        add(format!(
            "{} {} {} {}",
            scenario.epochs.total(),
            scenario.seed,
            scenario.kill.needs_steps(),
            VERSION
        )
        .as_bytes());
        add(env!("CARGO_PKG_VERSION").as_bytes());
        for name in VARIABLES {
            add(env::var_os(name).unwrap_or_default().as_encoded_bytes());
        }
        add(processor().as_bytes());
        let key = Digest(key.digest128());
        Some(self.dir.join(format!("{key}.json")))
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.dir)?
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        for (_, path) in files.iter().rev().skip(KEPT) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// Model and abilities of the processor, where the system tells.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let told = |line: &&str| {
        ["model name", "flags", "Features", "CPU part"].iter().any(|name| line.starts_with(name))
    };
    let mut lines: Vec<&str> = info.lines().filter(told).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}
