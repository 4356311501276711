//! The model answers pass, whatever the seed, and whatever lies beside them.

use std::fs;

use crate::class::{Class, FOLDER, Graded, answer_with, solution};

#[test]
fn a_model_answer_passes_whatever_the_seed() {
    let mut class = Class::new();
    class.hand_in("honest", answer_with(&[]));
    for seed in ["0", "7", "4294967295"] {
        let graded = class.graded_in_one(&["--seed", seed]);
        assert_eq!(graded.code, Some(0), "{}", graded.transcript());
        assert_eq!(graded.book["seed"].to_string(), seed);
    }
}

#[test]
fn model_answers_pass_wherever_the_kill_lands() {
    let mut class = Class::new();
    // Within an epoch, within a write; and a resume that has to be refused.
    let exercises = ["11_sampler", "13_torn_write", "12_config"];
    for folder in exercises {
        class.hand_in_to("honest", folder, solution(folder));
    }
    let names = ["--exercise", "sampler", "--exercise", "torn_write", "--exercise", "config"];
    let graded = class.graded(&names);
    assert_eq!(graded.code, Some(0), "{}", graded.transcript());
    let cases = graded.book["submissions"][0]["suite"]["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), exercises.len());
}

#[test]
fn what_lies_beside_the_exercise_changes_nothing() {
    let mut class = Class::new();
    let untouched = include_str!("../../exercises/originals/10_rng.rs");
    for (name, text) in [("right", answer_with(&[])), ("wrong", untouched.to_owned())] {
        class.hand_in(name, text);
        let folder = class.folder(name);
        let files = [
            ("info.toml", "[[exercise]]\nfolder = \"10_rng\"\n"),
            ("exercises/info.toml", "nonsense"),
            ("Cargo.toml", "[package]\nname = \"mine\"\nbuild = \"build.rs\"\n"),
            ("10_rng/Cargo.toml", "[package]\nname = \"mine\"\n"),
            ("build.rs", "fn main() { panic!() }"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"none\"\n"),
            (".cargo/config.toml", "[build]\nrustflags = [\"--cfg=mine\", \"nonsense\"]\n"),
            ("10_rng/.cargo/config.toml", "[build]\nrustc-wrapper = \"/bin/false\"\n"),
            ("10_rng/solution.rs", "nonsense"),
            ("10_rng/main.rs", "fn main() {}"),
            ("10_rng/lesson.rs", "pub fn train() {}"),
            ("exercise.rs", "nonsense"),
            ("exercises/10_rng/exercise.rs", "nonsense"),
            ("src/main.rs", "fn main() {}"),
        ];
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("writes");
        }
    }
    let graded = class.graded_in_one(&[]);
    assert_eq!(graded.status("right"), "pass", "{}", graded.says("right"));
    assert_eq!(graded.status("wrong"), "fail", "{}", graded.says("wrong"));
    assert_eq!(graded.code, Some(1), "{}", graded.transcript());
}

#[test]
fn what_is_no_file_of_text_is_an_error_that_says_so() {
    let mut class = Class::new();
    let file = |class: &mut Class, name: &str| {
        let folder = class.empty(name).join(FOLDER);
        fs::create_dir_all(&folder).expect("a folder");
        folder.join("exercise.rs")
    };
    let answer = class.path("answer.rs");
    fs::write(&answer, answer_with(&[])).expect("writes");
    let link = |target: &std::path::Path, at: std::path::PathBuf| {
        std::os::unix::fs::symlink(target, at).expect("a link");
    };
    link(&answer, file(&mut class, "link"));
    link("/etc/passwd".as_ref(), file(&mut class, "passwd"));
    link("/dev/zero".as_ref(), file(&mut class, "zero"));
    link("exercise.rs".as_ref(), file(&mut class, "loop"));
    let folder = class.empty("linked_folder");
    fs::create_dir(class.path("elsewhere")).expect("a folder");
    fs::copy(&answer, class.path("elsewhere/exercise.rs")).expect("copies");
    link(&class.path("elsewhere"), folder.join(FOLDER));
    let pipe = file(&mut class, "pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let socket = file(&mut class, "socket");
    let _listener = std::os::unix::net::UnixListener::bind(socket).expect("a socket");
    fs::create_dir(file(&mut class, "directory")).expect("a folder");
    class.hand_in("huge", vec![b' '; 10 << 20]);
    class.hand_in("latin", b"// caf\xe9\nfn main() {}\n");
    class.hand_in("nul", b"fn main() {}\0");
    class.hand_in("blank", "");
    class.empty("nothing");
    fs::File::create(file(&mut class, "sparse")).and_then(|it| it.set_len(1 << 40)).expect("one");

    let graded: Graded = class.graded_in_one(&[]);
    assert_eq!(graded.code, Some(3), "{}", graded.transcript());
    for name in ["link", "passwd", "zero", "loop", "linked_folder", "pipe", "directory"] {
        graded.assert_error(name, "is not a file of its own");
        assert!(!graded.says(name).contains("root:"), "{}", graded.says(name));
    }
    graded.assert_error("socket", "exercise.rs");
    graded.assert_error("huge", "larger than");
    graded.assert_error("sparse", "larger than");
    graded.assert_error("latin", "UTF-8");
    graded.assert_error("nul", "does not compile");
    graded.assert_error("blank", "does not compile");
    graded.assert_error("nothing", "nothing was handed in");
}
