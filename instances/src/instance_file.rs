//! A file that holds an instance: its format told and its key known, before it is parsed.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::classes::Classes;
use crate::content_hash::sha256;
use crate::document;
use crate::document_format::NAME;
use crate::error::InstanceError;
use crate::file_format::{AnyFormat, Head, Recognition};
use crate::format_choice::{Choice, choose, is_told_by_name};
use crate::input_file::{InputFile, lower_name, stem};
use crate::instance::Instance;
use crate::reading::Reading;

/// A file that holds an instance, not parsed yet.
#[derive(Debug)]
pub struct InstanceFile<'a> {
    classes: &'a Classes,
    reading: &'a Reading,
    file: InputFile,
    choice: Choice,
    key: String,
    label: String,
}

impl<'a> InstanceFile<'a> {
    /// The file at `path`, to be read as `reading` says.
    ///
    /// # Errors
    /// When it cannot be read, its format cannot be told, or it does not take the reading options.
    pub fn open(path: &Path, reading: &'a Reading, classes: &'a Classes) -> Result<Self, InstanceError> {
        // That a file is not there is the first thing to know about it.
        std::fs::metadata(path).map_err(|cause| InstanceError::io(path, "read", cause))?;
        is_told_by_name(classes, &lower_name(path), reading).map_err(|message| InstanceError::about(path, message))?;
        Self::of(InputFile::open(path)?, reading, classes)
    }

    /// The file `file`, to be read as `reading` says.
    ///
    /// # Errors
    /// As [`InstanceFile::open`].
    pub fn of(file: InputFile, reading: &'a Reading, classes: &'a Classes) -> Result<Self, InstanceError> {
        let choice = choose(classes, &file, reading).map_err(|message| file.about(message))?;
        Self::chosen(choice, file, reading, classes)
    }

    /// The document `file`, whatever its name.
    ///
    /// # Errors
    /// As [`InstanceFile::open`].
    pub fn document(file: InputFile, reading: &'a Reading, classes: &'a Classes) -> Result<Self, InstanceError> {
        match reading.format.as_deref() {
            Some(format) if format != NAME => Err(file.about(format!("found a document, and `--format {format}` for it, expected none"))),
            _ => Self::chosen(Choice::Document, file, reading, classes),
        }
    }

    fn chosen(choice: Choice, mut file: InputFile, reading: &'a Reading, classes: &'a Classes) -> Result<Self, InstanceError> {
        let (key, label) = match choice {
            Choice::Document => (document_key(&file, reading, classes)?, String::new()),
            Choice::Foreign(format) => {
                let (mut effective, label) = format.effective(&reading.options).map_err(|message| file.about(message))?;
                for (role, path) in format.companions(file.path()) {
                    if path.is_file() {
                        file = file.with_other(role, InputFile::open(&path)?);
                    }
                }
                for name in format.files {
                    if let Some(path) = effective.get(name).and_then(Value::as_str).map(str::to_owned) {
                        let other = InputFile::open(Path::new(&path))?;
                        // What counts is the file's content, not where it lies.
                        effective[name] = json!({ "sha256": other.sha256() });
                        file = file.with_other(name, other);
                    }
                }
                if says_all(&format, &file, reading) {
                    (file.sha256().to_owned(), label)
                } else {
                    let others: Map<String, Value> = file.others().map(|(role, other)| (role.to_owned(), other.sha256().into())).collect();
                    let recipe = json!({
                        "problem": format.kind, "format": format.name, "file": file.sha256(), "others": others, "options": effective,
                    });
                    (sha256(recipe.to_string().as_bytes()), label)
                }
            }
        };
        Ok(Self { classes, reading, file, choice, key, label })
    }

    /// The hash over the content of every file that the instance is made of, its format and the reading options, defaults included; of a document, or another file
    /// that says itself what it is, read without options: the hash of its bytes as stored.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name of its format.
    pub fn format(&self) -> &'static str {
        match self.choice {
            Choice::Document => NAME,
            Choice::Foreign(format) => format.name,
        }
    }

    /// The instance.
    ///
    /// # Errors
    /// When the file is no instance: line, column, what was found and what was expected.
    pub fn instance(self) -> Result<Instance, InstanceError> {
        let instance = match self.choice {
            Choice::Document => {
                let opened = document::Opened::of(&self.file, self.classes)?;
                let options = opened.class().document_options().filter(|_| !self.reading.options.is_empty());
                let mut instance = opened.instance(self.key, self.classes)?;
                if let Some(options) = options {
                    instance.problem = options
                        .adjust(instance.problem.as_ref(), &self.reading.options)
                        .map_err(|message| self.file.about(refused(&message)))?;
                }
                instance
            }
            Choice::Foreign(format) => {
                let imported = format.read(&self.file, &self.reading.options).map_err(|error| self.explained(error, &format))?;
                let mut name = imported.name.unwrap_or_else(|| stem(self.file.path(), self.classes.endings()));
                name.push_str(&self.label);
                Instance {
                    name,
                    source: imported.source,
                    known: imported.known,
                    sha256: self.key,
                    problem: imported.problem,
                    notes: imported.notes,
                }
            }
        };
        match self.reading.problem.as_deref() {
            Some(problem) if problem != instance.problem.kind() => {
                Err(self.file.about(format!("found a {} instance, expected {problem}", instance.problem.kind())))
            }
            _ => Ok(instance),
        }
    }
}

impl InstanceFile<'_> {
    /// The error of a reader that only the file's ending and content spoke for: it says for what the file was taken, so that nobody takes it for the error of
    /// another class.
    fn explained(&self, error: InstanceError, format: &AnyFormat) -> InstanceError {
        let name = self.file.name();
        let named = self.reading.problem.is_some() || self.reading.format.is_some();
        let says_itself = || format.recognizes(&Head::of(&name, self.file.unmarked()), &self.reading.options) == Recognition::Certain;
        let rivals = self.classes.formats().filter(|rival| rival.matches(&name).is_some() && rival.kind != format.kind);
        let mut kinds: Vec<&str> = rivals.map(|rival| rival.kind).collect();
        kinds.dedup();
        if named || kinds.is_empty() || says_itself() {
            return error;
        }
        error.advised(&format!("the file is read as {}; `--problem` with {} reads it as another", format.kind, kinds.join(", ")))
    }
}

/// Whether the content of `file` alone says what it is, so that its own hash tells its instance from every other.
fn says_all(format: &AnyFormat, file: &InputFile, reading: &Reading) -> bool {
    let name = file.name();
    let head = Head::of(&name, file.unmarked());
    *reading == Reading::default() && file.others().next().is_none() && format.recognizes(&head, &Map::new()) == Recognition::Certain
}

fn refused(message: &str) -> String {
    format!("reading option of a document: {message}")
}

fn document_key(file: &InputFile, reading: &Reading, classes: &Classes) -> Result<String, InstanceError> {
    if reading.options.is_empty() {
        return Ok(file.sha256().to_owned());
    }
    let class = document::Opened::of(file, classes)?.class();
    let Some(options) = class.document_options() else {
        let given: Vec<&str> = reading.options.keys().map(String::as_str).collect();
        let message = format!("found the reading options {} for a {} document, which takes none", given.join(", "), class.kind);
        return Err(file.about(message));
    };
    let effective = options.effective(&reading.options).map_err(|message| file.about(refused(&message)))?;
    let recipe = json!({ "format": NAME, "file": file.sha256(), "options": effective });
    Ok(sha256(recipe.to_string().as_bytes()))
}
