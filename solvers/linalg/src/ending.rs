//! When an iteration stops, and how it ended.

/// What an iteration is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Stop when `||b - A x||_2` is at most this. A relative tolerance is multiplied by its reference first.
    pub residual: f64,
    /// Stop after this many iterations.
    pub most_iterations: u64,
}

impl Goal {
    /// A recomputed residual may exceed the target by this factor; the sums were rounded in another order.
    const SLACK: f64 = 1.005;

    pub(crate) fn confirmed_by(&self, true_residual: f64) -> bool {
        true_residual <= Self::SLACK * self.residual
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The recomputed residual meets the goal.
    Converged,
    /// The cap on iterations was reached.
    Capped,
    /// The caller asked it to stop.
    Stopped,
    /// Restarts from the recomputed residual no longer reduce it: it is at the rounding level of this system.
    Stagnated,
    /// The residual grew beyond bounds or is no number.
    Diverged,
    /// A direction of non-positive curvature, `p . A p <= 0`: the matrix is not positive definite.
    IndefiniteMatrix,
    /// `r . M^-1 r <= 0`: the preconditioner is not positive definite.
    IndefinitePreconditioner,
}

/// The end of an iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solved {
    /// Iterations done.
    pub iterations: u64,
    /// `||b - A x||_2`, recomputed from `x`.
    pub residual: f64,
    /// How it ended.
    pub ending: Ending,
}
