//! The lesson's optimizers, scheduler and scaler against PyTorch's own (`goldens/make.py`).

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use lesson::optimizer::{Optimizer, ParamGroup};
use lesson::scaler::GradScaler;
use lesson::scheduler::Scheduler;
use lesson::state::{StateDict, Value};
use serde::Deserialize;
use tch::{Kind, Tensor};

/// The greatest relative difference of two float32 values that count as equal.
const TOLERANCE: f64 = 1e-6;

#[derive(Deserialize)]
struct Golden {
    torch: String,
    warmup_steps: u64,
    total_steps: u64,
    scaler: ScalerOptions,
    groups: Vec<GroupOptions>,
    params: Vec<Param>,
    overflows: Vec<Overflow>,
    options: AllOptions,
    adamw: Vec<Step>,
    sgd: Vec<Step>,
    schedule: Vec<Vec<f64>>,
    scales: Vec<(bool, f64, i64)>,
}

#[derive(Deserialize)]
struct ScalerOptions {
    init_scale: f64,
    growth_factor: f64,
    backoff_factor: f64,
    growth_interval: i64,
}

#[derive(Deserialize)]
struct GroupOptions {
    lr: f64,
    weight_decay: f64,
}

#[derive(Deserialize)]
struct Param {
    name: String,
    shape: Vec<i64>,
    group: usize,
    first_step: usize,
}

#[derive(Deserialize)]
struct Overflow {
    step: usize,
    param: String,
    element: usize,
    gradient: String,
}

#[derive(Deserialize)]
struct AllOptions {
    adamw: AdamWOptions,
    sgd: SgdOptions,
}

#[derive(Deserialize)]
struct AdamWOptions {
    betas: (f64, f64),
    eps: f64,
}

#[derive(Deserialize)]
struct SgdOptions {
    momentum: f64,
}

/// What is there after a step; parameters and their state at every fifth step only.
#[derive(Deserialize)]
struct Step {
    skipped: bool,
    lr: Vec<f64>,
    scale: f64,
    growth_tracker: i64,
    params: Option<BTreeMap<String, Vec<f64>>>,
    state: Option<BTreeMap<String, BTreeMap<String, PartOfState>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PartOfState {
    Step(i64),
    Tensor(Vec<f64>),
}

impl Golden {
    fn read() -> Self {
        let golden: Self = serde_json::from_str(include_str!("../goldens/torch.json")).unwrap();
        assert_eq!(golden.torch, "2.13.0");
        golden
    }

    fn groups(&self) -> Vec<ParamGroup> {
        let group = |index| {
            let params = self.params.iter().enumerate().filter(|(_, param)| param.group == index);
            params
                .map(|(number, param)| {
                    let tensor = tensor(&values(0, number, param)).view(param.shape.as_slice());
                    (param.name.clone(), tensor.set_requires_grad(true))
                })
                .collect()
        };
        self.groups
            .iter()
            .enumerate()
            .map(|(index, options)| ParamGroup::new(group(index), options.lr, options.weight_decay))
            .collect()
    }

    fn adamw(&self) -> Optimizer {
        Optimizer::adamw(self.groups(), self.options.adamw.betas, self.options.adamw.eps)
    }

    fn sgd(&self) -> Optimizer {
        Optimizer::sgd(self.groups(), self.options.sgd.momentum)
    }

    fn scaler(&self) -> GradScaler {
        let ScalerOptions { init_scale, growth_factor, backoff_factor, growth_interval } =
            self.scaler;
        GradScaler::new(init_scale, growth_factor, backoff_factor, growth_interval)
    }

    /// A loss whose gradient is what `goldens/make.py` prescribes for that step.
    fn loss(&self, optimizer: &Optimizer, step: usize) -> Tensor {
        let mut loss = Tensor::from(0_f32);
        for (number, param) in self.params.iter().enumerate() {
            if step < param.first_step {
                continue;
            }
            let mut grad = values(step + 1, number, param);
            for overflow in &self.overflows {
                if overflow.step == step && overflow.param == param.name {
                    grad[overflow.element] = match overflow.gradient.as_str() {
                        "inf" => f32::INFINITY,
                        "-inf" => f32::NEG_INFINITY,
                        "nan" => f32::NAN,
                        "huge" => 2_f32.powi(126),
                        other => panic!("unknown gradient {other:?}"),
                    };
                }
            }
            let weights = find(optimizer, &param.name);
            loss += (weights * tensor(&grad).view_as(weights)).sum(Kind::Float);
        }
        loss
    }
}

/// `value` of `goldens/make.py` for every element of a parameter.
fn values(step: usize, number: usize, param: &Param) -> Vec<f32> {
    (0..param.shape.iter().product::<i64>() as u64)
        .map(|element| {
            let mixed = step as u64 * 7919 + number as u64 * 104_729 + element * 1_299_709 + 12_345;
            let mixed = (mixed * 2_654_435_761) & 0xffff_ffff;
            ((mixed >> 16) as f32 - 32_768.0) / 65_536.0
        })
        .collect()
}

fn tensor(values: &[f32]) -> Tensor {
    Tensor::from_slice(values)
}

fn find<'a>(optimizer: &'a Optimizer, name: &str) -> &'a Tensor {
    let mut params = optimizer.groups().iter().flat_map(|group| &group.params);
    params.find(|(param, _)| param == name).map(|(_, tensor)| tensor).unwrap()
}

fn floats(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.detach().flatten(0, -1).to_kind(Kind::Double)).unwrap()
}

fn int(state: &StateDict, key: &str) -> i64 {
    state.reader().int(key).unwrap()
}

/// Panics if a value is off by more than the tolerance; counts those that differ at all.
fn compare(what: &str, ours: &[f64], theirs: &[f64]) -> usize {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= TOLERANCE * b.abs(), "{what}[{index}]: {a} here, {b} in PyTorch");
    }
    ours.iter().zip(theirs).filter(|(a, b)| **a as f32 != **b as f32).count()
}

/// Repeats a run of `goldens/make.py` and compares after each step.
fn repeat(golden: &Golden, mut optimizer: Optimizer, steps: &[Step]) {
    let mut scheduler = Scheduler::new(&mut optimizer, golden.warmup_steps, golden.total_steps);
    let mut scaler = golden.scaler();
    let (mut compared, mut inexact) = (0, 0);
    for (index, step) in steps.iter().enumerate() {
        optimizer.zero_grad();
        scaler.scale(&golden.loss(&optimizer, index)).backward();
        let stepped = scaler.step(&mut optimizer);
        scaler.update();
        if stepped {
            scheduler.step(&mut optimizer);
        }

        assert_eq!(!stepped, step.skipped, "skipped at step {index}");
        assert_eq!(scaler.get_scale(), step.scale, "scale at step {index}");
        let tracker = int(&scaler.state_dict(), "_growth_tracker");
        assert_eq!(tracker, step.growth_tracker, "growth tracker at step {index}");
        let lr: Vec<f64> = optimizer.groups().iter().map(|group| group.lr).collect();
        compare(&format!("lr at step {index}"), &lr, &step.lr);
        let (Some(params), Some(parts)) = (&step.params, &step.state) else { continue };
        for (name, theirs) in params {
            let ours = floats(find(&optimizer, name));
            inexact += compare(&format!("{name} at step {index}"), &ours, theirs);
            compared += ours.len();
        }
        let state = optimizer.state_dict();
        let ours = state.iter().filter(|(key, _)| key.starts_with("state.")).count();
        assert_eq!(ours, parts.values().map(BTreeMap::len).sum::<usize>(), "at step {index}");
        for (name, parts) in parts {
            for (part, theirs) in parts {
                let key = format!("state.{name}.{part}");
                match (theirs, state.get(&key)) {
                    (PartOfState::Step(theirs), _) => assert_eq!(int(&state, &key), *theirs),
                    (PartOfState::Tensor(theirs), Some(Value::Tensor(ours))) => {
                        let ours = floats(ours);
                        inexact += compare(&format!("{key} at step {index}"), &ours, theirs);
                        compared += ours.len();
                    }
                    (_, other) => panic!("{key} at step {index}: {other:?}"),
                }
            }
        }
    }
    assert!(compared > 500, "too little was compared: {compared} values");
    println!("{compared} values compared, {inexact} of them not the same bits");
}

#[test]
fn adamw_agrees_with_pytorch_through_overflows_and_a_late_gradient() {
    let golden = Golden::read();
    assert!(golden.adamw.len() >= 50 && golden.adamw.iter().any(|step| step.skipped));
    repeat(&golden, golden.adamw(), &golden.adamw);
}

#[test]
fn sgd_with_momentum_agrees_with_pytorch_through_overflows_and_a_late_gradient() {
    let golden = Golden::read();
    assert!(golden.sgd.len() >= 50 && golden.sgd.iter().any(|step| step.skipped));
    repeat(&golden, golden.sgd(), &golden.sgd);
}

#[test]
fn the_scheduler_agrees_with_lambda_lr_from_the_first_update_to_beyond_the_last() {
    let golden = Golden::read();
    let mut optimizer = golden.sgd();
    let mut scheduler = Scheduler::new(&mut optimizer, golden.warmup_steps, golden.total_steps);
    for (index, theirs) in golden.schedule.iter().enumerate() {
        let ours: Vec<f64> = optimizer.groups().iter().map(|group| group.lr).collect();
        compare(&format!("lr at step {index}"), &ours, theirs);
        assert_eq!(scheduler.last_lr(), ours[0]);
        scheduler.step(&mut optimizer);
    }
}

#[test]
fn the_scale_backs_off_grows_and_stops_at_float32s_end_as_in_pytorch() {
    let golden = Golden::read();
    let param = Tensor::zeros([1], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
    let group = ParamGroup::new(vec![("p".to_owned(), param.shallow_clone())], 1.0, 0.0);
    let mut optimizer = Optimizer::sgd(vec![group], 0.0);
    let mut scaler = golden.scaler();
    for (index, &(overflow, scale, tracker)) in golden.scales.iter().enumerate() {
        optimizer.zero_grad();
        let slope = if overflow { f64::INFINITY } else { 0.0 };
        (&param * slope).sum(Kind::Float).backward();
        assert_eq!(scaler.step(&mut optimizer), !overflow, "step {index}");
        scaler.update();
        assert_eq!(scaler.get_scale(), scale, "scale at step {index}");
        assert_eq!(int(&scaler.state_dict(), "_growth_tracker"), tracker, "at step {index}");
    }
    let (_, last, _) = golden.scales[golden.scales.len() - 1];
    assert!(last * golden.scaler.growth_factor > f64::from(f32::MAX), "never got to the end");
}
