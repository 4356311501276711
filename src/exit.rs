//! The exit codes, an API: a dead or silent trainer never reads as a pass.

use std::process::ExitCode;

/// How the harness ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: the same run.
    SameRun,
    /// 1: not the same run; the findings say why.
    NotSameRun,
    /// 2: wrong usage.
    Usage,
    /// 3: the trainer could not be judged: it does not build, crashes, hangs, breaks the protocol or
    /// does not reproduce itself.
    NotJudged,
    /// 4: the harness could not do its work: set-up, disk, permissions.
    Harness,
    /// 128 and the signal's number: a signal stopped the harness.
    Signal(i32),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::SameRun => 0,
            Exit::NotSameRun => 1,
            Exit::Usage => 2,
            Exit::NotJudged => 3,
            Exit::Harness => 4,
            Exit::Signal(signal) => 128 + (signal & 0x7f) as u8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
