//! The files that are written beside a document.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fathom_opt_problems::sparse::{MatrixData, SparseMatrix};
use fathom_opt_problems::{Bulk, BulkSink, FileReference, LineWriter, Malformed, Place};

use crate::atomic_file::{Pending, write_pending};
use crate::content_hash::sha256;
use crate::error::InstanceError;
use crate::matrix_market::{self, into_io, write_matrix};
use crate::stored_bytes::folder_of;

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
        Self { folder: folder_of(document).to_path_buf(), stem: stem.to_owned(), pending: Vec::new() }
    }

    /// Puts all files under their names.
    pub(crate) fn commit(self) -> Result<(), InstanceError> {
        self.pending.into_iter().try_for_each(Pending::commit)
    }

    fn add(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<FileReference, Malformed> {
        self.add_file(&format!("{name}.mtx"), write)
    }

    fn add_file(&mut self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<FileReference, Malformed> {
        let file = format!("{}.{name}.zst", self.stem);
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

    fn stream(&mut self, name: &str, numbers: usize, write: &LineWriter<'_>) -> Result<Option<FileReference>, Malformed> {
        if numbers <= INLINE {
            return Ok(None);
        }
        self.add_file(&format!("{name}.jsonl"), |out| write(out)).map(Some)
    }
}
