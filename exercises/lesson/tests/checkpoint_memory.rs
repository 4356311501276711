//! What loading a file may cost: memory in proportion to the file, whatever the file claims.
//!
//! Rust's own allocations are counted exactly, by the allocator of this test binary. libtorch allocates
//! elsewhere, so the address space of the process is limited too: a tensor of a claimed and not of a real
//! size would end in an error that names the allocation, or end the process. One test, because both
//! concern the whole process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod forgery;

use std::fmt::Write;

use forgery::{sealed, take_apart};
use lesson::checkpoint::Checkpoint;
use lesson::state::StateDict;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use peak_alloc::PeakAlloc;
use tch::{Kind, Tensor};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Bytes that a file of any size may cost, for messages and what the test itself holds.
const SOME: usize = 32 << 10;
/// Bytes that a byte of the file may cost. A size of one digit in a shape costs twelve, while the list
/// that holds it grows; a scalar with a short name is a string, a value and a place in a tree.
const PER_BYTE: usize = 16;
/// Room for libtorch's own tables, in bytes, and for the files of this test.
const ADDRESSES: u64 = 1 << 30;

/// The size of a greedy header, in bytes.
const MUCH: usize = 1 << 17;

fn header(rest: &str) -> String {
    let zeros = "0".repeat(32);
    format!(r#"{{"__metadata__":{{"killresume.checksum":"{zeros}","killresume.format":"1"{rest}"#)
}

fn with_scalars(scalars: &str) -> String {
    let scalars = serde_json::to_string(scalars).unwrap();
    header(&format!(r#","killresume.scalars":{scalars}}}}}"#))
}

fn with_tensors(tensors: &str) -> String {
    header(&format!(r#","killresume.scalars":"{{\"m\":{{}}}}"}},{tensors}}}"#))
}

fn repeated(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut index = 0;
    while text.len() < size {
        if index > 0 {
            text.push(',');
        }
        write!(text, "{}", piece(index)).unwrap();
        index += 1;
    }
    text
}

/// Headers that cost a parser as much as they can.
fn greedy() -> Vec<(&'static str, String)> {
    let info = |shape: &str, end: &str| {
        format!(r#"{{"dtype":"F32","shape":[{shape}],"data_offsets":[0,{end}]}}"#)
    };
    let ones = repeated(MUCH, |_| "1".to_owned());
    let zeros = repeated(MUCH, |_| "0".to_owned());
    let nested = "[".repeat(MUCH);
    let escapes = "\\u0041".repeat(MUCH / 6);
    let empty = r#"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#;
    vec![
        (
            "scalars of a byte",
            with_scalars(&format!("{{\"m\":{{{}}}}}", repeated(MUCH, |i| format!("\"{i:x}\":0")))),
        ),
        (
            "components of nothing",
            with_scalars(&format!("{{{}}}", repeated(MUCH, |i| format!("\"{i:x}\":{{}}")))),
        ),
        ("a scalar that is a list", with_scalars(&format!("{{\"m\":{{\"a\":[{zeros}]}}}}"))),
        ("a scalar that is nested", with_scalars(&format!("{{\"m\":{{\"a\":{nested}"))),
        ("a key of escapes", with_scalars(&format!("{{\"m\":{{\"{escapes}\":0}}}}"))),
        (
            "a scalar of another kind",
            with_scalars(&format!("{{\"m\":{{\"a\":{{\"float_bits\":\"{escapes}\"}}}}}}")),
        ),
        ("tensors of nothing", with_tensors(&repeated(MUCH, |i| format!("\"m.{i:x}\":{empty}")))),
        ("a shape of ones", with_tensors(&format!("\"m.a\":{}", info(&ones, "4")))),
        ("a shape of zeros", with_tensors(&format!("\"m.a\":{}", info(&zeros, "0")))),
        ("a tensor that is nested", with_tensors(&format!("\"m.a\":{nested}"))),
        ("a tensor with a list more", with_tensors(&format!("\"m.a\":{{\"more\":[{zeros}]}}"))),
        (
            "entries of the metadata",
            header(&format!(",{}}}}}", repeated(MUCH, |i| format!("\"{i:x}\":\"\"")))),
        ),
        ("a name of escapes", with_tensors(&format!("\"m.{escapes}\":0"))),
        (
            "places that are not there",
            with_tensors(&format!("\"m.a\":{}", info("1099511627776", "4398046511104"))),
        ),
        (
            "sizes without elements",
            with_tensors(&format!("\"m.a\":{}", info("0,1099511627776", "0"))),
        ),
        (
            "sizes whose product overflows",
            with_tensors(&format!("\"m.a\":{}", info("0,4294967296,4294967296,4294967296", "0"))),
        ),
        ("no JSON", "{".repeat(MUCH)),
        ("a list", format!("[{zeros}]")),
    ]
}

/// Loads a file and returns how much the heap grew at its highest. What libtorch holds is not in it.
fn cost(what: &str, file: &[u8]) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let loaded = Checkpoint::from_bytes(file);
    let peak = HEAP.peak_usage() - before;
    let refusal = loaded.as_ref().err().map_or_else(String::new, ToString::to_string);
    assert!(!refusal.contains("alloc"), "{what}: {refusal}");
    println!(
        "{what}: {} bytes, {:.1} a byte, {}",
        file.len(),
        peak as f64 / file.len() as f64,
        if refusal.is_empty() { "loads" } else { &refusal }
    );
    peak
}

#[test]
fn loading_costs_memory_in_proportion_to_the_file_and_not_to_what_it_claims() {
    // libtorch starts its threads and fills its tables first.
    let weights = Tensor::ones([4 << 20], (Kind::Float, tch::Device::Cpu));
    let mut honest = Checkpoint::new();
    honest.put("model", StateDict::new().with("weight", &weights));
    let honest = honest.to_bytes().unwrap();
    Checkpoint::from_bytes(&honest).unwrap();
    limit_addresses();

    assert_that_foreign_giants_cost_nothing();

    // A file that is nearly all tensors costs nothing but the tensors.
    assert!(cost("an honest file", &honest) < SOME);
    let mut claims = honest.clone();
    for shift in 0..64 {
        claims[..8].copy_from_slice(&(1_u64 << shift).to_le_bytes());
        assert!(cost("a length of the header", &claims) < SOME);
    }
    for (what, header) in greedy() {
        // As an accident leaves it, with a wrong checksum, and as somebody forges it.
        let forged = sealed(header.as_bytes(), &[]);
        let mut damaged = forged.clone();
        *damaged.last_mut().unwrap() ^= 1;
        let (foreign, _) = take_apart(&forged);
        let foreign = sealed(foreign.replace("killresume", "killreason").as_bytes(), &[]);
        for (state, file) in [("forged", forged), ("damaged", damaged), ("foreign", foreign)] {
            let cost = cost(&format!("{what}, {state}"), &file);
            assert!(cost <= SOME + PER_BYTE * file.len(), "{what}, {state}: {cost} bytes");
        }
    }
}

/// Ten gigabytes that are no checkpoint are refused for their first bytes.
fn assert_that_foreign_giants_cost_nothing() {
    const GIANT: u64 = 10_000_000_000;
    let weights = format!(
        r#"{{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#,
        GIANT - 8 - 100
    );
    let mut safetensors = 100_u64.to_le_bytes().to_vec();
    safetensors.extend(format!("{weights:100}").bytes());
    let text = "epoch,loss\n".repeat(10);
    let giants: [(&str, &[u8], &str); 6] = [
        ("a zip archive", b"PK\x03\x04", "zip"),
        ("a pickle", b"\x80\x02", "pickle"),
        ("a text", text.as_bytes(), "text"),
        ("zeros", b"", "not a safetensors file"),
        ("noise", b"\xa7\x1b\x00\x91\xff\x03\x10\x7f", "header"),
        ("weights of somebody else", &safetensors, "not a killresume checkpoint"),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("latest.safetensors");
    for (what, start, says) in giants {
        std::fs::write(&path, start).unwrap();
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(GIANT).unwrap();
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        let refusal = Checkpoint::load(&path).unwrap_err().to_string();
        let peak = HEAP.peak_usage() - before;
        println!("{what}: {peak} bytes, {refusal}");
        assert!(refusal.contains(says), "{what}: {refusal}");
        assert!(peak < SOME, "{what}: {peak} bytes");
    }
}

/// From here on the process gets a gibibyte more and no further.
fn limit_addresses() {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmSize:")) else { return };
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_AS).unwrap();
    setrlimit(Resource::RLIMIT_AS, (kibibytes * 1024 + ADDRESSES).min(hard), hard).unwrap();
}
