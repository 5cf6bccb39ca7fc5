//! Why there is no indefinite factor.

/// Why a matrix could not be factored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LdlError {
    /// An entry of a pattern lies outside the matrix.
    #[error("entry {entry}: row {row}, column {column} lie outside a matrix of dimension {dimension}")]
    Index {
        /// Which entry of the list.
        entry: usize,
        /// Its row.
        row: u32,
        /// Its column.
        column: u32,
        /// The dimension of the matrix.
        dimension: usize,
    },
    /// More rows than 2^31.
    #[error("the matrix has more than 2^31 rows")]
    Size,
    /// A number of values that is not that of the pattern's entries.
    #[error("found {found} values, expected {expected} (one per entry of the lower triangle)")]
    Values {
        /// Values given.
        found: usize,
        /// Entries of the pattern.
        expected: usize,
    },
    /// A value of the matrix is NaN or infinite.
    #[error("the value at row {row}, column {column} is not finite")]
    NotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// The elimination overflowed although the matrix is finite.
    #[error("the elimination overflowed")]
    Overflow,
    /// The factor would need more numbers than allowed, or more than memory has.
    #[error("the factor needs more memory than allowed")]
    Memory,
    /// The caller asked to stop.
    #[error("the factorization was interrupted")]
    Interrupted,
}
