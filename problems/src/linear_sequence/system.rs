//! One system of a sequence, and what its residual is measured against.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sparse::SparseMatrix;

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

/// How the matrix of one system differs from the base matrix `A`.
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

impl Change {
    /// `base` with this change made; borrowed where nothing is copied.
    pub(super) fn apply<'a>(&'a self, base: &'a SparseMatrix) -> Cow<'a, SparseMatrix> {
        match self {
            Self::None => Cow::Borrowed(base),
            Self::Matrix(matrix) => Cow::Borrowed(matrix),
            Self::Values(values) => {
                let mut matrix = base.clone();
                matrix.data_mut().copy_from_slice(values);
                Cow::Owned(matrix)
            }
            Self::Shift(shift) => Cow::Owned(with_diagonal(base, |_| *shift)),
            Self::Diagonal(diagonal) => Cow::Owned(with_diagonal(base, |row| diagonal[row])),
        }
    }
}

fn with_diagonal(base: &SparseMatrix, added: impl Fn(usize) -> f64) -> SparseMatrix {
    let mut matrix = base.clone();
    for (row, mut entries) in matrix.outer_iterator_mut().enumerate() {
        for (col, value) in entries.iter_mut() {
            if col == row {
                *value += added(row);
            }
        }
    }
    matrix
}

/// One system of the sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Its matrix, relative to the base matrix.
    pub change: Change,
    /// Its right-hand side, length `n`.
    pub rhs: Vec<f64>,
}
