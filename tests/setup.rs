//! libtorch on a fresh machine, with a python3 that stands in for pip: no network, no 540 MB.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use killresume::libtorch::{
    BuildError, Libtorch, Machine, Progress, Project, SetupError, Source, build_trainers_on,
    ensure_on,
};
use killresume::messages::{Lang, set_lang};
use tempfile::TempDir;

/// Behaves as `python3 -m pip`: `$DO` says how.
const PYTHON: &str = r#"#!/bin/sh
case "$*" in
    "-m pip --version") [ "$DO" = no-pip ] && exit 1; echo "pip ${PIP:-23.2.1} from nowhere"; exit 0 ;;
    *find_spec*) [ -n "$TORCH" ] || exit 1; echo "$TORCH/__init__.py"; exit 0 ;;
esac
echo "$*" >> "$LOG"
while [ $# -gt 0 ]; do [ "$1" = --target ] && target=$2; shift; done
mkdir -p "$target/torch/lib" "$target/torch/_inductor" "$target/nvidia/cu13/lib" "$target/bin" \
    "$target/torch/include/torch/csrc/api/include/torch"
echo "Collecting torch==2.13.0"
for name in c10 torch torch_cpu torch_cuda torch_cuda_linalg torch_nvshmem torch_python; do
    echo elf > "$target/torch/lib/lib$name.so"
done
case "$DO" in
    hang) cat > /dev/null; exit 1 ;;
    slow) sleep 1 ;;
    fail) printf '%s\n' "$SAY" >&2; exit 1 ;;
    half) exit 0 ;;
esac
echo elf > "$target/nvidia/cu13/lib/libcudart.so.13"
echo elf > "$target/nvidia/cu13/lib/libcupti.so.13"
echo '#pragma once' > "$target/torch/include/torch/csrc/api/include/torch/torch.h"
printf "__version__ = '%s'\n" "${VERSION:-2.13.0+cu130}" > "$target/torch/version.py"
echo "Successfully installed torch-2.13.0"
"#;

/// A project folder and a machine of its own.
struct Fresh {
    dir: TempDir,
    machine: Machine,
    said: Log,
}

impl Fresh {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("project/exercises")).unwrap();
        fs::write(root.join("project/Cargo.toml"), "").unwrap();
        fs::write(root.join("project/exercises/Cargo.toml"), "").unwrap();
        fs::create_dir(root.join("bin")).unwrap();
        let machine = Machine::this()
            .with_var("PATH", format!("{}:/usr/bin:/bin", root.join("bin").display()))
            .with_var("LOG", root.join("fetches"))
            .without_var("LIBTORCH")
            .without_var("LIBTORCH_USE_PYTORCH")
            .without_var("LIBTORCH_INCLUDE")
            .without_var("LIBTORCH_LIB")
            .without_var("LIBTORCH_BYPASS_VERSION_CHECK")
            .without_var("VIRTUAL_ENV")
            .with_platform("linux", "x86_64")
            .with_free_bytes(1 << 40);
        let fresh = Self { dir, machine, said: Log::default() };
        fresh.program("python3", PYTHON);
        fresh
    }

    fn with(mut self, name: &str, value: impl Into<std::ffi::OsString>) -> Self {
        self.machine = self.machine.with_var(name, value);
        self
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.dir.path().join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    fn project(&self) -> Project {
        Project::around(&self.root()).unwrap()
    }

    fn ensure(&self) -> Result<Libtorch, SetupError> {
        let progress = Progress::lines(self.said.clone(), Duration::from_millis(300));
        ensure_on(&self.machine, &self.project(), &progress)
    }

    /// The message of a set-up that has to fail.
    fn failure(&self) -> (SetupError, String) {
        let err = self.ensure().unwrap_err();
        let text = err.to_string();
        (err, text)
    }

    fn build(&self, name: &str) -> Result<PathBuf, BuildError> {
        let progress = Progress::lines(self.said.clone(), Duration::from_millis(300));
        let built = build_trainers_on(&self.machine, &self.project(), [name], &progress);
        built.map(|[program]| program)
    }

    fn fetches(&self) -> usize {
        fs::read_to_string(self.dir.path().join("fetches"))
            .unwrap_or_default()
            .lines()
            .filter(|l| l.contains("--target"))
            .count()
    }

    fn partials(&self) -> usize {
        let names = fs::read_dir(self.root()).unwrap().map(|e| e.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(".libtorch.partial-")).count()
    }

    fn has_libtorch(&self) -> bool {
        self.root().join(".libtorch").symlink_metadata().is_ok()
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A libtorch as a user may have it.
fn users_libtorch(dir: &Path, version: &str) -> PathBuf {
    let home = dir.join("my-libtorch");
    fs::create_dir_all(home.join("include")).unwrap();
    fs::create_dir_all(home.join("lib")).unwrap();
    fs::write(home.join("lib/libtorch_cpu.so"), "elf").unwrap();
    fs::write(home.join("build-version"), version).unwrap();
    home
}

#[test]
fn a_fresh_machine_gets_libtorch_once_and_is_told_before() {
    let fresh = Fresh::new();
    let found = fresh.ensure().unwrap();
    assert_eq!(
        found,
        Libtorch { dir: fresh.root().join(".libtorch/torch"), source: Source::Fetched }
    );
    assert!(fresh.said.text().starts_with("Fetching libtorch 2.13.0 (540 MB, one time"));
    assert_eq!(fresh.ensure().unwrap(), found);
    assert_eq!((fresh.fetches(), fresh.partials()), (1, 0));
}

#[test]
fn pip_is_held_to_the_pinned_hashes_and_to_the_projects_own_disk() {
    let fresh = Fresh::new();
    fresh.ensure().unwrap();
    let asked = fs::read_to_string(fresh.dir.path().join("fetches")).unwrap();
    for option in ["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version 3.12"]
    {
        assert!(asked.contains(option), "{option} is not in {asked}");
    }
    assert!(asked.contains(&format!("--target {}/.libtorch.partial-", fresh.root().display())));
}

#[test]
fn what_a_cpp_program_does_not_need_is_removed_and_libtorch_so_leads_to_the_cpu_library() {
    let fresh = Fresh::new();
    let torch = fresh.ensure().unwrap().dir;
    let mut libs: Vec<_> = fs::read_dir(torch.join("lib"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    libs.sort();
    assert_eq!(libs, ["libc10.so", "libtorch.so", "libtorch_cpu.so"]);
    assert_eq!(fs::read_link(torch.join("lib/libtorch.so")).unwrap(), Path::new("libtorch_cpu.so"));
    for gone in ["torch/_inductor", "bin", "tmp", "requirements.txt"] {
        assert!(!fresh.root().join(".libtorch").join(gone).exists(), "{gone} was kept");
    }
}

#[test]
fn slow_work_in_a_log_shows_life() {
    let fresh = Fresh::new().with("DO", "slow");
    fresh.ensure().unwrap();
    let said = fresh.said.text();
    assert!(said.contains("… fetching libtorch: 0 of 540 MB, 0 min 00 s"), "{said}");
}

#[test]
fn a_korean_learner_reads_korean() {
    // The language is the process's, so it takes a process of its own.
    let fresh = Fresh::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "fetch_in_a_process_of_its_own"])
        .env("SETUP_TEST_ROOT", fresh.root())
        .env("SETUP_TEST_LANG", "ko")
        .env("PATH", "/nowhere")
        .env_remove("LIBTORCH_USE_PYTORCH")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("PATH에 python3가 없어요"), "{said}");
}

/// Not a promise: the process that other tests kill or make speak Korean.
#[test]
fn fetch_in_a_process_of_its_own() {
    let Some(root) = std::env::var_os("SETUP_TEST_ROOT") else { return };
    if std::env::var_os("SETUP_TEST_LANG").is_some() {
        set_lang(Lang::Ko);
    }
    let progress = Progress::stderr(false);
    let machine = Machine::this().without_var("LIBTORCH").with_free_bytes(1 << 40);
    let project = Project::around(Path::new(&root)).unwrap();
    let found = ensure_on(&machine.with_platform("linux", "x86_64"), &project, &progress);
    if let Err(err) = found {
        panic!("{err}");
    }
}

#[test]
fn a_fetch_killed_half_way_is_not_taken_for_complete_and_the_next_one_cleans_up() {
    let fresh = Fresh::new();
    let bin = fresh.dir.path().join("bin");
    let mut fetching = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "fetch_in_a_process_of_its_own"])
        .env("SETUP_TEST_ROOT", fresh.root())
        .env("LOG", fresh.dir.path().join("fetches"))
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("DO", "hang")
        .env_remove("LIBTORCH_USE_PYTORCH")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let half_way = |entry: fs::DirEntry| entry.path().join("torch/lib/libtorch_python.so").exists();
    let started = Instant::now();
    while !fs::read_dir(fresh.root()).unwrap().flatten().any(half_way) {
        assert!(started.elapsed() < Duration::from_secs(20), "the fetch did not begin");
        thread::sleep(Duration::from_millis(10));
    }
    fetching.kill().unwrap();
    fetching.wait().unwrap();
    assert!(!fresh.has_libtorch());
    assert_eq!(fresh.partials(), 1);

    fresh.ensure().unwrap();
    assert_eq!((fresh.fetches(), fresh.partials()), (2, 0));
}

#[test]
fn of_two_at_once_one_fetches_and_the_other_waits_for_it() {
    let fresh = Fresh::new().with("DO", "slow");
    thread::scope(|scope| {
        let both = [scope.spawn(|| fresh.ensure()), scope.spawn(|| fresh.ensure())];
        for one in both {
            one.join().unwrap().unwrap();
        }
    });
    assert_eq!(fresh.fetches(), 1);
    assert!(fresh.said.text().contains("Another killresume is fetching libtorch"));
}

#[test]
fn a_damaged_libtorch_is_replaced() {
    let fresh = Fresh::new();
    fresh.ensure().unwrap();
    // As a power failure may leave it.
    fs::write(fresh.root().join(".libtorch/torch/lib/libtorch_cpu.so"), "").unwrap();
    fresh.ensure().unwrap();
    assert_eq!((fresh.fetches(), fresh.partials()), (2, 0));
    assert!(fresh.said.text().contains("torch/lib/libtorch_cpu.so is missing or empty"));
}

#[test]
fn replacing_a_link_leaves_what_it_leads_to() {
    let fresh = Fresh::new();
    let shared = fresh.dir.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("precious"), "kept").unwrap();
    symlink(&shared, fresh.root().join(".libtorch")).unwrap();
    fresh.ensure().unwrap();
    assert_eq!(fs::read_to_string(shared.join("precious")).unwrap(), "kept");
}

#[test]
fn each_way_that_pip_fails_has_its_own_message_and_leaves_nothing() {
    type Is = fn(&SetupError) -> bool;
    let cases: [(&str, Is, &str); 6] = [
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\n\
             ERROR: No matching distribution found for torch==2.13.0",
            |err| matches!(err, SetupError::NoNetwork { .. }),
            "check the network",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            |err| matches!(err, SetupError::HashMismatch { .. }),
            "sha256 differs",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            |err| matches!(err, SetupError::DiskFull { .. }),
            "free some space",
        ),
        (
            "ERROR: No matching distribution found for torch==2.13.0",
            |err| matches!(err, SetupError::NoWheel { .. }),
            "older than 20.3",
        ),
        (
            "ERROR: something new",
            |err| matches!(err, SetupError::PipFailed { .. }),
            "exit status: 1",
        ),
        (
            "ERROR: Operation cancelled by user",
            |err| matches!(err, SetupError::Interrupted),
            "the next run starts it again",
        ),
    ];
    for (pip_says, is_expected, way_out) in cases {
        let fresh = Fresh::new().with("DO", "fail").with("SAY", pip_says);
        let (err, text) = fresh.failure();
        assert!(is_expected(&err), "{pip_says}: {err:?}");
        assert!(text.contains(way_out), "{text}");
        if !matches!(err, SetupError::Interrupted) {
            assert!(text.contains(pip_says.lines().last().unwrap()), "{text}");
        }
        assert!(!fresh.has_libtorch());
        assert_eq!(fresh.partials(), 0);
    }
}

#[test]
fn a_fetch_that_brings_half_or_another_version_is_thrown_away() {
    let half = Fresh::new().with("DO", "half");
    let (err, text) = half.failure();
    assert!(
        matches!(err, SetupError::FetchedWrong { .. }) && text.contains("libcudart.so.13"),
        "{text}"
    );
    let other = Fresh::new().with("VERSION", "2.12.0+cu130");
    let (err, text) = other.failure();
    assert!(matches!(err, SetupError::FetchedWrong { .. }) && text.contains("2.12.0"), "{text}");
    assert!(!half.has_libtorch() && !other.has_libtorch());
}

#[test]
fn without_python_or_pip_the_way_to_get_them_is_told() {
    let mut fresh = Fresh::new();
    fresh.machine = fresh.machine.with_var("PATH", fresh.dir.path().join("empty"));
    let (err, text) = fresh.failure();
    assert!(
        matches!(err, SetupError::NoPython) && text.contains("apt-get install python3"),
        "{text}"
    );

    let (err, text) = Fresh::new().with("DO", "no-pip").failure();
    assert!(matches!(err, SetupError::NoPip { .. }), "{err:?}");
    assert!(text.contains("apt-get install python3-pip"), "{text}");
}

#[test]
fn a_disk_too_small_is_told_before_anything_is_fetched() {
    let mut fresh = Fresh::new();
    fresh.machine = fresh.machine.with_free_bytes(700_000_000);
    let (err, text) = fresh.failure();
    assert!(matches!(err, SetupError::TooLittleSpace { free_mb: 700, .. }), "{err:?}");
    assert!(text.contains("700 MB are free"), "{text}");
    assert_eq!(fresh.fetches(), 0);
}

#[test]
fn a_system_without_a_libtorch_to_fetch_is_told_so() {
    let mut fresh = Fresh::new();
    fresh.machine = fresh.machine.with_platform("macos", "x86_64");
    let (err, text) = fresh.failure();
    assert!(
        matches!(err, SetupError::Unsupported { .. }) && text.contains("macos x86_64"),
        "{text}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let fresh = Fresh::new();
    // A folder in the way of the lock file: in the way of root too.
    fs::create_dir(fresh.root().join(".libtorch.lock")).unwrap();
    let (err, text) = fresh.failure();
    assert!(matches!(err, SetupError::NotWritable { .. }), "{err:?}");
    assert!(text.contains(".libtorch.lock"), "{text}");
}

#[test]
fn the_users_libtorch_is_used_and_not_touched() {
    let fresh = Fresh::new();
    let dir = users_libtorch(fresh.dir.path(), "2.13.0+cpu\n");
    let fresh = fresh.with("LIBTORCH", &dir);
    assert_eq!(fresh.ensure().unwrap(), Libtorch { dir: dir.clone(), source: Source::User });
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    assert!(!fresh.has_libtorch());
    assert_eq!((fresh.fetches(), fresh.said.text().as_str()), (0, ""));
}

#[test]
fn the_libtorch_that_cargo_itself_sets_is_not_the_users() {
    let fresh = Fresh::new();
    let own = fresh.root().join(".libtorch/torch");
    let fresh = fresh.with("LIBTORCH", own);
    assert_eq!(fresh.ensure().unwrap().source, Source::Fetched);
    assert_eq!(fresh.fetches(), 1);
}

#[test]
fn a_users_libtorch_that_does_not_fit_is_refused_with_the_ways_out() {
    let fresh = Fresh::new();
    let dir = users_libtorch(fresh.dir.path(), "2.7.0+cpu");
    let fresh = fresh.with("LIBTORCH", &dir);
    let (err, text) = fresh.failure();
    assert!(
        matches!(err, SetupError::WrongVersion { .. }) && text.contains("version 2.7.0"),
        "{text}"
    );
    let fresh = fresh.with("LIBTORCH_BYPASS_VERSION_CHECK", "1");
    assert_eq!(fresh.ensure().unwrap().source, Source::User);

    fs::remove_dir_all(dir.join("lib")).unwrap();
    let (err, text) = fresh.failure();
    assert!(
        matches!(err, SetupError::NotLibtorch { .. }) && text.contains("unset LIBTORCH"),
        "{text}"
    );
    assert_eq!(fresh.fetches(), 0);
}

#[test]
fn the_users_pytorch_is_used_where_it_is_asked_for() {
    let fresh = Fresh::new().with("LIBTORCH_USE_PYTORCH", "1");
    let (err, text) = fresh.failure();
    assert!(
        matches!(err, SetupError::NoPytorch { .. }) && text.contains("LIBTORCH_USE_PYTORCH"),
        "{text}"
    );

    let torch = fresh.dir.path().join("site-packages/torch");
    fs::create_dir_all(&torch).unwrap();
    fs::write(torch.join("version.py"), "__version__ = '2.13.0'\n").unwrap();
    let fresh = fresh.with("TORCH", &torch);
    assert_eq!(fresh.ensure().unwrap(), Libtorch { dir: torch, source: Source::Pytorch });
    assert_eq!(fresh.fetches(), 0);
}

#[test]
fn outside_a_project_the_message_says_where_to_go() {
    let dir = tempfile::tempdir().unwrap();
    let text = Project::around(dir.path()).unwrap_err().to_string();
    assert!(text.contains("exercises/Cargo.toml"), "{text}");
}

/// A cargo that prints `$CARGO_ERR`, then `$CARGO_OUT`, and ends with `$CARGO_RC`.
const CARGO: &str = r#"#!/bin/sh
case "$1" in
    metadata) echo '{"packages":[{"name":"exercises","targets":[{"name":"optimizer","kind":["bin"]},{"name":"optimizer_solution","kind":["bin"]}]},{"name":"lesson","targets":[{"name":"reference","kind":["bin"]},{"name":"lesson","kind":["lib"]},{"name":"amnesiac","kind":["bin"]}]}]}'; exit 0 ;;
esac
echo "LIBTORCH=${LIBTORCH-unset}" >> "$LOG"
printf '%s\n' "$CARGO_ERR" >&2
printf '%s\n' "$CARGO_OUT"
exit "${CARGO_RC:-0}"
"#;

fn with_cargo(rc: &str, err: &str) -> Fresh {
    let fresh = Fresh::new().with("CARGO", "cargo").with("CARGO_RC", rc).with("CARGO_ERR", err);
    fresh.program("cargo", CARGO);
    fresh.program("c++", "#!/bin/sh\n");
    let machine = fresh.machine.clone().without_var("CXX").without_var("CARGO_TARGET_DIR");
    Fresh { machine, ..fresh }
}

#[test]
fn a_trainer_that_builds_gives_the_path_of_its_executable() {
    let fresh = with_cargo("0", "   Compiling torch-sys v0.26.0").with(
        "CARGO_OUT",
        r#"{"reason":"compiler-artifact","target":{"name":"reference","kind":["bin"]},"executable":"/t/reference"}"#,
    );
    let fresh = fresh.with("LIBTORCH", "");
    assert_eq!(fresh.build("reference").unwrap(), Path::new("/t/reference"));
    let said = fresh.said.text();
    assert_eq!(said.matches("Compiling the trainer against libtorch").count(), 1, "{said}");
    let log = fs::read_to_string(fresh.dir.path().join("fetches")).unwrap();
    assert_eq!(
        log, "LIBTORCH=unset\n",
        "cargo's own configuration sets it, always to the same text"
    );
}

#[test]
fn a_trainer_that_does_not_compile_is_told_from_a_machine_that_cannot_compile() {
    let fresh = with_cargo(
        "101",
        "   Compiling exercises v0.1.0 (/p/exercises)\nerror[E0425]: cannot find value `x`\n\
         error: could not compile `exercises` (bin \"reference\") due to 1 previous error",
    );
    match fresh.build("reference").unwrap_err() {
        BuildError::Compile { stderr } => {
            assert!(stderr.starts_with("error[E0425]"), "no status lines: {stderr}");
        }
        other => panic!("{other:?}"),
    }

    let torch = "error: failed to run custom build command for `torch-sys v0.26.0`\n\
                 c++: fatal error: Killed signal terminated program cc1plus";
    let err = with_cargo("101", torch).build("reference").unwrap_err();
    assert!(
        matches!(&err, BuildError::Setup(SetupError::Dependency { krate, .. }) if krate == "torch-sys")
    );
    assert!(err.to_string().contains("memory ran out"), "{err}");

    let network = "error: failed to download from the registry";
    let err = with_cargo("101", network).build("reference").unwrap_err();
    assert!(matches!(err, BuildError::Setup(SetupError::NoCrates { .. })), "{err:?}");

    let disk = "error: could not compile `tch` (lib): No space left on device (os error 28)";
    let err = with_cargo("101", disk).build("reference").unwrap_err();
    assert!(matches!(err, BuildError::Setup(SetupError::DiskFull { .. })), "{err:?}");
}

#[test]
fn a_trainer_that_does_not_exist_is_answered_with_those_that_do() {
    let fresh = with_cargo("101", "error: no bin target named `refrence` in `exercises` package");
    match fresh.build("refrence").unwrap_err() {
        BuildError::NoSuchTrainer { known, .. } => {
            assert_eq!(known, ["amnesiac", "optimizer", "reference"])
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_cpp_compiler_or_cargo_nothing_is_started() {
    let fresh = with_cargo("0", "").with("CXX", "no-such-c++ -O2");
    let err = fresh.build("reference").unwrap_err();
    assert!(matches!(err, BuildError::Setup(SetupError::NoCompiler { .. })), "{err:?}");
    assert!(err.to_string().contains("build-essential"), "{err}");
    assert!(!fresh.dir.path().join("fetches").exists());

    let fresh = with_cargo("0", "").with("CARGO", "no-such-cargo").with("PATH", "/nowhere");
    let err = fresh.build("reference").unwrap_err();
    assert!(matches!(err, BuildError::Setup(SetupError::NoCargo { .. })), "{err:?}");
}
