//! Arguments that name an instance or options.

use std::path::{Path, PathBuf};

use clap::Args;
use fathom_instances::{Instance, InstanceError, ReadOptions, library};
use serde_json::{Map, Value};

use super::failure::Failure;

/// An instance and how to read it.
#[derive(Debug, Args)]
pub(super) struct InstanceArguments {
    /// Instance: .fathom.json, .mtx, .csv or .tsv (also .gz, .zst), or library:NAME for a shipped one
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
    rows: Option<usize>,
}

impl InstanceArguments {
    pub(super) fn read(&self) -> Result<Instance, InstanceError> {
        if let Some(name) = library_name(&self.file) {
            return library::read(name);
        }
        let options = ReadOptions { problem: self.problem.clone(), skip: self.skip_columns.clone(), rows: self.rows };
        fathom_instances::read_with(&self.file, &options)
    }
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
