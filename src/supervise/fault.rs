//! Why a trainer could not be judged.

use std::fmt;
use std::time::Duration;

use crate::messages::run as messages;
use crate::sandbox::{Limit, Limits};

use super::Role;

/// Why a supervision has no result.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// A trainer cannot be judged.
    #[error("{}", messages::run_failed(&.role.to_string(), &.fault.to_string()))]
    Trainer {
        /// Which process.
        role: Role,
        /// What it did.
        fault: Fault,
        /// The end of what it printed.
        output: String,
    },
    /// The run ended before the kill point.
    #[error("{}", messages::kill_point_not_reached(.kill, *.epochs, *.steps))]
    KillPointNotReached {
        /// The kill point as the user wrote it.
        kill: String,
        /// Epochs that the run had.
        epochs: u64,
        /// Updates that the run had.
        steps: u64,
    },
    /// The save in which the kill was to land has ended, and no such call was seen in it.
    #[error("{}", messages::no_write(.kill))]
    NoWrite {
        /// The kill point as the user wrote it.
        kill: String,
    },
    /// A program that speaks no protocol cannot be judged.
    #[error("{why}")]
    NotJudged {
        /// Why.
        why: String,
    },
    /// A signal asked the harness to stop.
    #[error("{}", messages::cancelled(*.signal))]
    Cancelled {
        /// The signal's number.
        signal: i32,
    },
    /// The other side failed first.
    #[error("stopped because another run failed")]
    Stopped,
    /// The harness could not do its work.
    #[error("{0:#}")]
    Harness(#[from] anyhow::Error),
}

/// What a trainer did instead of training.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ended and had not connected.
    #[error("{}", messages::fault_never_connected(&.ending.to_string()))]
    NeverConnected {
        /// How it ended.
        ending: Ending,
    },
    /// It said nothing for too long.
    #[error("{}", match .after {
        None => messages::fault_silent_connected(.timeout.as_secs_f64()),
        Some(after) => messages::fault_silent(.timeout.as_secs_f64(), after),
    })]
    Silent {
        /// The limit.
        timeout: Duration,
        /// The last event, by name; `None` when it only connected.
        after: Option<String>,
    },
    /// It did not connect in time.
    #[error("{}", messages::fault_silent_start(.timeout.as_secs_f64()))]
    SilentStart {
        /// The limit.
        timeout: Duration,
    },
    /// It went on before it was answered, so no kill could land where the scenario says.
    #[error("{}", messages::fault_impatient(.event))]
    Impatient {
        /// The event that it did not wait after, by name.
        event: &'static str,
    },
    /// The control run trained another number of epochs than it was told.
    #[error("{}", messages::fault_wrong_length(*.epochs, *.expected))]
    WrongLength {
        /// Epochs that it trained.
        epochs: u64,
        /// Epochs that it was told to train.
        expected: u64,
    },
    /// It used more than it may.
    #[error("{}", match .limit {
        Limit::Wall => messages::fault_limit_wall(.limits.wall.as_secs_f64()),
        Limit::Cpu => messages::fault_limit_cpu(.limits.cpu.as_secs()),
        Limit::Memory => messages::fault_limit_memory(.limits.memory >> 20),
        Limit::FileSize => messages::fault_limit_file_size(.limits.file_size >> 20),
        Limit::Processes => messages::fault_limit_processes(.limits.processes),
    })]
    Limit {
        /// Of what.
        limit: Limit,
        /// All limits.
        limits: Limits,
    },
    /// It ended in the middle of training.
    #[error("{}", match .after {
        Some(after) => messages::fault_ended(&.ending.to_string(), after),
        None => messages::fault_ended_silently(&.ending.to_string()),
    })]
    Ended {
        /// How it ended.
        ending: Ending,
        /// The last event, by name; `None` when it only connected.
        after: Option<String>,
    },
    /// It refused to resume, as it should, and did not say why.
    #[error("{}", messages::fault_silent_refusal(*.code))]
    SilentRefusal {
        /// Its exit code.
        code: i32,
    },
    /// It said that it had finished and then failed.
    #[error("{}", messages::fault_failed_after_finish(&.ending.to_string()))]
    FailedAfterFinish {
        /// How it ended.
        ending: Ending,
    },
    /// It speaks a protocol that this harness does not know.
    #[error("{}", messages::fault_newer_protocol(*.version, crate::protocol::VERSION))]
    NewerProtocol {
        /// The version that it speaks.
        version: u64,
    },
    /// It said something that is not an event.
    #[error("{}", messages::fault_garbage(.line, .why))]
    Garbage {
        /// The beginning of the line, escaped.
        line: String,
        /// Why it is not an event.
        why: String,
    },
    /// It wrote a line without an end.
    #[error("{}", messages::fault_long_line(*.limit))]
    LongLine {
        /// The limit in bytes.
        limit: usize,
    },
    /// It said an event that must not come there.
    #[error("{}", messages::fault_out_of_order(.event, .expected))]
    OutOfOrder {
        /// The event, by name.
        event: String,
        /// What the protocol expects, by name.
        expected: &'static str,
    },
}

impl Fault {
    /// The fault's name in the JSON report.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::NeverConnected { .. } => "never_connected",
            Fault::Silent { .. } => "silent",
            Fault::SilentStart { .. } => "silent_start",
            Fault::Impatient { .. } => "impatient",
            Fault::WrongLength { .. } => "wrong_length",
            Fault::Limit { limit: Limit::Wall, .. } => "wall_limit",
            Fault::Limit { limit: Limit::Cpu, .. } => "cpu_limit",
            Fault::Limit { limit: Limit::Memory, .. } => "memory_limit",
            Fault::Limit { limit: Limit::FileSize, .. } => "file_size_limit",
            Fault::Limit { limit: Limit::Processes, .. } => "process_limit",
            Fault::Ended { .. } => "ended",
            Fault::SilentRefusal { .. } => "silent_refusal",
            Fault::FailedAfterFinish { .. } => "failed_after_finish",
            Fault::NewerProtocol { .. } => "newer_protocol",
            Fault::Garbage { .. } => "garbage",
            Fault::LongLine { .. } => "long_line",
            Fault::OutOfOrder { .. } => "out_of_order",
        }
    }
}

/// How a process ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With an exit code.
    Code(i32),
    /// By a signal that the harness did not send.
    Signal(i32),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Ending::Code(code) => messages::ending_code(*code),
            Ending::Signal(signal) => messages::ending_signal(*signal, signal_name(*signal)),
        })
    }
}

/// The kernel's name of a signal.
fn signal_name(signal: i32) -> &'static str {
    nix::sys::signal::Signal::try_from(signal).map_or("?", nix::sys::signal::Signal::as_str)
}
