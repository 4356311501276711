//! The learning-rate schedule: linear warm-up, then half a cosine down to zero.

use std::f64::consts::PI;

use crate::messages::state as say;
use crate::optimizer::Optimizer;
use crate::state::{StateDict, StateError, mismatch};

/// PyTorch's `LambdaLR` with the factor
///
/// - `(t + 1) / warmup_steps` for update `t < warmup_steps`, so that the first one already learns,
/// - `(1 + cos(π (t - warmup_steps) / (total_steps - warmup_steps))) / 2` from then on, and zero
///   from `total_steps` on.
///
/// The learning rate itself lives in the optimizer's groups and in the optimizer's state dict.
/// Creating a scheduler sets it and loading a scheduler does not: so create the scheduler first,
/// and then load both.
#[derive(Debug)]
pub struct Scheduler {
    warmup_steps: u64,
    total_steps: u64,
    /// How many updates have been counted. PyTorch's name; its unit is whatever `step` counts.
    last_epoch: u64,
    /// The learning rate that the factor scales, for each group.
    base_lrs: Vec<f64>,
    /// What the last step set, for each group.
    last_lr: Vec<f64>,
}

impl Scheduler {
    /// Sets the learning rate of the first update. What the optimizer's groups have as `initial_lr`
    /// is scaled; a group that has none yet gets its present learning rate as such.
    pub fn new(optimizer: &mut Optimizer, warmup_steps: u64, total_steps: u64) -> Self {
        let base_lrs = optimizer
            .groups_mut()
            .iter_mut()
            .map(|group| *group.initial_lr.get_or_insert(group.lr))
            .collect();
        let mut scheduler =
            Self { warmup_steps, total_steps, last_epoch: 0, base_lrs, last_lr: Vec::new() };
        scheduler.set_lr(optimizer);
        scheduler
    }

    /// Counts an update and sets the learning rate of the next one. Call it after the optimizer's
    /// step.
    pub fn step(&mut self, optimizer: &mut Optimizer) {
        self.last_epoch += 1;
        self.set_lr(optimizer);
    }

    /// The learning rate that the last step set for group 0; NaN where there is no group.
    pub fn last_lr(&self) -> f64 {
        self.last_lr.first().copied().unwrap_or(f64::NAN)
    }

    /// PyTorch's entries for a `LambdaLR`, plus the two constants of the factor, which PyTorch
    /// cannot save because they are inside a function.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new()
            .with("last_epoch", self.last_epoch as i64)
            .with("warmup_steps", self.warmup_steps as i64)
            .with("total_steps", self.total_steps as i64);
        for (index, (&base_lr, &last_lr)) in self.base_lrs.iter().zip(&self.last_lr).enumerate() {
            state.insert(format!("base_lrs.{index}"), base_lr);
            state.insert(format!("_last_lr.{index}"), last_lr);
        }
        state
    }

    /// Restores the position. The optimizer's learning rate is not touched: it comes back with the
    /// optimizer's own state.
    ///
    /// # Errors
    /// If `state` is of another schedule or another number of groups, or has a learning rate that no update can
    /// compute with. Then nothing has changed.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        for (key, expected) in
            [("warmup_steps", self.warmup_steps), ("total_steps", self.total_steps)]
        {
            let found = reader.count(key)?;
            if found != expected {
                return Err(mismatch(key, say::as_in_config(expected), found));
            }
        }
        let last_epoch = reader.count("last_epoch")?;
        let mut base_lrs = Vec::new();
        let mut last_lr = Vec::new();
        for index in 0..self.base_lrs.len() {
            base_lrs.push(reader.hyperparameter(&format!("base_lrs.{index}"))?);
            last_lr.push(reader.hyperparameter(&format!("_last_lr.{index}"))?);
        }
        reader.finish()?;
        self.last_epoch = last_epoch;
        self.base_lrs = base_lrs;
        self.last_lr = last_lr;
        Ok(())
    }

    fn set_lr(&mut self, optimizer: &mut Optimizer) {
        let factor = self.factor();
        self.last_lr = self.base_lrs.iter().map(|base_lr| base_lr * factor).collect();
        for (group, &lr) in optimizer.groups_mut().iter_mut().zip(&self.last_lr) {
            group.lr = lr;
        }
    }

    fn factor(&self) -> f64 {
        if self.last_epoch < self.warmup_steps {
            return (self.last_epoch + 1) as f64 / self.warmup_steps as f64;
        }
        if self.last_epoch >= self.total_steps {
            return 0.0;
        }
        let done = (self.last_epoch - self.warmup_steps) as f64;
        let all = (self.total_steps - self.warmup_steps) as f64;
        0.5 * (1.0 + (PI * done / all).cos())
    }
}
