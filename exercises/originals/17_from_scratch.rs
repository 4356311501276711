//! 17 · from_scratch · lesson.ko.md (한국어) · lesson.en.md (English)

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lesson::{Checkpoint, CheckpointKind, Run, Store};

fn save(_run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
    let ckpt = Checkpoint::new();
    Ok(store.save(kind, &ckpt)?)
}

fn load(_run: &mut Run, _store: &Store) -> Result<Option<PathBuf>> {
    Ok(None)
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
