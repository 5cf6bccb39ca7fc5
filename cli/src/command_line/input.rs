//! Arguments that name an instance or options.

use std::path::{Path, PathBuf};

use clap::Args;
use fathom_opt_instances::{Classes, Instance, InstanceFile, InstanceSource, Reading, library, read_each};
use serde_json::{Map, Value};

use super::failure::Failure;

/// An instance and how to read it.
#[derive(Debug, Args)]
pub(super) struct InstanceArguments {
    /// Instance: a document or a file of one of the formats in `fathom list formats` (also .gz, .zst), or library:NAME for a shipped one
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) reading: ReadingArguments,
}

impl InstanceArguments {
    pub(super) fn read(&self, classes: &Classes) -> Result<Instance, Failure> {
        self.reading.read(&self.file, classes)
    }

    /// The name of the file's format.
    pub(super) fn format(&self, classes: &Classes) -> Result<&'static str, Failure> {
        let reading = self.reading.reading()?;
        let file = match InstanceSource::parse(&self.file, reading.clone()) {
            InstanceSource::Library { name, .. } => InstanceFile::document(library::file(&name)?, &reading, classes)?,
            _ => InstanceFile::open(&self.file, &reading, classes)?,
        };
        Ok(file.format())
    }
}

/// How to read an instance.
#[derive(Debug, Args)]
pub(super) struct ReadingArguments {
    /// Problem class, where a file can be read as several
    #[arg(long, value_name = "KIND", help_heading = "Reading")]
    problem: Option<String>,
    /// Format, where the file's ending does not tell (see `fathom list formats`)
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    format: Option<String>,
    /// Set a reading option of the file's format (see `fathom list formats`)
    #[arg(long = "read", value_name = "KEY=VALUE", value_parser = text_value, help_heading = "Reading")]
    read: Vec<(String, Value)>,
}

impl ReadingArguments {
    pub(super) fn read(&self, file: &Path, classes: &Classes) -> Result<Instance, Failure> {
        Ok(InstanceSource::parse(file, self.reading()?).open(classes)?)
    }

    /// The instances in `file`: one per value of the column `each` of a table.
    pub(super) fn read_each(&self, file: &Path, each: &str, classes: &Classes) -> Result<Vec<Instance>, Failure> {
        Ok(read_each(file, each, &self.reading()?, classes)?)
    }

    fn reading(&self) -> Result<Reading, Failure> {
        Ok(Reading { problem: self.problem.clone(), format: self.format.clone(), options: object(&self.read)? })
    }
}

/// `key=value`, the value as text: what it means is for the format to say.
pub(super) fn text_value(text: &str) -> Result<(String, Value), String> {
    let (key, value) = split(text)?;
    Ok((key.to_owned(), Value::String(value.to_owned())))
}

fn split(text: &str) -> Result<(&str, &str), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("found `{text}`, expected key=value"))?;
    if key.is_empty() {
        return Err(format!("found `{text}`, expected a name before `=`"));
    }
    Ok((key, value))
}

/// `key=value`, the value JSON if it reads as such and text otherwise.
pub(super) fn key_value(text: &str) -> Result<(String, Value), String> {
    let (key, value) = split(text)?;
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
