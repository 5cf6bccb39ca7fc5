//! Sparse kernels that several solver families use.
//!
//! | noun | what it is |
//! |---|---|
//! | [`SplitMatrix`] | a square sparse matrix split into its triangles and its (inverse) diagonal; values change in place |
//! | [`RelaxationFactor`] | `omega` in (0, 2) |
//! | [`Sor`] | successive over-relaxation, one pass over the matrix per sweep, residual included |
//! | [`Preconditioner`] | what preconditioned CG applies: [`Identity`], [`Jacobi`], [`Ssor`] |
//! | [`ConjugateGradient`] | the preconditioned CG driver with its buffers |
//! | [`Solved`] | how an iteration ended: iterations, true residual, [`Ending`] |
#![forbid(unsafe_code)]

mod conjugate_gradient;
mod ending;
mod matrix_error;
mod preconditioner;
mod relaxation_factor;
mod sor;
mod split_matrix;
mod triangle;
mod vector;

pub use conjugate_gradient::ConjugateGradient;
pub use ending::{Ending, Goal, Solved};
pub use matrix_error::MatrixError;
pub use preconditioner::{Identity, Jacobi, Preconditioner, Ssor};
pub use relaxation_factor::{RelaxationFactor, RelaxationFactorError};
pub use sor::Sor;
pub use split_matrix::SplitMatrix;
pub use vector::{dot, norm};
