use std::collections::BTreeMap;

use tch::Tensor;

use super::{ParamGroup, factor, grad, group_key, has_state, read_tensor, state_key};
use crate::state::{Reader, StateDict, StateError};

/// Stochastic gradient descent with momentum, in the order of operations of PyTorch's
/// `_single_tensor_sgd`. The momentum buffer sums gradients, it does not average them: it starts as
/// the first gradient, and there is no dampening.
#[derive(Debug)]
pub struct Sgd {
    pub(super) groups: Vec<ParamGroup>,
    /// One for each group, as in PyTorch.
    momentum: Vec<f64>,
    /// By parameter name. Only parameters that have been stepped with momentum have an entry.
    momentum_buffers: BTreeMap<String, Tensor>,
}

impl Sgd {
    pub(super) fn new(groups: Vec<ParamGroup>, momentum: f64) -> Self {
        let momentum = vec![momentum; groups.len()];
        Self { groups, momentum, momentum_buffers: BTreeMap::new() }
    }

    pub(super) fn step(&mut self) {
        for (group, &momentum) in self.groups.iter_mut().zip(&self.momentum) {
            let Some((_, first)) = group.params.first() else { continue };
            let minus_lr = factor(-group.lr, first);
            let weight_decay = factor(group.weight_decay, first);
            for (name, param) in &mut group.params {
                let Some(mut grad) = grad(param) else { continue };
                if group.weight_decay != 0.0 {
                    grad = grad.addcmul(param, &weight_decay);
                }
                if momentum == 0.0 {
                    let _ = param.addcmul_(&grad, &minus_lr);
                } else if let Some(buffer) = self.momentum_buffers.get_mut(name) {
                    let _ = buffer.g_mul_scalar_(momentum);
                    let _ = buffer.g_add_(&grad);
                    let _ = param.addcmul_(buffer, &minus_lr);
                } else {
                    let _ = param.addcmul_(&grad, &minus_lr);
                    self.momentum_buffers.insert(name.clone(), grad.copy());
                }
            }
        }
    }

    pub(super) fn save(&self, state: &mut StateDict) {
        for (index, &momentum) in self.momentum.iter().enumerate() {
            state.insert(group_key(index, "momentum"), momentum);
        }
        for (name, buffer) in &self.momentum_buffers {
            state.insert(state_key(name, "momentum_buffer"), buffer);
        }
    }

    pub(super) fn load(
        &mut self,
        state: &StateDict,
        mut reader: Reader<'_>,
    ) -> Result<(), StateError> {
        let momentum = (0..self.groups.len())
            .map(|index| reader.hyperparameter(&group_key(index, "momentum")))
            .collect::<Result<_, _>>()?;
        let mut buffers = BTreeMap::new();
        for (name, param) in self.groups.iter().flat_map(|group| &group.params) {
            if has_state(state, name, &["momentum_buffer"]) {
                let buffer = read_tensor(&mut reader, name, "momentum_buffer", param)?;
                buffers.insert(name.clone(), buffer);
            }
        }
        reader.finish()?;
        self.momentum = momentum;
        self.momentum_buffers = buffers;
        Ok(())
    }
}
