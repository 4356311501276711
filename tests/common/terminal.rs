//! A program in a pseudo-terminal, and what a person would see of it.

#![allow(dead_code, reason = "each test binary uses its own part of it")]
#![allow(clippy::allow_attributes, reason = "`expect` would fail in the binary that uses it all")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a first build in a copy of the project may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program and its terminal.
pub struct Session {
    pub master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    shown: Arc<Mutex<Shown>>,
    /// How much of the plain text was waited for.
    read: usize,
    /// In the environment of the program and of all that it starts.
    mark: String,
}

struct Shown {
    bytes: Vec<u8>,
    screen: vt100::Parser,
}

impl Session {
    /// Starts the command in a terminal of 80 columns.
    pub fn start(rows: u16, command: &Command) -> Self {
        let size = PtySize { rows, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.cwd(command.get_current_dir().expect("starts in the project's folder"));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => builder.env(name, value),
                None => builder.env_remove(name),
            }
        }
        builder.env("TERM", "xterm-256color");
        let mark = format!("{}-{:?}", std::process::id(), Instant::now());
        builder.env("KILLRESUME_TEST", &mark);
        let mut output = pair.master.try_clone_reader().expect("a reader");
        let keyboard = pair.master.take_writer().expect("a writer");
        let child = pair.slave.spawn_command(builder).expect("the harness starts");
        let [height, width] = [rows, 80].map(|n| NonZero::new(n).expect("a terminal has a size"));
        let screen = vt100::Parser::new(height, width, 0);
        let shown = Arc::new(Mutex::new(Shown { bytes: Vec::new(), screen }));
        let to = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                let mut shown = to.lock().expect("nobody panics while it is locked");
                shown.bytes.extend_from_slice(&buffer[..read]);
                shown.screen.process(&buffer[..read]);
            }
        });
        Self { master: pair.master, child, keyboard, shown, read: 0, mark }
    }

    /// Types this.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
        self.keyboard.flush().expect("the terminal takes keys");
    }

    /// Waits until this was printed, after what was waited for before.
    pub fn until(&mut self, text: &str) {
        let begin = Instant::now();
        loop {
            let has_ended = matches!(self.child.try_wait(), Ok(Some(_)));
            let plain = self.transcript();
            let new = plain.get(self.read..).unwrap_or_default();
            if let Some(at) = new.find(text) {
                self.read += at + text.len();
                return;
            }
            assert!(!has_ended && begin.elapsed() < PATIENCE, "{text:?} did not come: {plain}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        let pid = self.child.process_id().expect("it runs").to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.expect("kill starts").success());
    }

    /// Waits until all that was started has ended, and returns the exit code.
    pub fn end(&mut self) -> u32 {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the harness can be waited for") {
                return status.exit_code();
            }
            let transcript = self.transcript();
            assert!(begin.elapsed() < Duration::from_secs(30), "it does not end: {transcript}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// All that was printed so far, without what steers the terminal.
    pub fn transcript(&self) -> String {
        console::strip_ansi_codes(&self.raw()).into_owned()
    }

    /// All that was printed so far.
    pub fn raw(&self) -> String {
        let shown = self.shown.lock().expect("nobody panics while it is locked");
        String::from_utf8_lossy(&shown.bytes).into_owned()
    }

    /// What a person sees now.
    pub fn screen(&self) -> String {
        let shown = self.shown.lock().expect("nobody panics while it is locked");
        shown.screen.screen().contents()
    }

    /// The processes that it has started and that are alive, itself included.
    pub fn processes(&self) -> Vec<u32> {
        let mark = format!("KILLRESUME_TEST={}", self.mark);
        let entries = std::fs::read_dir("/proc").expect("a Linux /proc");
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid| {
                std::fs::read(format!("/proc/{pid}/environ"))
                    .is_ok_and(|all| all.split(|b| *b == 0).any(|v| v == mark.as_bytes()))
            })
            .collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // After a failed assertion.
        let _ = self.child.kill();
    }
}
