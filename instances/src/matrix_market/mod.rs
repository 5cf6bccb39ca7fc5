//! Matrix Market files: reading and writing.
//!
//! The format is that of R. F. Boisvert, R. Pozo and K. A. Remington, *The Matrix Market Exchange Formats: Initial Design*,
//! NISTIR 5935, National Institute of Standards and Technology, 1996.
//!
//! | part of the banner | read | refused with a message |
//! |---|---|---|
//! | object | `matrix` | `vector` and others |
//! | format | `coordinate`, `array` | |
//! | field | `real`, `integer`, `pattern` (coordinate only) | `complex` |
//! | symmetry | `general`, `symmetric`, `skew-symmetric` (not of a pattern) | `hermitian` |
//!
//! Accepted beyond the letter of the format, because files in circulation have it: comments and blank lines anywhere after the banner,
//! CRLF line ends, leading and repeated blanks and tabs, a plus sign before numbers, Fortran's `D` exponents.
//!
//! Everything here works on bytes in memory. Nothing is allocated in proportion to a *declared* size: a reader's storage is bounded by
//! the length of its text, and [`MatrixMarket::to_csr`] refuses matrices whose row count dwarfs their entries.
//!
//! ```
//! use fathom_opt_instances::matrix_market::{Symmetry, read, write_coordinate};
//!
//! let text = b"%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 4\n2 1 -1\n";
//! let matrix = read(text)?.to_csr()?;
//! assert_eq!(matrix.get(0, 1), Some(&-1.0));
//!
//! let mut written = Vec::new();
//! write_coordinate(&mut written, &matrix, Symmetry::Symmetric, &[])?;
//! assert_eq!(written, text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod conversion;
mod error;
mod header;
mod matrix;
mod number;
mod plain_line;
mod reader;
mod scanner;
mod shape;
mod sparse_matrix;
#[cfg(test)]
mod tests;
mod triplets;
mod writer;

pub use conversion::ConversionError;
pub use error::MatrixMarketError;
pub use header::{Field, Header, Layout, Symmetry};
pub use matrix::{Entries, MatrixMarket};
pub use reader::read;
pub(crate) use sparse_matrix::{into_io, write_matrix};
pub use triplets::Triplets;
pub use writer::{WriteError, write_array, write_coordinate};
