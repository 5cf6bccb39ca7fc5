use super::{Field, Header, Layout, Symmetry};
use sprs::CsMatI;
use std::fmt;
use std::io::{self, Write};
use thiserror::Error;

/// Why a matrix was not written. Except after [`WriteError::Io`], nothing was.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The destination refused bytes.
    #[error("cannot write the matrix: {0}")]
    Io(#[from] io::Error),
    /// A symmetry was asked for that a matrix of this shape cannot have.
    #[error("found {rows} rows and {columns} columns, expected a square matrix to write as {symmetry}")]
    NotSquare {
        /// The matrix's rows.
        rows: usize,
        /// The matrix's columns.
        columns: usize,
        /// The symmetry asked for.
        symmetry: Symmetry,
    },
    /// A symmetry was asked for that the matrix does not have, exactly and in its stored positions.
    #[error("the entry at row {row}, column {column} (counted from 0) has no mirror image, expected one to write the matrix as {symmetry}")]
    NotSymmetric {
        /// The row, counted from 0, of an entry without its mirror image.
        row: usize,
        /// The column, counted from 0.
        column: usize,
        /// The symmetry asked for.
        symmetry: Symmetry,
    },
    /// A value is infinite or not a number.
    #[error("found {value} at row {row}, column {column} (counted from 0), expected a finite number")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column, counted from 0.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A dense matrix has other than `rows * columns` values.
    #[error("found {found} values, expected {rows} x {columns}")]
    WrongLength {
        /// The values given.
        found: usize,
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
    },
}

/// Writes a sparse matrix as a `coordinate real` file, entries in the matrix's own order (row by row if it stores rows).
///
/// Reading the file gives the matrix back bit for bit: values are in the shortest decimal form that rounds to them, and explicit zeros stay.
/// In a symmetric file the upper triangle is read as the mirror image of the lower, so that a zero's sign there may change.
/// Every line of `comments` becomes a comment line below the banner. `out` gets many small writes, so let it be buffered.
///
/// # Errors
///
/// Before anything is written: [`WriteError::NotFinite`], and [`WriteError::NotSquare`] or [`WriteError::NotSymmetric`] if the matrix
/// is not exactly what `symmetry` says. Then [`WriteError::Io`].
pub fn write_coordinate(out: &mut impl Write, matrix: &CsMatI<f64, u32>, symmetry: Symmetry, comments: &[&str]) -> Result<(), WriteError> {
    let entries = || matrix.iter().map(|(&value, (row, column))| (row as usize, column as usize, value));
    if let Some((row, column, value)) = entries().find(|(_, _, value)| !value.is_finite()) {
        return Err(WriteError::NotFinite { row, column, value });
    }
    let (rows, columns) = matrix.shape();
    let sign = match symmetry {
        Symmetry::General => None,
        Symmetry::Symmetric => Some(1.0),
        Symmetry::SkewSymmetric => Some(-1.0),
    };
    if let Some(sign) = sign {
        if rows != columns {
            return Err(WriteError::NotSquare { rows, columns, symmetry });
        }
        // A skew-symmetric file has no place for a diagonal, not even for a zero there.
        let mirrored = |&(row, column, value): &(usize, usize, f64)| {
            (row != column || symmetry == Symmetry::Symmetric) && matrix.get(column, row).is_some_and(|&mirror| mirror == sign * value)
        };
        if let Some((row, column, _)) = entries().find(|entry| !mirrored(entry)) {
            return Err(WriteError::NotSymmetric { row, column, symmetry });
        }
    }
    let stored = || entries().filter(|&(row, column, _)| symmetry == Symmetry::General || row >= column);
    write_top(out, Header { format: Layout::Coordinate, field: Field::Real, symmetry }, comments)?;
    writeln!(out, "{rows} {columns} {}", stored().count())?;
    for (row, column, value) in stored() {
        writeln!(out, "{} {} {}", row + 1, column + 1, Shortest(value))?;
    }
    Ok(())
}

/// Writes a dense matrix, given as `rows * columns` values column after column, as an `array real general` file.
///
/// Values and comments are written as in [`write_coordinate`].
///
/// # Errors
///
/// Before anything is written: [`WriteError::WrongLength`], [`WriteError::NotFinite`]. Then [`WriteError::Io`].
pub fn write_array(out: &mut impl Write, rows: usize, columns: usize, values: &[f64], comments: &[&str]) -> Result<(), WriteError> {
    if rows.checked_mul(columns) != Some(values.len()) {
        return Err(WriteError::WrongLength { found: values.len(), rows, columns });
    }
    if let Some((at, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(WriteError::NotFinite { row: at % rows, column: at / rows, value });
    }
    write_top(out, Header { format: Layout::Array, field: Field::Real, symmetry: Symmetry::General }, comments)?;
    writeln!(out, "{rows} {columns}")?;
    for &value in values {
        writeln!(out, "{}", Shortest(value))?;
    }
    Ok(())
}

fn write_top(out: &mut impl Write, header: Header, comments: &[&str]) -> io::Result<()> {
    writeln!(out, "{header}")?;
    for line in comments.iter().flat_map(|comment| comment.lines()) {
        writeln!(out, "% {line}")?;
    }
    Ok(())
}

/// Displays the fewest significant digits that round to the value, with an exponent where the plain form would be long.
struct Shortest(f64);

impl fmt::Display for Shortest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if magnitude == 0.0 || (1e-5..1e16).contains(&magnitude) {
            write!(formatter, "{}", self.0)
        } else {
            write!(formatter, "{:e}", self.0)
        }
    }
}
