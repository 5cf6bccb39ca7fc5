//! A file that holds several instances, told apart by a column.

use std::path::Path;

use serde_json::json;

use crate::class::Class;
use crate::classes::Classes;
use crate::content_hash::sha256;
use crate::error::InstanceError;
use crate::format_choice::{Choice, choose};
use crate::input_file::{InputFile, stem};
use crate::instance::Instance;
use crate::instance_file::InstanceFile;
use crate::reading::Reading;

/// The instances in `file`, one for each value of the column `each`, in the order in which they start.
///
/// # Errors
/// When the file cannot be read, holds no instances, is in a format that is not split by columns, or has no such column.
pub fn read_each(file: &Path, each: &str, reading: &Reading, classes: &Classes) -> Result<Vec<Instance>, InstanceError> {
    let input = InputFile::open(file)?;
    let splitters = || classes.iter().flat_map(Class::splitters);
    let splitter = match choose(classes, &input, reading).map_err(|message| input.about(message))? {
        Choice::Document => None,
        Choice::Foreign(format) => splitters().find(|splitter| (splitter.format.kind, splitter.format.name) == (format.kind, format.name)),
    };
    let Some(splitter) = splitter else {
        let names: Vec<&str> = splitters().map(|splitter| splitter.format.name).collect();
        let message = format!("found a file that is not split by a column, expected the format {}", names.join(" or "));
        return Err(input.about(message));
    };
    let whole = InstanceFile::of(input.clone(), reading, classes)?;
    let instances = splitter.read_each(&input, each, &reading.options)?.into_iter().map(|(value, problem)| {
        let recipe = json!({ "file": whole.key(), "column": each, "value": value });
        let name = format!("{}-{each}{value}", stem(file, classes.endings()));
        Instance { name, source: None, known: None, sha256: sha256(recipe.to_string().as_bytes()), problem, notes: Vec::new() }
    });
    Ok(instances.collect())
}
