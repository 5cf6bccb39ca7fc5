//! Sparse kernels that several solver families use.
//!
//! | noun | what it is |
//! |---|---|
//! | [`SplitMatrix`] | a square sparse matrix split into its triangles and its (inverse) diagonal; values change in place |
//! | [`RelaxationFactor`] | `omega` in (0, 2) |
//! | [`Sor`] | successive over-relaxation, one pass over the matrix per sweep, residual included |
//! | [`Preconditioner`] | what preconditioned CG applies: [`Identity`], [`Jacobi`], [`Ssor`], [`IncompleteCholesky`] |
//! | [`ConjugateGradient`] | the preconditioned CG driver with its buffers |
//! | [`LevelMatrix`] | a symmetric matrix in level order, scaled for one split preconditioner ([`Pivots`]: SSOR or incomplete factors) |
//! | [`EisenstatCg`] | conjugate gradients with such a preconditioner at the price of plain ones |
//! | [`LevelCg`] | conjugate gradients on such a matrix with full incomplete factors, or with the sparse factor of an earlier matrix |
//! | [`Lanczos`] | the extreme eigenvalues of the Jacobi-scaled matrix, which decide the relaxation factor |
//! | `SparseCholesky` | sparse factors by faer, symbolic part kept (feature `cholesky`) |
//! | [`Solved`] | how an iteration ended: iterations, true residual, [`Ending`] |
#![forbid(unsafe_code)]

#[cfg(feature = "cholesky")]
mod cholesky;
mod conjugate_gradient;
mod eisenstat;
mod ending;
mod incomplete_cholesky;
mod lanczos;
mod level_cg;
mod level_matrix;
mod levels;
mod matrix_error;
mod operator;
mod preconditioner;
mod relaxation_factor;
mod runs;
mod sor;
mod split_matrix;
mod triangle;
mod vector;

#[cfg(feature = "cholesky")]
pub use cholesky::{CholeskyError, SparseCholesky};
pub use conjugate_gradient::ConjugateGradient;
pub use eisenstat::EisenstatCg;
pub use ending::{Ending, Goal, Solved};
pub use incomplete_cholesky::IncompleteCholesky;
pub use lanczos::{JacobiSpectrum, Lanczos};
pub use level_cg::LevelCg;
pub use level_matrix::{LevelMatrix, Pivots};
pub use matrix_error::MatrixError;
pub use operator::Operator;
pub use preconditioner::{Identity, Jacobi, Preconditioner, Ssor};
pub use relaxation_factor::{RelaxationFactor, RelaxationFactorError};
pub use sor::Sor;
pub use split_matrix::SplitMatrix;
pub use vector::{dot, norm};
