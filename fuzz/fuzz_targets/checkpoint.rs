//! A file of any content: it is refused in one short line, or it is a checkpoint that comes back
//! from saving bit for bit.
//!
//! Nearly every mutation would end at the checksum, so most files get a right one before they are
//! loaded: then the header is what lies.

#![no_main]

use lesson::Checkpoint;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use xxhash_rust::xxh3::xxh3_128;

/// What a header begins with. 32 hex digits follow.
const BEFORE_CHECKSUM: &[u8] = br#"{"__metadata__":{"killresume.checksum":""#;
const LENGTH_BYTES: usize = size_of::<u64>();
const CHECKSUM_START: usize = LENGTH_BYTES + BEFORE_CHECKSUM.len();
const CHECKSUM_END: usize = CHECKSUM_START + 32;

fuzz_target!(|file: &[u8]| {
    match Checkpoint::from_bytes(file) {
        Err(error) => {
            let error = error.to_string();
            assert!(error.chars().count() < 1000, "{error}");
            assert!(!error.contains(char::is_control), "{error:?}");
        }
        Ok(checkpoint) => {
            let saved = checkpoint.to_bytes().expect("what was loaded can be saved");
            let again = Checkpoint::from_bytes(&saved).expect("what was saved can be loaded");
            assert!(digests(&checkpoint) == digests(&again));
        }
    }
});

// Three in four mutations change the header behind the checksum, or the data, and put right what they
// broke; the others change bytes anywhere.
fuzz_mutator!(|file: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let header_end = file[..size]
        .first_chunk()
        .and_then(|length| usize::try_from(u64::from_le_bytes(*length)).ok())
        .and_then(|length| length.checked_add(LENGTH_BYTES))
        .filter(|end| (CHECKSUM_END..=size).contains(end));
    let (Some(header_end), 0..3) = (header_end, seed % 4) else {
        return fuzzer_mutate(file, size, max_size);
    };
    let part = if seed % 4 == 0 { header_end..size } else { CHECKSUM_END..header_end };
    let rest = file[part.end..size].to_vec();
    // What follows the part moves out of the way, so that the part has all the room there is.
    let room = max_size - rest.len();
    let part_end =
        part.start + fuzzer_mutate(&mut file[part.start..room], part.len(), room - part.start);
    let end = part_end + rest.len();
    file[part_end..end].copy_from_slice(&rest);
    let header_end = if part.end == header_end { part_end } else { header_end };
    seal(&mut file[..end], header_end - LENGTH_BYTES);
    end
});

/// Gives the file the header length and the checksum that it should have.
fn seal(file: &mut [u8], header: usize) {
    file[..LENGTH_BYTES].copy_from_slice(&(header as u64).to_le_bytes());
    file[LENGTH_BYTES..CHECKSUM_START].copy_from_slice(BEFORE_CHECKSUM);
    file[CHECKSUM_START..CHECKSUM_END].fill(b'0');
    let checksum = format!("{:032x}", xxh3_128(file));
    file[CHECKSUM_START..CHECKSUM_END].copy_from_slice(checksum.as_bytes());
}

fn digests(checkpoint: &Checkpoint) -> Vec<(String, String)> {
    let components = checkpoint.components().map(str::to_owned);
    components
        .map(|name| {
            let state = checkpoint.get(&name).expect("it is listed");
            (name, format!("{:?}", state.digest()))
        })
        .collect()
}
