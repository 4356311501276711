//! State dicts: the named state of one component, as PyTorch's `state_dict()` gives it.

use std::collections::{BTreeMap, BTreeSet};

use killresume::protocol::{ComponentDigest, Digester, Scalar};
use tch::{Device, Kind, Tensor};

use crate::call_site;
use crate::messages::{brief, state as say};

/// One entry of a [`StateDict`].
#[derive(Debug)]
pub enum Value {
    /// A tensor. It may share memory with the component that it came from.
    Tensor(Tensor),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// Nothing yet (Python's `None`), for example a best metric before the first validation.
    None,
}

impl Value {
    /// What it is, for an error message.
    pub(crate) fn kind(&self) -> String {
        match self {
            Value::Tensor(_) => say::tensor(),
            Value::Int(_) => say::integer(),
            Value::Float(_) => say::float(),
            Value::Bool(_) => say::boolean(),
            Value::Text(_) => say::text(),
            Value::None => say::none(),
        }
    }
}

impl Clone for Value {
    /// A deep copy: a tensor's elements are copied, not shared.
    fn clone(&self) -> Self {
        match self {
            Value::Tensor(tensor) => Value::Tensor(tensor.detach().copy()),
            Value::Int(value) => Value::Int(*value),
            Value::Float(value) => Value::Float(*value),
            Value::Bool(value) => Value::Bool(*value),
            Value::Text(value) => Value::Text(value.clone()),
            Value::None => Value::None,
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Value::$variant(value.into())
            }
        })*
    };
}
value_from!(Tensor => Tensor, i64 => Int, i32 => Int, u32 => Int, f64 => Float, f32 => Float, bool => Bool, String => Text, &str => Text);

impl From<&Tensor> for Value {
    /// Shares the tensor's memory, as PyTorch's `state_dict()` does.
    fn from(tensor: &Tensor) -> Self {
        Value::Tensor(tensor.detach())
    }
}

impl From<u64> for Value {
    /// Keeps all 64 bits: a value above `i64::MAX`, such as a seed, is stored as the negative integer
    /// of the same bits. [`StateDict::uint`] undoes it exactly.
    fn from(value: u64) -> Self {
        Value::Int(value.cast_signed())
    }
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Value::None, Value::Float)
    }
}

/// Why a state dict does not fit the component that was to load it. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The component needs an entry that is not there.
    #[error("{}", say::missing_key(&brief(.key)))]
    Missing {
        /// The entry's name.
        key: String,
    },
    /// There is an entry that the component does not know.
    #[error("{}", say::unexpected_key(&brief(.key)))]
    Unexpected {
        /// The entry's name.
        key: String,
    },
    /// The entry is of another type, dtype, shape or value.
    #[error("{}", say::mismatch(&brief(.key), &brief(.expected), &brief(.found)))]
    Mismatch {
        /// The entry's name.
        key: String,
        /// What the component needs.
        expected: String,
        /// What the state dict holds.
        found: String,
    },
}

/// The named state of one component, flat: `exp_avg.fc1.weight`, `param_groups.0.lr`. Entries are
/// sorted by name. Cloning copies the tensors.
#[derive(Debug, Clone, Default)]
pub struct StateDict {
    entries: BTreeMap<String, Value>,
}

impl StateDict {
    /// An empty state dict.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces an entry.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.entries.insert(key.into(), value.into());
        self
    }

    /// Adds an entry, for building a state dict in one expression.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.insert(key, value);
        self
    }

    /// The entry of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.entries.remove(key)
    }

    /// The entries in ascending order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of a state dict that was made of one value, such as a step count.
    #[track_caller]
    pub fn value(&self) -> Result<&Value, StateError> {
        self.single(|reader| reader.value(SINGLE))
    }

    /// The one value, an integer.
    #[track_caller]
    pub fn int(&self) -> Result<i64, StateError> {
        self.single(|reader| reader.int(SINGLE))
    }

    /// The one value, an integer that was put in as a `u64`.
    #[track_caller]
    pub fn uint(&self) -> Result<u64, StateError> {
        self.int().map(i64::cast_unsigned)
    }

    /// The one value, an integer that counts something, as [`Reader::count`].
    #[track_caller]
    pub fn count(&self) -> Result<u64, StateError> {
        self.single(|reader| reader.count(SINGLE))
    }

    /// The one value, a float.
    #[track_caller]
    pub fn float(&self) -> Result<f64, StateError> {
        self.single(|reader| reader.float(SINGLE))
    }

    /// The one value, a float or nothing.
    #[track_caller]
    pub fn optional_float(&self) -> Result<Option<f64>, StateError> {
        self.single(|reader| reader.optional_float(SINGLE))
    }

    /// The one value, a truth value.
    #[track_caller]
    pub fn bool(&self) -> Result<bool, StateError> {
        self.single(|reader| reader.bool(SINGLE))
    }

    /// The one value, a text.
    #[track_caller]
    pub fn text(&self) -> Result<&str, StateError> {
        self.single(|reader| reader.text(SINGLE))
    }

    #[track_caller]
    fn single<'a, T>(
        &'a self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let mut reader = self.reader();
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// Reads the entries one by one and refuses what is left over.
    #[track_caller]
    pub fn reader(&self) -> Reader<'_> {
        call_site::note();
        Reader { entries: &self.entries, read: BTreeSet::new() }
    }

    /// The digest that the trainer protocol reports for this component.
    pub fn digest(&self) -> ComponentDigest {
        let mut digester = Digester::new();
        for (key, value) in &self.entries {
            match value {
                Value::Tensor(tensor) => {
                    let shape: Vec<u64> = tensor.size().iter().map(|&n| n as u64).collect();
                    let bytes = tensor_bytes(tensor);
                    digester.tensor(key, dtype_name(tensor.kind()), &shape, &bytes);
                }
                Value::Int(value) => {
                    digester.scalar(key, Scalar::Int(*value));
                }
                Value::Float(value) => {
                    digester.scalar(key, Scalar::Float(*value));
                }
                Value::Bool(value) => {
                    digester.scalar(key, Scalar::Bool(*value));
                }
                Value::Text(value) => {
                    digester.scalar(key, Scalar::Text(value));
                }
                Value::None => {
                    digester.scalar(key, Scalar::None);
                }
            }
        }
        digester.finish()
    }
}

/// No run counts as far, and one that goes on from here can count as far again before it leaves the 63
/// bits that a state dict has for it.
const MAX_COUNT: u64 = 1 << 62;

/// No training gets anywhere with more. The product of two fits a float32, and so does one divided by AdamW's
/// bias correction, which is 2⁻⁵³ at the least.
const MAX_HYPERPARAMETER: f64 = 1e18;

/// The name of the entry in a state dict that holds one value.
const SINGLE: &str = "value";

impl<T: Into<Value>> From<T> for StateDict {
    /// A state dict of one entry, `value`: the state of a component that is a single number.
    fn from(value: T) -> Self {
        StateDict::new().with(SINGLE, value)
    }
}

impl FromIterator<(String, Value)> for StateDict {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl IntoIterator for StateDict {
    type Item = (String, Value);
    type IntoIter = std::collections::btree_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

/// Reads a [`StateDict`] strictly: every entry must be asked for, and must be what was asked for.
#[derive(Debug)]
pub struct Reader<'a> {
    entries: &'a BTreeMap<String, Value>,
    read: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// The entry of that name, whatever it is.
    pub fn value(&mut self, key: &str) -> Result<&'a Value, StateError> {
        let value =
            self.entries.get(key).ok_or_else(|| StateError::Missing { key: key.to_owned() })?;
        self.read.insert(key.to_owned());
        Ok(value)
    }

    /// A tensor of the same dtype and shape as `like`.
    pub fn tensor(&mut self, key: &str, like: &Tensor) -> Result<&'a Tensor, StateError> {
        let describe = |t: &Tensor| say::tensor_of(dtype_name(t.kind()), &t.size());
        match self.value(key)? {
            Value::Tensor(tensor)
                if tensor.kind() == like.kind() && tensor.size() == like.size() =>
            {
                Ok(tensor)
            }
            Value::Tensor(tensor) => Err(mismatch(key, describe(like), describe(tensor))),
            other => Err(mismatch(key, describe(like), other.kind())),
        }
    }

    /// An integer.
    pub fn int(&mut self, key: &str) -> Result<i64, StateError> {
        match self.value(key)? {
            Value::Int(value) => Ok(*value),
            other => Err(mismatch(key, say::integer(), other.kind())),
        }
    }

    /// An integer that counts something, 0 to 2⁶².
    pub fn count(&mut self, key: &str) -> Result<u64, StateError> {
        let value = self.int(key)?;
        u64::try_from(value)
            .ok()
            .filter(|&count| count <= MAX_COUNT)
            .ok_or_else(|| mismatch(key, say::count(), value))
    }

    /// A float.
    pub fn float(&mut self, key: &str) -> Result<f64, StateError> {
        match self.value(key)? {
            Value::Float(value) => Ok(*value),
            other => Err(mismatch(key, say::float(), other.kind())),
        }
    }

    /// A float that an update multiplies by, such as a learning rate: 0 to 10¹⁸. PyTorch's optimizers refuse
    /// a negative one, and libtorch panics at one that, or whose product with another, no float32 holds.
    pub fn hyperparameter(&mut self, key: &str) -> Result<f64, StateError> {
        let value = self.float(key)?;
        fits(key, value, (0.0..=MAX_HYPERPARAMETER).contains(&value), say::hyperparameter())
    }

    /// A hyperparameter or nothing.
    pub fn optional_hyperparameter(&mut self, key: &str) -> Result<Option<f64>, StateError> {
        match self.optional_float(key)? {
            Some(_) => self.hyperparameter(key).map(Some),
            None => Ok(None),
        }
    }

    /// A float by which something decays: 0 to 1, and 1 itself not.
    pub fn decay(&mut self, key: &str) -> Result<f64, StateError> {
        let value = self.float(key)?;
        fits(key, value, (0.0..1.0).contains(&value), say::decay())
    }

    /// A float or nothing.
    pub fn optional_float(&mut self, key: &str) -> Result<Option<f64>, StateError> {
        match self.value(key)? {
            Value::Float(value) => Ok(Some(*value)),
            Value::None => Ok(None),
            other => Err(mismatch(key, say::float_or_none(), other.kind())),
        }
    }

    /// A truth value.
    pub fn bool(&mut self, key: &str) -> Result<bool, StateError> {
        match self.value(key)? {
            Value::Bool(value) => Ok(*value),
            other => Err(mismatch(key, say::boolean(), other.kind())),
        }
    }

    /// A text.
    pub fn text(&mut self, key: &str) -> Result<&'a str, StateError> {
        match self.value(key)? {
            Value::Text(value) => Ok(value),
            other => Err(mismatch(key, say::text(), other.kind())),
        }
    }

    /// Refuses entries that nobody asked for.
    pub fn finish(self) -> Result<(), StateError> {
        match self.entries.keys().find(|key| !self.read.contains(*key)) {
            Some(key) => Err(StateError::Unexpected { key: key.clone() }),
            None => Ok(()),
        }
    }
}

/// The value if it `is_right`, or the error for one that is not.
pub(crate) fn fits(
    key: &str,
    value: f64,
    is_right: bool,
    expected: String,
) -> Result<f64, StateError> {
    // In its short form: 1e300 has three hundred zeros.
    if is_right { Ok(value) } else { Err(mismatch(key, expected, format!("{value:?}"))) }
}

/// The error for an entry that is not what the component needs.
pub fn mismatch(key: &str, expected: impl ToString, found: impl ToString) -> StateError {
    StateError::Mismatch {
        key: key.to_owned(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// PyTorch's name of a dtype, without `torch.`.
pub fn dtype_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Uint8 => "uint8",
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Int => "int32",
        Kind::Int64 => "int64",
        Kind::Half => "float16",
        Kind::Float => "float32",
        Kind::Double => "float64",
        Kind::Bool => "bool",
        Kind::BFloat16 => "bfloat16",
        _ => "unsupported",
    }
}

/// The elements of a tensor in row-major order, little-endian.
pub fn tensor_bytes(tensor: &Tensor) -> Vec<u8> {
    let tensor = tensor.detach().to_device(Device::Cpu).contiguous();
    let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
    tensor.copy_data_u8(&mut bytes, tensor.numel());
    bytes
}
