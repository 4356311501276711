//! Where system calls cannot be followed.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use anyhow::anyhow;

use crate::messages::run as messages;
use crate::recording::Followed;

use super::{Landing, Orders};

/// There is none here.
#[derive(Debug)]
pub enum Trace {}

/// An error that says so.
pub fn is_supported() -> anyhow::Result<()> {
    Err(anyhow!(messages::write_kill_needs_linux()))
}

/// An error that says so.
pub fn enter(_program: &OsStr, _args: &[OsString]) -> io::Result<Infallible> {
    Err(io::Error::other(messages::write_kill_needs_linux()))
}

impl Trace {
    pub fn start(_leader: u32, _dir: &Path, _keep: Option<&Path>) -> anyhow::Result<Self> {
        Err(anyhow!(messages::write_kill_needs_linux()))
    }

    pub fn begin_with(
        _leader: u32,
        _dir: &Path,
        _keep: Option<&Path>,
        _orders: Orders,
    ) -> anyhow::Result<Self> {
        Err(anyhow!(messages::write_kill_needs_linux()))
    }

    pub fn calls(&self) -> usize {
        match *self {}
    }

    pub fn begin(&self, _orders: Orders) -> anyhow::Result<()> {
        match *self {}
    }

    pub fn is_to_kill(&self) -> bool {
        match *self {}
    }

    pub fn landing(&self) -> anyhow::Result<Option<Landing>> {
        match *self {}
    }

    pub fn finish(&self) -> Option<Followed> {
        match *self {}
    }

    pub fn name(&self, _path: &str) -> String {
        match *self {}
    }

    pub fn end(self) {
        match self {}
    }
}
