//! `killresume grade`: honest answers pass, fakes do not, nothing gets out of hand, and every report is
//! as it should be whatever was handed in.

#[path = "../common/mod.rs"]
mod common;

mod class;
mod contained;
mod faked;
mod fakes;
mod honest;
mod killed;
mod limits;
mod reports;
mod shards;
