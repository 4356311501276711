//! What can happen while watch waits: keys, signals, a plot that nothing could open.

use std::io::{self, Read, Stdin};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

use super::terminal::is_taken;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// A signal that ends watch.
    Signal(i32),
    /// Watch was suspended and goes on.
    Continued,
    /// No program could open this picture.
    NotOpened(PathBuf),
}

/// The keys of watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One more hint.
    Hint,
    /// On to the next exercise.
    Next,
    /// The list.
    List,
    /// Open the plot.
    Plot,
    /// Run again.
    Run,
    /// Quit.
    Quit,
}

impl Key {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Key; 6] = [Key::Hint, Key::Next, Key::List, Key::Plot, Key::Run, Key::Quit];

    /// The letter on the key, and what the same key types in the Korean two-set layout (두벌식).
    pub fn letters(self) -> (char, char) {
        match self {
            Key::Hint => ('h', 'ㅗ'),
            Key::Next => ('n', 'ㅜ'),
            Key::List => ('l', 'ㅣ'),
            Key::Plot => ('o', 'ㅐ'),
            Key::Run => ('r', 'ㄱ'),
            Key::Quit => ('q', 'ㅂ'),
        }
    }

    fn typed(c: char) -> Option<Self> {
        let c = c.to_ascii_lowercase();
        Key::ALL.into_iter().find(|key| {
            let (latin, korean) = key.letters();
            c == latin || c == korean
        })
    }
}

/// Listens to signals and keys from now on. The sender is for what else may happen.
pub fn listen() -> io::Result<(Sender<Event>, Receiver<Event>)> {
    let (events, received) = mpsc::channel();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCONT])?;
    let sender = events.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            let event = if signal == SIGCONT { Event::Continued } else { Event::Signal(signal) };
            if sender.send(event).is_err() {
                break;
            }
        }
    });
    let sender = events.clone();
    // It blocks in its read until the process ends; the terminal is restored by its owner.
    thread::spawn(move || read_keys(&sender));
    Ok((events, received))
}

fn read_keys(to: &Sender<Event>) {
    let mut stdin = io::stdin();
    let mut buffer = [0; 64];
    let mut typed = Vec::new();
    loop {
        wait_for_input(&stdin);
        match stdin.read(&mut buffer) {
            // The terminal is gone.
            Ok(0) => return drop(to.send(Event::Signal(SIGHUP))),
            Ok(read) => typed.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return drop(to.send(Event::Signal(SIGHUP))),
        }
        for key in keys(&mut typed) {
            if to.send(Event::Key(key)).is_err() {
                return;
            }
        }
    }
}

/// Waits until there is something to read that is meant for us: a program in the background that reads
/// is stopped, and could not even be ended then.
fn wait_for_input(stdin: &Stdin) {
    loop {
        let mut input = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        // Where it fails, the read will say why.
        if poll(&mut input, PollTimeout::NONE) == Err(Errno::EINTR) {
            continue;
        }
        if !is_taken() {
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// Takes the keys out of what was typed; what may be the beginning of a character stays.
fn keys(typed: &mut Vec<u8>) -> Vec<Key> {
    let (valid, done) = match std::str::from_utf8(typed) {
        Ok(_) => (typed.len(), typed.len()),
        // Where it is no character at all, nothing after it is trusted.
        Err(error) => {
            (error.valid_up_to(), error.error_len().map_or(error.valid_up_to(), |_| typed.len()))
        }
    };
    let text = String::from_utf8_lossy(&typed[..valid]).into_owned();
    typed.drain(..done);
    let mut found = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            found.extend(Key::typed(c));
            continue;
        }
        // An arrow or the like: ESC [ and more up to a letter, ESC O and a letter, Alt is ESC alone.
        match chars.next() {
            Some('[') => drop(chars.find(|c| matches!(c, '@'..='~'))),
            Some('O') => drop(chars.next()),
            _ => {}
        }
    }
    found
}

/// Opens a picture with the system's program for it, which outlives us.
pub fn open_picture(path: PathBuf, events: Sender<Event>) {
    thread::spawn(move || {
        let opened = open::commands(&path).into_iter().any(|mut command| {
            let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            // A group of its own: a Ctrl-C here is not meant for it.
            command.process_group(0).status().is_ok_and(|status| status.success())
        });
        if !opened {
            let _ = events.send(Event::NotOpened(path));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_keyboard_layouts_and_capitals_name_the_same_keys() {
        let mut typed = "hnlorq HNLORQ ㅗㅜㅣㅐㄱㅂ".as_bytes().to_vec();
        assert_eq!(keys(&mut typed), [Key::ALL, Key::ALL, Key::ALL].concat());
        assert!(typed.is_empty());
    }

    #[test]
    fn a_character_that_comes_in_two_pieces_is_one() {
        let (first, second) = "ㅂ".as_bytes().split_at(1);
        let mut typed = first.to_vec();
        assert_eq!(keys(&mut typed), []);
        typed.extend_from_slice(second);
        assert_eq!(keys(&mut typed), [Key::Quit]);
    }

    #[test]
    fn an_arrow_or_another_key_is_none_of_ours() {
        for other in ["\x1b[H", "\x1bOH", "\x1b[1;5H", "\x1bq", "\x1b", "\n", "x", "\u{7f}"] {
            assert_eq!(keys(&mut other.as_bytes().to_vec()), [], "{other:?}");
        }
        assert_eq!(keys(&mut vec![0xff, b'q']), []);
        assert_eq!(keys(&mut b"\x1b[Hq".to_vec()), [Key::Quit]);
    }
}
