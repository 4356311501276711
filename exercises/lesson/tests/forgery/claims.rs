//! What a file says, apart from what a loader makes of it.

use std::collections::BTreeMap;

use lesson::checkpoint::Checkpoint;
use lesson::state::{Value, dtype_name, tensor_bytes};
use serde_json::Value as Json;
use tch::Tensor;

use super::forgery::{sealed, take_apart};

const NO_CHECKSUM: &str = "00000000000000000000000000000000";

/// A file as lists of names and bare JSON, so that it can say what no writer says.
#[derive(Clone, Debug)]
pub struct File {
    pub metadata: Vec<(String, String)>,
    pub scalars: Vec<(String, Vec<(String, String)>)>,
    pub tensors: Vec<(String, Info)>,
    pub data: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Info {
    pub dtype: String,
    pub shape: Vec<String>,
    pub offsets: [String; 2],
}

impl File {
    /// What a writer says.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let bytes = checkpoint.to_bytes().unwrap();
        let (header, data) = take_apart(&bytes);
        let header: BTreeMap<String, Json> = serde_json::from_str(&header).unwrap();
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        let numbers = |json: &Json| json.as_array().unwrap().iter().map(Json::to_string).collect();
        let metadata = &header["__metadata__"];
        let scalars: BTreeMap<String, BTreeMap<String, Json>> =
            serde_json::from_str(&text(&metadata["killresume.scalars"])).unwrap();
        let entries = |of: BTreeMap<String, Json>| {
            of.into_iter().map(|(key, value)| (key, value.to_string())).collect()
        };
        Self {
            metadata: vec![
                ("killresume.checksum".to_owned(), NO_CHECKSUM.to_owned()),
                ("killresume.format".to_owned(), text(&metadata["killresume.format"])),
            ],
            scalars: scalars.into_iter().map(|(name, of)| (name, entries(of))).collect(),
            tensors: header
                .iter()
                .filter(|(name, _)| *name != "__metadata__")
                .map(|(name, info)| {
                    let offsets: Vec<String> = numbers(&info["data_offsets"]);
                    let info = Info {
                        dtype: text(&info["dtype"]),
                        shape: numbers(&info["shape"]),
                        offsets: offsets.try_into().unwrap(),
                    };
                    (name.clone(), info)
                })
                .collect(),
            data: data.to_vec(),
        }
    }

    /// The file that says so, with the right checksum.
    pub fn bytes(&self) -> Vec<u8> {
        let of_component = |entries: &Vec<(String, String)>| object(entries, String::clone);
        let mut metadata = self.metadata.clone();
        metadata.push(("killresume.scalars".to_owned(), object(&self.scalars, of_component)));
        let metadata = object(&metadata, |value| quoted(value));
        let mut entries = vec![("__metadata__".to_owned(), metadata)];
        entries.extend(self.tensors.iter().map(|(name, Info { dtype, shape, offsets })| {
            let (dtype, shape, offsets) = (quoted(dtype), shape.join(","), offsets.join(","));
            let info =
                format!(r#"{{"dtype":{dtype},"shape":[{shape}],"data_offsets":[{offsets}]}}"#);
            (name.clone(), info)
        }));
        sealed(object(&entries, String::clone).as_bytes(), &self.data)
    }

    /// Asserts that this is what the file says, word for word.
    pub fn assert_says(&self, loaded: &Checkpoint) {
        assert_unique("metadata", self.metadata.iter().map(|(key, _)| key.clone()));
        assert_unique("component", self.scalars.iter().map(|(name, _)| name.clone()));
        let scalars = self.scalars.iter().flat_map(|(component, entries)| {
            entries.iter().map(move |(key, json)| (format!("{component}.{key}"), json))
        });
        let scalars: Vec<_> = scalars.collect();
        let names = scalars.iter().map(|(name, _)| name);
        assert_unique("entry", names.chain(self.tensors.iter().map(|(name, _)| name)).cloned());

        let entry = |name: &str| {
            let (component, key) = name.split_once('.').unwrap();
            loaded.get(component).unwrap().get(key).unwrap()
        };
        for (name, json) in &scalars {
            assert_scalar(name, json, entry(name));
        }
        for (name, info) in &self.tensors {
            let Value::Tensor(tensor) = entry(name) else { panic!("{name} is no tensor") };
            let shape: Vec<String> = tensor.size().iter().map(i64::to_string).collect();
            assert_eq!((dtype(tensor), shape), (&*info.dtype, info.shape.clone()), "{name}");
            let [start, end] = info.offsets.clone().map(|offset| offset.parse::<usize>().unwrap());
            assert_eq!(tensor_bytes(tensor), &self.data[start..end], "{name}");
        }
        let components: Vec<_> = loaded.components().collect();
        let count: usize = components.iter().map(|c| loaded.get(c).unwrap().iter().count()).sum();
        assert_eq!(components.len(), self.scalars.len(), "a component from nowhere");
        assert_eq!(count, scalars.len() + self.tensors.len(), "an entry from nowhere");
    }
}

fn object<T>(entries: &[(String, T)], value: impl Fn(&T) -> String) -> String {
    let entries = entries.iter().map(|(key, of)| format!("{}:{}", quoted(key), value(of)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// A text in JSON.
pub fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

fn assert_unique(what: &str, names: impl Iterator<Item = String>) {
    let mut names: Vec<String> = names.collect();
    names.sort();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "{what} is there twice");
    }
}

fn assert_scalar(name: &str, json: &str, loaded: &Value) {
    let same = match loaded {
        Value::None => json == "null",
        Value::Bool(value) => json == value.to_string(),
        Value::Text(value) => serde_json::from_str::<String>(json).ok().as_ref() == Some(value),
        Value::Int(value) => json.parse() == Ok(*value),
        Value::Float(value) => match serde_json::from_str(json) {
            Ok(Json::Object(object)) => {
                object["float_bits"] == format!("{:016x}", value.to_bits()).as_str()
            }
            _ => {
                json.contains(['.', 'e', 'E'])
                    && json.parse::<f64>().is_ok_and(|said| said.to_bits() == value.to_bits())
            }
        },
        Value::Tensor(_) => false,
    };
    assert!(same, "{name} is {json} in the file and {loaded:?} once loaded");
}

fn dtype(tensor: &Tensor) -> &'static str {
    match dtype_name(tensor.kind()) {
        "bool" => "BOOL",
        "uint8" => "U8",
        "int8" => "I8",
        "int16" => "I16",
        "int32" => "I32",
        "int64" => "I64",
        "float16" => "F16",
        "bfloat16" => "BF16",
        "float32" => "F32",
        "float64" => "F64",
        other => other,
    }
}
