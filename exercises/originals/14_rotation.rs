//! 14 · rotation · lesson.ko.md (한국어) · lesson.en.md (English)

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lesson::{Checkpoint, CheckpointKind, Run, Store};

/// How many checkpoints are kept, apart from the best one.
const KEEP: usize = 1;

/// The checkpoints of this run, the oldest first.
fn checkpoints(store: &Store) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(store.dir())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("checkpoint-") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Removes all but the newest `keep` checkpoints.
fn rotate(store: &Store, keep: usize) -> Result<()> {
    let paths = checkpoints(store)?;
    for path in &paths[..paths.len().saturating_sub(keep)] {
        fs::remove_file(path)?;
    }
    Ok(())
}

fn save(run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
    let mut ckpt = Checkpoint::new();
    ckpt.put("model", run.model.state_dict());
    ckpt.put("optimizer", run.optimizer.state_dict());
    ckpt.put("scheduler", run.scheduler.state_dict());
    ckpt.put("scaler", run.scaler.state_dict());
    ckpt.put("step", run.step);
    ckpt.put("epoch", run.epoch);
    ckpt.put("config", run.config.state_dict());
    ckpt.put("best_metric", run.best_metric.state_dict());
    ckpt.put("rng", run.rng.state_dict());
    ckpt.put("sampler", run.sampler.state_dict());
    if kind == CheckpointKind::Best {
        return Ok(store.save(kind, &ckpt)?);
    }
    let path = store.dir().join(format!("checkpoint-{:06}.safetensors", run.step));
    // Make room first: a full disk would fail the save.
    rotate(store, KEEP - 1)?;
    ckpt.save(&path)?;
    Ok(path)
}

fn load(run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
    let Some(path) = checkpoints(store)?.pop() else { return Ok(None) };
    let ckpt = Checkpoint::load(&path)?;
    run.config.load_state_dict(ckpt.get("config")?)?;
    run.model.load_state_dict(ckpt.get("model")?)?;
    run.optimizer.load_state_dict(ckpt.get("optimizer")?)?;
    run.scheduler.load_state_dict(ckpt.get("scheduler")?)?;
    run.scaler.load_state_dict(ckpt.get("scaler")?)?;
    run.step = ckpt.get("step")?.count()?;
    run.epoch = ckpt.get("epoch")?.count()?;
    run.best_metric.load_state_dict(ckpt.get("best_metric")?)?;
    run.rng.load_state_dict(ckpt.get("rng")?)?;
    run.sampler.load_state_dict(ckpt.get("sampler")?)?;
    Ok(Some(path))
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
