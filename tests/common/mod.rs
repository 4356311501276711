//! What the end-to-end tests share: the built binary, a set-up trainer, a report to look into.

#![allow(dead_code, reason = "each test binary uses its own part of it")]
#![allow(clippy::allow_attributes, reason = "`expect` would fail in the binary that uses it all")]

pub mod course;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Once;

use serde_json::Value;
use tempfile::TempDir;

/// The harness as a user runs it, in the project's folder, speaking English.
pub fn killresume() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_killresume"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--lang", "en"])
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    command
}

/// Fetches libtorch and builds the trainer once, with its progress in plain sight: what goes through
/// an inherited standard error is not captured by the test harness.
pub fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_killresume"));
        let status = command
            .arg("setup")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .status()
            .expect("the harness starts");
        assert!(status.success(), "killresume setup failed: {status}");
    });
}

/// One `killresume run`: what it printed, how it ended, and the report that it left.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Null when no report was written.
    pub report: Value,
    out: TempDir,
    work: TempDir,
}

impl Ran {
    /// Runs the named trainer with these options of `run`; arguments for the trainer after `--`.
    pub fn trainer(name: &str, args: &[&str]) -> Self {
        set_up();
        let out = tempfile::tempdir().expect("a temporary directory");
        let work = tempfile::tempdir().expect("a temporary directory");
        let Output { status, stdout, stderr } = killresume()
            .args(["--trainer", name, "--no-plot", "--out"])
            .arg(out.path())
            .arg("--work")
            .arg(work.path())
            .args(args)
            .output()
            .expect("the harness starts");
        let report = std::fs::read(out.path().join(format!("{name}.json")))
            .map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).expect("valid JSON"));
        Self {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("UTF-8"),
            stderr: String::from_utf8(stderr).expect("UTF-8"),
            report,
            out,
            work,
        }
    }

    /// The directory that the report went to.
    pub fn out(&self) -> &Path {
        self.out.path()
    }

    /// The directory of the control or the interrupted run.
    pub fn run_dir(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    /// The findings that are causes: component (empty where there is none) and kind.
    pub fn causes(&self) -> Vec<(String, String)> {
        let findings = self.report["findings"].as_array().expect("findings is a list");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        findings
            .iter()
            .filter(|f| f["consequence_of"].as_array().is_some_and(Vec::is_empty))
            .map(|f| (text(&f["component"]), text(&f["kind"])))
            .collect()
    }

    /// The state of each component, by name, in the report's order.
    pub fn states(&self) -> Vec<(&str, &str)> {
        let components = self.report["components"].as_array().expect("components is a list");
        components
            .iter()
            .map(|c| {
                (c["name"].as_str().unwrap_or_default(), c["state"].as_str().unwrap_or_default())
            })
            .collect()
    }

    /// Everything, for the message of a failed assertion.
    pub fn transcript(&self) -> String {
        format!("exit {:?}\n{}\n{}\n{:#}", self.code, self.stdout, self.stderr, self.report)
    }
}

/// Whether a process of this number is alive: a zombie is not.
pub fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.starts_with(" Z")))
}

/// Does something while ptrace(2) is refused to all that it starts, as container runtimes refuse it.
#[cfg(target_os = "linux")]
pub fn without_ptrace<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
    let rules = [(nix::libc::SYS_ptrace, Vec::new())].into_iter().collect();
    let refuse = SeccompAction::Errno(nix::libc::EPERM as u32);
    let arch = std::env::consts::ARCH.try_into().expect("a known architecture");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
    let filter: BpfProgram = filter.expect("a filter").try_into().expect("a program");
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            apply_filter(&filter).expect("this thread is filtered");
            work()
        });
        work.join().expect("does not panic")
    })
}
