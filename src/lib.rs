//! killresume kills a training run and proves whether it comes back as the same run.
//!
//! Data flows one way: [`scenario`] → [`supervise`] → [`recording`] → [`judge`] → [`report`].
//! A later stage never reaches back. [`protocol`] is the ground floor: what a trainer says while it
//! runs. That, and the language and the macro of [`mod@messages`], is all that a trainer needs of this
//! crate, so they build without the `harness` feature.

pub mod messages;
pub mod protocol;

#[cfg(feature = "harness")]
pub mod cli;
#[cfg(feature = "harness")]
pub mod command;
#[cfg(feature = "harness")]
pub mod course;
#[cfg(feature = "harness")]
pub mod crash;
#[cfg(feature = "harness")]
pub mod exit;
#[cfg(feature = "harness")]
pub mod grade;
#[cfg(feature = "harness")]
pub mod judge;
#[cfg(feature = "harness")]
pub mod libtorch;
#[cfg(feature = "harness")]
pub mod pipeline;
#[cfg(feature = "harness")]
pub mod pool;
#[cfg(feature = "harness")]
pub mod program;
#[cfg(feature = "harness")]
pub mod recording;
#[cfg(feature = "harness")]
pub mod report;
#[cfg(feature = "harness")]
pub mod sandbox;
#[cfg(feature = "harness")]
pub mod scenario;
#[cfg(feature = "harness")]
pub mod supervise;
