//! Starting from the vectors of a given solution.

use fathom_opt_core::{SolveError, WarmStart};
use fathom_opt_problems::linear_sequence::{LinearSequence, LinearSequenceSolution};
use fathom_opt_problems::{Malformed, Place};

/// The capability that all solvers of the crate share: a system starts from the given solution's vector where that has a smaller residual than where the iteration
/// would start otherwise. What residuals are compared with does not change.
pub(crate) struct InitialVectors;

impl WarmStart<LinearSequence> for InitialVectors {
    fn accepts_start(&self, _: &LinearSequence, start: &LinearSequenceSolution) -> Result<(), SolveError> {
        if start.x.is_empty() {
            return Err(SolveError::Start(Malformed::new(
                Place::root().field("x"),
                "no vector",
                "the solution vector of at least one system",
            )));
        }
        Ok(())
    }
}
