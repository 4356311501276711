//! A copy of the project in which a test may edit exercises like a learner.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a copy needs of the project.
const COPIED: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", ".cargo", "rustfmt.toml", "src", "exercises", "tests/fixtures"];

/// A learner's checkout, every exercise untouched. One at a time.
///
/// It lies in a fixed place and is only written to where it differs, so that cargo compiles what is in
/// it once. Its target folder is its own and begins with the compiled dependencies of the project, above
/// all libtorch's shim. A shared one would not do: cargo takes a package by its place in the workspace,
/// so that it takes the copy's build for one of the project, and misses edits there.
pub struct CourseCopy {
    root: PathBuf,
    _lock: File,
}

impl CourseCopy {
    /// A checkout as it is before the learner begins.
    pub fn fresh() -> Self {
        super::set_up();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course");
        fs::create_dir_all(&root).expect("the copy's folder");
        let lock = File::create(root.with_extension("lock")).expect("the copy's lock");
        lock.lock().expect("the copy is ours");
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        for path in COPIED {
            copy(&project.join(path), &root.join(path));
        }
        for folder in exercises(&root) {
            let exercise = root.join("exercises").join(&folder).join("exercise.rs");
            let original = root.join("exercises/originals").join(folder).with_extension("rs");
            copy(&original, &exercise);
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        link_dependencies(&target.join("debug"), &root.join("target/debug"));
        for left in [".killresume", "plots"] {
            let _ = fs::remove_dir_all(root.join(left));
        }
        Self { root, _lock: lock }
    }

    /// The checkout's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folders of the exercises, in their order.
    pub fn exercises(&self) -> Vec<String> {
        exercises(&self.root)
    }

    /// A file of an exercise.
    pub fn file(&self, folder: &str, name: &str) -> PathBuf {
        self.root.join("exercises").join(folder).join(name)
    }

    /// Writes the learner's file.
    pub fn edit(&self, folder: &str, text: &str) {
        fs::write(self.file(folder, "exercise.rs"), text).expect("the exercise is written");
    }

    /// Writes the model answer into the learner's file.
    pub fn solve(&self, folder: &str) {
        let solution = fs::read_to_string(self.file(folder, "solution.rs")).expect("a solution");
        self.edit(folder, &solution);
    }

    /// The harness as a learner runs it there, speaking English.
    pub fn killresume(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_killresume"));
        command.stdin(Stdio::null()).env("KILLRESUME_LANG", "en");
        command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", self.root.join("target"));
        if std::env::var_os("LIBTORCH").is_none() {
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".libtorch/torch");
            command.env("LIBTORCH", own);
        }
        // As a person's shell has it: not what cargo adds for this test.
        command.env_remove("CARGO");
        command
    }

    /// Runs the harness to its end: exit code, standard output, standard error.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } =
            self.killresume().args(arguments).output().expect("the harness starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (status.code(), text(stdout), text(stderr))
    }
}

/// The folders of a checkout's exercises, in their order.
pub fn exercises(root: &Path) -> Vec<String> {
    let mut folders: Vec<String> = fs::read_dir(root.join("exercises"))
        .expect("the exercises")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    folders.sort();
    folders
}

/// Gives a new target folder what another has compiled of packages that are nobody's to edit, as hard
/// links: cargo rewrites none of it.
fn link_dependencies(from: &Path, to: &Path) {
    if to.exists() {
        return;
    }
    let (whole, to) = (to, &to.with_extension("new"));
    let names = |dir: &Path| -> Vec<String> {
        let entries = fs::read_dir(dir).expect("a folder of the target folder");
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
    };
    // NAME-HASH; the files of a package have the same hash in their names.
    let own: Vec<String> = names(&from.join(".fingerprint"))
        .iter()
        .filter_map(|name| name.rsplit_once('-'))
        .filter(|(name, _)| ["killresume", "lesson", "exercises"].contains(name))
        .map(|(_, hash)| hash.to_owned())
        .collect();
    for part in [".fingerprint", "build", "deps"] {
        for name in names(&from.join(part)) {
            if !own.iter().any(|hash| name.contains(hash.as_str())) {
                link(&from.join(part).join(&name), &to.join(part).join(&name));
            }
        }
    }
    fs::rename(to, whole).expect("the target folder is complete");
}

/// Links a file, or all files of a folder.
fn link(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            link(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().expect("lies in a folder")).expect("a folder");
        // cargo may take away what is of no use any more.
        let _ = fs::hard_link(from, to);
    }
}

/// Makes `to` the same as `from`, and touches nothing that is so already.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        let names = |dir: &Path| -> Vec<_> {
            let entries = fs::read_dir(dir).expect("a folder");
            entries.map(|entry| entry.expect("an entry").file_name()).collect()
        };
        let wanted = names(from);
        for extra in names(to).into_iter().filter(|name| !wanted.contains(name)) {
            let extra = to.join(extra);
            let _ = fs::remove_file(&extra).or_else(|_| fs::remove_dir_all(&extra));
        }
        wanted.iter().for_each(|name| copy(&from.join(name), &to.join(name)));
        return;
    }
    let content = fs::read(from).expect("a file of the project");
    if fs::read(to).ok().as_ref() != Some(&content) {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(to, content).expect("a file of the copy");
    }
}

/// Whether nobody has begun the course in the project itself.
pub fn project_is_as_shipped() -> bool {
    !Path::new(env!("CARGO_MANIFEST_DIR")).join(".killresume/progress.json").exists()
}
