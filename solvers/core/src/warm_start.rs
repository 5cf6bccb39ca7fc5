//! The capability to start from a given solution.

use fathom_opt_problems::Problem;

use crate::solve_error::SolveError;

/// A [`Solver`](crate::Solver) that can start from a solution which the [`Run`](crate::Run) brings: an incumbent, an order, a first iterate.
///
/// The solver reads it with [`Run::start`](crate::Run::start). A start is help, never harm: the result is at least as good as the start where that is
/// feasible, and at least as good as without it.
pub trait WarmStart<P: Problem> {
    /// Whether the method can start from `start`, which has the form of a solution of `problem` ([`Problem::fits`]) but may break requirements.
    ///
    /// # Errors
    /// [`SolveError::Start`]: what is missing or wrong.
    fn accepts_start(&self, problem: &P, start: &P::Solution) -> Result<(), SolveError> {
        let _ = (problem, start);
        Ok(())
    }
}
