//! The model: a perceptron with two hidden layers, 64-256-256-10.

use tch::{Device, Kind, Tensor, no_grad};

use crate::data::{CLASSES, PIXELS};
use crate::state::{StateDict, StateError, Value};

/// Units in each hidden layer.
pub const HIDDEN: i64 = 256;

/// Two hidden layers, each a linear map, batch normalisation, ReLU and dropout, then a linear map to
/// the ten classes.
#[derive(Debug)]
pub struct Mlp {
    fc1: Linear,
    bn1: BatchNorm1d,
    fc2: Linear,
    bn2: BatchNorm1d,
    fc3: Linear,
    dropout: f64,
}

impl Mlp {
    /// A freshly initialised model; draws from libtorch's generator. `dropout` is the probability
    /// that a hidden unit is zeroed while training.
    pub fn new(dropout: f64, device: Device) -> Self {
        Self {
            fc1: Linear::new(PIXELS, HIDDEN, device),
            bn1: BatchNorm1d::new(HIDDEN, device),
            fc2: Linear::new(HIDDEN, HIDDEN, device),
            bn2: BatchNorm1d::new(HIDDEN, device),
            fc3: Linear::new(HIDDEN, CLASSES, device),
            dropout,
        }
    }

    /// The logits, shape `[n, 10]`, float32, of images of shape `[n, 64]`. `train` turns on dropout
    /// and makes batch normalisation use and record the statistics of this batch.
    pub fn forward(&self, images: &Tensor, train: bool) -> Tensor {
        let hidden = self.bn1.forward(&self.fc1.forward(images), train).relu();
        let hidden = hidden.dropout(self.dropout, train);
        let hidden = self.bn2.forward(&self.fc2.forward(&hidden), train).relu();
        let hidden = hidden.dropout(self.dropout, train);
        self.fc3.forward(&hidden)
    }

    /// What the optimizer trains, by PyTorch's names. The tensors share the model's memory.
    pub fn named_parameters(&self) -> Vec<(String, Tensor)> {
        let linear = [("fc1", &self.fc1), ("fc2", &self.fc2), ("fc3", &self.fc3)];
        let norm = [("bn1", &self.bn1), ("bn2", &self.bn2)];
        let linear = linear.map(|(name, layer)| (name, &layer.weight, &layer.bias));
        let norm = norm.map(|(name, layer)| (name, &layer.weight, &layer.bias));
        linear
            .into_iter()
            .chain(norm)
            .flat_map(|(layer, weight, bias)| {
                [
                    (format!("{layer}.weight"), weight.shallow_clone()),
                    (format!("{layer}.bias"), bias.shallow_clone()),
                ]
            })
            .collect()
    }

    /// Batch normalisation's running statistics, by PyTorch's names. No gradient reaches them: they
    /// change in every forward pass while training, and validation uses them.
    pub fn named_buffers(&self) -> Vec<(String, Tensor)> {
        [("bn1", &self.bn1), ("bn2", &self.bn2)]
            .into_iter()
            .flat_map(|(layer, norm)| {
                [
                    (format!("{layer}.running_mean"), norm.running_mean.shallow_clone()),
                    (format!("{layer}.running_var"), norm.running_var.shallow_clone()),
                    (format!("{layer}.num_batches_tracked"), norm.batches.shallow_clone()),
                ]
            })
            .collect()
    }

    /// Parameters and buffers. The tensors share the model's memory.
    pub fn state_dict(&self) -> StateDict {
        let tensors = self.named_parameters().into_iter().chain(self.named_buffers());
        tensors.map(|(name, tensor)| (name, Value::from(&tensor))).collect()
    }

    /// Copies saved parameters and buffers into the model.
    ///
    /// # Errors
    /// A key that is missing or unexpected, or whose dtype or shape is not this model's. Nothing has
    /// been changed then.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        copy_into(self.named_parameters().into_iter().chain(self.named_buffers()), state)
    }

    /// [`Mlp::load_state_dict`] for the parameters alone.
    #[track_caller]
    pub fn load_parameters(&mut self, state: &StateDict) -> Result<(), StateError> {
        copy_into(self.named_parameters(), state)
    }

    /// [`Mlp::load_state_dict`] for the buffers alone.
    #[track_caller]
    pub fn load_buffers(&mut self, state: &StateDict) -> Result<(), StateError> {
        copy_into(self.named_buffers(), state)
    }
}

fn copy_into(
    tensors: impl IntoIterator<Item = (String, Tensor)>,
    state: &StateDict,
) -> Result<(), StateError> {
    let mut reader = state.reader();
    let mut pairs = Vec::new();
    for (name, tensor) in tensors {
        let saved = reader.tensor(&name, &tensor)?;
        pairs.push((tensor, saved));
    }
    reader.finish()?;
    no_grad(|| pairs.into_iter().for_each(|(mut tensor, saved)| tensor.copy_(saved)));
    Ok(())
}

/// A linear map that computes in half precision, `x wᵀ + b`.
#[derive(Debug)]
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// PyTorch's initialisation of `nn.Linear`: uniform in ±1/√inputs.
    fn new(inputs: i64, outputs: i64, device: Device) -> Self {
        let bound = 1.0 / (inputs as f64).sqrt();
        let parameter = |size: &[i64]| {
            let mut tensor = Tensor::empty(size, (Kind::Float, device));
            tensor.uniform_(-bound, bound).set_requires_grad(true)
        };
        Self { weight: parameter(&[outputs, inputs]), bias: parameter(&[outputs]) }
    }

    /// As under autocast: the float32 master weights are cast inside the graph, so their gradients
    /// pass through half precision too. That is where a scaled loss can overflow.
    fn forward(&self, xs: &Tensor) -> Tensor {
        let [xs, weight, bias] = [xs, &self.weight, &self.bias].map(|t| t.to_kind(Kind::Half));
        if xs.device() == Device::Cpu {
            // A tensor core multiplies half-precision numbers exactly and sums them in float32. This
            // does the same, and takes a tenth or less of the time that the half kernels take on a CPU.
            let [xs, weight, bias] = [xs, weight, bias].map(|t| t.to_kind(Kind::Float));
            xs.linear(&weight, Some(&bias)).to_kind(Kind::Half).to_kind(Kind::Float)
        } else {
            xs.linear(&weight, Some(&bias)).to_kind(Kind::Float)
        }
    }
}

/// `nn.BatchNorm1d` with PyTorch's defaults, in float32.
#[derive(Debug)]
struct BatchNorm1d {
    weight: Tensor,
    bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    batches: Tensor,
}

impl BatchNorm1d {
    fn new(features: i64, device: Device) -> Self {
        let float = (Kind::Float, device);
        Self {
            weight: Tensor::ones(features, float).set_requires_grad(true),
            bias: Tensor::zeros(features, float).set_requires_grad(true),
            running_mean: Tensor::zeros(features, float),
            running_var: Tensor::ones(features, float),
            batches: Tensor::zeros([0; 0], (Kind::Int64, device)),
        }
    }

    fn forward(&self, xs: &Tensor, train: bool) -> Tensor {
        if train {
            let _ = self.batches.shallow_clone().g_add_scalar_(1);
        }
        let [weight, bias] = [Some(&self.weight), Some(&self.bias)];
        let [mean, var] = [Some(&self.running_mean), Some(&self.running_var)];
        xs.batch_norm(weight, bias, mean, var, train, 0.1, 1e-5, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images() -> Tensor {
        Tensor::rand([8, PIXELS], (Kind::Float, Device::Cpu))
    }

    fn digests(named: Vec<(String, Tensor)>) -> Vec<killresume::protocol::Digest> {
        let state = |(name, tensor): (String, Tensor)| StateDict::new().with(name, tensor);
        named.into_iter().map(|entry| state(entry).digest().digest).collect()
    }

    #[test]
    fn the_names_are_pytorchs() {
        let state = Mlp::new(0.0, Device::Cpu).state_dict();
        let names: Vec<&str> = state.iter().map(|(name, _)| name).collect();
        let norm = ["bias", "num_batches_tracked", "running_mean", "running_var", "weight"];
        let mut expected: Vec<String> = ["bn1", "bn2"]
            .iter()
            .flat_map(|layer| norm.map(|name| format!("{layer}.{name}")))
            .collect();
        for layer in ["fc1", "fc2", "fc3"] {
            expected.extend(["bias", "weight"].map(|name| format!("{layer}.{name}")));
        }
        assert_eq!(names, expected);
    }

    #[test]
    fn the_linear_layers_compute_in_half_precision() {
        let layer = Linear::new(PIXELS, CLASSES, Device::Cpu);
        let out = layer.forward(&images());
        assert_eq!(out, out.to_kind(Kind::Half).to_kind(Kind::Float));
    }

    #[test]
    fn a_loss_scaled_too_far_overflows_the_gradients_of_the_master_weights() {
        let model = Mlp::new(0.0, Device::Cpu);
        let labels = Tensor::zeros([8], (Kind::Int64, Device::Cpu));
        let loss = model.forward(&images(), true).cross_entropy_for_logits(&labels);
        (loss * 1e9).backward();
        for (name, parameter) in model.named_parameters() {
            let finite = parameter.grad().isfinite().all().int64_value(&[]) == 1;
            assert!(!finite, "the gradient of {name} did not overflow");
            assert_eq!(parameter.grad().kind(), Kind::Float);
        }
    }

    #[test]
    fn only_training_moves_the_buffers() {
        let model = Mlp::new(0.0, Device::Cpu);
        let before = digests(model.named_buffers());
        let _ = model.forward(&images(), false);
        assert_eq!(digests(model.named_buffers()), before);
        let _ = model.forward(&images(), true);
        assert!(digests(model.named_buffers()).iter().zip(&before).all(|(now, old)| now != old));
    }

    #[test]
    fn a_loaded_model_is_the_saved_one_and_what_does_not_fit_changes_nothing() {
        let saved = Mlp::new(0.0, Device::Cpu);
        let mut loaded = Mlp::new(0.0, Device::Cpu);
        let _ = saved.forward(&images(), true);
        let own = loaded.state_dict().digest();

        let mut state = saved.state_dict();
        state.remove("bn2.running_var");
        let missing = StateError::Missing { key: "bn2.running_var".to_owned() };
        assert_eq!(loaded.load_state_dict(&state), Err(missing));
        let extra = saved.state_dict().with("fc4.weight", 1);
        let unexpected = StateError::Unexpected { key: "fc4.weight".to_owned() };
        assert_eq!(loaded.load_state_dict(&extra), Err(unexpected));
        assert_eq!(loaded.state_dict().digest(), own);

        loaded.load_state_dict(&saved.state_dict()).expect("fits");
        assert_eq!(loaded.state_dict().digest(), saved.state_dict().digest());
    }
}
