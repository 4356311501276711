//! What a run was started with.

use clap::ValueEnum;

use crate::state::{StateDict, StateError, Value, mismatch};

/// Which optimizer trains the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OptimizerKind {
    /// AdamW.
    Adamw,
    /// Stochastic gradient descent with momentum.
    Sgd,
}

impl OptimizerKind {
    /// The name on the command line and in a state dict.
    pub fn name(self) -> &'static str {
        match self {
            OptimizerKind::Adamw => "adamw",
            OptimizerKind::Sgd => "sgd",
        }
    }
}

/// Everything that decides the course of a run. It does not change while the run lasts.
///
/// As with `cfg.freeze()` in yacs and detectron2, a config is open until training begins and frozen
/// from then on, and `frozen` is part of its state. A new process starts with an open config; loading
/// a checkpoint compares every field with this process's own and freezes the config. So a load that
/// never looked at the saved config leaves it open, as a fresh start has it, and that can be seen,
/// although every other field is the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The horizon: how many epochs the whole run has. The learning rate is planned over it.
    pub epochs: u64,
    /// What everything random follows from.
    pub seed: u64,
    /// Which optimizer trains the model.
    pub optimizer: OptimizerKind,
    /// Samples an update.
    pub batch_size: usize,
    /// The highest learning rate, reached at the end of the warm-up.
    pub lr: f64,
    /// SGD's momentum, AdamW's first beta.
    pub momentum: f64,
    /// Decoupled (AdamW) or L2 (SGD) weight decay, for the weights of the linear layers alone.
    pub weight_decay: f64,
    /// The share of all updates that the linear warm-up takes; the cosine takes the rest.
    pub warmup: f64,
    /// The probability that a hidden unit is zeroed.
    pub dropout: f64,
    /// The probability that a training image is shifted by a pixel.
    pub shift: f64,
    /// The standard deviation of the noise on a training pixel; pixels go from 0 to 1.
    pub noise: f64,
    /// Updates from one validation to the next within an epoch. Every epoch ends with one as well.
    pub validate_every: usize,
    /// The GradScaler's first scale.
    pub init_scale: f64,
    /// After how many updates without an overflow the GradScaler doubles its scale.
    pub growth_interval: i64,
    frozen: bool,
}

impl Config {
    /// The lesson's configuration, chosen so that what a resume loses can be seen.
    ///
    /// - The learning rate rises for half of the run and falls for the other half (Smith 2018, the
    ///   1cycle policy), and its peak is low, so that at the half the loss still falls steadily. Where
    ///   a curve is smooth and on its way, a run that stands still for a while leaves it.
    /// - A lost scheduler starts its long warm-up anew and stands still for most of an epoch.
    /// - SGD's momentum is high, so a lost optimizer needs about 20 updates to gather speed again.
    ///   (AdamW corrects the bias of fresh moments and would hardly be slowed down.)
    /// - The scale starts far above what half precision bears here, about 2^18, and finds its level by
    ///   skipping a dozen updates. A lost scaler skips them again.
    /// - Shift, noise and dropout are light, so that other random numbers make no such difference.
    ///
    /// The program `tuning` measures all that.
    pub fn new(epochs: u64, seed: u64, optimizer: OptimizerKind) -> Self {
        let (lr, momentum, weight_decay) = match optimizer {
            OptimizerKind::Adamw => (1e-3, 0.9, 1e-2),
            OptimizerKind::Sgd => (4e-3, 0.95, 1e-4),
        };
        Self {
            epochs,
            seed,
            optimizer,
            batch_size: 64,
            lr,
            momentum,
            weight_decay,
            warmup: 0.5,
            dropout: 0.2,
            shift: 0.3,
            noise: 0.1,
            validate_every: 1,
            init_scale: f64::from(1 << 30),
            growth_interval: 20,
            frozen: false,
        }
    }

    /// Training begins: from here on nothing may change.
    pub fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Every field, and `frozen`.
    pub fn state_dict(&self) -> StateDict {
        let fields = self.fields().into_iter().map(|(key, value)| (key.to_owned(), value));
        fields.collect::<StateDict>().with("frozen", self.frozen)
    }

    /// Checks that a saved config is this process's own, and freezes this one.
    ///
    /// # Errors
    /// A key that is missing or unexpected, or whose value is not this process's: the checkpoint
    /// belongs to another run.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        for (key, own) in self.fields() {
            let saved = reader.value(key)?;
            if describe(saved) != describe(&own) {
                return Err(mismatch(key, describe(&own), describe(saved)));
            }
        }
        reader.bool("frozen")?;
        reader.finish()?;
        self.frozen = true;
        Ok(())
    }

    fn fields(&self) -> [(&'static str, Value); 14] {
        // Taken apart by name, so that a new field cannot be forgotten.
        let Self {
            epochs,
            seed,
            optimizer,
            batch_size,
            lr,
            momentum,
            weight_decay,
            warmup,
            dropout,
            shift,
            noise,
            validate_every,
            init_scale,
            growth_interval,
            frozen: _,
        } = self;
        [
            ("epochs", (*epochs).into()),
            ("seed", (*seed).into()),
            ("optimizer", optimizer.name().into()),
            ("batch_size", (*batch_size as u64).into()),
            ("lr", (*lr).into()),
            ("momentum", (*momentum).into()),
            ("weight_decay", (*weight_decay).into()),
            ("warmup", (*warmup).into()),
            ("dropout", (*dropout).into()),
            ("shift", (*shift).into()),
            ("noise", (*noise).into()),
            ("validate_every", (*validate_every as u64).into()),
            ("init_scale", (*init_scale).into()),
            ("growth_interval", (*growth_interval).into()),
        ]
    }
}

/// A value as an error message shows it; two values differ exactly when these texts do.
fn describe(value: &Value) -> String {
    match value {
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Bool(value) => value.to_string(),
        Value::Text(value) => format!("{value:?}"),
        Value::None | Value::Tensor(_) => value.kind(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new(10, 1, OptimizerKind::Sgd)
    }

    #[test]
    fn loading_a_saved_config_freezes_it_and_not_loading_it_can_be_seen() {
        let mut saved = config();
        saved.freeze();
        let mut resumed = config();
        assert_ne!(resumed.state_dict().digest(), saved.state_dict().digest());
        resumed.load_state_dict(&saved.state_dict()).expect("the same config");
        assert_eq!(resumed.state_dict().digest(), saved.state_dict().digest());
    }

    #[test]
    fn another_config_is_refused_by_the_name_of_its_key() {
        let mut own = config();
        let error = own.load_state_dict(&Config::new(20, 1, OptimizerKind::Sgd).state_dict());
        assert_eq!(
            error.expect_err("another horizon").to_string(),
            "key \"epochs\": expected 10, found 20"
        );
        for (key, _) in config().fields() {
            let state = config().state_dict().with(key, Value::None);
            assert!(matches!(
                own.load_state_dict(&state),
                Err(StateError::Mismatch { key: named, .. }) if named == key
            ));
        }
        assert_eq!(own, config(), "a refused load changes nothing");
    }
}
