//! The sequence itself.

use std::borrow::Cow;

use super::system::{Change, RelativeTo, Start, System};
use super::validation;
use crate::malformed::Malformed;
use crate::sparse::SparseMatrix;

/// The problem class; see the [module](super).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSequence {
    base: SparseMatrix,
    steps: Vec<System>,
    tolerance: f64,
    relative_to: RelativeTo,
    start: Start,
}

impl LinearSequence {
    /// A sequence over the base matrix `base` (square, `n x n`).
    ///
    /// # Errors
    /// Matrices that are not `n x n` or hold values that are not finite, right-hand sides of another length than `n`, a shift or a diagonal where the
    /// base matrix stores no diagonal entry, a tolerance outside (0, 1), no system at all.
    pub fn new(base: SparseMatrix, steps: Vec<System>, tolerance: f64, relative_to: RelativeTo, start: Start) -> Result<Self, Malformed> {
        let base = if base.is_csr() { base } else { base.to_csr() };
        validation::frame(&base, tolerance)?;
        validation::systems(&base, &steps)?;
        Ok(Self { base, steps, tolerance, relative_to, start })
    }

    /// The one system `A x = b`, to a relative residual of `tolerance`.
    ///
    /// # Errors
    /// As [`LinearSequence::new`].
    pub fn single(matrix: SparseMatrix, rhs: Vec<f64>, tolerance: f64) -> Result<Self, Malformed> {
        Self::new(matrix, vec![System { change: Change::None, rhs }], tolerance, RelativeTo::Rhs, Start::Zero)
    }

    /// Number of unknowns of every system.
    pub fn dimension(&self) -> usize {
        self.base.rows()
    }

    /// The base matrix `A`, in compressed rows.
    pub fn base(&self) -> &SparseMatrix {
        &self.base
    }

    /// The systems, in order.
    pub fn steps(&self) -> &[System] {
        &self.steps
    }

    /// The relative tolerance of every residual.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// What residuals are compared with.
    pub fn relative_to(&self) -> RelativeTo {
        self.relative_to
    }

    /// The reference initial guess.
    pub fn start(&self) -> Start {
        self.start
    }

    /// The matrix of system `step`, assembled. The base matrix is borrowed where nothing changes.
    pub fn matrix(&self, step: usize) -> Cow<'_, SparseMatrix> {
        self.steps[step].change.apply(&self.base)
    }
}
