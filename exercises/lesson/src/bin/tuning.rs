//! Measures what losing each component does to the validation curve, over several seeds.
//!
//! The training run is of use for the lesson only if a lost optimizer moves the curve and a lost
//! random number generator hardly does. Here each seed trains five epochs; then the state is copied,
//! and the sixth epoch is trained once with all of it (the control) and once for each component that
//! a resume lost, which then is as a fresh start has it.
//!
//! The figure is the largest distance of the resumed curve from the control's over the points of the
//! first resumed epoch, in units of the control's own change:
//!
//! r = max over i of |resumed[i] - control[i]| / max over j of |control[j + 1] - control[j]|
//!
//! where i runs over the validation points of epoch 6 and j over those of epochs 5 and 6, without
//! the last. A component is visible on the curve when r is at least 3.

use std::time::{Duration, Instant};

use clap::Parser;
use lesson::data::Digits;
use lesson::state::{StateDict, StateError};
use lesson::{Component, Config, OptimizerKind, Run, update, validate, validation_is_due};
use tch::Device;

/// Epochs before the resume.
const BEFORE: u64 = 5;
/// Epochs of the whole run.
const EPOCHS: u64 = 10;
/// The r from which a loss is visible on the curve.
const VISIBLE: f64 = 3.0;

/// Measures what losing each component does to the validation curve.
#[derive(Debug, Parser)]
struct Args {
    /// How many seeds, from 0 on
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// Which optimizer trains the model
    #[arg(long, value_enum, default_value = "sgd")]
    optimizer: OptimizerKind,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    tch::set_num_threads(1);
    let digits = Digits::load(Device::Cpu)?;
    let mut ratios = vec![Vec::new(); Component::ALL.len()];
    for seed in 0..args.seeds {
        let measured = measure(seed, args.optimizer, &digits)?;
        println!(
            "seed {seed:>2}: final accuracy {:.1} %, loss {:.3}, {} overflows after epoch 1, scale \
             2^{} to 2^{}, {:.0} updates/s with validation",
            100.0 * measured.accuracy,
            measured.loss,
            measured.overflows,
            measured.scales.0.log2(),
            measured.scales.1.log2(),
            measured.steps as f64 / measured.control_time.as_secs_f64(),
        );
        ratios.iter_mut().zip(measured.ratios).for_each(|(all, ratio)| all.push(ratio));
    }
    println!("\n{:<12} {:>8} {:>8} {:>8}   visible", "lost", "median", "min", "max");
    for (component, ratios) in Component::ALL.iter().zip(&mut ratios) {
        ratios.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (ratios.first(), ratios.last()) else { continue };
        let middle = ratios.len() / 2;
        let median = (ratios[(ratios.len() - 1) / 2] + ratios[middle]) / 2.0;
        let visible = ratios.iter().filter(|ratio| **ratio >= VISIBLE).count();
        println!(
            "{component:<12} {median:>8.2} {min:>8.2} {max:>8.2}   {visible} of {}",
            args.seeds
        );
    }
    Ok(())
}

struct Measured {
    /// r for each component, in the order of [`Component::ALL`].
    ratios: Vec<f64>,
    /// The control's validation at the end.
    accuracy: f64,
    loss: f64,
    /// The control's updates that were skipped after the first epoch.
    overflows: usize,
    /// The lowest and the highest scale after the first epoch.
    scales: (f64, f64),
    steps: u64,
    control_time: Duration,
}

fn measure(seed: u64, optimizer: OptimizerKind, digits: &Digits) -> anyhow::Result<Measured> {
    let config = Config::new(EPOCHS, seed, optimizer);
    let fresh = || Run::new(config.clone(), digits.train_len(), Device::Cpu);
    let mut control = fresh();
    let mut saved = Vec::new();
    let mut epochs = Vec::new();
    let start = Instant::now();
    while control.epoch < EPOCHS {
        if control.epoch == BEFORE {
            saved = Component::ALL.map(|c| (c, control.state(c).clone())).into();
        }
        epochs.push(train_epoch(&mut control, digits));
    }
    let control_time = start.elapsed();

    let resumed_at = BEFORE as usize;
    let own_change =
        largest_step(&[&*epochs[resumed_at - 1].losses, &*epochs[resumed_at].losses].concat());
    let mut ratios = Vec::new();
    for lost in Component::ALL {
        let mut resumed = fresh();
        restore_all_but(lost, &saved, &mut resumed)?;
        let losses = train_epoch(&mut resumed, digits).losses;
        ratios.push(largest_distance(&losses, &epochs[resumed_at].losses) / own_change);
    }
    let scales: Vec<f64> = epochs[1..].iter().flat_map(|epoch| epoch.scales.clone()).collect();
    let (loss, accuracy) = validate(&control, &digits.validation);
    Ok(Measured {
        ratios,
        accuracy,
        loss,
        overflows: scales.windows(2).filter(|pair| pair[1] < pair[0]).count(),
        scales: scales.iter().fold((f64::MAX, 0.0), |(low, high), &s| (low.min(s), high.max(s))),
        steps: control.step,
        control_time,
    })
}

fn restore_all_but(
    lost: Component,
    saved: &[(Component, StateDict)],
    run: &mut Run,
) -> Result<(), StateError> {
    let kept = saved.iter().filter(|(component, _)| *component != lost);
    kept.into_iter().try_for_each(|(component, state)| run.restore(*component, state))
}

/// What an epoch left behind.
struct Epoch {
    /// The validation curve.
    losses: Vec<f64>,
    /// The GradScaler's scale after each update.
    scales: Vec<f64>,
}

fn train_epoch(run: &mut Run, digits: &Digits) -> Epoch {
    let mut epoch = Epoch { losses: Vec::new(), scales: Vec::new() };
    while let Some(batch) = run.sampler.next_batch(run.config.batch_size) {
        update(run, digits, &batch);
        epoch.scales.push(run.scaler.get_scale());
        if validation_is_due(run) {
            epoch.losses.push(validate(run, &digits.validation).0);
        }
    }
    run.epoch += 1;
    epoch.losses.push(validate(run, &digits.validation).0);
    epoch
}

/// The largest change from one point of a curve to the next.
fn largest_step(curve: &[f64]) -> f64 {
    curve.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
}

/// The largest distance between two curves, point by point.
fn largest_distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
