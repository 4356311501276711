//! Explore.
use clap::Parser;
use lesson::data::Digits;
use lesson::state::StateDict;
use lesson::{Component, Config, OptimizerKind, Run, update, validate, validation_is_due};
use tch::Device;

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    #[arg(long, value_enum, default_value = "adamw")]
    optimizer: OptimizerKind,
    #[arg(long)]
    set: Vec<String>,
    #[arg(long)]
    n: Option<usize>,
    #[arg(long)]
    curve: bool,
    #[arg(long)]
    quick: bool,
    #[arg(long)]
    full: bool,
}

fn epoch(run: &mut Run, digits: &Digits) -> Vec<f64> {
    let mut points = Vec::new();
    while let Some(batch) = run.sampler.next_batch(run.config.batch_size) {
        update(run, digits, &batch);
        if validation_is_due(run) {
            points.push(validate(run, &digits.validation).0);
        }
    }
    run.epoch += 1;
    points.push(validate(run, &digits.validation).0);
    points
}

fn main() {
    tch::set_num_threads(1);
    let args = Args::parse();
    let digits = Digits::load(Device::Cpu).unwrap();
    let n = args.n.unwrap_or(digits.train_len());
    let make = |seed: u64| {
        let mut c = Config::new(10, seed, args.optimizer);
        for kv in &args.set {
            let (k, v) = kv.split_once('=').unwrap();
            let f: f64 = v.parse().unwrap();
            match k {
                "batch" => c.batch_size = f as usize,
                "lr" => c.lr = f,
                "mom" => c.momentum = f,
                "beta2" => c.beta2 = f,
                "wd" => c.weight_decay = f,
                "warm" => c.warmup = f,
                "drop" => c.dropout = f,
                "shift" => c.shift = f,
                "noise" => c.noise = f,
                "every" => c.validate_every = f as usize,
                "init" => c.init_scale = 2f64.powf(f),
                "grow" => c.growth_interval = f as i64,
                _ => panic!("{k}"),
            }
        }
        Run::new(c, n, Device::Cpu)
    };
    let shown = if args.quick {
        vec![
            Component::Optimizer,
            Component::Scheduler,
            Component::Scaler,
            Component::Rng,
            Component::Sampler,
        ]
    } else {
        vec![
            Component::Model,
            Component::Buffers,
            Component::Optimizer,
            Component::Scheduler,
            Component::Scaler,
            Component::Rng,
            Component::Sampler,
        ]
    };
    let mut table: Vec<Vec<f64>> = vec![Vec::new(); shown.len()];
    let mut accuracies = Vec::new();
    for seed in 0..args.seeds {
        let mut run = make(seed);
        let mut curve = Vec::new();
        for _ in 0..5 {
            curve = epoch(&mut run, &digits);
        }
        let at5 = *curve.last().unwrap();
        let saved: Vec<(Component, StateDict)> =
            Component::ALL.iter().map(|c| (*c, run.state(*c).clone())).collect();
        let control = epoch(&mut run, &digits);
        curve.extend(&control);
        let own = curve.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
        if args.curve && seed == 0 {
            println!(
                "control 5: {:.4?}\n        6: {control:.4?} own {own:.4}",
                &curve[..curve.len() - control.len()]
            );
            println!("scale {}", run.scaler.get_scale());
        }
        let _ = at5;
        for (i, lost) in shown.iter().enumerate() {
            let mut resumed = make(seed);
            for (component, state) in &saved {
                if component != lost {
                    resumed.restore(*component, state).unwrap();
                }
            }
            let points = epoch(&mut resumed, &digits);
            let r =
                points.iter().zip(&control).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / own;
            if args.curve && seed == 0 {
                println!("{lost:>10} {points:.4?}");
            }
            table[i].push(r);
        }
        if args.full || seed < 3 {
            while run.epoch < 10 {
                epoch(&mut run, &digits);
            }
            let (loss, acc) = validate(&run, &digits.validation);
            accuracies.push(format!("{:.1}/{loss:.3}", acc * 100.0));
        }
    }
    println!("{:?} {:?} acc {}", args.set, args.n, accuracies.join(" "));
    for (c, mut v) in shown.iter().zip(table) {
        v.sort_by(f64::total_cmp);
        print!(
            "  {c} {:.2} {:.2} {:.2} >=3: {} |",
            v[0],
            v[v.len() / 2],
            v[v.len() - 1],
            v.iter().filter(|r| **r >= 3.0).count()
        );
    }
    println!();
}
