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
//! | [`SymmetricForm`] | whether values in a pattern are symmetric with a positive diagonal |
//! | [`Added`] | what is added to the diagonal of a matrix whose values stay |
//! | [`Minres`], [`Gmres`] | Krylov methods for matrices that need not be definite |
//! | [`SparseRows`] | a sparse matrix by rows, of any shape |
//! | [`Kaczmarz`], [`GaussianProjection`] | solving by random projections |
//! | `SparseLdl` | sparse factors of symmetric indefinite matrices, with their true `Inertia` (feature `indefinite`) |
//! | [`Solved`] | how an iteration ended: iterations, true residual, [`Ending`] |
//! | [`ResidualNorm`] | a residual norm to about twice the working precision, with its error bound |
#![forbid(unsafe_code)]

mod added;
mod best_iterate;
#[cfg(feature = "cholesky")]
mod cholesky;
mod compensated;
mod conjugate_gradient;
mod eisenstat;
mod ending;
mod incomplete_cholesky;
#[cfg(feature = "indefinite")]
mod indefinite;
mod krylov;
mod lanczos;
mod level_cg;
mod level_matrix;
mod level_pattern;
mod levels;
mod matrix_error;
mod operator;
mod preconditioner;
mod projection;
mod relaxation_factor;
mod runs;
mod scaling;
mod sor;
mod sparse_rows;
mod split_matrix;
mod symmetric_form;
mod symmetry;
mod triangle;
mod vector;

pub use added::Added;
#[cfg(feature = "cholesky")]
pub use cholesky::{CholeskyError, SparseCholesky};
pub use compensated::ResidualNorm;
pub use conjugate_gradient::ConjugateGradient;
pub use eisenstat::EisenstatCg;
pub use ending::{Ending, Goal, Solved};
pub use incomplete_cholesky::IncompleteCholesky;
#[cfg(feature = "indefinite")]
pub use indefinite::{Inertia, LdlError, LdlOptions, Refined, SparseLdl, SymmetricPattern};
pub use krylov::{Gmres, KrylovEnd, KrylovGoal, Minres};
pub use lanczos::{JacobiSpectrum, Lanczos};
pub use level_cg::LevelCg;
pub use level_matrix::LevelMatrix;
pub use matrix_error::MatrixError;
pub use operator::Operator;
pub use preconditioner::{Identity, Jacobi, Preconditioner, Ssor};
pub use projection::{GaussianProjection, Kaczmarz, ProjectionEnd, ProjectionGoal, RowChoice};
pub use relaxation_factor::{RelaxationFactor, RelaxationFactorError};
pub use scaling::Pivots;
pub use sor::Sor;
pub use sparse_rows::SparseRows;
pub use split_matrix::SplitMatrix;
pub use symmetric_form::SymmetricForm;
pub use vector::{dot, norm};
