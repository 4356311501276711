//! The checkpoint file: what goes in comes out bit for bit, and whatever else is in the file is refused.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod forgery;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use forgery::{sealed, take_apart};
use lesson::checkpoint::{Checkpoint, CheckpointError, FormatError};
use lesson::state::{StateDict, Value};
use proptest::prelude::*;
use tch::{Device, Kind, Tensor};

/// A checkpoint with every kind of value in it.
fn everything() -> Checkpoint {
    let numbers = Tensor::from_slice(&[0.0_f64, -0.0, 1.5, f64::INFINITY, f64::NAN, -3.0]);
    let mut model = StateDict::new();
    for kind in [Kind::Half, Kind::BFloat16, Kind::Float, Kind::Double] {
        model.insert(format!("float.{kind:?}"), numbers.to_kind(kind).view([2, 3]));
    }
    for kind in [Kind::Uint8, Kind::Int8, Kind::Int16, Kind::Int, Kind::Int64] {
        model.insert(format!("int.{kind:?}"), Tensor::from_slice(&[0_i64, 1, 127]).to_kind(kind));
    }
    model
        .insert("bool", Tensor::from_slice(&[true, false, true]))
        .insert("zero_dim", Tensor::from(7_i64))
        .insert("empty", Tensor::zeros([0, 3], (Kind::Float, Device::Cpu)))
        .insert("transposed", Tensor::arange(6, (Kind::Int64, Device::Cpu)).view([2, 3]).tr());
    let floats = StateDict::new()
        .with("third", 1.0 / 3.0)
        .with("whole", 3.0)
        .with("negative_zero", -0.0)
        .with("huge", f64::MAX)
        .with("tiny", f64::from_bits(1))
        .with("inf", f64::INFINITY)
        .with("negative_inf", f64::NEG_INFINITY)
        .with("nan", f64::NAN)
        .with("another_nan", f64::from_bits(0xfff8_0000_dead_beef));
    let config = StateDict::new()
        .with("name", "한글 \"quoted\" \\ \n \"killresume.checksum\":\"")
        .with("amsgrad", false)
        .with("nesterov", true)
        .with("least", i64::MIN)
        .with("most", i64::MAX);

    let mut checkpoint = Checkpoint::new();
    checkpoint
        .put("model", model)
        .put("floats", floats)
        .put("config", config)
        .put("buffers", StateDict::new())
        .put("step", 1200)
        .put("seed", u64::MAX)
        .put("best_metric", None::<f64>);
    checkpoint
}

/// One tensor, one scalar, little else: for tests that try every byte.
fn small() -> Checkpoint {
    let mut checkpoint = Checkpoint::new();
    checkpoint
        .put("model", StateDict::new().with("weight", Tensor::from_slice(&[1.5_f32; 16])))
        .put("step", 3);
    checkpoint
}

/// Rewrites the header and gives the file the checksum that it should then have.
fn forge(bytes: &[u8], edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let (header, data) = take_apart(bytes);
    sealed(edit(header).as_bytes(), data)
}

fn refusal(bytes: &[u8]) -> FormatError {
    Checkpoint::from_bytes(bytes).expect_err("this file must be refused")
}

#[test]
fn every_kind_of_value_comes_back_bit_for_bit() {
    let before = everything();
    let after = Checkpoint::from_bytes(&before.to_bytes().unwrap()).unwrap();
    assert!(before.components().eq(after.components()));
    for component in before.components() {
        let (before, after) = (before.get(component).unwrap(), after.get(component).unwrap());
        assert_eq!(before.digest(), after.digest(), "{component}");
        for ((_, before), (key, after)) in before.iter().zip(after.iter()) {
            if let (Value::Tensor(before), Value::Tensor(after)) = (before, after) {
                assert_eq!((before.kind(), before.size()), (after.kind(), after.size()), "{key}");
            }
        }
    }
    assert_eq!(after.get("step").unwrap().int(), Ok(1200));
    assert_eq!(after.get("seed").unwrap().uint(), Ok(u64::MAX));
    assert_eq!(after.get("best_metric").unwrap().optional_float(), Ok(None));
    assert!(after.get("buffers").unwrap().is_empty());
    assert!(after.get("step").unwrap().float().is_err(), "an integer is not a float");
}

#[test]
fn a_checkpoint_loads_whatever_the_length_of_its_header_looks_like() {
    let mut lengths = BTreeSet::new();
    for padding in 0..700 {
        let mut checkpoint = small();
        checkpoint.put("note", "x".repeat(padding));
        let mut bytes = checkpoint.to_bytes().unwrap();
        lengths.insert(usize::from_le_bytes(bytes[..8].try_into().unwrap()));
        Checkpoint::from_bytes(&bytes).unwrap_or_else(|error| panic!("{padding}: {error}"));
        *bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(refusal(&bytes), FormatError::Checksum), "{padding}");
    }
    // The first two bytes of a pickle, as torch.save wrote it before PyTorch 1.6.
    assert!(lengths.contains(&usize::from_le_bytes(*b"\x80\x02\0\0\0\0\0\0")));
}

#[test]
fn a_checkpoint_of_nothing_round_trips() {
    let after = Checkpoint::from_bytes(&Checkpoint::new().to_bytes().unwrap()).unwrap();
    assert_eq!(after.components().count(), 0);
}

#[test]
fn a_loaded_tensor_shares_no_memory_with_the_saved_one() {
    let mut weight = Tensor::from_slice(&[1.0_f32]);
    let mut checkpoint = Checkpoint::new();
    checkpoint.put("model", StateDict::new().with("weight", &weight));
    let after = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap();
    let _ = weight.fill_(2.0);
    let model = after.get("model").unwrap();
    let Some(Value::Tensor(loaded)) = model.get("weight") else { panic!("no weight") };
    assert_eq!(loaded.double_value(&[0]), 1.0);
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    assert_eq!(everything().to_bytes().unwrap(), everything().to_bytes().unwrap());
    let again = Checkpoint::from_bytes(&everything().to_bytes().unwrap()).unwrap();
    assert_eq!(again.to_bytes().unwrap(), everything().to_bytes().unwrap());
}

#[test]
fn a_missing_component_is_named_with_those_that_are_there() {
    let error = small().get("optimizer").unwrap_err().to_string();
    assert!(error.contains("\"optimizer\"") && error.contains("model, step"), "{error}");
}

#[test]
fn a_component_name_that_the_file_cannot_hold_is_refused() {
    for name in ["", "a.b"] {
        let error = Checkpoint::new().put(name, 1).to_bytes().unwrap_err();
        assert!(matches!(&error, CheckpointError::Name { component } if component == name));
    }
}

#[test]
fn a_tensor_that_the_file_cannot_hold_is_named() {
    let complex = Tensor::zeros([2], (Kind::ComplexFloat, Device::Cpu));
    let sparse = Tensor::eye(2, (Kind::Float, Device::Cpu)).to_sparse(None, None::<&[i64]>, None);
    for tensor in [complex, sparse] {
        let mut checkpoint = Checkpoint::new();
        checkpoint.put("model", StateDict::new().with("odd", tensor));
        let error = checkpoint.to_bytes().unwrap_err();
        assert!(matches!(error, CheckpointError::Tensor { .. }));
        assert!(error.to_string().contains("model.odd"), "{error}");
    }
}

#[test]
fn a_file_cut_off_at_any_length_is_refused() {
    let bytes = small().to_bytes().unwrap();
    for length in 1..bytes.len() {
        let error = refusal(&bytes[..length]);
        assert!(
            matches!(error, FormatError::Truncated { .. } | FormatError::HeaderLength { .. }),
            "{length}: {error}"
        );
    }
    assert!(matches!(refusal(&[]), FormatError::Empty));
    let longer = [&bytes[..], b"x"].concat();
    assert!(matches!(refusal(&longer), FormatError::Checksum));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let mut bytes = small().to_bytes().unwrap();
    for position in 0..bytes.len() * 8 {
        let (byte, bit) = (position / 8, 1 << (position % 8));
        bytes[byte] ^= bit;
        assert!(Checkpoint::from_bytes(&bytes).is_err(), "bit {position} flipped unnoticed");
        bytes[byte] ^= bit;
    }
    Checkpoint::from_bytes(&bytes).unwrap();
}

#[test]
fn a_flipped_bit_in_the_data_is_called_damage() {
    let mut bytes = everything().to_bytes().unwrap();
    *bytes.last_mut().unwrap() ^= 0x10;
    assert!(matches!(refusal(&bytes), FormatError::Checksum));
}

#[test]
fn a_foreign_file_is_called_what_it_is() {
    let refused = |bytes: &[u8]| refusal(bytes).to_string();
    assert!(refused(b"PK\x03\x04\x00\x00\x08\x08\x00\x00").contains("torch.save"));
    assert!(refused(b"epoch 1: loss 0.31\n").contains("a text file"));
    assert!(refused(b"\x80\x02\x8a\x0a").contains("pickle"));
    assert!(matches!(refusal(&[7; 100]), FormatError::HeaderLength { .. }));
    let no_json = [&4_u64.to_le_bytes()[..], b"{}}}"].concat();
    assert!(matches!(refusal(&no_json), FormatError::NotSafetensors { .. }));
}

#[test]
fn a_header_that_claims_more_than_the_file_has_is_refused() {
    let mut bytes = small().to_bytes().unwrap();
    for claimed in [u64::MAX, 1 << 40, bytes.len() as u64 - 7] {
        bytes[..8].copy_from_slice(&claimed.to_le_bytes());
        let error = refusal(&bytes);
        assert!(
            matches!(error, FormatError::HeaderLength { claimed: said, .. } if said == claimed),
            "{error}"
        );
    }
}

#[test]
fn bare_weights_are_no_checkpoint() {
    let weights = [1.0_f32; 2].map(f32::to_le_bytes).concat();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![2], &weights);
    let bytes = safetensors::serialize([("fc1.weight", view.unwrap())], None).unwrap();
    assert!(matches!(refusal(&bytes), FormatError::NotACheckpoint));
}

#[test]
fn a_newer_format_asks_for_an_update() {
    let newer = forge(&small().to_bytes().unwrap(), |header| {
        header.replace(r#""killresume.format":"1""#, r#""killresume.format":"2""#)
    });
    assert!(matches!(refusal(&newer), FormatError::Newer { found: 2 }));
}

#[test]
fn a_forged_header_is_refused_without_a_panic() {
    let bytes = small().to_bytes().unwrap();
    Checkpoint::from_bytes(&forge(&bytes, |header| header)).expect("the forgery itself is sound");
    let forgeries = [
        (r#""killresume.format":"1""#, r#""killresume.format":"one""#),
        (r#""killresume.format""#, r#""killresume.former""#),
        (r#"{\"value\":3}"#, r#"{\"value\":[3]}"#),
        (r#"{\"value\":3}"#, r#"{\"value\":18446744073709551615}"#),
        (r#""model.weight""#, r#""weight""#),
        (r#""F32""#, r#""F8_E8M0""#),
        (r#""F32","shape":[16]"#, r#""BOOL","shape":[64]"#),
        (r#""F32","shape":[16]"#, r#""C64","shape":[8]"#),
        (r#"[16]"#, r#"[4611686018427387904,4]"#),
        (r#"[0,64]"#, r#"[0,18446744073709551615]"#),
        (r#"[0,64]"#, r#"[64,0]"#),
    ];
    for (from, to) in forgeries {
        let forged = forge(&bytes, |header| {
            assert!(header.contains(from), "{from} is not in {header}");
            header.replace(from, to)
        });
        let error = refusal(&forged);
        assert!(matches!(error, FormatError::Malformed { .. }), "{from} -> {to}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_load(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(Checkpoint::from_bytes(&bytes).is_err());
    }

    #[test]
    fn an_arbitrary_header_never_loads(header in "\\{\"__metadata__\":\\{.{0,64}", rest in 0..64_usize) {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + rest, 0);
        prop_assert!(Checkpoint::from_bytes(&bytes).is_err());
    }

    #[test]
    fn mutated_bytes_never_load(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let valid = small().to_bytes().unwrap();
        let mut bytes = valid.clone();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        prop_assert_eq!(Checkpoint::from_bytes(&bytes).is_ok(), bytes == valid);
    }

    #[test]
    fn a_mutated_header_with_a_right_checksum_never_panics(
        changes in proptest::collection::vec((60..400_usize, b' '..=b'~'), 1..4),
    ) {
        let forged = forge(&small().to_bytes().unwrap(), |header| {
            let mut header = header.into_bytes();
            for (index, byte) in changes {
                // Past the key of the checksum, which the forger looks for.
                let index = index.min(header.len() - 1);
                header[index] = byte;
            }
            String::from_utf8(header).unwrap()
        });
        let _ = Checkpoint::from_bytes(&forged);
    }

    #[test]
    fn every_float_round_trips(bits in any::<u64>()) {
        let mut checkpoint = Checkpoint::new();
        checkpoint.put("x", f64::from_bits(bits));
        let after = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap();
        prop_assert_eq!(after.get("x").unwrap().float().unwrap().to_bits(), bits);
    }
}

#[test]
fn errors_of_a_file_name_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.safetensors");
    let error = Checkpoint::load(&path).unwrap_err();
    assert!(matches!(error, CheckpointError::NotFound { .. }));
    assert!(error.to_string().contains("run.safetensors"), "{error}");

    fs::write(&path, b"").unwrap();
    let error = Checkpoint::load(&path).unwrap_err();
    assert!(matches!(error, CheckpointError::Invalid { problem: FormatError::Empty, .. }));
    assert!(error.to_string().contains("run.safetensors"), "{error}");

    for odd in [directory.path(), Path::new("/dev/zero")] {
        let error = Checkpoint::load(odd).unwrap_err();
        assert!(matches!(error, CheckpointError::Read { .. }), "{error}");
    }
}

#[test]
fn python_reads_the_tensors_with_one_line() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("latest.safetensors");
    let mut checkpoint = small();
    checkpoint.put("optimizer", StateDict::new().with("count", Tensor::from(5_i64)));
    checkpoint.save(&path).unwrap();
    let script = "import sys, safetensors.numpy\n\
                  tensors = safetensors.numpy.load_file(sys.argv[1])\n\
                  for name in sorted(tensors): print(name, tensors[name].dtype, tensors[name].tolist())";
    let output = Command::new(python).args(["-c", script]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let weights = vec!["1.5"; 16].join(", ");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!("model.weight float32 [{weights}]\noptimizer.count int64 5\n")
    );
}

/// A Python with safetensors, or a word on the real standard error that there is none.
fn python() -> Option<String> {
    let python = std::env::var("KILLRESUME_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import safetensors, numpy"]).output();
    if probe.is_ok_and(|probe| probe.status.success()) {
        return Some(python);
    }
    let line = format!(
        "skipped: {python} has no safetensors and numpy; set KILLRESUME_PYTHON to one that has\n"
    );
    // Written directly, for the test harness hides what is printed.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

#[test]
#[ignore = "a measurement: cargo test -p exercises --test checkpoint_file -- --ignored --nocapture"]
fn measure_save_and_load() {
    let directory = tempfile::tempdir_in(".").unwrap();
    let path = directory.path().join("latest.safetensors");
    for megabytes in [1, 100] {
        let mut model = StateDict::new();
        for layer in 0..10 {
            let weight = Tensor::rand([megabytes * 25_000], (Kind::Float, Device::Cpu));
            model.insert(format!("fc{layer}.weight"), weight);
        }
        let mut checkpoint = Checkpoint::new();
        checkpoint.put("model", model);
        let median = |mut work: Box<dyn FnMut() + '_>| {
            let mut times: Vec<_> = (0..9)
                .map(|_| {
                    let start = Instant::now();
                    work();
                    start.elapsed()
                })
                .collect();
            times.sort();
            times[4]
        };
        println!(
            "{megabytes} MB: encode {:?}, save {:?}, load {:?}",
            median(Box::new(|| drop(checkpoint.to_bytes().unwrap()))),
            median(Box::new(|| checkpoint.save(&path).unwrap())),
            median(Box::new(|| drop(Checkpoint::load(&path).unwrap()))),
        );
    }
}
