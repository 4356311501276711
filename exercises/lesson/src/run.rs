//! All the state of a training run, in one place.

use std::fmt;

use clap::ValueEnum;
use killresume::protocol::Components;
use tch::Device;

use crate::best_metric::BestMetric;
use crate::config::{Config, OptimizerKind};
use crate::model::Mlp;
use crate::optimizer::{Optimizer, ParamGroup};
use crate::rng::Rng;
use crate::sampler::Sampler;
use crate::scaler::GradScaler;
use crate::scheduler::Scheduler;
use crate::state::{StateDict, StateError};

/// A training run: what a checkpoint has to hold.
#[derive(Debug)]
pub struct Run {
    /// What the run was started with.
    pub config: Config,
    /// Parameters and BatchNorm buffers.
    pub model: Mlp,
    /// Moments and step counts.
    pub optimizer: Optimizer,
    /// Warm-up, then a cosine, stepped with every update.
    pub scheduler: Scheduler,
    /// The loss scale of mixed-precision training.
    pub scaler: GradScaler,
    /// The order in which the samples are visited, and how far the epoch is.
    pub sampler: Sampler,
    /// What augmentation and dropout draw from.
    pub rng: Rng,
    /// Updates completed, skipped ones included.
    pub step: u64,
    /// Epochs completed.
    pub epoch: u64,
    /// The best validation so far.
    pub best_metric: BestMetric,
}

impl Run {
    /// A fresh run over `train_len` training samples.
    pub fn new(config: Config, train_len: usize, device: Device) -> Self {
        let mut rng = Rng::new(config.seed);
        rng.seed_libtorch();
        let model = Mlp::new(config.dropout, device);
        let mut optimizer = new_optimizer(&config, &model);
        let steps_per_epoch = train_len.div_ceil(config.batch_size) as u64;
        let total_steps = config.epochs * steps_per_epoch;
        let warmup_steps = (config.warmup * total_steps as f64).round() as u64;
        let scheduler = Scheduler::new(&mut optimizer, warmup_steps, total_steps);
        Self {
            scaler: GradScaler::new(config.init_scale, 2.0, 0.5, config.growth_interval),
            sampler: Sampler::new(train_len, config.seed),
            step: 0,
            epoch: 0,
            best_metric: BestMetric::default(),
            config,
            model,
            optimizer,
            scheduler,
            rng,
        }
    }

    /// The state of one component. Its tensors share the run's memory.
    pub fn state(&self, component: Component) -> StateDict {
        let tensors = |named: Vec<(String, tch::Tensor)>| {
            named.into_iter().map(|(name, tensor)| (name, (&tensor).into())).collect()
        };
        match component {
            Component::Model => tensors(self.model.named_parameters()),
            Component::Buffers => tensors(self.model.named_buffers()),
            Component::Optimizer => self.optimizer.state_dict(),
            Component::Scheduler => self.scheduler.state_dict(),
            Component::Scaler => self.scaler.state_dict(),
            Component::Step => self.step.into(),
            Component::Epoch => self.epoch.into(),
            Component::Config => self.config.state_dict(),
            Component::BestMetric => self.best_metric.state_dict(),
            Component::Rng => self.rng.state_dict(),
            Component::Sampler => self.sampler.state_dict(),
        }
    }

    /// Puts one component into a saved state.
    ///
    /// # Errors
    /// The state does not fit the component; nothing has been changed then.
    #[track_caller]
    pub fn restore(&mut self, component: Component, state: &StateDict) -> Result<(), StateError> {
        match component {
            Component::Model => self.model.load_parameters(state)?,
            Component::Buffers => self.model.load_buffers(state)?,
            Component::Optimizer => self.optimizer.load_state_dict(state)?,
            Component::Scheduler => self.scheduler.load_state_dict(state)?,
            Component::Scaler => self.scaler.load_state_dict(state)?,
            Component::Step => self.step = state.count()?,
            Component::Epoch => self.epoch = state.count()?,
            Component::Config => self.config.load_state_dict(state)?,
            Component::BestMetric => self.best_metric.load_state_dict(state)?,
            Component::Rng => self.rng.load_state_dict(state)?,
            Component::Sampler => self.sampler.load_state_dict(state)?,
        }
        Ok(())
    }

    /// The digest of every component, as the trainer protocol reports them.
    pub fn components(&self) -> Components {
        let digests = Component::ALL.iter().map(|c| (c.name().to_owned(), self.state(*c).digest()));
        digests.collect()
    }
}

/// No weight decay on biases and norms: those are the parameters with one dimension.
fn new_optimizer(config: &Config, model: &Mlp) -> Optimizer {
    let (weights, others) =
        model.named_parameters().into_iter().partition(|(_, tensor)| tensor.dim() > 1);
    let groups = vec![
        ParamGroup::new(weights, config.lr, config.weight_decay),
        ParamGroup::new(others, config.lr, 0.0),
    ];
    match config.optimizer {
        OptimizerKind::Adamw => Optimizer::adamw(groups, (config.momentum, 0.999), 1e-8),
        OptimizerKind::Sgd => Optimizer::sgd(groups, config.momentum),
    }
}

/// One named piece of a run's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Component {
    /// The model's parameters.
    Model,
    /// BatchNorm's running statistics. They live in the model's state dict.
    Buffers,
    /// Moments, step counts and the options of the parameter groups.
    Optimizer,
    /// Where the learning rate is on its way.
    Scheduler,
    /// The loss scale.
    Scaler,
    /// Updates completed.
    Step,
    /// Epochs completed.
    Epoch,
    /// What the run was started with.
    Config,
    /// The best validation so far.
    BestMetric,
    /// What augmentation and dropout draw from.
    Rng,
    /// Shuffle order and position in the epoch.
    Sampler,
}

impl Component {
    /// Every component, the lesson's dictionary first.
    pub const ALL: [Self; 11] = [
        Self::Model,
        Self::Buffers,
        Self::Optimizer,
        Self::Scheduler,
        Self::Scaler,
        Self::Step,
        Self::Epoch,
        Self::Config,
        Self::BestMetric,
        Self::Rng,
        Self::Sampler,
    ];

    /// The name in the trainer protocol and in a checkpoint.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Buffers => "buffers",
            Self::Optimizer => "optimizer",
            Self::Scheduler => "scheduler",
            Self::Scaler => "scaler",
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::Config => "config",
            Self::BestMetric => "best_metric",
            Self::Rng => "rng",
            Self::Sampler => "sampler",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
