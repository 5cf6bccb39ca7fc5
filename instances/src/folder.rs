//! Files beside a document: read only from the document's own folder, and only with the content that the document names.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use fathom_opt_problems::sparse::{MatrixData, SparseMatrix};
use fathom_opt_problems::{Bulk, BulkSink, BulkSource, FilePlace, FileReference, Malformed, Place};
use sha2::{Digest, Sha256};

use crate::compression::{Compression, Pending, read_stored, unpack, write_pending};
use crate::error::InstanceError;
use crate::matrix_market::{self, ConversionError, MatrixMarket, Symmetry, WriteError};

/// SHA-256 of `bytes`, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Reads the files that a document refers to, from the document's folder.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    /// Tables of which one column at a time is asked for, so that each is read once.
    tables: HashMap<FileReference, Vec<Vec<f64>>>,
}

impl Folder {
    /// The folder of `document`.
    pub fn of(document: &Path) -> Self {
        let folder = match document.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        };
        Self { folder, tables: HashMap::new() }
    }

    /// The unpacked bytes of the file that `reference` names.
    fn read(&self, reference: &FileReference) -> Result<Vec<u8>, Malformed> {
        let path = self.confined(reference)?;
        let stored = read_stored(&path).map_err(|error| in_file(reference, &error, "a file that can be read"))?;
        let found = sha256(&stored);
        match &reference.sha256 {
            Some(expected) if expected.eq_ignore_ascii_case(&found) => {}
            Some(expected) => {
                let place = Place::root().field("sha256");
                return Err(Malformed::new(place, format!("a file with SHA-256 {found}"), format!("the declared {expected}")));
            }
            None => {
                let place = Place::root();
                return Err(Malformed::new(place, "no `sha256`", format!("the file's SHA-256, which is {found}")));
            }
        }
        unpack(&path, stored).map_err(|error| in_file(reference, &error, "a file that can be unpacked"))
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
        let folder = self.folder.canonicalize().map_err(missing)?;
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
        let text = self.read(reference)?;
        matrix_market::read(&text).map_err(|error| {
            Malformed::new(Place::root(), error.found.clone(), error.expected.clone()).in_file(FilePlace {
                file: reference.file.clone(),
                line: error.line,
                column: error.column,
            })
        })
    }
}

/// Whether a file is Matrix Market by its name (without a compression's ending).
pub(crate) fn is_matrix_market(name: &str) -> bool {
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

impl BulkSource for Folder {
    fn matrix(&mut self, reference: &FileReference) -> Result<SparseMatrix, Malformed> {
        if let Some(column) = reference.column {
            return Err(Malformed::new(Place::root().field("column"), column.to_string(), "no `column` where a matrix is wanted"));
        }
        self.matrix_market(reference)?.to_csr().map_err(|error| not_wanted(reference, &error, "a sparse matrix"))
    }

    fn stream(&mut self, reference: &FileReference) -> Result<Vec<u8>, Malformed> {
        self.read(reference)
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

/// Writes `matrix` as Matrix Market, only its lower triangle if it is exactly symmetric.
///
/// # Errors
/// When `out` cannot be written or a value is not finite.
pub(crate) fn write_matrix(mut out: &mut dyn Write, matrix: &SparseMatrix) -> io::Result<()> {
    match matrix_market::write_coordinate(&mut out, matrix, Symmetry::Symmetric, &[]) {
        // Nothing was written: the matrix was looked at first.
        Err(WriteError::NotSymmetric { .. } | WriteError::NotSquare { .. }) => {
            matrix_market::write_coordinate(&mut out, matrix, Symmetry::General, &[]).map_err(into_io)
        }
        result => result.map_err(into_io),
    }
}

fn into_io(error: WriteError) -> io::Error {
    match error {
        WriteError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

/// Numbers beyond this many go into a file of their own.
const INLINE: usize = 2000;

/// Collects the files that stand beside a document while it is written. Nothing appears before [`Beside::commit`].
#[derive(Debug)]
pub(crate) struct Beside {
    folder: PathBuf,
    stem: String,
    pending: Vec<Pending>,
}

impl Beside {
    /// Files beside `document`, named after it.
    pub(crate) fn of(document: &Path, stem: &str) -> Self {
        Self { folder: Folder::of(document).folder, stem: stem.to_owned(), pending: Vec::new() }
    }

    /// Puts all files under their names.
    pub(crate) fn commit(self) -> Result<(), InstanceError> {
        self.pending.into_iter().try_for_each(Pending::commit)
    }

    fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<FileReference, Malformed> {
        let file = format!("{}.{name}.mtx.zst", self.stem);
        let failed = |error: InstanceError| Malformed::new(Place::root(), error.to_string(), "a folder that can be written");
        let pending = write_pending(&self.folder.join(&file), write).map_err(failed)?;
        let digits = sha256(&pending.stored().map_err(failed)?);
        self.pending.push(pending);
        Ok(FileReference { file, sha256: Some(digits), column: None })
    }
}

impl BulkSink for Beside {
    fn matrix(&mut self, name: &str, matrix: &SparseMatrix) -> Result<Bulk<MatrixData>, Malformed> {
        if matrix.nnz() <= INLINE {
            return Ok(Bulk::Inline(MatrixData::from_matrix(matrix)));
        }
        self.add(name, |out| write_matrix(out, matrix)).map(Bulk::File)
    }

    fn vectors(&mut self, name: &str, vectors: &[&[f64]]) -> Result<Vec<Bulk<Vec<f64>>>, Malformed> {
        let total: usize = vectors.iter().map(|vector| vector.len()).sum();
        if total <= INLINE {
            return Ok(vectors.iter().map(|vector| Bulk::Inline(vector.to_vec())).collect());
        }
        let rows = vectors.first().map_or(0, |vector| vector.len());
        let reference =
            self.add(name, |mut out| matrix_market::write_array(&mut out, rows, vectors.len(), &vectors.concat(), &[]).map_err(into_io))?;
        let columns = 0..u32::try_from(vectors.len()).unwrap_or(u32::MAX);
        Ok(columns.map(|column| Bulk::File(FileReference { column: Some(column), ..reference.clone() })).collect())
    }
}
