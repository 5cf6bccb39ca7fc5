//! Sparse matrices in documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sprs::TriMatI;

use crate::bulk::{Bulk, BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};

/// The crate of [`SparseMatrix`], in the version that this crate uses.
pub use sprs;

/// A sparse matrix in memory: compressed rows, 0-based `u32` indices, sorted columns, no duplicates, finite values.
pub type SparseMatrix = sprs::CsMatI<f64, u32>;

/// A sparse matrix written out in a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixData {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub cols: u32,
    /// Whether only the lower triangle is listed and the upper one is its mirror image.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub symmetric: bool,
    /// `[row, column, value]` of each stored entry, 0-based, in any order, none twice.
    pub entries: Vec<(u32, u32, f64)>,
}

impl MatrixData {
    /// The document form of `matrix`, in row order; only the lower triangle of one that is exactly symmetric.
    pub fn from_matrix(matrix: &SparseMatrix) -> Self {
        // Both dimensions were `u32` when the matrix was made; a matrix from elsewhere that is larger has no document form.
        let dimension = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mirrored = |(&value, (row, col)): (&f64, (u32, u32))| matrix.get(col as usize, row as usize) == Some(&value);
        let symmetric = matrix.rows() == matrix.cols() && matrix.iter().all(mirrored);
        Self {
            rows: dimension(matrix.rows()),
            cols: dimension(matrix.cols()),
            symmetric,
            entries: matrix
                .iter()
                .filter(|(_, (row, col))| !symmetric || col <= row)
                .map(|(&value, (row, col))| (row, col, value))
                .collect(),
        }
    }

    /// The matrix.
    ///
    /// # Errors
    /// Indices out of range, duplicates, entries above the diagonal of a symmetric matrix, many more rows than entries.
    pub fn to_matrix(&self) -> Result<SparseMatrix, Malformed> {
        let place = Place::root();
        let entries = place.field("entries");
        // A declared size costs the reader memory only in proportion to what is really there.
        if self.rows as usize > 2 * self.entries.len() + MOST_EMPTY_ROWS {
            return Err(Malformed::new(
                place.field("rows"),
                format!("{} rows with {} entries", self.rows, self.entries.len()),
                format!("at most {MOST_EMPTY_ROWS} rows more than twice the entries"),
            ));
        }
        if self.symmetric && self.rows != self.cols {
            return Err(Malformed::new(
                place.field("symmetric"),
                format!("a {} x {} matrix", self.rows, self.cols),
                "a square matrix where `symmetric` is true",
            ));
        }
        let mut triplets: TriMatI<f64, u32> =
            TriMatI::with_capacity((self.rows as usize, self.cols as usize), self.entries.len() * if self.symmetric { 2 } else { 1 });
        for (k, &(row, col, value)) in self.entries.iter().enumerate() {
            if row >= self.rows || col >= self.cols {
                return Err(Malformed::new(
                    entries.index(k),
                    format!("row {row}, column {col}"),
                    format!("indices below {} and {} (0-based)", self.rows, self.cols),
                ));
            }
            if self.symmetric && col > row {
                return Err(Malformed::new(
                    entries.index(k),
                    format!("row {row}, column {col}"),
                    "an entry of the lower triangle (the matrix is declared symmetric)",
                ));
            }
            triplets.add_triplet(row as usize, col as usize, value);
            if self.symmetric && row != col {
                triplets.add_triplet(col as usize, row as usize, value);
            }
        }
        let expanded = triplets.nnz();
        let matrix: SparseMatrix = triplets.to_csr();
        if matrix.nnz() != expanded {
            return Err(Malformed::new(entries, "an entry that is listed twice", "each position once"));
        }
        Ok(matrix)
    }
}

/// How many more rows than (twice the) entries a matrix may declare.
const MOST_EMPTY_ROWS: usize = 1_000_000;

impl Bulk<MatrixData> {
    /// The matrix, from the document or from the file it names.
    ///
    /// # Errors
    /// As [`MatrixData::to_matrix`] and [`BulkSource::matrix`].
    pub fn load(&self, bulk: &mut dyn BulkSource) -> Result<SparseMatrix, Malformed> {
        match self {
            Self::File(reference) => bulk.matrix(reference),
            Self::Inline(data) => data.to_matrix(),
        }
    }

    /// The document form of `matrix`, in the place that `bulk` chooses.
    ///
    /// # Errors
    /// As [`BulkSink::matrix`].
    pub fn store(name: &str, matrix: &SparseMatrix, bulk: &mut dyn BulkSink) -> Result<Self, Malformed> {
        bulk.matrix(name, matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(json: &str) -> MatrixData {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_symmetric_matrix_is_mirrored() {
        let matrix = data(r#"{"rows":2,"cols":2,"symmetric":true,"entries":[[0,0,4],[1,0,-1],[1,1,3]]}"#).to_matrix().unwrap();
        assert_eq!(matrix.nnz(), 4);
        assert_eq!(matrix.get(0, 1), Some(&-1.0));
    }

    #[test]
    fn faults_name_the_entry() {
        let cases = [
            (r#"{"rows":2,"cols":2,"entries":[[0,0,1],[2,0,1]]}"#, "entries[1]: found row 2"),
            (r#"{"rows":2,"cols":2,"symmetric":true,"entries":[[0,1,1]]}"#, "entries[0]: found row 0, column 1"),
            (r#"{"rows":2,"cols":2,"entries":[[0,0,1],[0,0,1]]}"#, "listed twice"),
            (r#"{"rows":4000000000,"cols":2,"entries":[[0,0,1]]}"#, "rows: found 4000000000 rows with 1 entries"),
            (r#"{"rows":3,"cols":2,"symmetric":true,"entries":[[0,0,1]]}"#, "symmetric: found a 3 x 2 matrix"),
        ];
        for (json, message) in cases {
            let error = data(json).to_matrix().unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn a_matrix_survives_its_document_form() {
        for json in [
            r#"{"rows":3,"cols":2,"entries":[[2,1,0.1],[0,0,-7]]}"#,
            r#"{"rows":2,"cols":2,"symmetric":true,"entries":[[0,0,1],[1,0,2]]}"#,
            r#"{"rows":2,"cols":2,"entries":[[1,0,2]]}"#,
        ] {
            let matrix = data(json).to_matrix().unwrap();
            assert_eq!(MatrixData::from_matrix(&matrix).to_matrix().unwrap(), matrix);
        }
    }
}
