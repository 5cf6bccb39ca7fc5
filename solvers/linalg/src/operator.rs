//! What conjugate gradients need of a matrix.

use crate::compensated::ResidualNorm;
use crate::level_matrix::LevelMatrix;
use crate::scaling::Pivots;
use crate::split_matrix::SplitMatrix;

/// A square matrix that can be multiplied with.
pub trait Operator {
    /// Number of rows, and of columns.
    fn dimension(&self) -> usize;

    /// `y = A x`. Both have the matrix's dimension.
    fn multiply(&self, x: &[f64], y: &mut [f64]);

    /// `r = b - A x`; returns `r . r`. All have the matrix's dimension.
    fn residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> f64 {
        self.multiply(x, r);
        let mut square = 0.0;
        for (r, b) in r.iter_mut().zip(b) {
            *r = b - *r;
            square += *r * *r;
        }
        square
    }

    /// The same to about twice the working precision, rounded at the end.
    fn accurate_residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm;
}

impl Operator for SplitMatrix {
    fn dimension(&self) -> usize {
        Self::dimension(self)
    }

    fn multiply(&self, x: &[f64], y: &mut [f64]) {
        Self::multiply(self, x, y);
    }

    fn residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> f64 {
        Self::residual(self, x, b, r)
    }

    fn accurate_residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        Self::accurate_residual(self, x, b, r)
    }
}

/// A [`LevelMatrix`] for vectors in level order, unscaled.
#[derive(Debug)]
pub(crate) struct InLevelOrder<'a>(&'a LevelMatrix);

impl<'a> InLevelOrder<'a> {
    /// Prepares `matrix` for products.
    pub(crate) fn of(matrix: &'a mut LevelMatrix) -> Self {
        matrix.prepare(Pivots::Unit);
        Self(matrix)
    }
}

impl Operator for InLevelOrder<'_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn multiply(&self, x: &[f64], y: &mut [f64]) {
        self.0.multiply_scaled(x, y);
    }

    fn accurate_residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        self.0.accurate_residual_all_in_level_order(x, b, r)
    }
}
