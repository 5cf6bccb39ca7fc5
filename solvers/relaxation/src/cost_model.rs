//! What the parts of a solve cost, in nanoseconds of a model machine.
//!
//! The constants were fitted to `examples/kernel_costs.rs` (release build, AMD EPYC: stencils of 400 to 100 000 unknowns in 2-D and 3-D, power networks, stiffness
//! matrices); only their ratios matter. The model makes choices reproducible where clocks are not.

use fathom_opt_linalg::LevelMatrix;

/// Sizes that costs follow from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CostModel {
    unknowns: f64,
    off_diagonal: f64,
    row_groups: f64,
}

impl CostModel {
    pub(crate) fn of(matrix: &LevelMatrix) -> Self {
        Self {
            unknowns: matrix.dimension() as f64,
            off_diagonal: (matrix.nonzeros() - matrix.dimension()) as f64,
            row_groups: matrix.row_groups() as f64,
        }
    }

    /// Number of unknowns.
    pub(crate) fn unknowns(&self) -> f64 {
        self.unknowns
    }

    /// One iteration of Eisenstat's CG.
    pub(crate) fn iteration(&self) -> f64 {
        1.3 * self.unknowns + 0.8 * self.off_diagonal + 4.0 * self.row_groups
    }

    /// One product with the matrix.
    pub(crate) fn product(&self) -> f64 {
        0.7 * self.iteration()
    }

    /// What a solve costs before its first iteration and after its last: vectors permuted and scaled, true residuals.
    pub(crate) fn frame(&self) -> f64 {
        2.6 * self.iteration()
    }

    /// Scaling for other pivots; incomplete ones are a recurrence.
    pub(crate) fn preparation(&self, incomplete: bool) -> f64 {
        if incomplete { 2.4 * self.iteration() } else { self.iteration() }
    }

    /// One iteration of CG with a preconditioner that is not part of the matrix.
    pub(crate) fn separate_iteration(&self) -> f64 {
        1.7 * self.iteration()
    }

    /// One incomplete factorization with so many comparisons, tried so often with growing shifts.
    pub(crate) fn incomplete_factorization(operations: f64, attempts: u32) -> f64 {
        1.5 * operations * f64::from(attempts)
    }

    /// Order and pattern of a sparse factor, guessed before it is known.
    pub(crate) fn analysis(&self) -> f64 {
        400.0 * self.unknowns + 30.0 * self.off_diagonal
    }
}
