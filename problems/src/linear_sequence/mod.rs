//! A sequence of related sparse linear systems `A_t x_t = b_t`, solved one after the other to a relative tolerance.
//!
//! All systems share the size `n`, and unless a step brings a matrix of its own they share the sparsity pattern: `A_t` is the base matrix with a
//! diagonal shift, a diagonal added, or other values in the same places. This is the setting of Khodak, Chow, Balcan and Talwalkar,
//! "Learning to Relax" (ICLR 2024), and of every implicit time stepper.

mod check;
mod data;
mod solution;

use std::borrow::Cow;

pub use data::{LinearSequenceData, RhsData, StepData};
pub use solution::{KeptSolution, LinearSequenceSolution};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::Malformed;
use crate::problem::{Problem, Size};
use crate::sense::Sense;
use crate::sparse::SparseMatrix;
use crate::verdict::Verdict;

/// What a residual norm is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RelativeTo {
    /// `||b - A x||_2 <= tolerance * ||b||_2`.
    #[default]
    Rhs,
    /// `||b - A x||_2 <= tolerance * ||b - A x_0||_2`, with `x_0` as [`Start`] says.
    InitialResidual,
}

/// The reference initial guess `x_0` of each system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// `x_0 = 0`.
    #[default]
    Zero,
    /// `x_0` = the solution of the previous system (0 for the first).
    Previous,
}

/// How the matrix of one step differs from the base matrix `A`.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `A_t = A`.
    None,
    /// `A_t = A + c I`.
    Shift(f64),
    /// `A_t = A + diag(d)`.
    Diagonal(Vec<f64>),
    /// `A_t` has these values in `A`'s places, in row order.
    Values(Vec<f64>),
    /// `A_t` is this matrix, with a pattern of its own.
    Matrix(SparseMatrix),
}

/// One system of the sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its matrix, relative to the base matrix.
    pub change: Change,
    /// Its right-hand side, length `n`.
    pub rhs: Vec<f64>,
}

/// The problem class; see the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSequence {
    base: SparseMatrix,
    steps: Vec<Step>,
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
    pub fn new(base: SparseMatrix, steps: Vec<Step>, tolerance: f64, relative_to: RelativeTo, start: Start) -> Result<Self, Malformed> {
        let base = if base.is_csr() { base } else { base.to_csr() };
        let sequence = Self { base, steps, tolerance, relative_to, start };
        data::validate(&sequence)?;
        Ok(sequence)
    }

    /// The one system `A x = b`, to a relative residual of `tolerance`.
    ///
    /// # Errors
    /// As [`LinearSequence::new`].
    pub fn single(matrix: SparseMatrix, rhs: Vec<f64>, tolerance: f64) -> Result<Self, Malformed> {
        Self::new(matrix, vec![Step { change: Change::None, rhs }], tolerance, RelativeTo::Rhs, Start::Zero)
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
    pub fn steps(&self) -> &[Step] {
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
        match &self.steps[step].change {
            Change::None => Cow::Borrowed(&self.base),
            Change::Matrix(matrix) => Cow::Borrowed(matrix),
            Change::Values(values) => {
                let mut matrix = self.base.clone();
                matrix.data_mut().copy_from_slice(values);
                Cow::Owned(matrix)
            }
            Change::Shift(shift) => Cow::Owned(self.with_diagonal(|_| *shift)),
            Change::Diagonal(diagonal) => Cow::Owned(self.with_diagonal(|row| diagonal[row])),
        }
    }

    fn with_diagonal(&self, added: impl Fn(usize) -> f64) -> SparseMatrix {
        let mut matrix = self.base.clone();
        for (row, mut entries) in matrix.outer_iterator_mut().enumerate() {
            for (col, value) in entries.iter_mut() {
                if col == row {
                    *value += added(row);
                }
            }
        }
        matrix
    }
}

impl Problem for LinearSequence {
    const KIND: &'static str = "linear-sequence";
    const SUMMARY: &'static str = "a sequence of related sparse linear systems, each to a relative tolerance";
    type Data = LinearSequenceData;
    type Solution = LinearSequenceSolution;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        data.load(bulk)
    }

    fn to_data(&self, bulk: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        LinearSequenceData::store(self, bulk)
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Minimize
    }

    fn sizes(&self) -> Vec<Size> {
        vec![Size::new("unknowns", self.dimension()), Size::new("nonzeros", self.base.nnz()), Size::new("systems", self.steps.len())]
    }

    fn ranks_by_objective(&self) -> bool {
        false
    }

    /// Residuals near the rounding level of an ill-conditioned system differ between two ways to sum them; whether each is small enough is a
    /// requirement of its own.
    // Two correct ways to compute a residual differ by rounding, about 1e-12 relative to the right-hand side, and by what a solver stops on: 1 %.
    fn objective_tolerance(&self) -> f64 {
        1e-2
    }

    fn objective_scale(&self) -> f64 {
        1e-10
    }
}
