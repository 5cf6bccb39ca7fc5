//! What a solver needs of the matrices of a sequence.

use fathom_opt_core::SolveError;
use fathom_opt_linalg::{Added, MatrixError, SymmetricForm};
use fathom_opt_problems::linear_sequence::{Change, LinearSequence};
use fathom_opt_problems::sparse::SparseMatrix;

/// What every matrix of a sequence has to be like. All solvers of the crate that need one of these need the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// A stored diagonal without zeros: relaxation divides by it.
    NonzeroDiagonal,
    /// Symmetric but for rounding, with a positive diagonal: the form of a positive definite matrix.
    SymmetricPositiveDiagonal,
}

impl Requirement {
    /// Whether every matrix of `problem` is so.
    ///
    /// # Errors
    /// [`SolveError::Unsupported`]: the first system whose matrix is not, and where.
    pub(crate) fn check(self, solver: &'static str, problem: &LinearSequence) -> Result<(), SolveError> {
        let unsupported = |t: usize, fault: &MatrixError| SolveError::Unsupported {
            solver,
            why: if problem.steps().len() == 1 { fault.to_string() } else { format!("the matrix of system {t}: {fault}") },
        };
        let base = problem.base();
        let mut of_base: Option<Base> = None;
        for (t, step) in problem.steps().iter().enumerate() {
            if let Change::Matrix(matrix) = &step.change {
                form(matrix)
                    .and_then(|form| self.check_matrix(&form, matrix.data(), Added::Nothing))
                    .map_err(|fault| unsupported(t, &fault))?;
                continue;
            }
            let known = match &mut of_base {
                Some(known) => known,
                empty => empty.insert(Base::of(base).map_err(|fault| unsupported(t, &fault))?),
            };
            self.check_change(known, base, &step.change).map_err(|fault| unsupported(t, &fault))?;
        }
        Ok(())
    }

    fn check_change(self, known: &mut Base, base: &SparseMatrix, change: &Change) -> Result<(), MatrixError> {
        let added = match change {
            Change::Values(values) => return self.check_matrix(&known.form, values, Added::Nothing),
            Change::Shift(shift) => Added::Shift(*shift),
            Change::Diagonal(diagonal) => Added::Diagonal(diagonal),
            Change::None | Change::Matrix(_) => Added::Nothing,
        };
        if self == Self::SymmetricPositiveDiagonal && !known.symmetric {
            known.form.check_symmetry(base.data())?;
            known.symmetric = true;
        }
        if let Added::Shift(shift) = added {
            // Rounded sums are as ordered as what was added, so the two ends speak for all entries.
            let (least, most) = (known.range.0 + shift, known.range.1 + shift);
            if least > 0.0 && most.is_finite() {
                return Ok(());
            }
        }
        known.form.check_diagonal(base.data(), added, self == Self::SymmetricPositiveDiagonal)
    }

    fn check_matrix(self, form: &SymmetricForm, values: &[f64], added: Added<'_>) -> Result<(), MatrixError> {
        form.check_diagonal(values, added, self == Self::SymmetricPositiveDiagonal)?;
        if self == Self::SymmetricPositiveDiagonal { form.check_symmetry(values) } else { Ok(()) }
    }
}

/// What is known of the base matrix.
struct Base {
    form: SymmetricForm,
    /// Whether its own values were found to be symmetric.
    symmetric: bool,
    /// The least and the largest diagonal entry.
    range: (f64, f64),
}

impl Base {
    fn of(base: &SparseMatrix) -> Result<Self, MatrixError> {
        let form = form(base)?;
        let range = form.diagonal_range(base.data());
        Ok(Self { form, symmetric: false, range })
    }
}

fn form(matrix: &SparseMatrix) -> Result<SymmetricForm, MatrixError> {
    SymmetricForm::of(matrix.rows(), &matrix.indptr().to_proper(), matrix.indices())
}
