//! Gets libtorch onto a fresh machine, and builds trainers against it.
//!
//! The harness never links libtorch; the trainers do. So the harness can be running before there
//! is any libtorch, and fetch it. A libtorch that the user has named is used as it is, and never
//! changed.

mod build;
mod child;
mod error;
mod fetch;
mod layout;
mod library;
mod machine;
mod pip;
mod progress;

use std::env;
use std::path::{Path, PathBuf};

pub use build::{build_trainers, build_trainers_on};
pub use error::{BuildError, SetupError};
pub use library::{Library, build_library};
pub use machine::Machine;
pub use progress::Progress;

use layout::Flaw;

/// The libtorch that tch 0.26 is made for.
pub const VERSION: &str = "2.13.0";

/// A checkout of killresume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project around the current folder, or else the one that this program was built from.
    ///
    /// # Errors
    /// [`SetupError::NoProject`] where there is neither.
    pub fn find() -> Result<Self, SetupError> {
        let here = env::current_dir().unwrap_or_default();
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::around(&here).or_else(|missing| Self::around(built_from).map_err(|_| missing))
    }

    /// The project that a folder lies in.
    ///
    /// # Errors
    /// [`SetupError::NoProject`] where neither the folder nor one above it is a project.
    pub fn around(dir: &Path) -> Result<Self, SetupError> {
        let is_project = |dir: &&Path| {
            dir.join("Cargo.toml").is_file() && dir.join("exercises/Cargo.toml").is_file()
        };
        let root = dir.ancestors().find(is_project);
        let root = root.ok_or_else(|| SetupError::NoProject { from: dir.to_owned() })?;
        Ok(Self { root: root.to_owned() })
    }

    /// Its top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a fetched libtorch lies.
    fn libtorch(&self) -> PathBuf {
        self.root.join(".libtorch")
    }

    /// Whether a value of `LIBTORCH` is what `.cargo/config.toml` sets: not the user's choice.
    ///
    /// `cargo run` and `cargo test` hand it to us in the environment.
    fn is_own_libtorch(&self, path: &Path) -> bool {
        let Some(root) = path.parent().and_then(Path::parent) else { return false };
        let same_root = || match (root.canonicalize(), self.root.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        };
        path.ends_with(".libtorch/torch") && same_root()
    }
}

/// A libtorch that trainers can be built against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Libtorch {
    /// The folder with `include/` and `lib/`.
    pub dir: PathBuf,
    /// Whose it is.
    pub source: Source,
}

/// Where a libtorch comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Fetched by us into `.libtorch`.
    Fetched,
    /// `LIBTORCH`, set by the user.
    User,
    /// The PyTorch of the user's Python, by `LIBTORCH_USE_PYTORCH`.
    Pytorch,
}

/// Finds libtorch, or fetches it: up to 540 MB, one time.
///
/// # Errors
/// Where the user's own does not fit, or where it cannot be fetched; nothing half-done is kept.
pub fn ensure(project: &Project, progress: &Progress) -> Result<Libtorch, SetupError> {
    ensure_on(&Machine::this(), project, progress)
}

/// [`ensure`] on a machine that need not be this one.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_on(
    machine: &Machine,
    project: &Project,
    progress: &Progress,
) -> Result<Libtorch, SetupError> {
    if machine.var("LIBTORCH_USE_PYTORCH").is_some() {
        return pytorch(machine);
    }
    if let Some(dir) = users_libtorch(machine, project) {
        return check_users(machine, dir);
    }
    let home = project.libtorch();
    if layout::check_fetched(&home, machine.os()).is_err() {
        fetch::fetch(machine, project, progress)?;
    }
    Ok(Libtorch { dir: home.join("torch"), source: Source::Fetched })
}

fn users_libtorch(machine: &Machine, project: &Project) -> Option<PathBuf> {
    let dir = PathBuf::from(machine.var("LIBTORCH")?);
    (!project.is_own_libtorch(&dir)).then_some(dir)
}

fn check_users(machine: &Machine, dir: PathBuf) -> Result<Libtorch, SetupError> {
    // torch-sys lets the two halves lie apart.
    let half = |name| machine.var(name).map_or(dir.as_path(), Path::new);
    let shape = layout::check_shape(half("LIBTORCH_INCLUDE"), half("LIBTORCH_LIB"));
    shape.map_err(|flaw| SetupError::NotLibtorch { path: dir.clone(), flaw: flaw.describe() })?;
    check_version(machine, &dir)?;
    Ok(Libtorch { dir, source: Source::User })
}

fn check_version(machine: &Machine, dir: &Path) -> Result<(), SetupError> {
    if machine.var("LIBTORCH_BYPASS_VERSION_CHECK").is_some() {
        return Ok(());
    }
    layout::check_version(dir).map_err(|flaw| match flaw {
        Flaw::Version(found) => {
            SetupError::WrongVersion { path: dir.to_owned(), found: layout::name_version(found) }
        }
        flaw => SetupError::NotLibtorch { path: dir.to_owned(), flaw: flaw.describe() },
    })
}

/// Finds the PyTorch that torch-sys will find, without the seconds that importing it takes.
fn pytorch(machine: &Machine) -> Result<Libtorch, SetupError> {
    const WHERE: &str = "import importlib.util as u; print(u.find_spec('torch').origin)";
    // torch-sys chooses the interpreter by the same rule.
    let name = if machine.var("VIRTUAL_ENV").is_some() { "python" } else { "python3" };
    let python = machine.find(name).ok_or(SetupError::NoPython)?;
    let output = machine.command(&python).args(["-c", WHERE]).output();
    let output =
        output.map_err(|source| SetupError::CannotRun { program: python.clone(), source })?;
    let origin = String::from_utf8_lossy(&output.stdout);
    let dir = match Path::new(origin.trim()).parent() {
        Some(dir) if output.status.success() => dir.to_owned(),
        _ => return Err(SetupError::NoPytorch { python: python.display().to_string() }),
    };
    check_version(machine, &dir)?;
    Ok(Libtorch { dir, source: Source::Pytorch })
}
