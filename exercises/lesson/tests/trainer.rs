//! The reference trainer as its harness and its user see it: a process with a socket, files, an exit
//! code.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use killresume::messages::LANG_VARIABLE;
use killresume::protocol::{Checkpoint, CheckpointKind, Event, Phase, Reply, SOCKET_VARIABLE};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

fn reference(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reference"));
    // The texts that are looked for are English, whatever the language of who runs this.
    command.env(LANG_VARIABLE, "en");
    command.args(["--epochs", "2", "--dir"]).arg(dir).args(arguments);
    command
}

/// What the harness does with an event.
enum Answer {
    Go,
    Kill(Signal),
}

struct Watched {
    events: Vec<Event>,
    status: ExitStatus,
    stdout: Vec<u8>,
}

/// Plays the harness to one trainer until it ends. A killed trainer gets no answer; one that is
/// asked to stop does.
fn watch(mut command: Command, mut answer: impl FnMut(&Event) -> Answer) -> Watched {
    let dir = TempDir::new().expect("a directory");
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("binds");
    let mut child =
        command.env(SOCKET_VARIABLE, &socket).stdout(Stdio::piped()).spawn().expect("spawns");
    let stream = accept(&listener, &mut child);
    let mut reader = BufReader::new(stream);
    let pid = Pid::from_raw(child.id().cast_signed());
    let mut events = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
        let event: Event = serde_json::from_str(&line).expect("an event");
        line.clear();
        let answer = answer(&event);
        events.push(event);
        if let Answer::Kill(signal) = answer {
            kill(pid, signal).expect("kills");
            if signal == Signal::SIGKILL {
                break;
            }
        }
        let reply = serde_json::to_string(&Reply { go: true, steps: true }).expect("serialises");
        writeln!(reader.get_mut(), "{reply}").expect("the trainer listens");
    }
    let Output { status, stdout, .. } = child.wait_with_output().expect("ends");
    Watched { events, status, stdout }
}

fn accept(listener: &UnixListener, child: &mut Child) -> std::os::unix::net::UnixStream {
    listener.set_nonblocking(true).expect("sets");
    let start = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("sets");
                stream.set_read_timeout(Some(PATIENCE)).expect("sets");
                return stream;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("cannot accept: {error}"),
        }
        if let Some(status) = child.try_wait().expect("waits") {
            panic!("the trainer ended before it connected: {status}");
        }
        assert!(start.elapsed() < PATIENCE, "the trainer does not connect");
        thread::sleep(Duration::from_millis(5));
    }
}

fn go(_: &Event) -> Answer {
    Answer::Go
}

/// What the run is at its end, to the last bit.
fn final_state(watched: &Watched) -> &Event {
    let last = watched.events.last().expect("events");
    assert!(matches!(last, Event::Finished(_)), "ended with {}", last.name());
    last
}

/// The validation curve as the events carry it.
fn curve(events: &[Event]) -> Vec<&Event> {
    events.iter().filter(|e| matches!(e, Event::Validation(_))).collect()
}

fn samples(events: &[Event], epoch: u64) -> Vec<u64> {
    let steps = events.iter().filter_map(|event| match event {
        Event::Step(step) if step.epoch == epoch => Some(step.samples.clone()),
        _ => None,
    });
    steps.flatten().collect()
}

fn stderr_of(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn two_runs_with_one_seed_are_the_same_and_another_seed_is_another_run() {
    let dir = TempDir::new().expect("a directory");
    let run = |name: &str, seed| watch(reference(&dir.path().join(name), &["--seed", seed]), go);
    let (one, two, other) = (run("a", "1"), run("b", "1"), run("c", "2"));
    assert_eq!(final_state(&one), final_state(&two));
    assert_eq!(curve(&one.events), curve(&two.events));
    assert_ne!(final_state(&one), final_state(&other));
}

#[test]
fn a_run_killed_in_the_middle_of_an_epoch_resumes_as_the_same_run() {
    for optimizer in ["sgd", "adamw"] {
        let dir = TempDir::new().expect("a directory");
        let arguments = ["--optimizer", optimizer, "--save-every", "7"];
        let control = watch(reference(&dir.path().join("control"), &arguments), go);

        let killed = dir.path().join("killed");
        let interrupted = watch(reference(&killed, &arguments), |event| match event {
            Event::Step(step) if step.step == 30 => Answer::Kill(Signal::SIGKILL),
            _ => Answer::Go,
        });
        assert!(!interrupted.status.success());
        let resumed = watch(reference(&killed, &arguments), go);

        let Some(Event::Started(started)) = resumed.events.get(1) else { panic!("not started") };
        let latest = killed.join("latest.safetensors").display().to_string();
        assert_eq!((started.step, started.resumed_from.as_ref()), (28, Some(&latest)));
        assert_eq!(final_state(&resumed), final_state(&control));
        let curve_after = curve(&resumed.events);
        assert!(curve(&control.events).ends_with(&curve_after), "another curve after the resume");
    }
}

#[test]
fn a_checkpoint_is_reported_as_it_is_restored() {
    let dir = TempDir::new().expect("a directory");
    let mut saved = None;
    watch(reference(dir.path(), &[]), |event| match event {
        Event::Checkpoint(Checkpoint {
            phase: Phase::End,
            kind: CheckpointKind::Latest,
            components,
            ..
        }) => {
            saved = Some(components.clone());
            Answer::Kill(Signal::SIGKILL)
        }
        _ => Answer::Go,
    });
    let resumed = watch(reference(dir.path(), &[]), go);
    let Some(Event::Started(started)) = resumed.events.get(1) else { panic!("not started") };
    assert_eq!(Some(&started.components), saved.as_ref());
    assert_eq!((started.epoch, started.step), (1, 23));
}

#[test]
fn an_epoch_visits_every_sample_once_also_across_sigterm() {
    let dir = TempDir::new().expect("a directory");
    let stopped = watch(reference(dir.path(), &[]), |event| match event {
        Event::Step(step) if step.step == 10 => Answer::Kill(Signal::SIGTERM),
        _ => Answer::Go,
    });
    assert_eq!(stopped.status.code(), Some(143));
    let resumed = watch(reference(dir.path(), &[]), go);
    let mut seen = samples(&stopped.events, 0);
    assert!(!seen.is_empty() && seen.len() < 1437, "stopped in the epoch");
    seen.extend(samples(&resumed.events, 0));
    seen.sort_unstable();
    assert_eq!(seen, (0..1437).collect::<Vec<u64>>());
}

#[test]
fn events_come_in_the_order_of_the_protocol_and_standard_output_stays_empty() {
    let dir = TempDir::new().expect("a directory");
    let watched = watch(reference(dir.path(), &[]), go);
    assert!(watched.status.success());
    assert_eq!(watched.stdout, b"");
    let names: Vec<&str> = watched.events.iter().map(Event::name).collect();
    let epoch = [
        ["step", "validation"].repeat(22),
        vec!["step", "epoch", "checkpoint", "checkpoint", "checkpoint", "checkpoint"],
    ]
    .concat();
    let expected = [vec!["hello", "started"], epoch.clone(), epoch, vec!["finished"]].concat();
    assert_eq!(names, expected, "both epochs improve, so both save best and latest");
}

#[test]
fn a_finished_run_has_nothing_left_to_do() {
    let dir = TempDir::new().expect("a directory");
    let first = watch(reference(dir.path(), &[]), go);
    let again = watch(reference(dir.path(), &[]), go);
    assert!(again.status.success());
    let names: Vec<&str> = again.events.iter().map(Event::name).collect();
    assert_eq!(names, ["hello", "started", "finished"]);
    assert_eq!(final_state(&again), final_state(&first));
}

#[test]
fn what_cannot_be_resumed_is_refused_by_file_and_key() {
    let dir = TempDir::new().expect("a directory");
    let (code, _) = stderr_of(reference(dir.path(), &["--seed", "1"]));
    assert_eq!(code, Some(0));
    let latest = dir.path().join("latest.safetensors");

    let (code, message) = stderr_of(reference(dir.path(), &["--seed", "2"]));
    assert_eq!(code, Some(1));
    let refusal = format!(
        "error: cannot resume: {}: config: key \"seed\": expected 2, found 1\n",
        latest.display()
    );
    assert!(message.starts_with(&refusal), "{message}");
    assert!(message.contains("reference.rs:"), "where to look: {message}");

    for name in [OsStr::new("latest.safetensors"), OsStr::new("latest.previous.safetensors")] {
        fs::write(dir.path().join(name), b"not a checkpoint").expect("writes");
    }
    let (code, message) = stderr_of(reference(dir.path(), &["--seed", "1"]));
    assert_eq!(code, Some(1));
    assert!(message.contains("latest.safetensors"), "{message}");
}

#[test]
fn the_faulty_trainer_loses_what_it_is_told_to_lose() {
    let dir = TempDir::new().expect("a directory");
    let faulty = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_faulty"));
        command.args(["--epochs", "2", "--lose", "best_metric", "--at", "save", "--dir"]);
        command.arg(dir.path());
        command
    };
    let mut saved = None;
    watch(faulty(), |event| match event {
        Event::Checkpoint(c) if (c.phase, c.kind) == (Phase::End, CheckpointKind::Latest) => {
            saved = Some(c.components.clone());
            Answer::Kill(Signal::SIGKILL)
        }
        _ => Answer::Go,
    });
    let resumed = watch(faulty(), go);
    assert!(matches!(&resumed.events[0], Event::Hello(h) if h.trainer.name == "faulty"));
    let Event::Started(started) = &resumed.events[1] else { panic!("not started") };
    let saved = saved.expect("killed after a save");
    let lost: Vec<&String> =
        saved.keys().filter(|name| started.components[*name] != saved[*name]).collect();
    assert_eq!(lost, ["best_metric"]);
}
