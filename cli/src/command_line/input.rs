//! Arguments that name an instance or options.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use fathom_instances::{Format, Instance, InstanceError, ReadOptions, library};
use serde_json::{Map, Value};

use super::failure::Failure;

/// An instance and how to read it.
#[derive(Debug, Args)]
pub(super) struct InstanceArguments {
    /// Instance: .fathom.json, .mtx, .csv, .tsv or .npy (also .gz, .zst), or library:NAME for a shipped one
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Problem class, where a file can be read as several
    #[arg(long, value_name = "KIND")]
    problem: Option<String>,
    /// Columns of a table to leave out, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    skip_columns: Vec<String>,
    /// Only the first so many rows of a table
    #[arg(long, value_name = "N")]
    rows: Option<NonZeroUsize>,
    /// Score of a DAG-learning instance: ev, ev-ebic, nv-bic, l1 or logistic, or NAME=PENALTY
    #[arg(long, value_name = "NAME")]
    score: Option<String>,
    /// Weights (.csv, .npy), edges or order (.csv) or solution (.json) that a DAG-learning search starts from
    #[arg(long, value_name = "GRAPH")]
    pub(super) start: Option<PathBuf>,
    /// What the knapsack holds, for a table of items (with --problem online-knapsack)
    #[arg(long, value_name = "N")]
    capacity: Option<u64>,
    /// Only the rows of a table of items with this value in this column
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = column_value)]
    select: Vec<(String, String)>,
}

impl InstanceArguments {
    pub(super) fn read(&self) -> Result<Instance, InstanceError> {
        let table = matches!(Format::of(&self.file), Some(Format::Csv | Format::Tsv | Format::Npy)) && library_name(&self.file).is_none();
        if !table && (self.rows.is_some() || !self.skip_columns.is_empty()) {
            return Err(InstanceError::about(
                &self.file,
                "found --skip-columns or --rows, expected them with a table (.csv, .tsv, .npy) only",
            ));
        }
        if let Some(name) = library_name(&self.file) {
            if self.score.is_some() || self.start.is_some() {
                return Err(InstanceError::about(
                    &self.file,
                    "found --score or --start with a shipped instance, expected them with a dag-learning file",
                ));
            }
            let instance = library::read(name)?;
            return match &self.problem {
                Some(problem) if problem != instance.problem.kind() => {
                    Err(InstanceError::about(&self.file, format!("found a {} instance, expected {problem}", instance.problem.kind())))
                }
                _ => Ok(instance),
            };
        }
        let options = ReadOptions {
            problem: self.problem.clone(),
            skip: self.skip_columns.clone(),
            rows: self.rows.map(NonZeroUsize::get),
            capacity: self.capacity,
            select: self.select.clone(),
            score: self.score.clone(),
            start: self.start.clone(),
        };
        fathom_instances::read_with(&self.file, &options)
    }
}

/// `column=value`, both text.
fn column_value(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or_else(|| format!("found `{text}`, expected COLUMN=VALUE"))?;
    Ok((column.to_owned(), value.to_owned()))
}

/// The name in `library:NAME`.
pub(super) fn library_name(file: &Path) -> Option<&str> {
    file.to_str()?.strip_prefix("library:")
}

/// `key=value`, the value JSON if it reads as such and text otherwise.
pub(super) fn key_value(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("found `{text}`, expected key=value"))?;
    if key.is_empty() {
        return Err(format!("found `{text}`, expected a name before `=`"));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

/// The pairs as one object.
pub(super) fn object(pairs: &[(String, Value)]) -> Result<Map<String, Value>, Failure> {
    let mut object = Map::new();
    for (key, value) in pairs {
        if object.insert(key.clone(), value.clone()).is_some() {
            return Err(Failure::Usage(format!("`{key}` is given twice")));
        }
    }
    Ok(object)
}
