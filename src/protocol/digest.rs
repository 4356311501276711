//! Digests of state: a 128-bit XXH3 over a canonical byte form.
//!
//! A component (`optimizer`) is a set of named parts (`exp_avg.fc1.weight`). The canonical form of a
//! part is, with every integer little-endian:
//!
//! | part | bytes |
//! |---|---|
//! | tensor | `T`, dtype name, rank as u32, each size as u64, the elements in row-major order, little-endian |
//! | integer | `i`, value as i64 |
//! | float | `f`, the bits of the f64 |
//! | boolean | `b`, 0 or 1 |
//! | text | `s`, the text |
//! | nothing | `n` |
//!
//! where a name or text is its length in bytes as u32 and its UTF-8. The digest of a part is the XXH3
//! of that. The digest of a component is the XXH3 of, for each part in ascending byte order of the
//! names: the part's name and its 16 digest bytes, big-endian (XXH3's canonical order). Floats go in
//! as bits, not as text, so that every language agrees and infinities are values like any other.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3Default;

/// A 128-bit digest; 32 lower-case hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u128);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(value) if is_hex => Ok(Digest(value)),
            _ => Err(format!("a digest is 32 hex digits, got {text:?}")),
        }
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The digest of one component, with the digests of its parts so that a finding can name the tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentDigest {
    /// Over all the parts.
    pub digest: Digest,
    /// By part name. May be empty where a trainer does not look inside.
    #[serde(default)]
    pub parts: BTreeMap<String, Digest>,
}

/// A value in a state dict that is not a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// An integer.
    Int(i64),
    /// A float, hashed by its bits.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(&'a str),
    /// Python's None.
    None,
}

/// Collects the parts of one component and digests them.
#[derive(Debug, Clone, Default)]
pub struct Digester {
    parts: BTreeMap<String, Digest>,
}

impl Digester {
    /// A component without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor: `dtype` as PyTorch names it without `torch.` (`float32`), `shape` in elements,
    /// `data` the elements in row-major order, little-endian.
    pub fn tensor(&mut self, name: &str, dtype: &str, shape: &[u64], data: &[u8]) -> &mut Self {
        let mut hash = Xxh3Default::new();
        hash.update(b"T");
        update_text(&mut hash, dtype);
        hash.update(&(shape.len() as u32).to_le_bytes());
        for size in shape {
            hash.update(&size.to_le_bytes());
        }
        hash.update(data);
        self.part(name, hash)
    }

    /// Adds a scalar.
    pub fn scalar(&mut self, name: &str, value: Scalar<'_>) -> &mut Self {
        let mut hash = Xxh3Default::new();
        match value {
            Scalar::Int(value) => {
                hash.update(b"i");
                hash.update(&value.to_le_bytes());
            }
            Scalar::Float(value) => {
                hash.update(b"f");
                hash.update(&value.to_bits().to_le_bytes());
            }
            Scalar::Bool(value) => hash.update(&[b'b', u8::from(value)]),
            Scalar::Text(value) => {
                hash.update(b"s");
                update_text(&mut hash, value);
            }
            Scalar::None => hash.update(b"n"),
        }
        self.part(name, hash)
    }

    /// The digest of what was added.
    pub fn finish(self) -> ComponentDigest {
        let mut hash = Xxh3Default::new();
        for (name, digest) in &self.parts {
            update_text(&mut hash, name);
            hash.update(&digest.0.to_be_bytes());
        }
        ComponentDigest { digest: Digest(hash.digest128()), parts: self.parts }
    }

    fn part(&mut self, name: &str, hash: Xxh3Default) -> &mut Self {
        self.parts.insert(name.to_owned(), Digest(hash.digest128()));
        self
    }
}

fn update_text(hash: &mut Xxh3Default, text: &str) {
    hash.update(&(text.len() as u32).to_le_bytes());
    hash.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_round_trips_through_json() {
        let digest = Digest(0x0123_4567_89ab_cdef);
        let json = serde_json::to_string(&digest).expect("serialises");
        assert_eq!(json, "\"00000000000000000123456789abcdef\"");
        assert_eq!(serde_json::from_str::<Digest>(&json).expect("parses"), digest);
        assert!(serde_json::from_str::<Digest>("\"12\"").is_err());
    }

    #[test]
    fn the_order_of_the_parts_does_not_matter_but_their_names_and_values_do() {
        let component = |parts: &[(&str, i64)]| {
            let mut digester = Digester::new();
            for (name, value) in parts {
                digester.scalar(name, Scalar::Int(*value));
            }
            digester.finish().digest
        };
        assert_eq!(component(&[("a", 1), ("b", 2)]), component(&[("b", 2), ("a", 1)]));
        assert_ne!(component(&[("a", 1), ("b", 2)]), component(&[("a", 2), ("b", 1)]));
        assert_ne!(component(&[("a", 1)]), component(&[("b", 1)]));
    }

    #[test]
    fn shape_and_dtype_are_part_of_a_tensor() {
        let tensor = |dtype: &str, shape: &[u64]| {
            let mut digester = Digester::new();
            digester.tensor("w", dtype, shape, &[0; 8]);
            digester.finish().digest
        };
        assert_ne!(tensor("float32", &[2, 1]), tensor("float32", &[1, 2]));
        assert_ne!(tensor("float32", &[2]), tensor("int32", &[2]));
    }

    #[test]
    fn the_canonical_form_does_not_change() {
        // Made with the Python package xxhash from the table above.
        let mut digester = Digester::new();
        digester
            .tensor("weight", "float32", &[2], &[0, 0, 128, 63, 0, 0, 0, 64])
            .scalar("step", Scalar::Int(5))
            .scalar("lr", Scalar::Float(0.1))
            .scalar("frozen", Scalar::Bool(true))
            .scalar("name", Scalar::Text("adamw"))
            .scalar("best", Scalar::None);
        assert_eq!(digester.finish().digest.to_string(), "8da46a0e60552c4bdb042ed28906c6bf");
    }
}
