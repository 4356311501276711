//! 1 · only_the_model · lesson.ko.md (한국어) · lesson.en.md (English)

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lesson::{Checkpoint, CheckpointKind, Run, Store};

fn save(run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
    let mut ckpt = Checkpoint::new();
    ckpt.put("model", run.model.state_dict());
    Ok(store.save(kind, &ckpt)?)
}

fn load(run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
    let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };
    let ckpt = &loaded.checkpoint;
    run.model.load_state_dict(ckpt.get("model")?)?;
    Ok(Some(loaded.path))
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
