//! `killresume watch`, driven through a pseudo-terminal as a learner drives it.

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::course::CourseCopy;
use terminal::Session;

const KEYS: &str = "h hint · n next · l list · o open plot · r run again · q quit";
const FAILS: &str = "optimizer does not come back as the same run yet";
const SOLVED: &str = "✔ optimizer is solved";

/// A course, and the place of the exercise `optimizer` in it.
struct Learner {
    course: CourseCopy,
    folders: Vec<String>,
    at: usize,
}

impl Learner {
    fn new() -> Self {
        let course = CourseCopy::fresh();
        let folders = course.exercises();
        let at = folders.iter().position(|folder| folder.ends_with("_optimizer"));
        Self { course, folders, at: at.expect("the course has the exercise") }
    }

    fn folder(&self) -> &str {
        &self.folders[self.at]
    }

    /// The line with which a run of this exercise begins.
    fn begins(&self, at: usize) -> String {
        let (all, folder) = (self.folders.len(), &self.folders[at]);
        format!("{} of {all} · exercises/{folder}/exercise.rs", at + 1)
    }

    /// The same for `optimizer`.
    fn run(&self) -> String {
        self.begins(self.at)
    }

    fn name(&self, at: usize) -> &str {
        self.folders[at].split_once('_').expect("NN_NAME").1
    }

    /// How often `optimizer` was run.
    fn runs(&self, session: &Session) -> usize {
        session.transcript().matches(&self.run()).count()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.course.file(self.folder(), "exercise.rs")).expect("an exercise")
    }

    fn edit(&self, text: &str) {
        self.course.edit(self.folder(), text);
    }

    fn solution(&self) -> String {
        let path = self.course.file(self.folder(), "solution.rs");
        fs::read_to_string(path).expect("a model answer")
    }

    fn solve(&self) {
        self.course.solve(self.folder());
    }

    /// The exercise with this put before the first line of its `save`.
    fn with_in_save(&self, line: &str) -> String {
        let begin = "-> Result<PathBuf> {\n";
        let text = self.text();
        assert!(text.contains(begin), "{text}");
        text.replacen(begin, &format!("{begin}    {line}\n"), 1)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.course.killresume();
        command.args(["--lang", "en"]).args(arguments);
        for name in ["CLICOLOR_FORCE", "TERM_PROGRAM", "VTE_VERSION"] {
            command.env_remove(name);
        }
        command
    }

    /// Watches `optimizer` in a terminal of 24 rows.
    fn watch(&self) -> Session {
        Session::start(24, &self.command(&["watch", "optimizer"]))
    }
}

/// Quits, and returns how long that took.
fn quit(session: &mut Session) -> Duration {
    let begin = Instant::now();
    session.press("q");
    assert_eq!(session.end(), 0, "{}", session.transcript());
    assert!(session.processes().is_empty(), "{}", session.transcript());
    begin.elapsed()
}

#[test]
fn a_learner_fails_edits_passes_and_goes_on() {
    let learner = Learner::new();
    let mut session = learner.watch();
    session.until(&learner.run());
    session.until(FAILS);
    session.until(KEYS);
    let screen = session.screen();
    // The verdict, its cause and the keys: the report is longer than this screen.
    for part in [FAILS, "Missing from save, or not read by load", KEYS] {
        assert!(screen.contains(part), "{part:?} is not in {screen}");
    }

    let save = Instant::now();
    learner.solve();
    session.until(&learner.run());
    session.until(&format!("{SOLVED} · n goes on to {}", learner.name(learner.at + 1)));
    println!("from save to verdict: {:.1} s", save.elapsed().as_secs_f64());
    session.until(KEYS);

    session.press("n");
    session.until(&learner.begins(learner.at + 1));
    session.until(KEYS);
    quit(&mut session);
}

#[test]
fn several_quick_saves_make_one_run_and_a_save_without_a_change_makes_none() {
    let learner = Learner::new();
    let mut session = learner.watch();
    session.until(KEYS);
    let text = learner.text();
    for i in 0..12 {
        learner.edit(&format!("{text}// {i}\n"));
        thread::sleep(Duration::from_millis(25));
    }
    // As an editor does that keeps the old file until the new one is written.
    let source = learner.course.file(learner.folder(), "exercise.rs");
    let beside = source.with_extension("new");
    fs::remove_file(&source).expect("is removed");
    fs::write(&beside, format!("{text}// last\n")).expect("is written");
    fs::rename(&beside, &source).expect("is renamed");
    session.until(&learner.run());
    session.until(KEYS);
    assert_eq!(learner.runs(&session), 2, "{}", session.transcript());

    learner.edit(&learner.text());
    thread::sleep(Duration::from_secs(1));
    assert_eq!(learner.runs(&session), 2, "{}", session.transcript());
    quit(&mut session);
}

#[test]
fn keys_bring_hint_list_and_plot_on_either_keyboard_and_leave_no_echo() {
    let learner = Learner::new();
    // A program that opens pictures, for this test.
    let bin = tempfile::tempdir().expect("a folder");
    let opener = bin.path().join("xdg-open");
    let opened = bin.path().join("opened");
    fs::write(
        &opener,
        "#!/bin/sh\necho noise\necho \"$1\" > \"$0.tmp\"\nmv \"$0.tmp\" \"${0%/*}/opened\"\n",
    )
    .expect("writes");
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("is a program");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(bin.path().to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).expect("a PATH");
    let mut command = learner.command(&["watch", "optimizer"]);
    let mut session = Session::start(40, command.env("PATH", path));
    session.until(&learner.run());
    // While a run prints, keys do nothing and are not shown.
    session.press("hhh");
    session.until(FAILS);
    session.until(KEYS);
    assert!(!session.transcript().contains("hint 1 of 3"), "{}", session.transcript());

    session.press("h");
    session.until("hint 1 of 3");
    session.until(KEYS);
    session.press("ㅗ");
    session.until("hint 2 of 3");
    session.until(KEYS);
    session.press("l");
    session.until(&format!("0 of {} solved", learner.folders.len()));
    session.until(KEYS);
    session.press("\x1b[H");
    session.press("ㅐ");
    session.until("opening plots/course/optimizer.png");
    let begin = Instant::now();
    while !opened.exists() {
        assert!(begin.elapsed() < Duration::from_secs(10), "nothing was opened");
        thread::sleep(Duration::from_millis(20));
    }
    let picture = fs::read_to_string(&opened).expect("reads");
    assert!(picture.trim_end().ends_with("plots/course/optimizer.png"), "{picture}");
    assert!(!session.transcript().contains("hint 3 of 3"));
    assert!(!session.transcript().contains("noise"));
    assert!(!session.transcript().contains(['ㅗ', 'ㅐ']));
    session.press("ㄱ");
    session.until(&learner.run());
    session.until(KEYS);
    session.press("ㅂ");
    assert_eq!(session.end(), 0);
}

#[test]
fn the_terminal_is_as_before_however_watch_ends() {
    let learner = Learner::new();
    for (how, code) in [("q", 0), ("\x03", 130), ("\x1c", 131), ("SIGTERM", 143)] {
        let mut session = learner.watch();
        session.until(&learner.run());
        let during = session.master.get_termios().expect("modes");
        session.until(KEYS);
        match how {
            "SIGTERM" => session.terminate(),
            keys => session.press(keys),
        }
        assert_eq!(session.end(), code, "{how:?}: {}", session.transcript());
        let after = session.master.get_termios().expect("modes");
        assert_ne!(during, after, "{how:?}");
        let fresh =
            portable_pty::native_pty_system().openpty(Default::default()).expect("one more");
        assert_eq!(fresh.master.get_termios(), Some(after), "{how:?}");
        assert!(session.processes().is_empty(), "{how:?}");
    }
}

#[test]
fn an_exercise_that_hangs_is_stopped_by_a_new_save_and_by_q() {
    let learner = Learner::new();
    let (hangs, solution) =
        (learner.with_in_save("loop { std::thread::park(); }"), learner.solution());
    learner.edit(&hangs);
    let mut session = learner.watch();
    session.until("epoch 1/10");
    learner.edit(&solution);
    session.until(&learner.run());
    session.until(SOLVED);
    session.until(KEYS);

    learner.edit(&hangs);
    session.until("epoch 1/10");
    let took = quit(&mut session);
    assert!(took < Duration::from_secs(3), "quitting took {took:?}");
    // Neither stopped run was counted.
    let progress = fs::read_to_string(learner.course.root().join(".killresume/progress.json"));
    let progress: serde_json::Value =
        serde_json::from_str(&progress.expect("reads")).expect("is JSON");
    assert_eq!(progress["exercises"]["optimizer"]["last"]["passed"], true, "{progress:#}");
}

#[test]
fn q_stops_the_compiler_too() {
    let learner = Learner::new();
    learner.edit(&learner.with_in_save("// as new"));
    let mut session = learner.watch();
    session.until(&learner.run());
    let begin = Instant::now();
    while session.processes().len() < 4 {
        assert!(begin.elapsed() < Duration::from_secs(30), "no compiler was started");
        thread::sleep(Duration::from_millis(5));
    }
    let took = quit(&mut session);
    assert!(took < Duration::from_secs(3), "quitting took {took:?}");
}

#[test]
fn what_does_not_compile_shows_the_compiler_s_message_and_waits_for_the_next_save() {
    let learner = Learner::new();
    learner.edit(&learner.with_in_save("let x: u64 = \"five\";"));
    let mut session = learner.watch();
    session.until("mismatched types");
    session.until("? optimizer could not be judged");
    session.until(KEYS);
    session.press("o");
    session.until("drew no plot");
    learner.solve();
    session.until(SOLVED);
    quit(&mut session);
}

#[test]
fn a_deleted_file_is_named_and_runs_when_it_is_back() {
    let learner = Learner::new();
    let mut session = learner.watch();
    session.until(KEYS);
    fs::remove_file(learner.course.file(learner.folder(), "exercise.rs")).expect("is removed");
    session.until(&format!("exercises/{}/exercise.rs is not there", learner.folder()));
    session.until("reset optimizer");
    session.until(KEYS);
    let reset = learner.course.run(&["reset", "optimizer"]);
    assert_eq!(reset.0, Some(0), "{reset:?}");
    session.until(&learner.run());
    session.until(FAILS);
    quit(&mut session);
}

#[test]
fn an_exercise_can_be_skipped_and_the_position_is_remembered() {
    let learner = Learner::new();
    let mut session = Session::start(24, &learner.command(&["watch"]));
    session.until(&learner.begins(0));
    session.until(KEYS);
    session.press("n");
    session.until(&learner.begins(1));
    quit(&mut session);
    let mut session = Session::start(24, &learner.command(&["watch"]));
    session.until(&learner.begins(1));
    quit(&mut session);

    // After the last one comes the first.
    let last = learner.folders.len() - 1;
    let mut session = Session::start(24, &learner.command(&["watch", learner.name(last)]));
    session.until(&learner.begins(last));
    session.until(KEYS);
    session.press("n");
    session.until(&learner.begins(0));
    quit(&mut session);
}

#[test]
fn in_korean_the_status_is_korean_and_fits_the_line() {
    let learner = Learner::new();
    let mut command = learner.course.killresume();
    let mut session = Session::start(40, command.args(["watch", "optimizer", "--lang", "ko"]));
    session.until(&format!("exercises/{}/exercise.rs · 저장할 때마다 실행해요", learner.folder()));
    session.until("optimizer: 아직 같은 run으로 돌아오지 않아요");
    session.until("h 힌트 · n 다음 · l 목록 · o 그림 열기 · r 다시 실행 · q 끝내기");
    let screen = session.screen();
    assert!(screen.contains("q 끝내기"), "{screen}");
    for line in session.transcript().lines().filter(|line| line.contains("optimizer:")) {
        assert!(console::measure_text_width(line) <= 80, "{line}");
    }
    session.press("ㅂ");
    assert_eq!(session.end(), 0);
}

#[test]
fn no_color_leaves_no_colour() {
    let learner = Learner::new();
    let mut command = learner.command(&["watch", "optimizer"]);
    let mut session = Session::start(40, command.env("NO_COLOR", "1"));
    session.until(KEYS);
    session.press("l");
    session.until(KEYS);
    session.press("r");
    session.until(KEYS);
    let raw = session.raw();
    let styles: Vec<&str> = raw
        .split("\x1b[")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            rest[end..].starts_with('m').then_some(&rest[..=end])
        })
        .filter(|style| !["m", "0m"].contains(style))
        .collect();
    assert!(styles.is_empty(), "{styles:?}");
    quit(&mut session);
}

#[test]
fn without_a_terminal_watch_names_what_needs_none() {
    let output = Command::new(env!("CARGO_BIN_EXE_killresume"))
        .args(["watch", "--lang", "en"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .expect("the harness starts");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("run NAME") && text.contains("check-all"), "{text}");
}
