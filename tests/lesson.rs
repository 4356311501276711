//! The trainers' own tests: those of the lesson crate, which needs libtorch.

mod common;

use std::process::{Command, Stdio};

#[test]
fn the_lesson_crate_passes_its_own_tests() {
    common::set_up();
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "-p", "lesson"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    // The inner cargo is to see what a person's cargo sees, or it would build everything anew.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
            command.env_remove(name);
        }
    }
    // Inherited, not captured: a long build is seen while it lasts.
    let status = command.stdin(Stdio::null()).status().expect("cargo starts");
    assert!(status.success(), "cargo test -p lesson: {status}");
}
