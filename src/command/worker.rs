//! A process of ours that does one piece of work for another one, see [`Pool`](crate::pool::Pool).

use std::io::{self, Write};

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cancel;
use crate::supervise::Cancel;

/// Reads the job from standard input; from now on this process ends with the one that started it, even if
/// that is killed.
pub(super) fn begin<J: DeserializeOwned>() -> anyhow::Result<(J, Cancel)> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM)?;
    let cancel = cancel()?;
    let job = serde_json::from_reader(io::stdin().lock()).context("cannot read the job")?;
    Ok((job, cancel))
}

/// Tells a result.
pub(super) fn tell(result: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(result)?;
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line).and_then(|()| stdout.flush()).context("cannot tell a result")
}
