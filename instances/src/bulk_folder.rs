//! Files beside a document: read only from the document's own folder, and only with the content that the document names.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use fathom_opt_problems::sparse::SparseMatrix;
use fathom_opt_problems::{BulkSource, FilePlace, FileReference, Malformed, Place};
use serde_json::{Map, Value};

use crate::classes::Classes;
use crate::error::InstanceError;
use crate::format_choice::{Choice, choose};
use crate::input_file::InputFile;
use crate::matrix_market::{self, ConversionError, MatrixMarket};
use crate::reading::Reading;
use crate::stored_bytes::{Compression, folder_of};

/// Reads the files that a document refers to, from the document's folder.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    path: PathBuf,
    classes: &'a Classes,
    /// Tables of which one column at a time is asked for, so that each is read once.
    tables: HashMap<FileReference, Vec<Vec<f64>>>,
}

impl<'a> Folder<'a> {
    /// The folder of `document`, whose files may be instances of `classes`.
    pub(crate) fn of(document: &Path, classes: &'a Classes) -> Self {
        Self { path: folder_of(document).to_path_buf(), classes, tables: HashMap::new() }
    }

    /// The file that `reference` names.
    fn read(&self, reference: &FileReference) -> Result<InputFile, Malformed> {
        let path = self.confined(reference)?;
        let file = InputFile::open(&path).map_err(|error| in_file(reference, &error, "a file that can be read and unpacked"))?;
        let found = file.sha256();
        match &reference.sha256 {
            Some(expected) if expected.eq_ignore_ascii_case(found) => Ok(file),
            Some(expected) => {
                let place = Place::root().field("sha256");
                Err(Malformed::new(place, format!("a file with SHA-256 {found}"), format!("the declared {expected}")))
            }
            None => {
                let place = Place::root();
                Err(Malformed::new(place, "no `sha256`", format!("the file's SHA-256, which is {found}")))
            }
        }
    }

    /// The path of `reference`, if it stays inside the folder even after links are followed.
    fn confined(&self, reference: &FileReference) -> Result<PathBuf, Malformed> {
        let place = Place::root().field("file");
        let name = Path::new(&reference.file);
        let outside = |found: String| Malformed::new(place.clone(), found, "a file inside the document's own folder");
        let plain = name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if reference.file.is_empty() || !plain {
            return Err(outside(format!("`{}`", reference.file)));
        }
        let missing =
            |cause: io::Error| Malformed::new(place.clone(), format!("`{}` ({cause})", reference.file), "a file that can be read");
        let folder = self.path.canonicalize().map_err(missing)?;
        let path = folder.join(name).canonicalize().map_err(missing)?;
        if !path.starts_with(&folder) {
            return Err(outside(format!("`{}`, a link out of it", reference.file)));
        }
        if !path.is_file() {
            return Err(Malformed::new(place, format!("`{}`, which is no regular file", reference.file), "a regular file"));
        }
        Ok(path)
    }

    fn matrix_market(&self, reference: &FileReference) -> Result<MatrixMarket, Malformed> {
        let (_, name) = Compression::of(&reference.file);
        if !is_matrix_market(name) {
            return Err(Malformed::new(
                Place::root().field("file"),
                format!("`{}`", reference.file),
                "a Matrix Market file (.mtx, .mtx.gz or .mtx.zst)",
            ));
        }
        let file = self.read(reference)?;
        matrix_market::read(file.bytes()).map_err(|error| {
            Malformed::new(Place::root(), error.found.clone(), error.expected.clone()).in_file(FilePlace {
                file: reference.file.clone(),
                line: error.line,
                column: error.column,
            })
        })
    }
}

/// Whether a file is Matrix Market by its name (without a compression's ending).
fn is_matrix_market(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("mtx"))
}

fn in_file(reference: &FileReference, error: &InstanceError, expected: &str) -> Malformed {
    let place = FilePlace { file: reference.file.clone(), ..error.place() };
    Malformed::new(Place::root(), error.message.clone(), expected).in_file(place)
}

fn not_wanted(reference: &FileReference, error: &ConversionError, expected: &str) -> Malformed {
    let place = FilePlace { file: reference.file.clone(), line: 0, column: 0 };
    Malformed::new(Place::root(), error.to_string(), expected).in_file(place)
}

impl BulkSource for Folder<'_> {
    fn matrix(&mut self, reference: &FileReference) -> Result<SparseMatrix, Malformed> {
        if let Some(column) = reference.column {
            return Err(Malformed::new(Place::root().field("column"), column.to_string(), "no `column` where a matrix is wanted"));
        }
        self.matrix_market(reference)?.to_csr().map_err(|error| not_wanted(reference, &error, "a sparse matrix"))
    }

    fn stream(&mut self, reference: &FileReference) -> Result<Vec<u8>, Malformed> {
        self.read(reference).map(InputFile::into_bytes)
    }

    fn problem(&mut self, kind: &str, reference: &FileReference, options: &Map<String, Value>) -> Result<Box<dyn Any>, Malformed> {
        let file = self.read(reference)?;
        let reading = Reading { problem: Some(kind.to_owned()), format: None, options: options.clone() };
        let refuse = |found: String| {
            let place = FilePlace { file: reference.file.clone(), line: 0, column: 0 };
            Malformed::new(Place::root(), found, format!("a file of the class {kind}")).in_file(place)
        };
        let Choice::Foreign(format) = choose(self.classes, &file, &reading).map_err(refuse)? else {
            return Err(refuse("a document".to_owned()));
        };
        let imported = format.read(&file, options).map_err(|error| in_file(reference, &error, &format!("a {kind} instance")))?;
        Ok(imported.problem)
    }

    fn vector(&mut self, reference: &FileReference) -> Result<Vec<f64>, Malformed> {
        let whole = FileReference { column: None, ..reference.clone() };
        if !self.tables.contains_key(&whole) {
            let array = self.matrix_market(reference)?;
            let values = array.to_dense_columns().map_err(|error| not_wanted(reference, &error, "a dense array of numbers"))?;
            let columns = match array.rows() {
                0 => Vec::new(),
                rows => values.chunks_exact(rows).map(<[f64]>::to_vec).collect(),
            };
            self.tables.insert(whole.clone(), columns);
        }
        let columns = &self.tables[&whole];
        match reference.column {
            Some(column) => columns.get(column as usize).cloned().ok_or_else(|| {
                let place = Place::root().field("column");
                Malformed::new(place, column.to_string(), format!("a column below {} (0-based)", columns.len()))
            }),
            None if columns.len() == 1 => Ok(columns[0].clone()),
            None => Err(Malformed::new(Place::root(), format!("a file with {} columns", columns.len()), "`column`, to say which one")),
        }
    }
}
