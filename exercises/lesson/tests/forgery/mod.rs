//! Checkpoint files that somebody has tampered with, and who knows how to put the checksum right again.

use xxhash_rust::xxh3::xxh3_128;

const CHECKSUM: &[u8] = br#""killresume.checksum":""#;

/// The header and the data of a file.
pub fn take_apart(file: &[u8]) -> (String, &[u8]) {
    let (length, rest) = file.split_first_chunk().expect("a file of ours");
    let (header, data) = rest.split_at(usize::from_le_bytes(*length));
    (String::from_utf8(header.to_vec()).expect("a header is text"), data)
}

/// A file with this header and data, and the checksum that it should then have. The header has to have
/// a place for one; else it stays without.
pub fn sealed(header: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    let place = file.windows(CHECKSUM.len()).position(|window| window == CHECKSUM);
    let digits = place.map(|place| place + CHECKSUM.len()..place + CHECKSUM.len() + 32);
    if let Some(digits) = digits.filter(|digits| digits.end <= file.len()) {
        file[digits.clone()].fill(b'0');
        let checksum = format!("{:032x}", xxh3_128(&file));
        file[digits].copy_from_slice(checksum.as_bytes());
    }
    file
}
