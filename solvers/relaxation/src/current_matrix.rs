//! The matrix of the system at hand.

use fathom_opt_core::{SolveError, Solver};
use fathom_opt_linalg::{MatrixError, SplitMatrix, norm};
use fathom_opt_problems::linear_sequence::{Change, LinearSequence};

/// Walks through a sequence and holds the matrix of one system, updated in place as long as the pattern stays.
#[derive(Debug)]
pub(crate) struct CurrentMatrix<'a> {
    problem: &'a LinearSequence,
    split: SplitMatrix,
    holds: Holds,
    /// Whether anything off the diagonal changed since symmetry was last checked.
    unchecked: bool,
    residual: Vec<f64>,
}

/// What the split matrix was made from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    /// The base matrix, perhaps with another diagonal.
    Base,
    /// Other values in the base pattern.
    Values,
    /// A matrix with a pattern of its own.
    Other,
}

impl<'a> CurrentMatrix<'a> {
    /// Before the first system, for this solver.
    pub(crate) fn of<S: Solver<LinearSequence>>(problem: &'a LinearSequence) -> Result<Self, SolveError> {
        Self::new(problem).map_err(|fault| SolveError::Unsupported { solver: S::NAME, why: fault.to_string() })
    }

    fn new(problem: &'a LinearSequence) -> Result<Self, MatrixError> {
        // Not from the base matrix: it may have zeros on its diagonal where every system adds its own.
        let first = problem.matrix(0);
        let split = SplitMatrix::from_sprs(&first)?;
        Ok(Self { problem, split, holds: Holds::Other, unchecked: true, residual: Vec::new() })
    }

    /// Goes to system `step`.
    pub(crate) fn advance(&mut self, step: usize) -> Result<(), MatrixError> {
        let base = self.problem.base();
        let change = &self.problem.steps()[step].change;
        match change {
            Change::Matrix(matrix) => {
                self.split = SplitMatrix::from_sprs(matrix)?;
                self.holds = Holds::Other;
                self.unchecked = true;
            }
            Change::Values(values) => {
                match self.holds {
                    Holds::Other => self.split = SplitMatrix::from_sprs(&self.problem.matrix(step))?,
                    Holds::Base | Holds::Values => self.split.set_values(values)?,
                }
                self.holds = Holds::Values;
                self.unchecked = true;
            }
            Change::None | Change::Shift(_) | Change::Diagonal(_) => {
                if self.holds != Holds::Base {
                    if let Ok(split) = SplitMatrix::from_sprs(base) {
                        self.split = split;
                        self.holds = Holds::Base;
                    } else {
                        // The base diagonal alone is not usable: assemble this system.
                        self.split = SplitMatrix::from_sprs(&self.problem.matrix(step))?;
                        self.holds = Holds::Other;
                        self.unchecked = true;
                        return Ok(());
                    }
                    self.unchecked = true;
                }
                match change {
                    Change::Shift(shift) => self.split.set_shift(*shift)?,
                    Change::Diagonal(added) => self.split.set_added_diagonal(added)?,
                    _ => self.split.set_shift(0.0)?,
                }
            }
        }
        Ok(())
    }

    /// `||rhs - A x||_2`, with a scratch vector.
    pub(crate) fn residual_norm(&mut self, rhs: &[f64], x: &[f64]) -> f64 {
        self.residual.resize(rhs.len(), 0.0);
        self.split.residual(x, rhs, &mut self.residual);
        norm(&self.residual)
    }

    /// The matrix of the system last advanced to.
    pub(crate) fn matrix(&self) -> &SplitMatrix {
        &self.split
    }

    /// Whether the matrix can be symmetric positive definite: it is symmetric and its diagonal is positive.
    pub(crate) fn require_spd_form(&mut self) -> Result<(), MatrixError> {
        self.split.require_positive_diagonal()?;
        if self.unchecked {
            self.split.require_symmetric(SYMMETRY_TOLERANCE)?;
            self.unchecked = false;
        }
        Ok(())
    }
}

/// Entries may differ from their mirror images by this much, relatively: files store rounded decimals.
const SYMMETRY_TOLERANCE: f64 = 1e-8;
