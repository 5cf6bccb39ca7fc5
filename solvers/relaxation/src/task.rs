//! The system at hand.

use std::ops::ControlFlow;

use fathom_opt_linalg::Goal;

/// One system to solve, apart from its matrix.
pub(crate) struct Task<'a> {
    /// The right-hand side.
    pub(crate) b: &'a [f64],
    /// The initial guess; the solution afterwards.
    pub(crate) x: &'a mut [f64],
    /// Where to stop.
    pub(crate) goal: Goal,
    /// Is told the number of iterations and an estimate of the residual norm before every iteration and may break.
    pub(crate) watch: &'a mut dyn FnMut(u64, f64) -> ControlFlow<()>,
}
