//! What a program cannot reach where the kernel has Landlock.

use std::fs;
use std::path::PathBuf;

use crate::class::{Class, answer_with, project, unwrapped};
use crate::fakes::{main_begins, main_shows};

/// Whether programs are contained here; the limits hold everywhere.
fn is_contained() -> bool {
    killresume::sandbox::has_landlock()
}

#[test]
fn a_program_starts_nothing_else() {
    if !is_contained() {
        return;
    }
    let run = |program: &str, argument: &str| {
        main_shows(&format!(
            "std::process::Command::new({program}).arg({argument}).output().map(|it| it.status.code())"
        ))
    };
    let copied = "{
        let program = lesson::parse::<lesson::Args>().dir.join(\"program\");
        std::fs::copy(std::env::current_exe().expect(\"its path\"), &program).expect(\"copies\");
        program
    }";
    let loader = "std::fs::read_dir(\"/lib64\").expect(\"loaders\").flatten()
        .map(|entry| entry.path()).find(|it| it.to_string_lossy().contains(\"ld-\")).expect(\"one\")";
    let mut class = Class::new();
    class.hand_in("shell", run("\"/bin/sh\"", "\"-c\""));
    class.hand_in("itself", run("std::env::current_exe().expect(\"its path\")", "\"--help\""));
    class.hand_in("copy", run(copied, "\"--help\""));
    class.hand_in("loader", run(loader, copied));
    let graded = class.graded_in_one(&[]);
    for name in ["shell", "itself", "copy", "loader"] {
        graded.assert_error(name, "Permission denied");
    }
}

#[test]
fn a_program_reads_and_writes_nothing_that_is_not_its_own() {
    if !is_contained() {
        return;
    }
    let mut class = Class::new();
    class.hand_in("other", answer_with(&[]));
    let theirs = class.folder("other").join("10_rng/exercise.rs");
    let book = class.path("book.json");
    let solution = project("exercises/10_rng/solution.rs");
    let kept: Vec<PathBuf> = vec![theirs, solution, project("exercises/info.toml")];
    let before: Vec<String> =
        kept.iter().map(|path| fs::read_to_string(path).expect("reads")).collect();
    let mut reached: Vec<PathBuf> = kept.clone();
    reached.extend([book, class.folder("vandal"), project("target"), project(".killresume")]);
    reached.extend(
        ["/", "/etc", "/etc/passwd", "/tmp", "/dev/shm", "/proc", "/root", "/home"]
            .map(PathBuf::from),
    );
    reached.extend(["/proc/self/mem", "/proc/self/maps", "/proc/self/fd"].map(PathBuf::from));
    let attempts = format!(
        "for path in {reached:?} {{
        let path = std::path::Path::new(path);
        let read = std::fs::read(path).is_ok() || std::fs::read_dir(path).is_ok();
        let written = std::fs::OpenOptions::new().write(true).open(path).is_ok()
            || std::fs::write(path.join(\"left-by-a-submission\"), \"x\").is_ok()
            || std::fs::remove_file(path).is_ok();
        if read || written {{ println!(\"REACHED {{path:?}} {{read}} {{written}}\"); }}
    }}
    let program = std::env::current_exe().expect(\"its path\");
    if std::fs::write(&program, \"x\").is_ok() || std::fs::remove_file(&program).is_ok() {{
        println!(\"REACHED its own program\");
    }}
    if std::net::TcpStream::connect(\"127.0.0.1:22\").is_err_and(|it| it.kind() != std::io::ErrorKind::PermissionDenied) {{
        println!(\"REACHED the network\");
    }}
    println!(\"TRIED\");
    std::process::exit(9);"
    );
    class.hand_in("vandal", main_begins(&attempts));
    let graded = class.graded_in_one(&[]);
    assert_eq!(graded.status("other"), "pass", "{}", graded.says("other"));
    graded.assert_error("vandal", "TRIED");
    let says = unwrapped(&graded.says("vandal"));
    assert!(!says.contains("REACHED"), "{says}");
    for (path, before) in kept.iter().zip(before) {
        assert_eq!(fs::read_to_string(path).expect("reads"), before, "{}", path.display());
    }
}
