//! The checkpoint file: safetensors, with everything that is not a tensor in its metadata.
//!
//! ```text
//! 8 bytes   length of the header, little-endian
//! header    JSON: {"__metadata__": {"killresume.checksum": …, "killresume.format": "1",
//!           "killresume.scalars": …}, "model.fc1.weight": {"dtype": …, "shape": …, …}, …}
//! data      the tensors' elements, little-endian, row-major
//! ```
//!
//! - A tensor is named `component.key`.
//! - `killresume.scalars` is JSON again: `{component: {key: value}}`, with every component in it, also
//!   one that has only tensors or nothing at all. A float always has a `.` or an exponent, an integer
//!   never; infinities and NaN, which JSON lacks, are `{"float_bits": "7ff0000000000000"}`.
//! - No name is there twice, and the tensors fill the data without a gap or an overlap.
//! - `killresume.checksum` comes first and is the XXH3-128 of the whole file, in 32 hex digits, with
//!   those digits taken as zeros. It stays the same in every format to come, so a damaged file is never
//!   taken for a newer one. It finds accidents; it is no signature.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Read};

use safetensors::tensor::{Dtype, TensorInfo};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use tch::{Kind, Tensor};
use xxhash_rust::xxh3::Xxh3Default;

use super::header::{self, Contents, FLOAT_BITS};
use super::{CheckpointError, is_component_name};
use crate::messages::{brief, checkpoint as say};
use crate::state::{StateDict, Value};

const FORMAT: u32 = 1;
const FORMAT_KEY: &str = "killresume.format";
const SCALARS_KEY: &str = "killresume.scalars";
const CHECKSUM_KEY: &str = "killresume.checksum";

/// What stands between the length of the header and the digits of the checksum.
const BEFORE_CHECKSUM: &[u8] = br#"{"__metadata__":{"killresume.checksum":""#;
const NO_CHECKSUM: &str = "00000000000000000000000000000000";

const LENGTH_BYTES: usize = size_of::<u64>();
/// How much of the beginning of a file tells whether it may be one of ours, and what else it looks like.
const START_BYTES: usize = 64;
const _: () = assert!(START_BYTES >= LENGTH_BYTES + BEFORE_CHECKSUM.len());
/// The most that safetensors readers accept.
const MAX_HEADER_BYTES: usize = 100_000_000;
/// The most that most of libtorch's operations accept.
const MAX_DIMENSIONS: usize = 64;

// Tensor data goes into the file as it lies in memory.
const _: () = assert!(cfg!(target_endian = "little"), "safetensors files are little-endian");

const DTYPES: [(Kind, Dtype); 10] = [
    (Kind::Bool, Dtype::BOOL),
    (Kind::Uint8, Dtype::U8),
    (Kind::Int8, Dtype::I8),
    (Kind::Int16, Dtype::I16),
    (Kind::Int, Dtype::I32),
    (Kind::Int64, Dtype::I64),
    (Kind::Half, Dtype::F16),
    (Kind::BFloat16, Dtype::BF16),
    (Kind::Float, Dtype::F32),
    (Kind::Double, Dtype::F64),
];

/// What is wrong with the content of a checkpoint file.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// No bytes at all.
    #[error("{}", say::empty())]
    Empty,
    /// Bytes are missing at the end.
    #[error("{}", say::truncated(*.found, *.expected))]
    Truncated {
        /// The size of the file.
        found: usize,
        /// The size that its header promises.
        expected: usize,
    },
    /// The header is said to be longer than the file or than safetensors allows.
    #[error("{}", say::header_length(*.claimed, *.available))]
    HeaderLength {
        /// What the first eight bytes say.
        claimed: u64,
        /// What follows them.
        available: usize,
    },
    /// Another kind of file.
    #[error("{}", say::foreign(.found))]
    Foreign {
        /// What it looks like, in the language of the messages.
        found: String,
    },
    /// Neither a safetensors file nor any other that is known here.
    #[error("{}", say::not_safetensors(.problem))]
    NotSafetensors {
        /// What the parser says.
        problem: String,
    },
    /// A safetensors file from somewhere else, such as bare model weights.
    #[error("{}", say::not_a_checkpoint())]
    NotACheckpoint,
    /// The content is not what was written.
    #[error("{}", say::checksum())]
    Checksum,
    /// Written by a later version of this library.
    #[error("{}", say::newer(*.found, FORMAT))]
    Newer {
        /// The file's format.
        found: u32,
    },
    /// Intact, and yet not what a writer of this format writes.
    #[error("{}", say::malformed(.problem))]
    Malformed {
        /// What is wrong.
        problem: String,
    },
}

/// A problem may quote the file, which holds whatever somebody put there.
fn malformed(problem: impl ToString) -> FormatError {
    FormatError::Malformed { problem: brief(&problem.to_string()) }
}

#[derive(Serialize)]
struct Header<'a> {
    // First, and sorted: the checksum has a fixed place.
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<&'a str, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// The bytes of the file. Tensors are copied once, straight to their place in it.
pub(super) fn encode(components: &BTreeMap<String, StateDict>) -> Result<Vec<u8>, CheckpointError> {
    let mut scalars = Map::new();
    let mut tensors = Vec::new();
    for (component, state) in components {
        if !is_component_name(component) {
            return Err(CheckpointError::Name { component: component.clone() });
        }
        let mut of_component = Map::new();
        for (key, value) in state.iter() {
            let json = match value {
                Value::Tensor(tensor) => {
                    tensors.push(Entry::new(component, key, tensor)?);
                    continue;
                }
                Value::Int(value) => json!(value),
                Value::Float(value) if value.is_finite() => json!(value),
                Value::Float(value) => json!({ FLOAT_BITS: format!("{:016x}", value.to_bits()) }),
                Value::Bool(value) => json!(value),
                Value::Text(value) => json!(value),
                Value::None => Json::Null,
            };
            of_component.insert(key.to_owned(), json);
        }
        scalars.insert(component.clone(), Json::Object(of_component));
    }
    // The widest elements first, so that every tensor is aligned where the file is mapped.
    tensors.sort_by_key(|entry| Reverse(entry.tensor.kind().elt_size_in_bytes()));

    let mut data_bytes = 0;
    let mut places = Vec::with_capacity(tensors.len());
    let mut infos = BTreeMap::new();
    for entry in &tensors {
        let place = data_bytes..data_bytes + entry.bytes();
        data_bytes = place.end;
        infos.insert(format!("{}.{}", entry.component, entry.key), entry.info(place.start));
        places.push(place);
    }
    let header = Header {
        metadata: BTreeMap::from([
            (CHECKSUM_KEY, NO_CHECKSUM.to_owned()),
            (FORMAT_KEY, FORMAT.to_string()),
            (SCALARS_KEY, Json::Object(scalars).to_string()),
        ]),
        tensors: infos,
    };
    let mut header =
        serde_json::to_vec(&header).expect("strings and numbers are always valid JSON");
    header.resize(header.len().next_multiple_of(LENGTH_BYTES), b' ');
    if header.len() > MAX_HEADER_BYTES {
        return Err(CheckpointError::HeaderSize { bytes: header.len(), limit: MAX_HEADER_BYTES });
    }

    let data_start = LENGTH_BYTES + header.len();
    let mut bytes = vec![0; data_start + data_bytes];
    bytes[..LENGTH_BYTES].copy_from_slice(&(header.len() as u64).to_le_bytes());
    bytes[LENGTH_BYTES..data_start].copy_from_slice(&header);
    for (entry, place) in tensors.iter().zip(places) {
        entry.copy_to(&mut bytes[data_start..][place])?;
    }
    let checksum = checksum(&bytes);
    bytes[checksum_place()].copy_from_slice(checksum.as_bytes());
    Ok(bytes)
}

/// A tensor on its way into the file.
struct Entry<'a> {
    component: &'a str,
    key: &'a str,
    tensor: &'a Tensor,
    dtype: Dtype,
}

impl<'a> Entry<'a> {
    fn new(component: &'a str, key: &'a str, tensor: &'a Tensor) -> Result<Self, CheckpointError> {
        let kind = tensor.kind();
        if tensor.dim() > MAX_DIMENSIONS {
            return Err(unsaveable(component, key, too_many_dimensions(tensor.dim())));
        }
        match DTYPES.iter().find(|(known, _)| *known == kind) {
            Some(&(_, dtype)) if !tensor.is_sparse() => Ok(Self { component, key, tensor, dtype }),
            Some(_) => Err(unsaveable(component, key, say::sparse())),
            None => Err(unsaveable(component, key, say::dtype_is(&format!("{kind:?}")))),
        }
    }

    fn bytes(&self) -> usize {
        self.tensor.numel() * self.tensor.kind().elt_size_in_bytes()
    }

    fn info(&self, start: usize) -> TensorInfo {
        TensorInfo {
            dtype: self.dtype,
            shape: self.tensor.size().iter().map(|&size| size as usize).collect(),
            data_offsets: (start, start + self.bytes()),
        }
    }

    /// Copies the elements in row-major order, from whatever device and strides they have.
    fn copy_to(&self, bytes: &mut [u8]) -> Result<(), CheckpointError> {
        self.tensor
            .f_copy_data_u8(bytes, self.tensor.numel())
            .map_err(|error| unsaveable(self.component, self.key, error))
    }
}

fn unsaveable(component: &str, key: &str, problem: impl ToString) -> CheckpointError {
    CheckpointError::Tensor {
        component: component.to_owned(),
        key: key.to_owned(),
        problem: problem.to_string(),
    }
}

/// The components in a file: verified first, then read.
///
/// The checksum is no signature, so a header that carries the right one may still lie. What is accepted
/// has one meaning: no name is there twice, and the tensors fill the data without a gap or an overlap.
pub(super) fn decode(bytes: &[u8]) -> Result<BTreeMap<String, StateDict>, FormatError> {
    let header = verify(bytes)?;
    let data = &bytes[LENGTH_BYTES + header.len()..];
    // Whatever fails from here on is the fault of the writer, not of the disk.
    let Contents { metadata, tensors, data_bytes } = Contents::parse(header).map_err(malformed)?;
    if data_bytes != data.len() {
        return Err(malformed(say::data_bytes(data.len(), data_bytes)));
    }
    let entry = |key: &str| metadata.get(key).ok_or_else(|| malformed(say::no_metadata(key)));
    match entry(FORMAT_KEY)?.parse() {
        Ok(FORMAT) => {}
        Ok(found) if found > FORMAT => return Err(FormatError::Newer { found }),
        _ => return Err(malformed(say::format_is_no_number())),
    }
    let mut components = header::scalars(entry(SCALARS_KEY)?).map_err(malformed)?;
    for (name, info) in &tensors {
        let shown = brief(name);
        // Every component is among the scalars, if only with nothing in it.
        let (state, key) = name
            .split_once('.')
            .and_then(|(component, key)| Some((components.get_mut(component)?, key)))
            .ok_or_else(|| malformed(say::tensor_of_nothing(&shown)))?;
        if state.get(key).is_some() {
            return Err(malformed(say::twice(&shown)));
        }
        let tensor = tensor_from(info, data)
            .map_err(|problem| malformed(say::bad_tensor(&shown, &problem)))?;
        state.insert(key, tensor);
    }
    Ok(components)
}

/// Reads a file of this length, as long as it may be one of ours: of another one no more than it takes to say
/// what it is, its header at the most.
pub(super) fn read(mut file: impl Read, length: usize) -> io::Result<Result<Vec<u8>, FormatError>> {
    let mut bytes = Vec::new();
    read_up_to(&mut file, &mut bytes, length.min(START_BYTES))?;
    let header = match header_bytes(&bytes, length) {
        Ok(header) => LENGTH_BYTES + header,
        Err(problem) => return Ok(Err(problem)),
    };
    if begins_as_ours(&bytes) {
        read_up_to(&mut file, &mut bytes, length)?;
    } else {
        read_up_to(&mut file, &mut bytes, header)?;
        // Where somebody shortens the file meanwhile, what is left of it tells.
        if let Some(header) = bytes.get(LENGTH_BYTES..header) {
            return Ok(Err(diagnose(length, header, false)));
        }
    }
    Ok(Ok(bytes))
}

/// Reads on until there are so many bytes, or to the end.
fn read_up_to(file: &mut impl Read, bytes: &mut Vec<u8>, length: usize) -> io::Result<()> {
    let more = length.saturating_sub(bytes.len());
    bytes.try_reserve_exact(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.take(more as u64).read_to_end(bytes).map(drop)
}

/// The length of the header that a file of this length says that it has, or the best name for a file that
/// cannot have one.
fn header_bytes(start: &[u8], length: usize) -> Result<usize, FormatError> {
    if start.is_empty() {
        return Err(FormatError::Empty);
    }
    // Where our header follows, the first bytes are its length, whatever else they look like: 640 is what
    // a pickle begins with.
    if let Some(found) = foreign(start).filter(|_| !begins_as_ours(start)) {
        return Err(FormatError::Foreign { found });
    }
    let Some(claimed) = start.first_chunk() else {
        return Err(FormatError::Truncated { found: length, expected: LENGTH_BYTES });
    };
    let claimed = u64::from_le_bytes(*claimed);
    let available = length - LENGTH_BYTES;
    usize::try_from(claimed)
        .ok()
        .filter(|&header| header <= MAX_HEADER_BYTES && header <= available)
        .ok_or(FormatError::HeaderLength { claimed, available })
}

fn begins_as_ours(start: &[u8]) -> bool {
    start.get(LENGTH_BYTES..).is_some_and(|rest| rest.starts_with(BEFORE_CHECKSUM))
}

/// The header, if these are the bytes that were written, and if not, the best name for what they are.
fn verify(bytes: &[u8]) -> Result<&[u8], FormatError> {
    let length = header_bytes(bytes, bytes.len())?;
    let header = &bytes[LENGTH_BYTES..][..length];
    let has_checksum = header.starts_with(BEFORE_CHECKSUM) && bytes.len() >= checksum_place().end;
    if has_checksum && bytes[checksum_place()] == *checksum(bytes).as_bytes() {
        Ok(header)
    } else {
        Err(diagnose(bytes.len(), header, has_checksum))
    }
}

/// What to call a file of this length whose checksum is wrong or not there.
fn diagnose(found: usize, header: &[u8], has_checksum: bool) -> FormatError {
    let parsed = match Contents::parse(header) {
        Ok(parsed) => parsed,
        Err(_) if has_checksum => return FormatError::Checksum,
        Err(problem) => return FormatError::NotSafetensors { problem: brief(&problem) },
    };
    let expected = (LENGTH_BYTES + header.len()).saturating_add(parsed.data_bytes);
    if found < expected {
        FormatError::Truncated { found, expected }
    } else if has_checksum || is_ours(&parsed) {
        FormatError::Checksum
    } else if found > expected {
        FormatError::NotSafetensors { problem: say::bytes_follow(found - expected) }
    } else {
        FormatError::NotACheckpoint
    }
}

fn is_ours(header: &Contents) -> bool {
    header.metadata.keys().any(|key| key.starts_with("killresume."))
}

/// What a file is that people are likely to point at by mistake.
fn foreign(bytes: &[u8]) -> Option<String> {
    type Name = fn() -> String;
    const MAGIC: [(&[u8], Name); 4] = [
        (b"PK\x03\x04", say::zip),
        (b"\x80\x02", say::pickle),
        (b"\x89HDF\r\n\x1a\n", say::hdf5),
        (b"\x93NUMPY", say::numpy),
    ];
    let magic = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| name());
    // Every safetensors file has zeros among its first eight bytes, for no header is that long.
    let is_text =
        || bytes.iter().take(START_BYTES).all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    magic.or_else(|| is_text().then(say::text))
}

fn checksum_place() -> std::ops::Range<usize> {
    let start = LENGTH_BYTES + BEFORE_CHECKSUM.len();
    start..start + NO_CHECKSUM.len()
}

/// The checksum that the file should carry. It must be long enough to have a place for one.
fn checksum(bytes: &[u8]) -> String {
    let mut hash = Xxh3Default::new();
    hash.update(&bytes[..checksum_place().start]);
    hash.update(NO_CHECKSUM.as_bytes());
    hash.update(&bytes[checksum_place().end..]);
    format!("{:032x}", hash.digest128())
}

/// The parser has checked that the tensor's place has the size that shape and dtype ask for, and the
/// caller that it lies in the data. libtorch takes both on trust.
fn tensor_from(info: &TensorInfo, data: &[u8]) -> Result<Tensor, String> {
    let Some(&(kind, _)) = DTYPES.iter().find(|(_, dtype)| *dtype == info.dtype) else {
        return Err(say::unsupported_dtype(&format!("{:?}", info.dtype)));
    };
    if info.shape.len() > MAX_DIMENSIONS {
        return Err(too_many_dimensions(info.shape.len()));
    }
    let shape: Vec<i64> = info
        .shape
        .iter()
        .map(|&size| i64::try_from(size))
        .collect::<Result<_, _>>()
        .map_err(|_| say::shape_overflow())?;
    // Strides are products of sizes too, also those of a tensor without elements.
    if shape.iter().try_fold(1_i64, |stride, &size| stride.checked_mul(size.max(1))).is_none() {
        return Err(say::shape_overflow());
    }
    let elements = &data[info.data_offsets.0..info.data_offsets.1];
    if kind == Kind::Bool && elements.iter().any(|&byte| byte > 1) {
        return Err(say::not_a_bool());
    }
    Tensor::f_from_data_size(elements, &shape, kind).map_err(|error| error.to_string())
}

fn too_many_dimensions(found: usize) -> String {
    say::dimensions(found, MAX_DIMENSIONS)
}
