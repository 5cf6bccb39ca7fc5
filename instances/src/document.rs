//! The instance document: one JSON file per instance.

use std::io::{self, Write};
use std::path::Path;

use fathom_opt_problems::{AnyProblem, BulkSink, InlineOnly, Malformed, Place, objects_only};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::atomic_file::write_pending;
use crate::beside::Beside;
use crate::bulk_folder::Folder;
use crate::class::Class;
use crate::classes::Classes;
use crate::data_field::DataFault;
use crate::document_format::{STEM_ENDINGS, VERSION};
use crate::error::InstanceError;
use crate::input_file::{InputFile, stem};
use crate::instance::{Instance, Known, Source};
use crate::locate::locate;
use crate::text::json_error;

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

/// A document whose `data` field is not parsed yet.
pub(crate) struct Opened<'a> {
    file: &'a InputFile,
    text: &'a str,
    document: Document<'a>,
    class: &'a Class,
}

impl<'a> Opened<'a> {
    /// The document in `file`, of one of `classes`.
    pub(crate) fn of(file: &'a InputFile, classes: &'a Classes) -> Result<Self, InstanceError> {
        let path = file.path();
        let text = file.text()?;
        let document: Document<'_> = objects_only::from_str(text).map_err(|error| json_error(path, text, &error))?;
        if document.fathom != VERSION {
            let message = format!("fathom: found format version {}, expected {VERSION}", document.fathom);
            return Err(InstanceError::at_offset(path, text.as_bytes(), locate(text, &Place::root().field("fathom")), message));
        }
        let class = classes.find(&document.problem).ok_or_else(|| {
            let message = format!("problem: found `{}`, expected one of {}", document.problem, classes.kinds().join(", "));
            InstanceError::at_offset(path, text.as_bytes(), locate(text, &Place::root().field("problem")), message)
        })?;
        Ok(Self { file, text, document, class })
    }

    /// Its class.
    pub(crate) fn class(&self) -> &'a Class {
        self.class
    }

    /// The instance. Files that it refers to are read from its folder, as files of `classes`.
    pub(crate) fn instance(self, sha256: String, classes: &Classes) -> Result<Instance, InstanceError> {
        let problem = parse_data(self.file.path(), self.text, self.class, self.document.data, classes)?;
        let Document { name, source, known, .. } = self.document;
        Ok(Instance {
            name: name.unwrap_or_else(|| stem(self.file.path(), STEM_ENDINGS)),
            source,
            known,
            sha256,
            problem,
            notes: Vec::new(),
        })
    }
}

fn parse_data(file: &Path, text: &str, class: &Class, data: &RawValue, classes: &Classes) -> Result<Box<dyn AnyProblem>, InstanceError> {
    let data = data.get();
    // `data` is a slice of `text`: the distance of their starts is its offset.
    let start = data.as_ptr() as usize - text.as_ptr() as usize;
    class.parse(data, &mut Folder::of(file, classes)).map_err(|fault| match fault {
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
pub(crate) fn write(file: &Path, instance: &Instance) -> Result<(), InstanceError> {
    let mut beside = Beside::of(file, &stem(file, STEM_ENDINGS));
    let document = written(instance, &mut beside).map_err(|fault| InstanceError::about(file, fault.to_string()))?;
    let pending = write_pending(file, |out| document.put(out))?;
    beside.commit()?;
    pending.commit()
}

/// Writes the document of `instance` to `out`, everything in it.
///
/// # Errors
/// When `out` cannot be written, or the instance does not fit into a document alone.
pub fn write_to(out: &mut dyn Write, instance: &Instance) -> io::Result<()> {
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
