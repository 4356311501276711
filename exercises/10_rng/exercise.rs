//! 10 · rng · lesson.ko.md (한국어) · lesson.en.md (English)

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lesson::{Checkpoint, CheckpointKind, Rng, Run, Store};

/// Fixes the seed, for reproducibility.
fn set_seed(run: &mut Run) {
    run.rng = Rng::new(run.config.seed);
    run.rng.seed_libtorch();
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
    ckpt.put("sampler", run.sampler.state_dict());
    Ok(store.save(kind, &ckpt)?)
}

fn load(run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
    let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };
    let ckpt = &loaded.checkpoint;
    run.config.load_state_dict(ckpt.get("config")?)?;
    run.model.load_state_dict(ckpt.get("model")?)?;
    run.optimizer.load_state_dict(ckpt.get("optimizer")?)?;
    run.scheduler.load_state_dict(ckpt.get("scheduler")?)?;
    run.scaler.load_state_dict(ckpt.get("scaler")?)?;
    run.step = ckpt.get("step")?.count()?;
    run.epoch = ckpt.get("epoch")?.count()?;
    run.best_metric.load_state_dict(ckpt.get("best_metric")?)?;
    run.sampler.load_state_dict(ckpt.get("sampler")?)?;
    set_seed(run);
    Ok(Some(loaded.path))
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
