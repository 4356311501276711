//! 3 · scheduler · lesson.ko.md (한국어) · lesson.en.md (English)

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use lesson::{Checkpoint, CheckpointKind, Run, Store};

fn save(run: &Run, store: &Store, kind: CheckpointKind) -> Result<PathBuf> {
    let mut ckpt = Checkpoint::new();
    ckpt.put("model", run.model.state_dict());
    ckpt.put("optimizer", run.optimizer.state_dict());
    // The curve of the schedule follows from the config; what changes is the learning rate.
    ckpt.put("lr", run.scheduler.last_lr());
    ckpt.put("scaler", run.scaler.state_dict());
    ckpt.put("step", run.step);
    ckpt.put("epoch", run.epoch);
    ckpt.put("config", run.config.state_dict());
    ckpt.put("best_metric", run.best_metric.state_dict());
    ckpt.put("rng", run.rng.state_dict());
    ckpt.put("sampler", run.sampler.state_dict());
    Ok(store.save(kind, &ckpt)?)
}

fn load(run: &mut Run, store: &Store) -> Result<Option<PathBuf>> {
    let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };
    let ckpt = &loaded.checkpoint;
    run.config.load_state_dict(ckpt.get("config")?)?;
    run.model.load_state_dict(ckpt.get("model")?)?;
    run.optimizer.load_state_dict(ckpt.get("optimizer")?)?;
    for group in run.optimizer.groups_mut() {
        group.lr = ckpt.get("lr")?.float()?;
    }
    run.scaler.load_state_dict(ckpt.get("scaler")?)?;
    run.step = ckpt.get("step")?.count()?;
    run.epoch = ckpt.get("epoch")?.count()?;
    run.best_metric.load_state_dict(ckpt.get("best_metric")?)?;
    run.rng.load_state_dict(ckpt.get("rng")?)?;
    run.sampler.load_state_dict(ckpt.get("sampler")?)?;
    Ok(Some(loaded.path))
}

fn main() -> ExitCode {
    lesson::train(save, load)
}
