//! What `state_dict` and `load_state_dict` of optimizer, scheduler and scaler promise.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use lesson::optimizer::{Optimizer, ParamGroup};
use lesson::scaler::GradScaler;
use lesson::scheduler::Scheduler;
use lesson::state::{StateDict, StateError, Value, tensor_bytes};
use tch::{Device, Kind, Tensor};

const SHAPES: [(&str, &[i64]); 3] = [("a.weight", &[4, 6]), ("a.bias", &[4]), ("b.weight", &[11])];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    AdamW,
    Sgd,
}

const BOTH: [Which; 2] = [Which::AdamW, Which::Sgd];

/// A small run: gradients are a fixed function of the step, so that it can be continued elsewhere.
struct Run {
    optimizer: Optimizer,
    scheduler: Scheduler,
    scaler: GradScaler,
    step: u64,
}

fn optimizer(which: Which) -> Optimizer {
    let param = |(name, shape): (&str, &[i64])| {
        let ones = Tensor::ones(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        (name.to_owned(), ones)
    };
    let groups = vec![
        ParamGroup::new(vec![param(SHAPES[0]), param(SHAPES[2])], 0.02, 0.1),
        ParamGroup::new(vec![param(SHAPES[1])], 0.05, 0.0),
    ];
    match which {
        Which::AdamW => Optimizer::adamw(groups, (0.9, 0.999), 1e-8),
        Which::Sgd => Optimizer::sgd(groups, 0.9),
    }
}

impl Run {
    fn new(which: Which) -> Self {
        let mut optimizer = optimizer(which);
        let scheduler = Scheduler::new(&mut optimizer, 5, 40);
        // No powers of two, so that the scale leaves its mark on the last bits of a gradient.
        Self { optimizer, scheduler, scaler: GradScaler::new(700.0, 1.7, 0.6, 4), step: 0 }
    }

    fn train(&mut self, steps: u64) {
        for _ in 0..steps {
            self.optimizer.zero_grad();
            let mut loss = Tensor::from(0_f32);
            for (_, param) in self.optimizer.groups().iter().flat_map(|group| &group.params) {
                let wave = Tensor::arange(param.numel() as i64, (Kind::Float, Device::Cpu));
                let mut grad = (wave + self.step as f64 * 0.7).sin().view_as(param);
                if self.step % 9 == 6 {
                    let _ = grad.g_mul_scalar_(f64::INFINITY);
                }
                loss += (param * grad).sum(Kind::Float);
            }
            self.scaler.scale(&loss).backward();
            if self.scaler.step(&mut self.optimizer) {
                self.scheduler.step(&mut self.optimizer);
            }
            self.scaler.update();
            self.step += 1;
        }
    }

    /// What a checkpoint holds: copies, taken while the run goes on.
    fn save(&self) -> ([StateDict; 3], Vec<Tensor>) {
        let states =
            [self.optimizer.state_dict(), self.scheduler.state_dict(), self.scaler.state_dict()];
        (states.map(|state| state.clone()), params(&self.optimizer).map(Tensor::copy).collect())
    }

    fn load(
        &mut self,
        step: u64,
        ([optimizer, scheduler, scaler], weights): &([StateDict; 3], Vec<Tensor>),
    ) {
        self.step = step;
        self.optimizer.load_state_dict(optimizer).unwrap();
        self.scheduler.load_state_dict(scheduler).unwrap();
        self.scaler.load_state_dict(scaler).unwrap();
        tch::no_grad(|| {
            for (param, saved) in params(&self.optimizer).zip(weights) {
                param.shallow_clone().copy_(saved);
            }
        });
    }

    fn bits(&self) -> (Vec<String>, Vec<Vec<u8>>) {
        let states =
            [self.optimizer.state_dict(), self.scheduler.state_dict(), self.scaler.state_dict()];
        let digests = states.iter().map(digest).collect();
        (digests, params(&self.optimizer).map(tensor_bytes).collect())
    }
}

fn params(optimizer: &Optimizer) -> impl Iterator<Item = &Tensor> {
    optimizer.groups().iter().flat_map(|group| &group.params).map(|(_, tensor)| tensor)
}

fn digest(state: &StateDict) -> String {
    format!("{:?}", state.digest())
}

fn trained(which: Which, steps: u64) -> Run {
    let mut run = Run::new(which);
    run.train(steps);
    run
}

#[test]
fn a_run_loaded_into_fresh_parts_continues_bit_for_bit() {
    for which in BOTH {
        let mut control = trained(which, 14);
        let saved = control.save();
        control.train(16);

        let mut resumed = Run::new(which);
        resumed.load(14, &saved);
        resumed.train(16);
        assert_eq!(resumed.bits(), control.bits(), "{which:?}");
    }
}

#[test]
fn a_run_that_loses_any_one_part_leaves_a_trace_in_weights_or_moments() {
    for which in BOTH {
        let mut control = trained(which, 14);
        let saved = control.save();
        control.train(16);
        for lost in 0..3 {
            let fresh = Run::new(which).save();
            let (mut states, weights) = (saved.0.clone(), saved.1.iter().map(Tensor::copy));
            states[lost] = fresh.0[lost].clone();
            let mut resumed = Run::new(which);
            resumed.load(14, &(states, weights.collect()));
            resumed.train(16);
            let trace = |run: &Run| (digest(&run.optimizer.state_dict()), run.bits().1);
            assert!(trace(&resumed) != trace(&control), "{which:?} without part {lost}");
        }
    }
}

#[test]
fn a_loaded_optimizer_shares_no_memory_with_the_one_it_came_from() {
    for which in BOTH {
        let mut source = trained(which, 8);
        let mut copy = Run::new(which);
        copy.optimizer.load_state_dict(&source.optimizer.state_dict()).unwrap();
        let before = digest(&copy.optimizer.state_dict());
        source.train(3);
        assert_eq!(digest(&copy.optimizer.state_dict()), before, "{which:?}");
    }
}

#[test]
fn a_fresh_optimizer_has_no_state_and_loading_it_clears_a_used_one() {
    for which in BOTH {
        let fresh = Run::new(which).optimizer.state_dict();
        assert!(fresh.iter().all(|(key, _)| !key.starts_with("state.")), "{which:?}");
        let mut used = trained(which, 8);
        assert_ne!(digest(&used.optimizer.state_dict()), digest(&fresh));
        used.optimizer.load_state_dict(&fresh).unwrap();
        assert_eq!(digest(&used.optimizer.state_dict()), digest(&fresh), "{which:?}");
    }
}

#[test]
fn options_come_back_from_the_state_as_in_pytorch() {
    let groups = |lr, decay| vec![ParamGroup::new(Vec::new(), lr, decay)];
    let saved = Optimizer::adamw(groups(0.1, 0.2), (0.8, 0.99), 1e-6).state_dict();
    let mut other = Optimizer::adamw(groups(0.3, 0.0), (0.9, 0.999), 1e-8);
    other.load_state_dict(&saved).unwrap();
    assert_eq!(digest(&other.state_dict()), digest(&saved));
    assert_eq!((other.lr(), other.groups()[0].weight_decay), (0.1, 0.2));

    let saved = Optimizer::sgd(groups(0.1, 0.2), 0.5).state_dict();
    let mut other = Optimizer::sgd(groups(0.3, 0.0), 0.9);
    other.load_state_dict(&saved).unwrap();
    assert_eq!(digest(&other.state_dict()), digest(&saved));
}

#[test]
fn a_scheduler_made_after_loading_the_optimizer_overwrites_its_learning_rate() {
    let run = trained(Which::AdamW, 12);
    let lr = run.optimizer.lr();
    let mut late = optimizer(Which::AdamW);
    late.load_state_dict(&run.optimizer.state_dict()).unwrap();
    assert_eq!(late.lr(), lr);
    let mut scheduler = Scheduler::new(&mut late, 5, 40);
    assert_eq!(late.lr(), 0.02 / 5.0);
    scheduler.load_state_dict(&run.scheduler.state_dict()).unwrap();
    assert_eq!(late.lr(), 0.02 / 5.0, "loading a scheduler does not touch the optimizer");
    assert_eq!(scheduler.last_lr(), lr);
}

/// Spoils a saved state, expects the refusal, and that the run is what it was.
#[track_caller]
fn refuses(which: Which, part: usize, spoil: impl Fn(&mut StateDict), expected: &str) {
    let mut state = trained(which, 14).save().0[part].clone();
    spoil(&mut state);
    let mut run = trained(which, 3);
    let before = run.bits();
    let result: Result<(), StateError> = match part {
        0 => run.optimizer.load_state_dict(&state),
        1 => run.scheduler.load_state_dict(&state),
        _ => run.scaler.load_state_dict(&state),
    };
    assert_eq!(result.unwrap_err().to_string(), expected);
    assert_eq!(run.bits(), before, "a refused state changed something: {expected}");
}

fn put(key: &str, value: impl Into<Value>) -> impl Fn(&mut StateDict) {
    let value = value.into();
    move |state| {
        state.insert(key, value.clone());
    }
}

fn lose(key: &str) -> impl Fn(&mut StateDict) {
    move |state| {
        state.remove(key);
    }
}

fn zeros(shape: &[i64], kind: Kind) -> Tensor {
    Tensor::zeros(shape, (kind, Device::Cpu))
}

#[test]
fn an_optimizer_refuses_what_does_not_fit_names_the_key_and_changes_nothing() {
    use Which::{AdamW, Sgd};
    let other = |which| move |state: &mut StateDict| *state = trained(which, 5).save().0[0].clone();
    refuses(AdamW, 0, other(Sgd), r#"key "name": expected adamw, found sgd"#);
    refuses(Sgd, 0, other(AdamW), r#"key "name": expected sgd, found adamw"#);

    for (which, part) in [(AdamW, "exp_avg_sq"), (Sgd, "momentum_buffer")] {
        let key = format!("state.a.weight.{part}");
        let shaped = |shape, kind| put(&key, zeros(shape, kind));
        let is = |found| {
            format!("key {key:?}: expected a float32 tensor of shape [4, 6], found {found}")
        };
        refuses(which, 0, shaped(&[6, 4], Kind::Float), &is("a float32 tensor of shape [6, 4]"));
        refuses(which, 0, shaped(&[4, 6], Kind::Double), &is("a float64 tensor of shape [4, 6]"));
        let number = put(&key, 1.0);
        refuses(which, 0, number, &is("a float"));

        let unknown = put("state.c.weight.exp_avg", zeros(&[2], Kind::Float));
        refuses(which, 0, unknown, r#"unexpected key "state.c.weight.exp_avg""#);
        for option in ["lr", "weight_decay", "initial_lr"] {
            let key = format!("param_groups.1.{option}");
            let lost = lose(&key);
            refuses(which, 0, lost, &format!("missing key {key:?}"));
        }
        let third = put("param_groups.2.lr", 0.1);
        refuses(which, 0, third, r#"unexpected key "param_groups.2.lr""#);
    }

    for part in ["exp_avg", "exp_avg_sq", "step"] {
        let key = format!("state.b.weight.{part}");
        let lost = lose(&key);
        refuses(AdamW, 0, lost, &format!("missing key {key:?}"));
    }
    let negative = put("state.a.bias.step", -1);
    refuses(
        AdamW,
        0,
        negative,
        r#"key "state.a.bias.step": expected a count from 0 to 2^62, found -1"#,
    );
    for (which, option) in [(AdamW, "betas.1"), (AdamW, "eps"), (Sgd, "momentum")] {
        let key = format!("param_groups.0.{option}");
        let lost = lose(&key);
        refuses(which, 0, lost, &format!("missing key {key:?}"));
    }
}

#[test]
fn a_scheduler_refuses_another_schedule_names_the_key_and_changes_nothing() {
    for (key, value, expected) in [
        ("warmup_steps", 9, "5 as in this run's config, found 9"),
        ("total_steps", 80, "40 as in this run's config, found 80"),
        ("last_epoch", -1, "a count from 0 to 2^62, found -1"),
    ] {
        let other = put(key, value);
        refuses(Which::Sgd, 1, other, &format!("key {key:?}: expected {expected}"));
    }
    for key in ["warmup_steps", "total_steps", "last_epoch", "base_lrs.1", "_last_lr.0"] {
        let lost = lose(key);
        refuses(Which::Sgd, 1, lost, &format!("missing key {key:?}"));
    }
    let third = put("base_lrs.2", 0.1);
    refuses(Which::Sgd, 1, third, r#"unexpected key "base_lrs.2""#);
}

#[test]
fn a_scaler_refuses_what_does_not_fit_names_the_key_and_changes_nothing() {
    for key in ["scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker"] {
        let lost = lose(key);
        refuses(Which::Sgd, 2, lost, &format!("missing key {key:?}"));
    }
    let whole = put("scale", 512);
    refuses(Which::Sgd, 2, whole, r#"key "scale": expected a float, found an integer"#);
    let extra = put("scales", 512.0);
    refuses(Which::Sgd, 2, extra, r#"unexpected key "scales""#);
}

#[test]
fn unscaling_first_and_then_stepping_gives_the_same_bits_as_stepping_alone() {
    let stepped = |unscale_first: bool| {
        let mut optimizer = optimizer(Which::AdamW);
        let mut scaler = GradScaler::new(1000.0, 2.0, 0.5, 4);
        let loss = params(&optimizer).map(|p| (p * 0.3).sum(Kind::Float)).sum::<Tensor>();
        scaler.scale(&loss).backward();
        if unscale_first {
            scaler.unscale_(&mut optimizer);
            let grad = params(&optimizer).next().unwrap().grad().double_value(&[0, 0]);
            assert!((grad - 0.3).abs() < 1e-6, "{grad}");
        }
        assert!(scaler.step(&mut optimizer));
        scaler.update();
        params(&optimizer).map(tensor_bytes).collect::<Vec<_>>()
    };
    assert_eq!(stepped(true), stepped(false));
}

#[test]
#[should_panic = "the gradients are unscaled already"]
fn unscaling_twice_in_one_iteration_is_refused() {
    let mut run = trained(Which::Sgd, 1);
    run.scaler.unscale_(&mut run.optimizer);
    run.scaler.unscale_(&mut run.optimizer);
}

#[test]
#[should_panic = "`step` was called twice"]
fn stepping_twice_in_one_iteration_is_refused() {
    let mut run = trained(Which::Sgd, 1);
    run.scaler.step(&mut run.optimizer);
    run.scaler.step(&mut run.optimizer);
}

#[test]
#[should_panic = "no gradients were checked"]
fn updating_the_scale_before_a_step_is_refused() {
    trained(Which::Sgd, 1).scaler.update();
}

#[test]
fn the_scale_keeps_an_fp16_loss_in_float32() {
    let scaled =
        GradScaler::new(65536.0, 2.0, 0.5, 2000).scale(&Tensor::from(2_f32).to_kind(Kind::Half));
    assert_eq!((scaled.kind(), scaled.double_value(&[])), (Kind::Float, 131_072.0));
}
