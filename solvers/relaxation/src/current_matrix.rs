//! The matrix of the system at hand.

use fathom_opt_linalg::{Added, MatrixError, ResidualNorm, SplitMatrix};
use fathom_opt_problems::linear_sequence::{Change, LinearSequence};

/// Walks through a sequence and holds the matrix of one system, updated in place as long as the pattern stays.
#[derive(Debug)]
pub(crate) struct CurrentMatrix<'a> {
    problem: &'a LinearSequence,
    split: Option<SplitMatrix>,
    /// What the split matrix was made from.
    holds: Holds,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    /// The base matrix, perhaps with another diagonal.
    Base,
    /// Other values in the base pattern.
    Values,
    /// A matrix with a pattern of its own.
    Other,
}

/// What a change adds to the diagonal of the base matrix.
pub(crate) fn added(change: &Change) -> Added<'_> {
    match change {
        Change::Shift(shift) => Added::Shift(*shift),
        Change::Diagonal(diagonal) => Added::Diagonal(diagonal),
        Change::None | Change::Values(_) | Change::Matrix(_) => Added::Nothing,
    }
}

impl<'a> CurrentMatrix<'a> {
    /// Before the first system.
    pub(crate) fn new(problem: &'a LinearSequence) -> Self {
        Self { problem, split: None, holds: Holds::Other }
    }

    /// Goes to system `index`.
    pub(crate) fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        let base = self.problem.base();
        let change = &self.problem.steps()[index].change;
        let (split, holds) = match (change, self.split.take(), self.holds) {
            (Change::Matrix(matrix), ..) => (SplitMatrix::from_sprs(matrix)?, Holds::Other),
            (Change::Values(values), Some(mut split), Holds::Base | Holds::Values) => {
                split.set_values(values)?;
                (split, Holds::Values)
            }
            (Change::Values(_), ..) => (SplitMatrix::from_sprs(&self.problem.matrix(index))?, Holds::Values),
            (_, Some(mut split), Holds::Base) => {
                split.set_added(added(change))?;
                (split, Holds::Base)
            }
            // The base diagonal need not be usable by itself.
            _ => (SplitMatrix::from_sprs_with_added(base, added(change))?, Holds::Base),
        };
        self.split = Some(split);
        self.holds = holds;
        Ok(())
    }

    /// `r = rhs - A x`, to about twice the working precision.
    pub(crate) fn residual(&self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm> {
        self.split.as_ref().map(|split| split.accurate_residual(x, rhs, r))
    }

    /// The matrix of the system last advanced to.
    ///
    /// # Errors
    /// Before the first system there is none.
    pub(crate) fn matrix(&self) -> Result<&SplitMatrix, MatrixError> {
        self.split.as_ref().ok_or(MatrixError::WrongLength { what: "matrices", found: 0, expected: 1 })
    }
}
