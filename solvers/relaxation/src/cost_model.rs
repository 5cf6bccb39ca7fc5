//! What the parts of a solve cost, in nanoseconds of a model machine.
//!
//! The constants were measured once (release build, AMD EPYC, five-point Laplacians of 100 to 100 000 unknowns); only their ratios matter. The model makes choices
//! reproducible where clocks are not.

/// Sizes that costs follow from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CostModel {
    unknowns: f64,
    off_diagonal: f64,
}

impl CostModel {
    pub(crate) fn new(unknowns: usize, nonzeros: usize) -> Self {
        Self { unknowns: unknowns as f64, off_diagonal: (nonzeros - unknowns) as f64 }
    }

    /// One iteration of Eisenstat's CG.
    pub(crate) fn iteration(&self) -> f64 {
        1.5 * self.unknowns + 0.45 * self.off_diagonal + 60.0
    }

    /// One product with the matrix.
    pub(crate) fn product(&self) -> f64 {
        0.7 * self.iteration()
    }

    /// Scaling for other pivots; incomplete ones are a recurrence.
    pub(crate) fn preparation(&self, incomplete: bool) -> f64 {
        if incomplete { 8.0 * self.unknowns + 2.0 * self.off_diagonal } else { 3.0 * self.unknowns + 0.4 * self.off_diagonal }
    }

    /// Order and pattern of a sparse factor, guessed before it is known.
    #[cfg(feature = "cholesky")]
    pub(crate) fn analysis(&self) -> f64 {
        500.0 * self.unknowns + 50.0 * self.off_diagonal
    }

    /// Numbers of a sparse factor with so many entries.
    #[cfg(feature = "cholesky")]
    pub(crate) fn factorization(&self, entries: f64) -> f64 {
        0.6 * entries * entries / self.unknowns.max(1.0) + 10.0 * entries
    }

    /// Two triangular solves with a sparse factor.
    #[cfg(feature = "cholesky")]
    pub(crate) fn factor_solve(&self, entries: f64) -> f64 {
        self.unknowns + 3.0 * entries
    }
}
