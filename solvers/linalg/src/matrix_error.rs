//! Why a matrix is refused.

/// What a matrix or its new values lack.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatrixError {
    /// The matrix has another number of columns than rows.
    #[error("found a {rows} x {cols} matrix, expected a square one")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
    /// An array has the wrong length.
    #[error("{what}: found {found} numbers, expected {expected}")]
    WrongLength {
        /// Which array.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
    },
    /// The row pointers decrease or leave the entries.
    #[error("the pointer of row {row} decreases or lies beyond the entries")]
    BadRowPointer {
        /// The row (0-based).
        row: usize,
    },
    /// More entries or rows than `u32` indices can number.
    #[error("found {found} entries, expected at most {}", u32::MAX)]
    TooLarge {
        /// How many.
        found: usize,
    },
    /// A column index is not below the number of columns.
    #[error("row {row}: found column {col}, expected one below {dimension}")]
    ColumnOutOfRange {
        /// The row (0-based).
        row: usize,
        /// The column found.
        col: u32,
        /// Number of columns.
        dimension: usize,
    },
    /// Column indices of a row do not increase.
    #[error("row {row}: column {col} after column {previous}, expected increasing columns")]
    Unsorted {
        /// The row (0-based).
        row: usize,
        /// The column at fault.
        col: u32,
        /// The column before it.
        previous: u32,
    },
    /// A position is stored twice.
    #[error("row {row}, column {col} is stored twice")]
    Duplicate {
        /// The row (0-based).
        row: usize,
        /// The column (0-based).
        col: u32,
    },
    /// A value is NaN or infinite.
    #[error("row {row}, column {col}: found {value}, expected a finite number")]
    NotFinite {
        /// The row (0-based).
        row: usize,
        /// The column (0-based).
        col: usize,
        /// The value.
        value: f64,
    },
    /// A diagonal entry is zero or not stored; relaxation divides by it.
    #[error("the diagonal entry of row {row} is zero or not stored, expected a nonzero number")]
    ZeroDiagonal {
        /// The row (0-based).
        row: usize,
    },
    /// A diagonal entry is not positive, so the matrix cannot be positive definite.
    #[error("the diagonal entry of row {row} is {value}, expected a positive number")]
    NonPositiveDiagonal {
        /// The row (0-based).
        row: usize,
        /// The entry.
        value: f64,
    },
    /// The matrix is not symmetric, by more than rounding.
    #[error(
        "row {row}, column {col} is {value}, its mirror image {mirror}: they differ by {:e}, expected a symmetric matrix (differences up to {:e} of the entries are taken as rounding)",
        (value - mirror).abs(),
        crate::symmetry::ROUNDING
    )]
    NotSymmetric {
        /// The row (0-based).
        row: usize,
        /// The column (0-based).
        col: usize,
        /// The entry there; 0 where none is stored.
        value: f64,
        /// Its mirror image; 0 where none is stored.
        mirror: f64,
    },
    /// The pattern is not symmetric: a position is stored and its mirror image is not.
    #[error("row {row}, column {col} is stored and its mirror image is not, expected both (a zero may be stored)")]
    NotMirrored {
        /// The row (0-based).
        row: usize,
        /// The column (0-based).
        col: usize,
    },
}
