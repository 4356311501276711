//! The optimizers, with PyTorch's names, arithmetic and state. tch wraps the optimizers of the C++
//! frontend, whose state it can neither read nor write.

mod adamw;
mod sgd;

use std::collections::BTreeSet;

use tch::{Kind, Tensor};

pub use adamw::AdamW;
pub use sgd::Sgd;

use crate::messages::training as say;
use crate::state::{Reader, StateDict, StateError, mismatch};

/// Parameters that share a learning rate and a weight decay.
#[derive(Debug)]
pub struct ParamGroup {
    /// The parameters with their names: float32 leaf tensors that require gradients, of any shape.
    pub params: Vec<(String, Tensor)>,
    /// The learning rate of the next update. A scheduler overwrites it.
    pub lr: f64,
    /// Decoupled from the gradient in [`AdamW`], added to it (an L2 penalty) in [`Sgd`].
    pub weight_decay: f64,
    /// The learning rate that a scheduler scales. Set by the first scheduler, as in PyTorch.
    pub initial_lr: Option<f64>,
}

impl ParamGroup {
    /// A group that no scheduler has seen yet.
    pub fn new(params: Vec<(String, Tensor)>, lr: f64, weight_decay: f64) -> Self {
        Self { params, lr, weight_decay, initial_lr: None }
    }
}

/// One of the two optimizers of the lesson.
///
/// Its state dict holds `name` (`adamw` or `sgd`), the options of each group, for example
/// `param_groups.0.lr`, and the state of each parameter that has been stepped, for example
/// `state.fc1.weight.exp_avg`. PyTorch numbers the parameters; names survive a reordering.
#[derive(Debug)]
pub enum Optimizer {
    /// `torch.optim.AdamW`
    AdamW(AdamW),
    /// `torch.optim.SGD`
    Sgd(Sgd),
}

impl Optimizer {
    /// `torch.optim.AdamW(groups, betas=betas, eps=eps)`. Lessons mostly keep PyTorch's defaults,
    /// betas 0.9 and 0.999 and an eps of 1e-8.
    ///
    /// # Panics
    /// If two parameters have the same name.
    pub fn adamw(groups: Vec<ParamGroup>, betas: (f64, f64), eps: f64) -> Self {
        assert_unique_names(&groups);
        Self::AdamW(AdamW::new(groups, betas, eps))
    }

    /// `torch.optim.SGD(groups, momentum=momentum)`: no dampening, no Nesterov momentum.
    ///
    /// # Panics
    /// If two parameters have the same name.
    pub fn sgd(groups: Vec<ParamGroup>, momentum: f64) -> Self {
        assert_unique_names(&groups);
        Self::Sgd(Sgd::new(groups, momentum))
    }

    /// Sets all gradients to zero. PyTorch's default sets them to `None` instead, which tch cannot:
    /// a parameter that once had a gradient keeps one.
    pub fn zero_grad(&mut self) {
        for (_, param) in self.groups_mut().iter_mut().flat_map(|group| &mut group.params) {
            param.zero_grad();
        }
    }

    /// One update from the gradients. A parameter without a gradient is left alone.
    pub fn step(&mut self) {
        tch::no_grad(|| match self {
            Self::AdamW(adamw) => adamw.step(),
            Self::Sgd(sgd) => sgd.step(),
        });
    }

    /// The parameter groups.
    pub fn groups(&self) -> &[ParamGroup] {
        match self {
            Self::AdamW(adamw) => &adamw.groups,
            Self::Sgd(sgd) => &sgd.groups,
        }
    }

    /// The parameter groups, for whoever sets the learning rate.
    pub fn groups_mut(&mut self) -> &mut [ParamGroup] {
        match self {
            Self::AdamW(adamw) => &mut adamw.groups,
            Self::Sgd(sgd) => &mut sgd.groups,
        }
    }

    /// The learning rate of group 0; NaN where there is no group.
    pub fn lr(&self) -> f64 {
        self.groups().first().map_or(f64::NAN, |group| group.lr)
    }

    /// The options of the groups and the state of the parameters. The tensors share the optimizer's
    /// memory, as in PyTorch: the next update changes them.
    pub fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        state.insert("name", self.name());
        for (index, group) in self.groups().iter().enumerate() {
            state.insert(group_key(index, "lr"), group.lr);
            state.insert(group_key(index, "weight_decay"), group.weight_decay);
            state.insert(group_key(index, "initial_lr"), group.initial_lr);
        }
        match self {
            Self::AdamW(adamw) => adamw.save(&mut state),
            Self::Sgd(sgd) => sgd.save(&mut state),
        }
        state
    }

    /// Restores options and state, copying the tensors to the device of their parameters. As in
    /// PyTorch every option comes from `state`, and a parameter without an entry starts afresh.
    ///
    /// # Errors
    /// If `state` is another optimizer's, lacks an entry, has one too many, has a tensor of another dtype or
    /// shape than its parameter, or an option that PyTorch's constructor would refuse or no update can
    /// compute with. Then nothing has changed.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        let name = reader.text("name")?;
        if name != self.name() {
            return Err(mismatch("name", self.name(), name));
        }
        let options = read_options(self.groups().len(), &mut reader)?;
        match self {
            Self::AdamW(adamw) => adamw.load(state, reader)?,
            Self::Sgd(sgd) => sgd.load(state, reader)?,
        }
        for (group, (lr, weight_decay, initial_lr)) in self.groups_mut().iter_mut().zip(options) {
            group.lr = lr;
            group.weight_decay = weight_decay;
            group.initial_lr = initial_lr;
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::AdamW(_) => "adamw",
            Self::Sgd(_) => "sgd",
        }
    }
}

/// The options that both optimizers have: lr, weight decay, initial lr.
type Options = (f64, f64, Option<f64>);

fn read_options(groups: usize, reader: &mut Reader<'_>) -> Result<Vec<Options>, StateError> {
    (0..groups)
        .map(|index| {
            Ok((
                reader.hyperparameter(&group_key(index, "lr"))?,
                reader.hyperparameter(&group_key(index, "weight_decay"))?,
                reader.optional_hyperparameter(&group_key(index, "initial_lr"))?,
            ))
        })
        .collect()
}

fn assert_unique_names(groups: &[ParamGroup]) {
    let mut seen = BTreeSet::new();
    for (name, _) in groups.iter().flat_map(|group| &group.params) {
        assert!(seen.insert(name), "{}", say::duplicate_parameter(name));
    }
}

fn group_key(index: usize, option: &str) -> String {
    format!("param_groups.{index}.{option}")
}

fn state_key(param: &str, part: &str) -> String {
    format!("state.{param}.{part}")
}

/// Whether a parameter has state, judged by any one part, so that a missing part is noticed.
fn has_state(state: &StateDict, param: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| state.get(&state_key(param, part)).is_some())
}

/// One part of a parameter's state, copied to where the parameter is.
fn read_tensor(
    reader: &mut Reader<'_>,
    name: &str,
    part: &str,
    param: &Tensor,
) -> Result<Tensor, StateError> {
    let tensor = reader.tensor(&state_key(name, part), param)?;
    Ok(tensor.detach().to_device(param.device()).copy())
}

/// The gradient, if there is one.
fn grad(param: &Tensor) -> Option<Tensor> {
    let grad = param.grad();
    grad.defined().then_some(grad)
}

/// A factor for `addcmul_`. tch does not pass on the `alpha` of `add_(other, alpha)`, and
/// `addcmul_(other, factor)` rounds as that does: once, after the addition.
fn factor(value: f64, like: &Tensor) -> Tensor {
    Tensor::full([0_i64; 0], value, (Kind::Float, like.device()))
}
