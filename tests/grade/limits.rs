//! Each limit has its own message, nothing is left running, and the next submission is graded.

use std::fs;

use killresume::sandbox::has_landlock;

use crate::class::{Class, NAME, answer_with};
use crate::fakes::{beside, main_begins, main_does};

const LIMITS: [&str; 8] = [
    "--limit=wall=15",
    "--limit=cpu=4",
    "--limit=memory=1024",
    "--limit=file-size=64",
    "--limit=processes=64",
    "--jobs=3",
    "--exercise",
    NAME,
];

const SLEEP: &str = "std::thread::sleep(std::time::Duration::from_secs(3600));";

#[test]
fn each_limit_is_told_apart_and_nothing_is_left() {
    // In the programs' arguments, so that what is left can be told from everything else.
    let token = format!("left-over-{}", std::process::id());
    let start = |count: usize, own_group: bool| {
        let group = if own_group { ".process_group(0)" } else { "" };
        main_begins(&format!(
            "use std::os::unix::process::CommandExt;
    if std::env::args().any(|it| it == \"{token}\") {{ {SLEEP} }}
    for _ in 0..{count} {{
        let mut command = std::process::Command::new(std::env::current_exe().expect(\"its path\"));
        command.arg(\"{token}\").env_clear(){group};
        if let Some(libraries) = std::env::var_os(\"LD_LIBRARY_PATH\") {{
            command.env(\"LD_LIBRARY_PATH\", libraries);
        }}
        let _ = command.spawn();
    }}"
        ))
    };
    let in_dir = |body: &str| {
        main_begins(&format!(
            "let path = lesson::parse::<lesson::Args>().dir.join(\"big\");
    let mut file = std::fs::File::create(path).expect(\"a file\");\n    {body}"
        ))
    };
    let cases = [
        (
            "endless",
            main_does(
                "let args = lesson::parse::<lesson::Args>();
    // Never silent for long, and never done.
    let is_resumed = args.dir.join(\"latest.safetensors\").exists();
    let slow_save = |run: &Run, store: &Store, kind| {
        std::thread::sleep(std::time::Duration::from_secs(if is_resumed { 5 } else { 0 }));
        save(run, store, kind)
    };
    lesson::train_with(&args, slow_save, load)",
            ),
            "limit: wall",
        ),
        ("busy", main_begins("loop { std::hint::spin_loop(); }"), "limit: cpu"),
        (
            "memory",
            main_begins("let mut all = Vec::new();\n    loop { all.push(vec![1u8; 8 << 20]); }"),
            "limit: memory",
        ),
        (
            "burst",
            main_begins("println!(\"{}\", vec![1u8; 3 << 30].len());\n    loop {}"),
            "limit: memory",
        ),
        (
            "file",
            in_dir(
                "loop { std::io::Write::write_all(&mut file, &[1; 1 << 20]).expect(\"writes\"); }",
            ),
            "limit: file-size",
        ),
        ("sparse", in_dir("file.set_len(1 << 50).expect(\"is sparse\");"), "limit: file-size"),
        (
            "threads",
            main_begins(&format!(
                "for _ in 0..300 {{ std::thread::spawn(|| {{ {SLEEP} }}); }}\n    {SLEEP}"
            )),
            "limit: processes",
        ),
    ];
    let mut class = Class::new();
    for (name, text, _) in &cases {
        class.hand_in(name, text);
    }
    class.hand_in("bomb", start(300, false));
    class.hand_in("daemons", start(3, true));
    class.hand_in("zz last", answer_with(&[]));
    let graded = class.graded(&LIMITS);
    for (name, _, part) in cases {
        graded.assert_error(name, part);
    }
    // Where the kernel has Landlock there was nothing to kill: nothing was started.
    if !has_landlock() {
        graded.assert_error("bomb", "limit: ");
    }
    assert_eq!(graded.status("zz last"), "pass", "{}", graded.says("zz last"));
    let left = commands_with(&token);
    assert!(left.is_empty(), "{left:?} are left");
}

#[test]
fn a_program_that_says_nothing_is_killed_however_much_it_prints() {
    let mut class = Class::new();
    class.hand_in("silence", main_begins(SLEEP));
    class.hand_in("printing", main_begins("loop { println!(\"{}\", \"x\".repeat(1 << 20)); }"));
    let graded = class.graded_in_one(&["--timeout", "2"]);
    for name in ["silence", "printing"] {
        graded.assert_error(name, "said nothing for 2 s");
    }
}

#[test]
fn a_compile_bomb_hits_the_compiler_s_limits() {
    let loops = format!(
        "#![allow(long_running_const_eval)]\n{}",
        beside(
            "pub const X: u64 = { let mut i = 0u64; while i < u64::MAX { i += 1; } i };
pub static Y: u64 = X;"
        )
    );
    let cases = [
        ("loop", loops, "limit: "),
        (
            "array",
            beside("pub static X: [u64; 1 << 30] = { let mut x = [0; 1 << 30]; x[5] = 7; x };"),
            "limit: memory",
        ),
        (
            "macro",
            beside(
                "macro_rules! twice { ($($x:tt)*) => { twice! { $($x)* $($x)* } } }\ntwice! { a }",
            ),
            "compile",
        ),
        (
            "types",
            beside(
                "pub fn deep() {\n    fn f<T>(n: u32, t: T) { if n > 0 { f(n - 1, (t, n)) } }\n    f(5, ());\n}",
            ),
            "recursion limit",
        ),
    ];
    let mut class = Class::new();
    for (name, text, _) in &cases {
        class.hand_in(name, text);
    }
    class.hand_in("zz last", answer_with(&[]));
    let graded = class.graded(&LIMITS);
    for (name, _, part) in cases {
        graded.assert_error(name, "compile");
        graded.assert_error(name, part);
    }
    assert_eq!(graded.status("zz last"), "pass", "{}", graded.says("zz last"));
}

/// The command lines of all processes that hold this.
fn commands_with(token: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .map(|command| String::from_utf8_lossy(&command).into_owned())
        .filter(|command| command.contains(token))
        .collect()
}
