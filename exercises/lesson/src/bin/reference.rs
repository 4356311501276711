//! The reference trainer: saves and loads everything that a resume needs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use lesson::{Checkpoint, CheckpointKind, Run, Store};

fn save(run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
    let mut checkpoint = Checkpoint::new();
    checkpoint.put("model", run.model.state_dict());
    checkpoint.put("optimizer", run.optimizer.state_dict());
    checkpoint.put("scheduler", run.scheduler.state_dict());
    checkpoint.put("scaler", run.scaler.state_dict());
    checkpoint.put("step", run.step);
    checkpoint.put("epoch", run.epoch);
    checkpoint.put("config", run.config.state_dict());
    checkpoint.put("best_metric", run.best_metric.state_dict());
    checkpoint.put("rng", run.rng.state_dict());
    checkpoint.put("sampler", run.sampler.state_dict());
    Ok(store.save(kind, &checkpoint)?)
}

fn load(run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
    let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };
    for warning in loaded.warnings() {
        eprintln!("{warning}");
    }
    restore(run, &loaded.checkpoint).with_context(|| loaded.path.display().to_string())?;
    Ok(Some(loaded.path))
}

fn restore(run: &mut Run, checkpoint: &Checkpoint) -> Result<()> {
    run.config.load_state_dict(checkpoint.get("config")?).context("config")?;
    run.model.load_state_dict(checkpoint.get("model")?).context("model")?;
    run.optimizer.load_state_dict(checkpoint.get("optimizer")?).context("optimizer")?;
    run.scheduler.load_state_dict(checkpoint.get("scheduler")?).context("scheduler")?;
    run.scaler.load_state_dict(checkpoint.get("scaler")?).context("scaler")?;
    run.step = checkpoint.get("step")?.count().context("step")?;
    run.epoch = checkpoint.get("epoch")?.count().context("epoch")?;
    run.best_metric.load_state_dict(checkpoint.get("best_metric")?).context("best_metric")?;
    run.rng.load_state_dict(checkpoint.get("rng")?).context("rng")?;
    run.sampler.load_state_dict(checkpoint.get("sampler")?).context("sampler")?;
    Ok(())
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
