//! The file that an instance is written to; its name says the format.

use std::io::{self, Write};
use std::path::Path;

use crate::atomic_file::write_pending;
use crate::class::Class;
use crate::classes::Classes;
use crate::document;
use crate::document_format::ENDING;
use crate::error::InstanceError;
use crate::file_format::AnyFileWriter;
use crate::input_file::lower_name;
use crate::instance::Instance;

/// Writes `instance` in the format that the name of `file` says: a document, or a format of its class in `classes`.
///
/// # Errors
/// When the file cannot be written, the class has no such format, or the instance holds more than the format can.
pub fn write_instance(file: &Path, instance: &Instance, classes: &Classes) -> Result<(), InstanceError> {
    let name = lower_name(file);
    if name.ends_with(ENDING) {
        return document::write(file, instance);
    }
    let writers = classes.find(instance.problem.kind()).map(Class::writers).unwrap_or_default();
    let best = writers.iter().filter_map(|writer| Some((longest(writer, &name)?, writer))).max_by_key(|(length, _)| *length);
    if let Some((_, writer)) = best {
        return write_pending(file, |out| writer.write(instance.problem.as_ref(), &name, out))?.commit();
    }
    let mut endings = vec![".fathom.json"];
    endings.extend(writers.iter().flat_map(|writer| writer.endings).copied());
    let expected = format!("expected {} (also with .gz or .zst)", endings.join(", "));
    Err(InstanceError::about(file, format!("cannot write a {} instance as this kind of file, {expected}", instance.problem.kind())))
}

fn longest(writer: &AnyFileWriter, name: &str) -> Option<usize> {
    writer.endings.iter().filter(|ending| name.ends_with(**ending)).map(|ending| ending.len()).max()
}

/// Writes `instance` to `out`: in the class's own stream format where it has one, otherwise as a document with everything in it.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_instance_to(out: &mut dyn Write, instance: &Instance, classes: &Classes) -> io::Result<()> {
    match classes.find(instance.problem.kind()).and_then(Class::stream) {
        Some(stream) => stream.write(instance.problem.as_ref(), "", out),
        None => document::write_to(out, instance),
    }
}
