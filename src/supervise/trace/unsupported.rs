//! Where system calls cannot be followed.

use std::path::Path;

use crate::messages::run as messages;
use crate::protocol::Checkpoint;
use crate::recording::TracedSave;
use crate::scenario::Cut;

use super::Landing;

/// There is none here.
#[derive(Debug)]
pub enum SaveTrace {}

/// An error that says so.
pub fn is_supported() -> anyhow::Result<()> {
    Err(anyhow::Error::msg(messages::write_kill_needs_linux()))
}

impl SaveTrace {
    pub fn attach(
        _pid: Option<u32>,
        _dir: &Path,
        _cut: Option<Cut>,
        _keep: Option<&Path>,
    ) -> anyhow::Result<Self> {
        Err(anyhow::Error::msg(messages::write_kill_needs_linux()))
    }

    pub fn was_to_kill(&self) -> bool {
        match *self {}
    }

    pub fn advance(&mut self) -> anyhow::Result<Option<Landing>> {
        match *self {}
    }

    pub fn finish(self, _save: &Checkpoint) -> anyhow::Result<TracedSave> {
        match self {}
    }
}
