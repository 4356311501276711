//! What a usable libtorch looks like on disk.

use std::fs;
use std::path::{Path, PathBuf};

use super::VERSION;
use crate::messages::setup as say;

/// Why a folder is not the libtorch that we need.
#[derive(Debug)]
pub(super) enum Flaw {
    /// This part is missing or empty.
    Missing(PathBuf),
    /// It is another version; `None` where nothing tells which.
    Version(Option<String>),
}

impl Flaw {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Missing(path) => say::missing(&path.display().to_string()),
            Self::Version(found) => say::version_is(&name_version(found.clone())),
        }
    }
}

/// A version for people to read.
pub(super) fn name_version(found: Option<String>) -> String {
    found.unwrap_or_else(say::unknown_version)
}

/// Checks a libtorch that pip fetched: everything that building and running a trainer opens.
///
/// `home` is the folder that holds `torch/` and, on Linux, `nvidia/`.
pub(super) fn check_fetched(home: &Path, os: &str) -> Result<(), Flaw> {
    let torch = home.join("torch");
    let parts: &[&str] = if os == "macos" {
        &["torch/lib/libtorch_cpu.dylib", "torch/lib/libtorch.dylib", "torch/lib/libc10.dylib"]
    } else {
        &[
            "torch/lib/libtorch_cpu.so",
            "torch/lib/libtorch.so",
            "torch/lib/libc10.so",
            "nvidia/cu13/lib/libcudart.so.13",
            "nvidia/cu13/lib/libcupti.so.13",
        ]
    };
    let header = "torch/include/torch/csrc/api/include/torch/torch.h";
    for part in parts.iter().chain([&header]) {
        // A power failure soon after the fetch can leave files of no length.
        if !home.join(part).metadata().is_ok_and(|m| m.is_file() && m.len() > 0) {
            return Err(Flaw::Missing(PathBuf::from(part)));
        }
    }
    check_version(&torch)
}

/// Checks the shape of a user's libtorch: headers under `include`, libraries under `lib`.
pub(super) fn check_shape(include: &Path, lib: &Path) -> Result<(), Flaw> {
    for folder in [include.join("include"), lib.join("lib")] {
        if !folder.is_dir() {
            return Err(Flaw::Missing(folder));
        }
    }
    let lib = lib.join("lib");
    let is_libtorch = |name: &str| name.starts_with("libtorch_cpu.") || name == "libtorch.so";
    let found = fs::read_dir(&lib).is_ok_and(|entries| {
        entries.flatten().any(|e| e.file_name().to_str().is_some_and(is_libtorch))
    });
    if found { Ok(()) } else { Err(Flaw::Missing(lib.join("libtorch_cpu"))) }
}

/// Checks that a libtorch is the version that tch is made for.
pub(super) fn check_version(torch: &Path) -> Result<(), Flaw> {
    let found = version(torch);
    if found.as_deref() == Some(VERSION) { Ok(()) } else { Err(Flaw::Version(found)) }
}

/// The version without its build tag: `2.13.0`, not `2.13.0+cu130`.
///
/// The libtorch archives say it in `build-version`, the Python package in `version.py`, and both
/// in a header.
fn version(torch: &Path) -> Option<String> {
    let read = |path: &str| fs::read_to_string(torch.join(path)).ok();
    let text = read("build-version")
        .or_else(|| {
            let file = read("version.py")?;
            let line = file.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
            Some(line.trim().trim_matches(['\'', '"']).to_owned())
        })
        .or_else(|| {
            let header = read("include/torch/headeronly/version.h")
                .or_else(|| read("include/torch/csrc/api/include/torch/version.h"))?;
            let number = |part: &str| {
                let define = format!("#define TORCH_VERSION_{part} ");
                let line = header.lines().find_map(|line| line.strip_prefix(&define))?;
                line.trim().parse::<u32>().ok()
            };
            Some(format!("{}.{}.{}", number("MAJOR")?, number("MINOR")?, number("PATCH")?))
        })?;
    Some(text.trim().split('+').next().unwrap_or_default().to_owned())
}
