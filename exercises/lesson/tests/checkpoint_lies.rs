//! Files that lie, with the right checksum: whatever a header says, it is refused in one line, or what
//! loads is exactly what the file says. The seed is fixed; PROPTEST_CASES asks for more cases, and
//! PROPTEST_RNG_SEED for others.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "forgery/claims.rs"]
mod claims;
mod forgery;

use claims::{File, Info, quoted};
use forgery::{sealed, take_apart};
use lesson::checkpoint::Checkpoint;
use lesson::data::Digits;
use lesson::state::{StateDict, Value};
use lesson::{Component, Config, OptimizerKind, Run, update};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use tch::{Device, Kind, Tensor};

/// Tensors of several widths, one of them empty, and every kind of scalar.
fn honest() -> Checkpoint {
    let mut checkpoint = Checkpoint::new();
    let model = StateDict::new()
        .with(
            "fc.weight",
            Tensor::from_slice(&[1.5_f32, -0.0, f32::NAN, 4.0, 5.0, 6.0]).view([2, 3]),
        )
        .with("fc.bias", Tensor::from_slice(&[0.5_f32, 0.25]))
        .with("bn.num_batches_tracked", Tensor::from(7_i64))
        .with("mask", Tensor::from_slice(&[true, false, true]))
        .with("empty", Tensor::zeros([0, 3], (Kind::Half, Device::Cpu)));
    let scalars = StateDict::new()
        .with("lr", 1e-3)
        .with("best", f64::INFINITY)
        .with("seed", -1_i64)
        .with("name", "adamw \"quoted\" 한글")
        .with("frozen", true)
        .with("nothing", Value::None);
    checkpoint.put("model", model).put("optimizer", scalars).put("step", 1200);
    checkpoint.put("buffers", StateDict::new());
    checkpoint
}

/// Asserts that an error is one line that a terminal can bear.
fn assert_plain(error: &str) {
    assert!(!error.is_empty() && error.chars().count() < 1000, "{error}");
    assert!(!error.contains(|c: char| c.is_control() || c == '\u{202e}'), "{error:?}");
    assert!(!error.contains("c10") && !error.contains("alloc"), "libtorch was asked: {error}");
}

/// One lie. Indices choose a tensor, a component, an entry.
#[derive(Clone, Debug)]
enum Lie {
    TensorName(Index, String),
    TensorTwice(Index),
    NoTensor(Index),
    Dtype(Index, &'static str),
    Size(Index, Index, &'static str),
    Dimension(Index, &'static str),
    ManyDimensions(Index, usize),
    Offset(Index, Index, &'static str),
    SwapPlaces(Index, Index),
    SamePlace(Index, Index),
    Component(Index, String),
    ComponentTwice(Index),
    NoComponent(Index),
    Key(Index, Index, String),
    Scalar(Index, Index, String),
    NewScalar(Index, String, String),
    ScalarTwice(Index, Index),
    Format(String),
    Metadata(String, String),
    Data(Index, u8),
    CutData(Index),
    MoreData(Vec<u8>),
}

impl Lie {
    fn tell(&self, file: &mut File) {
        let File { metadata, scalars, tensors, data } = file;
        match self {
            Self::TensorName(at, name) => with(tensors, at, |t| t.0.clone_from(name)),
            Self::TensorTwice(at) => twice(tensors, at),
            Self::NoTensor(at) => without(tensors, at),
            Self::Dtype(at, dtype) => with(tensors, at, |t| t.1.dtype = (*dtype).to_owned()),
            Self::Size(at, dimension, size) => with(tensors, at, |t| {
                with(&mut t.1.shape, dimension, |own| *own = (*size).to_owned());
            }),
            Self::Dimension(at, size) => with(tensors, at, |t| t.1.shape.push((*size).to_owned())),
            Self::ManyDimensions(at, n) => with(tensors, at, |t| {
                t.1.shape.extend(vec!["1".to_owned(); *n]);
            }),
            Self::Offset(at, end, offset) => with(tensors, at, |t| {
                with(&mut t.1.offsets, end, |own| *own = (*offset).to_owned());
            }),
            Self::SwapPlaces(a, b) if !tensors.is_empty() => {
                let (a, b) = (a.index(tensors.len()), b.index(tensors.len()));
                let place = tensors[a].1.offsets.clone();
                tensors[a].1.offsets = std::mem::replace(&mut tensors[b].1.offsets, place);
            }
            Self::SamePlace(a, b) if !tensors.is_empty() => {
                let place = tensors[a.index(tensors.len())].1.offsets.clone();
                with(tensors, b, |t| t.1.offsets = place);
            }
            Self::SwapPlaces(..) | Self::SamePlace(..) => {}
            Self::Component(at, name) => with(scalars, at, |c| c.0.clone_from(name)),
            Self::ComponentTwice(at) => twice(scalars, at),
            Self::NoComponent(at) => without(scalars, at),
            Self::Key(at, key, name) => {
                with(scalars, at, |c| with(&mut c.1, key, |entry| entry.0.clone_from(name)));
            }
            Self::Scalar(at, key, json) => {
                with(scalars, at, |c| with(&mut c.1, key, |entry| entry.1.clone_from(json)));
            }
            Self::NewScalar(at, key, json) => {
                with(scalars, at, |c| c.1.push((key.clone(), json.clone())));
            }
            Self::ScalarTwice(at, key) => with(scalars, at, |c| twice(&mut c.1, key)),
            Self::Format(format) => metadata[1].1.clone_from(format),
            Self::Metadata(key, value) => metadata.push((key.clone(), value.clone())),
            Self::Data(at, byte) => with(data, at, |own| *own = *byte),
            Self::CutData(at) => data.truncate(at.index(data.len() + 1)),
            Self::MoreData(more) => data.extend(more),
        }
    }
}

fn with<T>(list: &mut [T], at: &Index, change: impl FnOnce(&mut T)) {
    if !list.is_empty() {
        change(&mut list[at.index(list.len())]);
    }
}

fn twice<T: Clone>(list: &mut Vec<T>, at: &Index) {
    if !list.is_empty() {
        list.push(list[at.index(list.len())].clone());
    }
}

fn without<T>(list: &mut Vec<T>, at: &Index) {
    if !list.is_empty() {
        list.remove(at.index(list.len()));
    }
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "6",
    "12",
    "24",
    "-1",
    "-0",
    "1.5",
    "1e3",
    "4294967296",
    "2305843009213693951",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551608",
    "18446744073709551615",
    "18446744073709551616",
    "null",
    "\"4\"",
    "[]",
    "NaN",
];

const DTYPES: &[&str] = &[
    "BOOL",
    "U8",
    "I8",
    "I16",
    "U16",
    "F16",
    "BF16",
    "I32",
    "U32",
    "F32",
    "C64",
    "F64",
    "I64",
    "U64",
    "F4",
    "F6_E2M3",
    "F8_E4M3",
    "f32",
    "",
    "\u{1b}[31m\u{202e}",
];

fn name() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        "",
        ".",
        "..",
        "model",
        "model.",
        ".weight",
        "model.fc.weight",
        "model.fc.bias",
        "step.value",
        "optimizer.lr",
        "lr",
        "value",
        "__metadata__",
        "../../etc/passwd",
        "/etc/passwd",
        "model./etc/passwd",
        "model.../../x",
        "model.we\0ight",
        "mоdel.fc.weight",
        "model.fc.weight ",
        "\u{202e}model.x",
        "\u{1b}[31mmodel.x",
        "killresume.checksum",
        "새 component",
    ];
    prop_oneof![
        8 => select(NAMES).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (1..20_000_usize).prop_map(|length| format!("model.{}", "long".repeat(length))),
    ]
}

fn json() -> impl Strategy<Value = String> {
    const VALUES: &[&str] = &[
        "null",
        "true",
        "\"text\"",
        "\"\\ud800\"",
        "\"\\u0000\\u001b[31m\"",
        "[]",
        "[1]",
        "{}",
        "{\"a\":1}",
        "1.0",
        "-0.0",
        "0.1",
        "1E5",
        "1e308",
        "1e309",
        "1e-400",
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "100000000000000000000000",
        "01",
        "+1",
        "1.",
        "0x10",
        "",
        "\"",
        "}",
        r#"{"float_bits":"7ff0000000000000"}"#,
        r#"{"float_bits":"7ff8000000000001"}"#,
        r#"{"float_bits":"+7ff00000000000"}"#,
        r#"{"float_bits":"7FF0000000000000"}"#,
        r#"{"float_bits":"7ff0"}"#,
        r#"{"float_bits":1}"#,
        r#"{"float_bits":"3ff0000000000000"}"#,
        r#"{"float_bits":"7ff0000000000000","float_bits":"fff0000000000000"}"#,
        r#"{"float_bits":"7ff0000000000000","more":1}"#,
    ];
    let nested = (select(&["[", "{\"a\":"][..]), 1..20_000_usize);
    prop_oneof![
        12 => select([VALUES, NUMBERS].concat()).prop_map(str::to_owned),
        1 => nested.prop_map(|(open, depth)| open.repeat(depth)),
        1 => (1..20_000_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
        1 => any::<f64>().prop_map(|value| format!("{value:?}")),
        1 => any::<String>().prop_map(|value| quoted(&value)),
    ]
}

fn lie() -> impl Strategy<Value = Lie> {
    let at = any::<Index>;
    let scalar = (at(), at(), json()).prop_map(|(at, key, json)| Lie::Scalar(at, key, json));
    let other = prop_oneof![
        (at(), name()).prop_map(|(at, name)| Lie::TensorName(at, name)),
        at().prop_map(Lie::TensorTwice),
        at().prop_map(Lie::NoTensor),
        (at(), select(DTYPES)).prop_map(|(at, dtype)| Lie::Dtype(at, dtype)),
        (at(), at(), select(NUMBERS)).prop_map(|(at, size, n)| Lie::Size(at, size, n)),
        (at(), select(NUMBERS)).prop_map(|(at, n)| Lie::Dimension(at, n)),
        (at(), 60..5000_usize).prop_map(|(at, n)| Lie::ManyDimensions(at, n)),
        (at(), at(), select(NUMBERS)).prop_map(|(at, end, n)| Lie::Offset(at, end, n)),
        (at(), at()).prop_map(|(a, b)| Lie::SwapPlaces(a, b)),
        (at(), at()).prop_map(|(a, b)| Lie::SamePlace(a, b)),
        (at(), name()).prop_map(|(at, name)| Lie::Component(at, name)),
        at().prop_map(Lie::ComponentTwice),
        at().prop_map(Lie::NoComponent),
        (at(), at(), name()).prop_map(|(at, key, name)| Lie::Key(at, key, name)),
        (at(), name(), json()).prop_map(|(at, key, json)| Lie::NewScalar(at, key, json)),
        (at(), at()).prop_map(|(at, key)| Lie::ScalarTwice(at, key)),
        select(&["0", "1", "2", "-1", "+1", "", "4294967296"][..])
            .prop_map(|format| Lie::Format(format.to_owned())),
        (name(), any::<String>()).prop_map(|(key, value)| Lie::Metadata(key, value)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Lie::Data(at, byte)),
        at().prop_map(Lie::CutData),
        prop::collection::vec(any::<u8>(), 1..40).prop_map(Lie::MoreData),
    ];
    prop_oneof![4 => other, 1 => scalar]
}

fn cases(cases: u32) -> ProptestConfig {
    // What the environment asks for comes first.
    let asked = ProptestConfig::default();
    let is_set = |name| std::env::var_os(name).is_some();
    ProptestConfig {
        failure_persistence: None,
        cases: if is_set("PROPTEST_CASES") { asked.cases } else { cases },
        rng_seed: if is_set("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(5) },
        ..asked
    }
}

#[test]
fn a_file_taken_apart_and_put_together_again_loads() {
    let file = File::of(&honest());
    file.assert_says(&Checkpoint::from_bytes(&file.bytes()).unwrap());
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_header_that_lies_is_refused_or_means_exactly_what_it_says(
        lies in prop::collection::vec(lie(), 1..4),
    ) {
        let mut file = File::of(&honest());
        lies.iter().for_each(|lie| lie.tell(&mut file));
        match Checkpoint::from_bytes(&file.bytes()) {
            Ok(loaded) => file.assert_says(&loaded),
            Err(error) => assert_plain(&error.to_string()),
        }
    }

    #[test]
    fn a_header_changed_anywhere_is_refused_or_can_be_saved_again(
        changes in prop::collection::vec((any::<Index>(), 0..3_usize, any::<u8>()), 1..6),
    ) {
        let bytes = honest().to_bytes().unwrap();
        let (header, data) = take_apart(&bytes);
        let mut header = header.into_bytes();
        for (at, what, byte) in changes {
            let at = at.index(header.len());
            match what {
                0 => header[at] = byte,
                1 => header.insert(at, byte),
                _ => drop(header.remove(at)),
            }
        }
        match Checkpoint::from_bytes(&sealed(&header, data)) {
            Ok(loaded) => {
                let again = Checkpoint::from_bytes(&loaded.to_bytes().unwrap()).unwrap();
                prop_assert!(loaded.components().eq(again.components()));
                for name in loaded.components() {
                    let digest = |of: &Checkpoint| of.get(name).unwrap().digest();
                    prop_assert_eq!(digest(&loaded), digest(&again));
                }
            }
            Err(error) => assert_plain(&error.to_string()),
        }
    }

    #[test]
    fn without_the_checksum_nothing_but_the_file_itself_loads(
        splices in prop::collection::vec(
            (any::<Index>(), any::<Index>(), prop::collection::vec(any::<u8>(), 0..12)), 1..4,
        ),
        length in prop::option::weighted(0.3, any::<u64>()),
    ) {
        let whole = honest().to_bytes().unwrap();
        let mut bytes = whole.clone();
        for (from, to, new) in splices {
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            bytes.splice(from.min(to)..from.max(to), new);
        }
        if let (Some(length), Some(claim)) = (length, bytes.first_chunk_mut::<8>()) {
            *claim = (length >> (length % 64)).to_le_bytes();
        }
        match Checkpoint::from_bytes(&bytes) {
            Ok(_) => prop_assert_eq!(bytes, whole),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
}

#[test]
fn tensors_whose_sizes_add_up_to_more_than_an_address_are_refused() {
    let mut file = File::of(&honest());
    let each = (1_u64 << 61) - 1;
    file.tensors = (0..8_u64)
        .map(|n| {
            let offsets = [n * each, (n + 1) * each].map(|offset| offset.to_string());
            let info = Info { dtype: "U8".to_owned(), shape: vec![each.to_string()], offsets };
            (format!("model.{n}"), info)
        })
        .collect();
    for data in [0_usize, 8, 200] {
        file.data = vec![0; data];
        assert_plain(&Checkpoint::from_bytes(&file.bytes()).unwrap_err().to_string());
    }
}

/// What a hyperparameter is forged into: no float32, or nothing that training can use.
const BEYOND: [(&str, &str); 4] = [
    ("1e300", "1e300"),
    ("-0.1", "-0.1"),
    (r#"{"float_bits":"7ff8000000000000"}"#, "NaN"),
    (r#"{"float_bits":"7ff0000000000000"}"#, "inf"),
];

fn fresh(digits: &Digits, optimizer: OptimizerKind) -> Run {
    Run::new(Config::new(2, 1, optimizer), digits.train_len(), Device::Cpu)
}

#[test]
fn a_hyperparameter_that_no_update_can_use_is_refused_by_the_name_of_its_key() {
    let digits = Digits::load(Device::Cpu).unwrap();
    let mut forged = 0;
    for optimizer in [OptimizerKind::Adamw, OptimizerKind::Sgd] {
        let mut run = fresh(&digits, optimizer);
        for component in [Component::Optimizer, Component::Scheduler, Component::Scaler] {
            let state = run.state(component);
            let floats = state.iter().filter(|(_, value)| matches!(value, Value::Float(_)));
            let keys: Vec<String> = floats.map(|(key, _)| key.to_owned()).collect();
            let mut honest = Checkpoint::new();
            honest.put(component.name(), state.clone());
            for (key, (json, shown)) in keys.iter().flat_map(|key| BEYOND.map(|it| (key, it))) {
                if (key.as_str(), shown) == ("growth_factor", "1e300") {
                    // It stays a float64, and a scale that grew beyond float32 does not grow.
                    continue;
                }
                let mut file = File::of(&honest);
                let entry = file.scalars[0].1.iter_mut().find(|(name, _)| name == key);
                entry.unwrap().1 = json.to_owned();
                let loaded = Checkpoint::from_bytes(&file.bytes()).unwrap();
                let error = run.restore(component, loaded.get(component.name()).unwrap());
                let error = error.expect_err(key).to_string();
                assert!(error.contains(key.as_str()), "{key}: {error}");
                assert!(key == "scale" || error.contains(shown), "{key}: {error}");
                assert_plain(&error);
                assert_eq!(run.state(component).digest(), state.digest(), "{key}");
                forged += 1;
            }
        }
    }
    assert!(forged > 100, "{forged} forgeries");
}

#[test]
fn the_largest_hyperparameters_that_load_are_such_that_libtorch_computes_with_them() {
    let digits = Digits::load(Device::Cpu).unwrap();
    for optimizer in [OptimizerKind::Adamw, OptimizerKind::Sgd] {
        let mut run = fresh(&digits, optimizer);
        for component in [Component::Optimizer, Component::Scheduler] {
            let entries = run.state(component).into_iter().map(|(key, value)| {
                let largest = if key.contains("betas") { 1.0_f64.next_down() } else { 1e18 };
                let value = match value {
                    Value::Float(_) => Value::Float(largest),
                    other => other,
                };
                (key, value)
            });
            let largest: StateDict = entries.collect();
            run.restore(component, &largest).unwrap();
        }
        for _ in 0..3 {
            let batch = run.sampler.next_batch(8).unwrap();
            update(&mut run, &digits, &batch);
        }
    }
}
