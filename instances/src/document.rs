//! The instance document: one JSON file per instance.

use std::io::{self, Write};
use std::path::Path;

use fathom_opt_problems::{AnyProblem, BulkSink, InlineOnly, Malformed, Place, Problem, objects_only};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::class::{Class, DataFault, class, classes};
use crate::compression::{Compression, write_pending};
use crate::error::InstanceError;
use crate::folder::{Beside, Folder, sha256};
use crate::instance::{Instance, Known, Source};
use crate::locate::locate;

/// The version of the document format that this build reads and writes.
pub const VERSION: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    fathom: u32,
    problem: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    source: Option<Source>,
    #[serde(default)]
    known: Option<Known>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The instance in `stored`, the bytes of the document `file`.
pub(crate) fn parse(file: &Path, unpacked: &[u8], sha256: String) -> Result<Instance, InstanceError> {
    let text = utf8(file, unpacked)?;
    if text.starts_with('\u{feff}') {
        return Err(InstanceError::at_offset(file, unpacked, 0, "found a byte order mark, expected `{`"));
    }
    let document: Document<'_> = objects_only::from_str(text).map_err(|error| json_error(file, text, &error))?;
    if document.fathom != VERSION {
        let message = format!("fathom: found format version {}, expected {VERSION}", document.fathom);
        return Err(InstanceError::at_offset(file, unpacked, locate(text, &Place::root().field("fathom")), message));
    }
    let class = class(&document.problem).ok_or_else(|| {
        let known: Vec<&str> = classes().iter().map(|class| class.kind).collect();
        let message = format!("problem: found `{}`, expected one of {}", document.problem, known.join(", "));
        InstanceError::at_offset(file, unpacked, locate(text, &Place::root().field("problem")), message)
    })?;
    let problem = parse_data(file, text, &class, document.data)?;
    Ok(Instance { name: document.name.unwrap_or_else(|| stem(file)), source: document.source, known: document.known, sha256, problem })
}

fn parse_data(file: &Path, text: &str, class: &Class, data: &RawValue) -> Result<Box<dyn AnyProblem>, InstanceError> {
    let data = data.get();
    // `data` is a slice of `text`: the distance of their starts is its offset.
    let start = data.as_ptr() as usize - text.as_ptr() as usize;
    class.parse(data, &mut Folder::of(file)).map_err(|fault| match fault {
        DataFault::Json { line, column, place, message } => {
            let offset = start + offset_of(data, line, column);
            let place = place.below(&Place::root().field("data"));
            InstanceError::at_offset(file, text.as_bytes(), offset, format!("{place}: {message}"))
        }
        DataFault::Malformed(fault) => {
            let offset = start + locate(data, &fault.place);
            let fault = fault.below(&Place::root().field("data"));
            InstanceError::at_offset(file, text.as_bytes(), offset, fault.to_string())
        }
    })
}

/// The byte offset of a 1-based line and column as `serde_json` counts them (its column is that of the last byte read).
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(newline) => start += newline + 1,
            None => break,
        }
    }
    (start + column.saturating_sub(1)).min(text.len())
}

pub(crate) fn utf8<'a>(file: &Path, bytes: &'a [u8]) -> Result<&'a str, InstanceError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let message = format!("found the byte 0x{:02x}, expected UTF-8 text", bytes[offset]);
        InstanceError::at_offset(file, bytes, offset, message)
    })
}

pub(crate) fn json_error(file: &Path, text: &str, error: &serde_json::Error) -> InstanceError {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&position).unwrap_or(&message);
    InstanceError::at_line(file, text.as_bytes(), error.line(), error.column().max(1), message)
}

/// The file's name without `.fathom.json` and the like.
pub(crate) fn stem(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (_, name) = Compression::of(&name);
    let name = name.strip_suffix(".json").map_or(name, |name| name.strip_suffix(".fathom").unwrap_or(name));
    let name =
        [".mtx", ".npy", ".csv", ".tsv", ".jsonl", ".ndjson", ".kp"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    if name.is_empty() { "instance".to_owned() } else { name.to_owned() }
}

#[derive(Serialize)]
struct Written<'a> {
    fathom: u32,
    problem: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a Known>,
    data: Box<RawValue>,
}

/// Writes `instance` as a document; large matrices and vectors go to files beside it. Either everything is written or nothing.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write(file: &Path, instance: &Instance) -> Result<(), InstanceError> {
    let mut beside = Beside::of(file, &stem(file));
    let document = written(instance, &mut beside).map_err(|fault| InstanceError::about(file, fault.to_string()))?;
    let pending = write_pending(file, |out| document.put(out))?;
    beside.commit()?;
    pending.commit()
}

/// Writes the document of `instance` to `out`, everything in it.
///
/// # Errors
/// When `out` cannot be written, or the instance does not fit into a document alone.
pub(crate) fn write_to(out: &mut dyn Write, instance: &Instance) -> io::Result<()> {
    written(instance, &mut InlineOnly).map_err(|fault| io::Error::other(fault.to_string()))?.put(out)
}

fn written<'a>(instance: &'a Instance, bulk: &mut dyn BulkSink) -> Result<Written<'a>, Malformed> {
    let data = instance.problem.data_json(bulk)?;
    let (source, known) = (instance.source.as_ref(), instance.known.as_ref());
    Ok(Written { fathom: VERSION, problem: instance.problem.kind(), name: &instance.name, source, known, data })
}

impl Written<'_> {
    fn put(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

/// JSON Schema of whole documents of one class.
pub fn schema(class: &Class) -> Value {
    let mut definitions = serde_json::Map::new();
    let source = part::<Source>(&mut definitions);
    let known = part::<Known>(&mut definitions);
    let data = hoist(class.data_schema(), &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Fathom instance: {}", class.kind),
        "description": class.summary,
        "type": "object",
        "required": ["fathom", "problem", "data"],
        "additionalProperties": false,
        "properties": {
            "fathom": { "const": VERSION, "description": "Version of the document format." },
            "problem": { "const": class.kind, "description": "The problem class." },
            "name": { "type": ["string", "null"], "description": "Short name; the file's name where it is missing." },
            "source": { "anyOf": [source, { "type": "null" }] },
            "known": { "anyOf": [known, { "type": "null" }] },
            "data": data,
        },
        "$defs": definitions,
    })
}

fn part<T: JsonSchema>(definitions: &mut serde_json::Map<String, Value>) -> Value {
    hoist(schemars::schema_for!(T).to_value(), definitions)
}

/// Moves a schema's own definitions to the document's.
fn hoist(mut schema: Value, definitions: &mut serde_json::Map<String, Value>) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(own)) = object.remove("$defs") {
            definitions.extend(own);
        }
    }
    schema
}

/// The instance of `problem`, as a generator or a foreign file gives it.
pub(crate) fn instance_of<P: Problem>(name: String, problem: P, sha256: String) -> Instance {
    Instance { name, source: None, known: None, sha256, problem: Box::new(problem) }
}

/// The instance in the bytes of a document that lies nowhere: `name` stands for its file in messages, and it may refer to no files.
///
/// # Errors
/// As [`read`](crate::read).
pub fn parse_bytes(name: &str, bytes: &[u8]) -> Result<Instance, InstanceError> {
    parse(Path::new(name), bytes, sha256(bytes))
}
