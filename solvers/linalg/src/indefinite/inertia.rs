//! The signs of a symmetric matrix's eigenvalues.

/// How many eigenvalues of a symmetric matrix are positive, negative and zero.
///
/// Counted from the numeric pivots, so it is the inertia of a matrix that differs from the given one by the rounding errors of a stable elimination;
/// "zero" counts the pivots that such errors could have made out of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inertia {
    /// Positive eigenvalues.
    pub positive: usize,
    /// Negative eigenvalues.
    pub negative: usize,
    /// Eigenvalues that are zero up to rounding.
    pub zero: usize,
}

impl Inertia {
    /// Counts the eigenvalue of a pivot of order one.
    pub(super) fn count(&mut self, pivot: f64) {
        if pivot > 0.0 {
            self.positive += 1;
        } else if pivot < 0.0 {
            self.negative += 1;
        } else {
            self.zero += 1;
        }
    }

    /// Counts the eigenvalues of a regular pivot of order two, `[a b; b c]`.
    pub(super) fn count_block(&mut self, a: f64, c: f64, determinant: f64) {
        if determinant < 0.0 {
            self.positive += 1;
            self.negative += 1;
        } else if a + c > 0.0 {
            self.positive += 2;
        } else {
            self.negative += 2;
        }
    }
}
