//! The covariances that regressions are made of, in plain numbers or in numbers with twice the digits.

use crate::number::Number;

/// A `d x d` covariance, every variable in a unit of its own.
#[derive(Debug)]
pub(crate) struct Gram<'a, N> {
    entries: &'a [N],
    /// Its diagonal, side by side.
    variances: &'a [N],
    /// A parent of whose variance the others leave no more than this share says nothing new.
    dependent: f64,
}

impl<N> Clone for Gram<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Gram<'_, N> {}

impl<'a, N: Number> Gram<'a, N> {
    pub(crate) fn new(entries: &'a [N], variances: &'a [N], dependent: f64) -> Self {
        Self { entries, variances, dependent }
    }

    pub(crate) fn variables(&self) -> usize {
        self.variances.len()
    }

    pub(crate) fn at(&self, i: usize, j: usize) -> N {
        self.entries[i * self.variances.len() + j]
    }

    pub(crate) fn row(&self, i: usize) -> &'a [N] {
        let d = self.variances.len();
        &self.entries[i * d..(i + 1) * d]
    }

    pub(crate) fn variances(&self) -> &'a [N] {
        self.variances
    }

    /// Whether `left` of the variance of `variable` is nothing but what other variables explain.
    pub(crate) fn is_explained(&self, variable: usize, left: N) -> bool {
        left.value() <= self.dependent * self.variances[variable].value()
    }
}
