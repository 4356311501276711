//! The terminal while watch has it: keys come one by one and are not echoed.

use std::io::{self, Write};

use nix::errno::Errno;
use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use nix::unistd::{getpgrp, tcgetpgrp};

/// The terminal, which is as it was when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    before: Termios,
}

impl Terminal {
    /// Takes the terminal on standard input.
    pub fn open() -> io::Result<Self> {
        let terminal = Self { before: tcgetattr(io::stdin())? };
        terminal.take()?;
        Ok(terminal)
    }

    /// Takes it again, after watch was suspended and the shell had it.
    ///
    /// Ctrl-C and Ctrl-Z stay what they are, and output is processed as always.
    pub fn take(&self) -> io::Result<()> {
        let mut modes = self.before.clone();
        modes.local_flags.remove(
            // TOSTOP would stop a run at the first line that it prints: it is in another group.
            LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::IEXTEN | LocalFlags::TOSTOP,
        );
        modes.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        modes.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        set(&modes)
    }

    /// A screen without anything on it. What was there is not erased: it moves up, out of sight.
    pub fn clear(&self) -> io::Result<()> {
        if std::env::var_os("TERM").is_some_and(|name| name == "dumb") {
            return Ok(());
        }
        let (rows, _) = console::Term::stdout().size();
        let mut stdout = io::stdout().lock();
        write!(stdout, "{}\x1b[H\x1b[J", "\n".repeat(rows.into()))?;
        stdout.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Where it is gone, there is nothing to restore.
        let _ = set(&self.before);
    }
}

/// Whether the terminal is another program's at the moment: watch is in the background.
pub fn is_taken() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground != getpgrp())
}

/// Sets the modes, unless the terminal is taken: then they are another's, and to touch them would
/// stop us.
fn set(modes: &Termios) -> io::Result<()> {
    if is_taken() {
        return Ok(());
    }
    loop {
        match tcsetattr(io::stdin(), SetArg::TCSADRAIN, modes) {
            Err(Errno::EINTR) => {}
            result => return Ok(result?),
        }
    }
}
