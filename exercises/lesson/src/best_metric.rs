//! The best validation so far.

use crate::state::{StateDict, StateError};

/// The lowest validation loss at an epoch's end, and when that was.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BestMetric {
    /// The loss; `None` before the first epoch's validation.
    pub value: Option<f64>,
    /// Epochs completed then.
    pub epoch: u64,
    /// Updates completed then.
    pub step: u64,
}

impl BestMetric {
    /// Takes note of an epoch's validation loss and says whether it is the best so far. A loss that
    /// is not a number never is.
    pub fn update(&mut self, loss: f64, epoch: u64, step: u64) -> bool {
        let improved = loss.is_finite() && self.value.is_none_or(|best| loss < best);
        if improved {
            *self = Self { value: Some(loss), epoch, step };
        }
        improved
    }

    /// `value`, `epoch` and `step`.
    pub fn state_dict(&self) -> StateDict {
        StateDict::new().with("value", self.value).with("epoch", self.epoch).with("step", self.step)
    }

    /// Restores what was saved.
    ///
    /// # Errors
    /// A key that is missing, unexpected or of another type.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        let loaded = Self {
            value: reader.optional_float("value")?,
            epoch: reader.count("epoch")?,
            step: reader.count("step")?,
        };
        reader.finish()?;
        *self = loaded;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lower_finite_loss_is_an_improvement() {
        let mut best = BestMetric::default();
        assert!(!best.update(f64::NAN, 1, 10));
        assert!(best.update(0.5, 2, 20));
        assert!(!best.update(0.5, 3, 30));
        assert!(best.update(0.4, 4, 40));
        assert_eq!(best, BestMetric { value: Some(0.4), epoch: 4, step: 40 });
    }
}
