//! `killresume soak`: one run, killed again and again until its training ends.

mod common;

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Ran, killresume, set_up};
use serde_json::{Value, json};

/// One soak: exit code, standard output, standard error, the JSON.
struct Soaked {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    json: Value,
}

impl Soaked {
    fn of(arguments: &[&str]) -> Self {
        set_up();
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("soak.json");
        let mut command = killresume();
        command.arg("soak").arg("--json").arg(&path).args(arguments);
        let output = command.output().expect("the harness starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let json = std::fs::read(&path).unwrap_or_else(|_| panic!("no JSON: {stdout}{stderr}"));
        let json = serde_json::from_slice(&json).expect("valid JSON");
        Self { code: output.status.code(), stdout, stderr, json }
    }

    fn misbehaving(how: &str, seed: &str) -> Self {
        let kills = ["--trainer", "misbehaving", "--kills", "60", "--epochs", "6", "--seed", seed];
        Self::of(&[&kills[..], &["--timeout", "10", "--", "--how", how]].concat())
    }

    fn lives(&self) -> &[Value] {
        self.json["lives"].as_array().expect("lives is a list")
    }

    /// The kills, with all that is told of where they landed.
    fn kills(&self) -> Vec<&Value> {
        self.lives().iter().map(|life| &life["kill"]).filter(|kill| !kill.is_null()).collect()
    }

    /// The first life that came back otherwise than it should, and what was wrong with it.
    fn first_fault(&self) -> (&Value, Vec<(&str, &str)>) {
        let fault = &self.json["faults"][0];
        let findings = fault["findings"].as_array().expect("findings is a list");
        fn text(value: &Value) -> &str {
            value.as_str().unwrap_or_default()
        }
        let found = findings.iter().map(|it| (text(&it["component"]), text(&it["kind"])));
        (fault, found.collect())
    }

    fn transcript(&self) -> String {
        format!("exit {:?}\n{}\n{}\n{:#}", self.code, self.stdout, self.stderr, self.json)
    }
}

#[test]
fn the_reference_trainer_is_the_same_run_however_often_it_is_killed() {
    let soaked = Soaked::of(&["--kills", "12", "--epochs", "4"]);
    assert_eq!(soaked.code, Some(0), "{}", soaked.transcript());
    assert_eq!(soaked.json["verdict"], "same_run");
    assert_eq!((soaked.kills().len(), soaked.lives().len()), (12, 13), "{}", soaked.transcript());
    assert_eq!(soaked.json["final_state"], json!([]));
    assert_eq!(soaked.json["faults"], json!([]));
    let curve = &soaked.json["curve"];
    assert_eq!(curve["same"], curve["points"], "{curve}");
    assert_eq!(curve["points"], 4 * 23, "{curve}");
    assert!(soaked.stdout.contains("THE SAME RUN: killed 12 times"), "{}", soaked.stdout);
    assert!(soaked.stdout.contains("--seed 0"), "how to repeat it: {}", soaked.stdout);
    // What a life did beyond its checkpoint is what the ones after it do again.
    for pair in soaked.lives().windows(2) {
        let (kill, start) = (&pair[0]["kill"], pair[1]["started_step"].as_u64());
        if let (Some(start), Some(_)) = (start, pair[0]["started_step"].as_u64()) {
            let step = kill["step"].as_u64().expect("a number");
            assert_eq!(kill["again"], step - start, "{kill}");
        }
    }
}

#[test]
fn the_same_seed_kills_at_the_same_places_and_another_one_elsewhere() {
    let [first, second, other] = ["3", "3", "4"].map(|seed| Soaked::misbehaving("nothing", seed));
    assert_eq!(first.code, Some(0), "{}", first.transcript());
    assert_eq!(first.kills(), second.kills());
    assert_ne!(first.kills(), other.kills());
}

#[test]
fn all_kills_land_before_the_training_is_complete_and_everywhere_in_it() {
    let mut places: Vec<String> = Vec::new();
    for seed in ["0", "1", "2", "3"] {
        let soaked = Soaked::misbehaving("nothing", seed);
        assert_eq!(soaked.code, Some(0), "{}", soaked.transcript());
        assert_eq!(soaked.kills().len(), 60, "{}", soaked.transcript());
        places.extend(soaked.kills().iter().map(|kill| kill["place"].to_string()));
        assert!(!places.contains(&"\"finished\"".to_owned()), "{}", soaked.transcript());
    }
    let mut expected = vec!["start_up", "update", "epoch", "best", "before_latest", "after_latest"];
    if cfg!(target_os = "linux") {
        expected.push("inside_latest");
    }
    for place in expected {
        assert!(places.contains(&format!("{place:?}")), "{place}: {places:?}");
    }
}

#[test]
fn lost_state_is_found_in_the_first_life_that_lost_it_and_named() {
    let lose = ["--trainer", "faulty", "--kills", "4", "--epochs", "3", "--"];
    let soaked = Soaked::of(&[&lose[..], &["--lose", "optimizer", "--at", "load"]].concat());
    assert_eq!(soaked.code, Some(1), "{}", soaked.transcript());
    let (fault, findings) = soaked.first_fault();
    assert_eq!(findings, [("optimizer", "cold")], "{}", soaked.transcript());
    let resumed = soaked.lives().iter().find(|life| !life["resumed_from"].is_null());
    assert_eq!(fault["life"], resumed.expect("one resumed")["number"], "{}", soaked.transcript());
    let kill = fault["after"]["kill"].as_str().expect("a kill point");
    assert!(soaked.stdout.contains(kill), "{kill}: {}", soaked.stdout);
    let differing = soaked.json["final_state"].as_array().expect("training ended");
    assert!(differing.contains(&json!("model")), "{}", soaked.transcript());
}

#[cfg(target_os = "linux")]
#[test]
fn a_save_over_itself_refuses_to_start_sooner_or_later() {
    let soaked = Soaked::misbehaving("in-place", "3");
    assert_eq!(soaked.code, Some(1), "{}", soaked.transcript());
    let (fault, findings) = soaked.first_fault();
    assert_eq!(findings, [("", "refused_to_start")], "{}", soaked.transcript());
    assert_eq!(fault["after"]["place"], "inside_latest", "{fault}");
    assert!(soaked.stdout.contains("the checkpoint is torn"), "{}", soaked.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_save_that_removes_the_one_before_starts_from_zero_sooner_or_later() {
    let soaked = Soaked::misbehaving("remove-first", "0");
    assert_eq!(soaked.code, Some(1), "{}", soaked.transcript());
    let (fault, findings) = soaked.first_fault();
    assert_eq!(findings, [("", "restarted_from_zero")], "{}", soaked.transcript());
    assert_eq!(fault["after"]["place"], "inside_latest", "{fault}");
}

#[test]
fn a_life_that_goes_back_behind_the_newest_checkpoint_is_found() {
    let soaked = Soaked::misbehaving("old-checkpoint", "0");
    assert_eq!(soaked.code, Some(1), "{}", soaked.transcript());
    let (_, findings) = soaked.first_fault();
    assert_eq!(findings, [("", "older_checkpoint")], "{}", soaked.transcript());
}

#[test]
fn what_cannot_be_judged_is_no_pass() {
    for (how, says) in [
        ("irreproducible", "does not reproduce itself"),
        ("never-save", "nothing to resume from"),
        ("exit-on-resume", "never connected"),
    ] {
        let soaked = Soaked::misbehaving(how, "0");
        assert_eq!(soaked.code, Some(3), "{how}: {}", soaked.transcript());
        assert_eq!(soaked.json["verdict"], "not_judged");
        let words = soaked.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(says), "{how}: {}", soaked.stdout);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_calls_to_follow_it_does_without_the_kills_inside_saves_and_says_so() {
    let soaked = common::without_ptrace(|| Soaked::misbehaving("nothing", "0"));
    assert_eq!(soaked.code, Some(0), "{}", soaked.transcript());
    assert_eq!(soaked.kills().len(), 60, "{}", soaked.transcript());
    assert!(soaked.kills().iter().all(|kill| kill["place"] != "inside_latest"));
    assert!(soaked.stdout.contains("no kill lands inside a save"), "{}", soaked.stdout);
}

#[test]
fn wrong_input_is_answered_with_what_was_expected() {
    set_up();
    for (arguments, says) in [
        (&["--kills", "0"][..], "from 1 to 100000"),
        (&["--epochs", "0"], "from 1 to 10000"),
        (&["--trainer", "nosuch"], "reference"),
        (&["--", "--epochs", "3"], "--epochs after --"),
    ] {
        let output = killresume().arg("soak").args(arguments).output().expect("the harness starts");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: {text}");
    }
}

#[test]
fn an_event_is_a_kill_point_of_a_single_run_too() {
    // hello, started, 4 steps, epoch, both sides of two saves, and then 3 steps.
    let ran = Ran::trainer("misbehaving", &["--kill", "event:14", "--", "--how", "nothing"]);
    assert_eq!(ran.code, Some(0), "{}", ran.transcript());
    let kill = &ran.report["kill"];
    assert_eq!((&kill["at"], &kill["step"]), (&json!("step"), &json!(7)), "{kill}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_it_and_leaves_nothing_running() {
    set_up();
    let mark = format!("KILLRESUME_TEST={}-{:?}", std::process::id(), Instant::now());
    let (name, value) = mark.split_once('=').expect("it has one");
    let mut command = killresume();
    command.args(["soak", "--kills", "100000"]).env(name, value);
    let mut soak =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the harness starts");
    // It is somewhere in the control run, in the look or in the first lives.
    thread::sleep(Duration::from_secs(3));
    let status = Command::new("kill").args(["-TERM", &soak.id().to_string()]).status();
    assert!(status.expect("kill starts").success());
    assert_eq!(soak.wait().expect("it ends").code(), Some(128 + 15));
    let entries = std::fs::read_dir("/proc").expect("a Linux /proc");
    let alive = entries.filter_map(|entry| entry.ok()).any(|entry| {
        std::fs::read(entry.path().join("environ"))
            .is_ok_and(|all| all.split(|b| *b == 0).any(|variable| variable == mark.as_bytes()))
    });
    assert!(!alive, "a process of it is alive");
}
