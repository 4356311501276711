use std::collections::BTreeMap;

use tch::Tensor;

use super::{ParamGroup, grad, group_key, has_state, read_tensor, state_key};
use crate::state::{Reader, StateDict, StateError};

const PARTS: [&str; 3] = ["exp_avg", "exp_avg_sq", "step"];

/// AdamW (Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019) in the order of
/// operations of PyTorch's `_single_tensor_adam`, so that float32 results agree to the bit on a CPU.
#[derive(Debug)]
pub struct AdamW {
    pub(super) groups: Vec<ParamGroup>,
    /// One for each group, as in PyTorch.
    options: Vec<Options>,
    /// By parameter name. Only parameters that have been stepped have an entry.
    state: BTreeMap<String, Moments>,
}

#[derive(Debug, Clone, Copy)]
struct Options {
    betas: (f64, f64),
    eps: f64,
}

#[derive(Debug)]
struct Moments {
    /// How many updates the parameter has had.
    step: u64,
    /// The running mean of the gradient, of the parameter's shape.
    exp_avg: Tensor,
    /// The running mean of the squared gradient, of the parameter's shape.
    exp_avg_sq: Tensor,
    /// Room for what an update computes on its way; no state. Allocating it anew each time takes as
    /// long as the arithmetic, once a tensor is large enough for malloc to give its pages back.
    scratch: [Tensor; 2],
}

impl AdamW {
    pub(super) fn new(groups: Vec<ParamGroup>, betas: (f64, f64), eps: f64) -> Self {
        let options = vec![Options { betas, eps }; groups.len()];
        Self { groups, options, state: BTreeMap::new() }
    }

    pub(super) fn step(&mut self) {
        for (group, options) in self.groups.iter_mut().zip(&self.options) {
            for (name, param) in &mut group.params {
                let Some(grad) = grad(param) else { continue };
                if !self.state.contains_key(name) {
                    self.state.insert(name.clone(), Moments::zeros_like(param));
                }
                if let Some(moments) = self.state.get_mut(name) {
                    moments.update(param, &grad, group.lr, group.weight_decay, *options);
                }
            }
        }
    }

    pub(super) fn save(&self, state: &mut StateDict) {
        for (index, options) in self.options.iter().enumerate() {
            state.insert(group_key(index, "betas.0"), options.betas.0);
            state.insert(group_key(index, "betas.1"), options.betas.1);
            state.insert(group_key(index, "eps"), options.eps);
        }
        for (name, moments) in &self.state {
            state.insert(state_key(name, "exp_avg"), &moments.exp_avg);
            state.insert(state_key(name, "exp_avg_sq"), &moments.exp_avg_sq);
            state.insert(state_key(name, "step"), moments.step as i64);
        }
    }

    pub(super) fn load(
        &mut self,
        state: &StateDict,
        mut reader: Reader<'_>,
    ) -> Result<(), StateError> {
        let mut options = Vec::new();
        for index in 0..self.groups.len() {
            let beta1 = reader.decay(&group_key(index, "betas.0"))?;
            let beta2 = reader.decay(&group_key(index, "betas.1"))?;
            let eps = reader.hyperparameter(&group_key(index, "eps"))?;
            options.push(Options { betas: (beta1, beta2), eps });
        }
        let mut moments = BTreeMap::new();
        for (name, param) in self.groups.iter().flat_map(|group| &group.params) {
            if has_state(state, name, &PARTS) {
                moments.insert(name.clone(), Moments::read(&mut reader, name, param)?);
            }
        }
        reader.finish()?;
        self.options = options;
        self.state = moments;
        Ok(())
    }
}

impl Moments {
    fn new(step: u64, exp_avg: Tensor, exp_avg_sq: Tensor) -> Self {
        let scratch = [exp_avg.empty_like(), exp_avg.empty_like()];
        Self { step, exp_avg, exp_avg_sq, scratch }
    }

    fn zeros_like(param: &Tensor) -> Self {
        Self::new(0, param.zeros_like(), param.zeros_like())
    }

    fn read(reader: &mut Reader<'_>, name: &str, param: &Tensor) -> Result<Self, StateError> {
        let exp_avg = read_tensor(reader, name, "exp_avg", param)?;
        let exp_avg_sq = read_tensor(reader, name, "exp_avg_sq", param)?;
        let step = reader.count(&state_key(name, "step"))?;
        Ok(Self::new(step, exp_avg, exp_avg_sq))
    }

    fn update(
        &mut self,
        param: &mut Tensor,
        grad: &Tensor,
        lr: f64,
        weight_decay: f64,
        Options { betas: (beta1, beta2), eps }: Options,
    ) {
        self.step += 1;
        if weight_decay != 0.0 {
            let _ = param.g_mul_scalar_(1.0 - lr * weight_decay);
        }
        // tch does not pass on the `value` of addcmul_ and addcdiv_; they multiply it into their
        // first factor, so doing that beforehand gives the same bits.
        let _ = self.exp_avg.lerp_(grad, 1.0 - beta1);
        let _ = self.exp_avg_sq.g_mul_scalar_(beta2);
        let [scaled, denom] = &mut self.scratch;
        let _ = grad.mul_scalar_out(scaled, 1.0 - beta2);
        let _ = self.exp_avg_sq.addcmul_(scaled, grad);

        let step = self.step as f64;
        let bias_correction1 = 1.0 - beta1.powf(step);
        let bias_correction2 = 1.0 - beta2.powf(step);
        let step_size = lr / bias_correction1;
        let _ = self.exp_avg_sq.sqrt_out(denom);
        let _ = denom.g_div_scalar_(bias_correction2.sqrt());
        let _ = denom.g_add_scalar_(eps);
        let _ = self.exp_avg.mul_scalar_out(scaled, -step_size);
        let _ = param.addcdiv_(scaled, denom);
    }
}
