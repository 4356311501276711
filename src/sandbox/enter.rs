//! The way in: limits, Landlock, and the program takes this process's place.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::resource::{Resource, setrlimit};

use super::{Entry, Limits};

/// Enters the sandbox and becomes the program; returns only if that fails.
///
/// # Errors
/// A limit or a rule cannot be set, or the program cannot be started.
pub fn enter(entry: &Entry, program: &Path, args: &[OsString]) -> io::Result<Infallible> {
    limit(&entry.sandbox.limits)?;
    #[cfg(target_os = "linux")]
    {
        // Its harness does not outlive it by a SIGKILL either.
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        landlocked::restrict(entry, program).map_err(io::Error::other)?;
    }
    Err(Command::new(program).args(args).exec())
}

fn limit(limits: &Limits) -> io::Result<()> {
    let seconds = limits.cpu.as_secs().max(1);
    // SIGXCPU first, which tells what happened; SIGKILL for a program that does not heed it.
    setrlimit(Resource::RLIMIT_CPU, seconds, seconds + 1)?;
    setrlimit(Resource::RLIMIT_FSIZE, limits.file_size, limits.file_size)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(())
}

/// Whether this kernel can keep a program from files and from the network.
pub fn has_landlock() -> bool {
    #[cfg(target_os = "linux")]
    return landlocked::is_there();
    #[cfg(not(target_os = "linux"))]
    return false;
}

#[cfg(target_os = "linux")]
mod landlocked {
    use std::path::{Path, PathBuf};

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
    };

    use super::Entry;

    /// The newest version whose rules are used, as far as the kernel has them.
    const WANTED: ABI = ABI::V6;

    /// What every program needs to start and to run.
    const SYSTEM: [&str; 16] = [
        "/dev/null",
        "/dev/urandom",
        "/dev/zero",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/gnu/store",
        "/lib",
        "/lib32",
        "/lib64",
        "/nix/store",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/sys/devices/system",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
    ];

    /// Where the dynamic loaders lie, which start every program.
    const LOADERS: [&str; 3] = ["/lib", "/lib64", "/usr/lib64"];

    pub(super) fn is_there() -> bool {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        ruleset.handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create).is_ok()
    }

    pub(super) fn restrict(entry: &Entry, program: &Path) -> Result<(), RulesetError> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let run = read | AccessFs::Execute;
        let sandbox = &entry.sandbox;
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(WANTED))?
            .handle_access(AccessNet::from_all(WANTED))?
            .scope(Scope::from_all(WANTED))?
            .create()?
            .add_rules(path_beneath_rules(SYSTEM, read))?
            .add_rules(path_beneath_rules(&sandbox.read, read))?
            .add_rules(path_beneath_rules(&sandbox.execute, run))?
            .add_rules(path_beneath_rules(loaders(), run))?
            .add_rules(path_beneath_rules([program], run))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::WriteFile))?
            .add_rules(path_beneath_rules([&entry.home], writable()))?
            .restrict_self()?;
        Ok(())
    }

    /// Everything but to start what it wrote.
    fn writable() -> landlock::BitFlags<AccessFs> {
        let all = AccessFs::from_all(WANTED);
        all & !landlock::BitFlags::from(AccessFs::Execute)
    }

    fn loaders() -> Vec<PathBuf> {
        let entries = LOADERS.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten();
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("ld-linux") || name.starts_with("ld-musl")
            })
            .collect()
    }
}
