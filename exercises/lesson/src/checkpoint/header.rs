//! Reads a header that nobody should trust.
//!
//! Not with safetensors' own parser. That lets the last of two equal names win, buffers every tensor's
//! entry in a tree some 30 times the size of its text, and adds up offsets without looking for an
//! overflow. Here a value is borrowed from the text until somebody asks for it as what it has to be.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::marker::PhantomData;

use safetensors::tensor::TensorInfo;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::is_component_name;
use crate::messages::{brief, checkpoint as say};
use crate::state::{StateDict, Value};

/// What an infinity or NaN is written as: an object of this one entry, its bits in hex.
pub(super) const FLOAT_BITS: &str = "float_bits";

const METADATA: &str = "__metadata__";

/// What a header says.
pub(super) struct Contents {
    /// Empty if there is none.
    pub metadata: BTreeMap<String, String>,
    /// Each with a place of the size that its shape and dtype ask for.
    pub tensors: BTreeMap<String, TensorInfo>,
    /// How long the data must be: the tensors' places fill it, in some order and without an overlap.
    pub data_bytes: usize,
}

impl Contents {
    /// # Errors
    /// What is wrong, in the language of the messages.
    pub(super) fn parse(header: &[u8]) -> Result<Self, String> {
        let text = str::from_utf8(header).map_err(|error| error.to_string())?;
        let Unique(entries) = parse::<Unique<&RawValue>>(text)?;
        let mut metadata = BTreeMap::new();
        let mut tensors = BTreeMap::new();
        for (name, value) in entries {
            if name == METADATA {
                Unique(metadata) = parse(value.get())?;
            } else {
                let info = parse(value.get())
                    .map_err(|problem| say::bad_tensor(&brief(&name), &problem))?;
                tensors.insert(name, info);
            }
        }
        let data_bytes = fill(&tensors)?;
        Ok(Self { metadata, tensors, data_bytes })
    }
}

/// Where the last tensor ends, if each begins where another one ends.
fn fill(tensors: &BTreeMap<String, TensorInfo>) -> Result<usize, String> {
    let mut places: Vec<_> =
        tensors.iter().map(|(name, info)| (info.data_offsets, name, info)).collect();
    places.sort_unstable_by_key(|(offsets, ..)| *offsets);
    let mut filled = 0;
    for ((start, end), name, info) in places {
        let problem = match bytes(info) {
            None => say::shape_overflow(),
            Some(_) if start != filled => say::place(start, filled),
            Some(needed) if end.checked_sub(start) != Some(needed) => say::size(needed, start, end),
            Some(_) => {
                filled = end;
                continue;
            }
        };
        return Err(say::bad_tensor(&brief(name), &problem));
    }
    Ok(filled)
}

/// The size of a tensor's elements, where it is a number of whole bytes.
fn bytes(info: &TensorInfo) -> Option<usize> {
    let elements = info.shape.iter().try_fold(1_usize, |n, &size| n.checked_mul(size))?;
    let bits = elements.checked_mul(info.dtype.bitsize())?;
    bits.is_multiple_of(8).then_some(bits / 8)
}

/// The components with their scalars, from the JSON in the metadata.
///
/// # Errors
/// What is wrong, in the language of the messages.
pub(super) fn scalars(text: &str) -> Result<BTreeMap<String, StateDict>, String> {
    let Unique(components) = parse::<Unique<Unique<&RawValue>>>(text)?;
    let mut read = BTreeMap::new();
    for (component, Unique(entries)) in components {
        if !is_component_name(&component) {
            return Err(say::bad_component(&brief(&component)));
        }
        let mut state = StateDict::new();
        for (key, json) in entries {
            let value = scalar(json.get())
                .ok_or_else(|| say::bad_scalar(&brief(&key), &brief(json.get())))?;
            state.insert(key, value);
        }
        read.insert(component, state);
    }
    Ok(read)
}

/// The value that this JSON stands for, if it stands for one. Read from the text, because a JSON parser
/// makes a float of an integer that is too large for it.
fn scalar(json: &str) -> Option<Value> {
    match json.as_bytes().first()? {
        b'n' => Some(Value::None),
        b't' => Some(Value::Bool(true)),
        b'f' => Some(Value::Bool(false)),
        b'"' => parse(json).ok().map(Value::Text),
        b'{' => float_bits(json).map(|bits| Value::Float(f64::from_bits(bits))),
        b'[' => None,
        _ if json.contains(['.', 'e', 'E']) => parse(json).ok().map(Value::Float),
        _ => json.parse().ok().map(Value::Int),
    }
}

fn float_bits(json: &str) -> Option<u64> {
    let Unique(entries) = parse::<Unique<&RawValue>>(json).ok()?;
    let (1, Some(digits)) = (entries.len(), entries.get(FLOAT_BITS)) else { return None };
    let digits = digits.get().strip_prefix('"')?.strip_suffix('"')?;
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    (digits.len() == 16 && digits.bytes().all(is_hex))
        .then(|| u64::from_str_radix(digits, 16).ok())?
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// An object of JSON in which no key is there twice.
struct Unique<V>(BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<V> {
    type Value = Unique<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            match entries.entry(key) {
                Entry::Vacant(entry) => entry.insert(map.next_value()?),
                Entry::Occupied(entry) => {
                    return Err(A::Error::custom(say::twice(&brief(entry.key()))));
                }
            };
        }
        Ok(Unique(entries))
    }
}
