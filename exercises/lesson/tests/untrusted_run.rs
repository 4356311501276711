//! A checkpoint that nobody should trust, and the run that is to load it: it loads exactly what the
//! file holds, or refuses and stays as it was. A process that could load only a part ends.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use killresume::messages::LANG_VARIABLE;
use lesson::checkpoint::{Checkpoint, CheckpointError, CheckpointKind, Store, StoreError};
use lesson::data::Digits;
use lesson::state::{StateDict, StateError, Value};
use lesson::{Component, Config, OptimizerKind, Run, update};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngSeed, TestRunner};
use tch::{Device, Kind, Tensor};

/// A run that has gone three updates, so that all of its state differs from a fresh one's.
fn trained(digits: &Digits) -> Run {
    let mut config = Config::new(2, 1, OptimizerKind::Adamw);
    // Low enough that no update is skipped: the optimizer then has moments.
    config.init_scale = 1024.0;
    let mut run = Run::new(config, digits.train_len(), Device::Cpu);
    for _ in 0..3 {
        train(&mut run, digits);
    }
    run
}

fn train(run: &mut Run, digits: &Digits) {
    let batch = run.sampler.next_batch(8).or_else(|| run.sampler.next_batch(8)).unwrap();
    update(run, digits, &batch);
}

fn saved(run: &Run) -> Checkpoint {
    let mut checkpoint = Checkpoint::new();
    for component in Component::ALL {
        checkpoint.put(component.name(), run.state(component).clone());
    }
    checkpoint
}

/// What somebody may do to one entry.
#[derive(Clone, Debug)]
enum Change {
    Set(Lie),
    Remove,
    Rename(&'static str),
}

/// What an entry may be said to be.
#[derive(Clone, Debug)]
enum Lie {
    Int(i64),
    Float(u64),
    Bool(bool),
    Text(&'static str),
    None,
    Tensor(Kind, Vec<i64>),
    /// Of the same type, dtype and shape: this integer, or this float.
    Alike(i64, u64),
}

impl Lie {
    fn value(&self, old: &Value) -> Value {
        match self {
            Self::Int(value) => Value::Int(*value),
            Self::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Self::Bool(value) => Value::Bool(*value),
            Self::Text(value) => Value::Text((*value).to_owned()),
            Self::None => Value::None,
            Self::Tensor(kind, shape) => Value::Tensor(Tensor::ones(shape, (*kind, Device::Cpu))),
            Self::Alike(int, bits) => match old {
                Value::Int(_) => Value::Int(*int),
                Value::Float(_) | Value::None => Value::Float(f64::from_bits(*bits)),
                Value::Bool(value) => Value::Bool(!value),
                Value::Text(value) => Value::Text(value.to_uppercase()),
                Value::Tensor(old) => {
                    let number = Tensor::from(f64::from_bits(*bits)).to_kind(old.kind());
                    Value::Tensor(number.expand_as(old).copy())
                }
            },
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let most = 1 << 62;
    let ints = [0, 1, -1, 3, 24, 1437, 1438, most - 9, most + 1, i64::MIN, i64::MAX];
    let floats =
        [0.0, -0.0, 1.0, -1.0, 0.1, 1e-310, 1e300, f64::MAX, f64::INFINITY, f64::NAN, -f64::NAN];
    let texts = ["", "adamw", "sgd", "\u{1b}[31m\u{202e}\n", "3"];
    let kinds = [Kind::Float, Kind::Double, Kind::Half, Kind::Int64, Kind::Bool];
    let shapes = [vec![], vec![0], vec![256], vec![256, 64], vec![64, 256], vec![1, 256, 256]];
    let int = prop_oneof![6 => select(ints.to_vec()), 1 => any::<i64>()];
    let bits = prop_oneof![6 => select(floats.map(f64::to_bits).to_vec()), 1 => any::<u64>()];
    let lie = prop_oneof![
        1 => int.clone().prop_map(Lie::Int),
        1 => bits.clone().prop_map(Lie::Float),
        1 => any::<bool>().prop_map(Lie::Bool),
        1 => select(texts.to_vec()).prop_map(Lie::Text),
        1 => Just(Lie::None),
        1 => (select(kinds.to_vec()), select(shapes.to_vec())).prop_map(|(k, s)| Lie::Tensor(k, s)),
        18 => (int, bits).prop_map(|(int, bits)| Lie::Alike(int, bits)),
    ];
    let names = [
        "",
        "value",
        "lr",
        "../../etc/passwd",
        "fc1.weight",
        "we\0ight",
        "fс1.weight",
        "\u{1b}[2J",
    ];
    prop_oneof![
        10 => lie.prop_map(Change::Set),
        1 => Just(Change::Remove),
        1 => select(names.to_vec()).prop_map(Change::Rename),
    ]
}

fn tamper(checkpoint: &mut Checkpoint, component: Component, at: Index, change: &Change) {
    let mut state = checkpoint.remove(component.name()).unwrap();
    let keys: Vec<String> = state.iter().map(|(key, _)| key.to_owned()).collect();
    if let Some(key) = (!keys.is_empty()).then(|| &keys[at.index(keys.len())]) {
        let old = state.remove(key).unwrap();
        match change {
            Change::Set(lie) => drop(state.insert(key, lie.value(&old))),
            Change::Rename(name) => drop(state.insert(*name, old)),
            Change::Remove => {}
        }
    }
    checkpoint.put(component.name(), state);
}

fn assert_plain(error: &str) {
    assert!(!error.is_empty() && error.chars().count() < 1000, "{error}");
    assert!(!error.contains(|c: char| c.is_control() || c == '\u{202e}'), "{error:?}");
}

/// Loads every component; returns the first refusal. Each of them is exactly what the checkpoint holds
/// or exactly what it was.
fn restore(run: &mut Run, checkpoint: &Checkpoint) -> Result<(), StateError> {
    let mut outcome = Ok(());
    for component in Component::ALL {
        let before = run.state(component).digest();
        let mut state = checkpoint.get(component.name()).unwrap().clone();
        let result = run.restore(component, &state);
        if component == Component::Config && result.is_ok() {
            // Loading a config freezes it.
            state.insert("frozen", true);
        }
        let expected = if result.is_ok() { state.digest() } else { before };
        assert_eq!(run.state(component).digest(), expected, "{component}: {result:?}");
        if let Err(error) = &result {
            assert_plain(&error.to_string());
        }
        outcome = outcome.and(result);
    }
    outcome
}

#[test]
fn a_run_loads_exactly_what_the_file_says_or_stays_as_it_was_and_can_go_on() {
    let digits = Digits::load(Device::Cpu).unwrap();
    let mut run = trained(&digits);
    let honest = saved(&run);
    restore(&mut run, &honest).expect("nobody has tampered with it yet");

    let is_set = |name| std::env::var_os(name).is_some();
    let asked = ProptestConfig::default();
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        cases: if is_set("PROPTEST_CASES") { asked.cases } else { 300 },
        rng_seed: if is_set("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(5) },
        ..asked
    });
    let one = (select(Component::ALL.to_vec()), any::<Index>(), change());
    let several = prop::collection::vec(one, 1..3);
    let run = std::cell::RefCell::new(run);
    let accepted = std::cell::Cell::new(0);
    let result = runner.run(&several, |changes| {
        let run = &mut *run.borrow_mut();
        let mut checkpoint = honest.clone();
        for (component, at, change) in &changes {
            tamper(&mut checkpoint, *component, *at, change);
        }
        let loaded = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap();
        if restore(run, &loaded).is_ok() {
            accepted.set(accepted.get() + 1);
            train(run, &digits);
            let next = Checkpoint::from_bytes(&saved(run).to_bytes().unwrap()).unwrap();
            restore(run, &next).expect("a run that goes on can be saved and loaded again");
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{} files accepted", accepted.get());
    assert!(accepted.get() > 0, "not one file was loaded");
}

/// Calls `call` and gives up on it if it hangs.
fn in_time<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(call()));
    receiver.recv_timeout(Duration::from_secs(20)).expect("it hangs")
}

/// What may lie in the place of a checkpoint.
const ODD: [&str; 8] =
    ["directory", "pipe", "socket", "loop", "nowhere", "device", "empty", "link to a pipe"];

fn put(odd: &str, path: &Path) {
    match odd {
        "directory" => fs::create_dir(path).unwrap(),
        "pipe" => mkfifo(path, Mode::S_IRWXU).unwrap(),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "loop" => symlink(path, path).unwrap(),
        "nowhere" => symlink("not/there", path).unwrap(),
        "device" => symlink("/dev/zero", path).unwrap(),
        "empty" => fs::write(path, "").unwrap(),
        "link to a pipe" => {
            let pipe = path.with_extension("pipe");
            mkfifo(&pipe, Mode::S_IRWXU).unwrap();
            symlink(pipe, path).unwrap();
        }
        other => unreachable!("{other}"),
    }
}

#[test]
fn what_is_no_file_is_refused_by_name_and_neither_blocks_nor_counts_as_a_fresh_start() {
    for odd in ODD {
        let directory = tempfile::tempdir().unwrap();
        let latest = directory.path().join("latest.safetensors");
        put(odd, &latest);
        let path = latest.clone();
        let error = in_time(move || Checkpoint::load(&path)).unwrap_err();
        assert!(!matches!(error, CheckpointError::NotFound { .. }), "{odd}: {error}");
        assert!(error.to_string().contains("latest.safetensors"), "{odd}: {error}");

        let place = directory.path().to_owned();
        let alone = in_time(move || Store::open(&place).unwrap().load(CheckpointKind::Latest));
        assert!(matches!(alone, Err(StoreError::NoneValid { .. })), "{odd}: {alone:?}");

        let mut older = Checkpoint::new();
        older.put("step", 7);
        older.save(&directory.path().join("latest.previous.safetensors")).unwrap();
        let place = directory.path().to_owned();
        let loaded = in_time(move || Store::open(&place).unwrap().load(CheckpointKind::Latest));
        let loaded = loaded.unwrap().unwrap();
        assert_eq!(loaded.checkpoint.get("step").unwrap().int(), Ok(7), "{odd}");
        assert_eq!(loaded.skipped.len(), 1, "{odd}");
    }
}

#[test]
fn a_link_to_a_checkpoint_is_a_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("elsewhere.safetensors");
    Checkpoint::new().put("step", 7).save(&path).unwrap();
    symlink(&path, directory.path().join("latest.safetensors")).unwrap();
    let store = Store::open(directory.path()).unwrap();
    assert!(store.load(CheckpointKind::Latest).unwrap().is_some());
}

#[test]
fn opening_a_directory_writes_over_nothing_that_its_lock_is_a_link_to() {
    let directory = tempfile::tempdir().unwrap();
    let precious = directory.path().join("thesis.tex");
    fs::write(&precious, "three years").unwrap();
    let runs = directory.path().join("runs");
    fs::create_dir(&runs).unwrap();
    symlink(&precious, runs.join(".lock")).unwrap();
    let error = Store::open(&runs).unwrap_err();
    assert!(error.to_string().contains("runs"), "{error}");
    assert_eq!(fs::read_to_string(precious).unwrap(), "three years");
}

fn reference(directory: &Path, lang: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reference"));
    command.env(LANG_VARIABLE, lang).args(["--epochs", "1", "--dir"]).arg(directory);
    command.output().unwrap()
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let checkpoints = entries.filter(|entry| entry.file_name() != ".lock");
    checkpoints
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn a_load_that_fails_half_way_ends_the_process_names_the_file_and_leaves_every_file_alone() {
    let origin = tempfile::tempdir().unwrap();
    assert!(reference(origin.path(), "en").status.success());
    let honest = Checkpoint::load(&origin.path().join("latest.safetensors")).unwrap();
    // `load` reads in the order of the lesson, the sampler last: all before it has been loaded then.
    let lies: [(Component, &str, Value); 7] = [
        (Component::Sampler, "position", 1_000_000_i64.into()),
        (Component::Rng, "counter", i64::MAX.into()),
        (Component::Epoch, "value", (-1_i64).into()),
        (Component::Scaler, "scale", 0.1.into()),
        (Component::Optimizer, "name", "\u{1b}[31msgd".into()),
        (Component::Optimizer, "param_groups.0.lr", 1e300.into()),
        (Component::Model, "fc3.bias", Tensor::zeros([11], (Kind::Float, Device::Cpu)).into()),
    ];
    for (index, (component, key, lie)) in lies.into_iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("latest.safetensors");
        let mut forged = honest.clone();
        let mut state: StateDict = forged.remove(component.name()).unwrap();
        state.insert(key, lie);
        forged.put(component.name(), state).save(&path).unwrap();
        let before = files(directory.path());

        let lang = if index % 2 == 0 { "ko" } else { "en" };
        let output = reference(directory.path(), lang);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{component}.{key}: {said}");
        for word in ["latest.safetensors", component.name(), key] {
            assert!(said.contains(word), "{component}.{key}: {said}");
        }
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
        assert_eq!(files(directory.path()), before, "{component}.{key}");
    }
}

#[test]
#[ignore = "writes fuzz/seeds: cargo test -p lesson --test untrusted_run seeds -- --ignored"]
fn write_the_seeds_of_the_fuzzer() {
    let seeds = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds"));
    fs::create_dir_all(seeds).unwrap();
    let run = trained(&Digits::load(Device::Cpu).unwrap());
    let mut whole = Checkpoint::new();
    for component in Component::ALL {
        // Short files are mutated more often: two elements of each dimension stand for all.
        let small = |tensor: Tensor| {
            let dimensions = 0..tensor.dim() as i64;
            dimensions.fold(tensor, |t, dim| t.narrow(dim, 0, t.size()[dim as usize].min(2)))
        };
        let entries = run.state(component).into_iter().map(|(key, value)| match value {
            Value::Tensor(tensor) => (key, Value::Tensor(small(tensor))),
            other => (key, other),
        });
        let state: StateDict = entries.collect();
        let mut one = Checkpoint::new();
        one.put(component.name(), state.clone());
        one.save(&seeds.join(format!("{component}.safetensors"))).unwrap();
        whole.put(component.name(), state);
    }
    whole.save(&seeds.join("run.safetensors")).unwrap();
}
