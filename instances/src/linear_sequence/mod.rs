//! Sequences of linear systems: Matrix Market files, and generators.

mod dense_columns;
mod diffusion;
mod grid;
mod heat_equation;
mod lone_matrix;
mod matrix_drift;
mod poisson;
mod shifted_laplacians;
mod size_limit;
mod solution_vector;

use fathom_opt_problems::linear_sequence::LinearSequence;

pub use diffusion::Diffusion;
pub use heat_equation::HeatEquation;
pub use lone_matrix::{Duplicates, LoneMatrix, LoneMatrixOptions};
pub use matrix_drift::{Along, Course, MatrixDrift};
pub use poisson::Poisson;
pub use shifted_laplacians::{ShiftedLaplacians, Variance};
pub use solution_vector::SolutionVector;

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<LinearSequence>()
        .reads::<LoneMatrix>()
        .writes::<LoneMatrix>()
        .takes_solutions::<SolutionVector>()
        .writes_solutions::<SolutionVector>()
        .generates::<Poisson>()
        .generates::<HeatEquation>()
        .generates::<ShiftedLaplacians>()
        .generates::<Diffusion>()
        .generates_from_files::<MatrixDrift>()
}
