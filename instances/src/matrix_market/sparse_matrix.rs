//! Sparse matrices as files: the shortest form that gives the matrix back.

use std::io::{self, Write};

use fathom_opt_problems::sparse::SparseMatrix;

use super::{Symmetry, WriteError, write_coordinate};

/// Writes `matrix` as Matrix Market, only its lower triangle if it is exactly symmetric.
///
/// # Errors
/// When `out` cannot be written or a value is not finite.
pub(crate) fn write_matrix(mut out: &mut dyn Write, matrix: &SparseMatrix) -> io::Result<()> {
    match write_coordinate(&mut out, matrix, Symmetry::Symmetric, &[]) {
        // Nothing was written: the matrix was looked at first.
        Err(WriteError::NotSymmetric { .. } | WriteError::NotSquare { .. }) => {
            write_coordinate(&mut out, matrix, Symmetry::General, &[]).map_err(into_io)
        }
        result => result.map_err(into_io),
    }
}

/// What writing files fails with, as other writers do.
pub(crate) fn into_io(error: WriteError) -> io::Error {
    match error {
        WriteError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}
