//! Dynamic loss scaling, which keeps small fp16 gradients from underflowing to zero.

use tch::Tensor;

use crate::messages::{state as say_state, training as say};
use crate::optimizer::Optimizer;
use crate::state::{StateDict, StateError, fits, mismatch};

/// PyTorch's `torch.amp.GradScaler`, for one optimizer.
///
/// The loss is multiplied by the scale and the gradients are divided by it. An update whose
/// gradients are not all finite is skipped and lowers the scale; `growth_interval` updates without
/// a skip in between raise it.
#[derive(Debug)]
pub struct GradScaler {
    /// float32, as the tensor that PyTorch keeps it in.
    scale: f32,
    growth_factor: f64,
    backoff_factor: f64,
    growth_interval: i64,
    /// Updates since the last skip or growth.
    growth_tracker: i64,
    stage: Stage,
}

/// Where in an iteration the scaler is.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Ready,
    Unscaled { found_inf: bool },
    Stepped { found_inf: bool },
}

impl GradScaler {
    /// PyTorch's defaults are 65536, 2, 0.5 and 2000.
    ///
    /// # Panics
    /// If the growth factor is not above 1 or the backoff factor not below 1.
    pub fn new(
        init_scale: f64,
        growth_factor: f64,
        backoff_factor: f64,
        growth_interval: i64,
    ) -> Self {
        assert!(growth_factor > 1.0, "{}", say::scaler_growth_factor(growth_factor));
        assert!(backoff_factor < 1.0, "{}", say::scaler_backoff_factor(backoff_factor));
        Self {
            scale: init_scale as f32,
            growth_factor,
            backoff_factor,
            growth_interval,
            growth_tracker: 0,
            stage: Stage::Ready,
        }
    }

    /// The loss times the scale: float32, also for an fp16 loss, which the scale would overflow.
    pub fn scale(&self, loss: &Tensor) -> Tensor {
        loss * Tensor::from(self.scale)
    }

    /// The present scale.
    pub fn get_scale(&self) -> f64 {
        f64::from(self.scale)
    }

    /// Divides the optimizer's gradients by the scale and notes whether all of them are finite. For
    /// who wants to see or clip the gradients before [`step`](Self::step), which otherwise does it.
    ///
    /// # Panics
    /// If the gradients have been unscaled already since the last [`update`](Self::update).
    pub fn unscale_(&mut self, optimizer: &mut Optimizer) {
        assert!(matches!(self.stage, Stage::Ready), "{}", say::scaler_unscaled_twice());
        let found_inf = tch::no_grad(|| unscale(optimizer, self.scale));
        self.stage = Stage::Unscaled { found_inf };
    }

    /// Steps the optimizer, unless a gradient is infinite or NaN. False means that the update was
    /// skipped.
    ///
    /// # Panics
    /// If it has been called already since the last [`update`](Self::update).
    pub fn step(&mut self, optimizer: &mut Optimizer) -> bool {
        if matches!(self.stage, Stage::Ready) {
            self.unscale_(optimizer);
        }
        let Stage::Unscaled { found_inf } = self.stage else {
            panic!("{}", say::scaler_stepped_twice());
        };
        if !found_inf {
            optimizer.step();
        }
        self.stage = Stage::Stepped { found_inf };
        !found_inf
    }

    /// Lowers the scale after a skipped update, raises it after `growth_interval` good ones. Call
    /// it at the end of each iteration.
    ///
    /// # Panics
    /// If no gradients were checked since the last call.
    pub fn update(&mut self) {
        let (Stage::Unscaled { found_inf } | Stage::Stepped { found_inf }) = self.stage else {
            panic!("{}", say::scaler_not_stepped());
        };
        self.stage = Stage::Ready;
        if found_inf {
            self.scale = (self.get_scale() * self.backoff_factor) as f32;
            self.growth_tracker = 0;
            return;
        }
        self.growth_tracker += 1;
        if self.growth_tracker == self.growth_interval {
            let grown = (self.get_scale() * self.growth_factor) as f32;
            // A scale that cannot grow any more stays, as in PyTorch.
            if grown.is_finite() {
                self.scale = grown;
            }
            self.growth_tracker = 0;
        }
    }

    /// PyTorch's entries. Take it between [`update`](Self::update) and the next iteration.
    pub fn state_dict(&self) -> StateDict {
        StateDict::new()
            .with("scale", self.get_scale())
            .with("growth_factor", self.growth_factor)
            .with("backoff_factor", self.backoff_factor)
            .with("growth_interval", self.growth_interval)
            .with("_growth_tracker", self.growth_tracker)
    }

    /// Restores all of it, factors and interval included, as PyTorch does.
    ///
    /// # Errors
    /// If an entry is missing, unknown or of another type, the scale is no float32 or not finite, or a factor
    /// is one that [`new`](Self::new) refuses. Then nothing has changed.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        let scale = reader.float("scale")?;
        // Rounding would load a scale that nobody saved.
        if f64::from(scale as f32).to_bits() != scale.to_bits() {
            return Err(mismatch("scale", say_state::float32(), scale));
        }
        // Every update would be skipped for ever.
        fits("scale", scale, (0.0..f64::INFINITY).contains(&scale), say_state::not_negative())?;
        let growth_factor = reader.float("growth_factor")?;
        let grows = growth_factor > 1.0 && growth_factor.is_finite();
        let loaded = Self {
            scale: scale as f32,
            growth_factor: fits("growth_factor", growth_factor, grows, say_state::above_one())?,
            backoff_factor: reader.decay("backoff_factor")?,
            growth_interval: reader.int("growth_interval")?,
            growth_tracker: reader.count("_growth_tracker")?.cast_signed(),
            stage: self.stage,
        };
        reader.finish()?;
        *self = loaded;
        Ok(())
    }
}

/// Divides the gradients by `scale` and says whether one of them is infinite or NaN.
///
/// A tensor's smallest and largest element tell (both are NaN if any element is). They cost one
/// pass each, and all of them are read back at once, so that a GPU waits only once.
fn unscale(optimizer: &mut Optimizer, scale: f32) -> bool {
    let inv_scale = (1.0 / f64::from(scale)) as f32;
    let mut extremes = Vec::new();
    for (_, param) in optimizer.groups().iter().flat_map(|group| &group.params) {
        let mut grad = param.grad();
        if grad.defined() {
            extremes.extend(<[Tensor; 2]>::from(grad.aminmax(None, false)));
            let _ = grad.g_mul_scalar_(f64::from(inv_scale));
        }
    }
    if extremes.is_empty() {
        return false;
    }
    let largest = Tensor::stack(&extremes, 0).abs().max().double_value(&[]);
    !largest.is_finite()
}
