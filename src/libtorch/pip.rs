//! pip: what it is asked, how far it is, and why it failed.

use std::fs;
use std::path::{Path, PathBuf};

use super::SetupError;
use super::child::{Line, Tail, follow, was_interrupted};
use super::machine::Machine;
use super::progress::Work;
use crate::messages::setup as say;

/// Versions and sha256 of every package, for each platform.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Runs pip, and ends it when our end of its stdin closes: however we die, it does not live on.
const PIP: &str = "\
import os, runpy, sys, threading

def end_with_parent():
    while os.read(0, 1):
        pass
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv[0] = 'pip'
runpy.run_module('pip', run_name='__main__', alter_sys=True)
";

/// A python3 that has pip.
pub(super) struct Pip<'a> {
    machine: &'a Machine,
    python: PathBuf,
    version: String,
}

impl<'a> Pip<'a> {
    pub(super) fn find(machine: &'a Machine) -> Result<Self, SetupError> {
        let python = machine.find("python3").ok_or(SetupError::NoPython)?;
        let output = machine.command(&python).args(["-m", "pip", "--version"]).output();
        let output =
            output.map_err(|source| SetupError::CannotRun { program: python.clone(), source })?;
        // "pip 23.2.1 from /usr/lib/… (python 3.11)"
        let text = String::from_utf8_lossy(&output.stdout);
        match text.split_whitespace().nth(1) {
            Some(version) if output.status.success() => {
                Ok(Self { machine, version: version.to_owned(), python })
            }
            _ => Err(SetupError::NoPip { python }),
        }
    }

    /// What it fetches in all, in MB.
    pub(super) fn download_mb(&self) -> u64 {
        match (self.machine.os(), self.machine.arch()) {
            ("macos", _) => 111,
            (_, "aarch64") => 440,
            _ => 540,
        }
    }

    /// Installs the pinned packages into a folder, which has to be empty.
    pub(super) fn install_into(&self, dir: &Path, work: &mut Work<'_>) -> Result<(), SetupError> {
        let temporary = dir.join("tmp");
        let requirements = dir.join("requirements.txt");
        fs::create_dir(&temporary).map_err(SetupError::writing(&temporary))?;
        fs::write(&requirements, REQUIREMENTS).map_err(SetupError::writing(&requirements))?;

        let mut command = self.machine.command(&self.python);
        command.args(["-c", PIP, "install", "--require-hashes", "--no-deps", "--no-compile"]);
        // The interpreter's own version does not matter: nothing of this is run by it.
        command.args(["--python-version", "3.12", "--implementation", "cp"]);
        command.args(["--only-binary=:all:", "--progress-bar", "off", "--target"]);
        command.arg(dir).arg("-r").arg(&requirements);
        if self.holds_downloads_in_memory() {
            command.arg("--no-cache-dir");
        }
        command
            .current_dir(dir)
            // A small /tmp would not do, and the same file system makes moving free.
            .env("TMPDIR", &temporary)
            // What a user may have set, and what cannot go with --target.
            .env("PIP_USER", "0")
            .env("PIP_REQUIRE_VIRTUALENV", "0")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_ROOT_USER_ACTION", "ignore")
            // We read what pip says.
            .env("PYTHONUNBUFFERED", "1")
            .env("LC_MESSAGES", "C");

        let mut tail = Tail::default();
        let mut unpacking = false;
        let status = follow(command, |line| {
            if let Some(Line::Out(line) | Line::Err(line)) = line {
                unpacking |= line.starts_with("Installing collected packages");
                tail.push(line);
            }
            match unpacking {
                true => work.update(&say::unpacking_now(), None),
                false => {
                    let done = size(&temporary) / 1_000_000;
                    work.update(&say::downloading_now(), Some((done, self.download_mb())));
                }
            }
        })
        .map_err(|source| SetupError::CannotRun { program: self.python.clone(), source })?;
        if status.success() {
            return Ok(());
        }
        if was_interrupted(status) || tail.has(&["Operation cancelled by user"]) {
            return Err(SetupError::Interrupted);
        }
        let project = dir.parent().unwrap_or(dir);
        Err(why(&tail, project, &self.version, &status.to_string()))
    }

    /// Before 24, pip may read a whole download into memory on its way to the cache.
    fn holds_downloads_in_memory(&self) -> bool {
        let major = self.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        major.is_some_and(|major| major < 24)
    }
}

/// What pip's output means. The order matters: without a network, pip ends by saying that nothing
/// matches.
fn why(tail: &Tail, project: &Path, pip: &str, status: &str) -> SetupError {
    const DISK: &[&str] = &["No space left on device", "Disk quota exceeded"];
    const HASH: &[&str] = &["DO NOT MATCH THE HASHES"];
    const NETWORK: &[&str] = &[
        "NewConnectionError",
        "Failed to establish a new connection",
        "Max retries exceeded",
        "name resolution",
        "Name or service not known",
        "nodename nor servname",
        "Network is unreachable",
        "Connection refused",
        "Connection reset",
        "Connection aborted",
        "Connection broken",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "Read timed out",
        "timed out",
        "ProxyError",
        "SSLError",
        "CERTIFICATE_VERIFY_FAILED",
        "IncompleteRead",
        "IncompleteDownload",
        "incomplete-download",
        "HTTPError",
        "HTTP error",
    ];
    const WHEEL: &[&str] = &[
        "No matching distribution found",
        "Could not find a version that satisfies",
        "is not a supported wheel",
        "no such option",
    ];
    let tail_text = tail.show();
    if tail.has(DISK) {
        SetupError::DiskFull { dir: project.to_owned(), tail: tail_text }
    } else if tail.has(HASH) {
        SetupError::HashMismatch { tail: tail_text }
    } else if tail.has(NETWORK) {
        SetupError::NoNetwork { tail: tail_text }
    } else if tail.has(WHEEL) {
        SetupError::NoWheel { pip: pip.to_owned(), tail: tail_text }
    } else {
        SetupError::PipFailed { status: status.to_owned(), tail: tail_text }
    }
}

/// Bytes of all files under a folder; what vanishes while we look counts nothing.
fn size(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    let size_of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size_of).sum()
}
