//! The trait that every solver implements.

use fathom_opt_problems::{Malformed, Place, Problem};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::outcome::Outcome;
use crate::run::Run;
use crate::solve_error::{OptionError, SolveError};
use crate::warm_start::WarmStart;

/// A method for the problem class `P`. The implementing type's fields are the method's options.
///
/// Implement [`solve_accepted`](Solver::solve_accepted); call [`solve`](Solver::solve), whether directly, through the facade or through the registry.
///
/// Derive `Serialize`, `Deserialize`, `JsonSchema` and `Default`, and mark the type `#[serde(deny_unknown_fields, default)]`: every option then has a
/// default that works, a misspelt one is refused, and `fathom list solvers` shows them all with their documentation.
pub trait Solver<P: Problem>: Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync {
    /// The name on the command line, such as `ssor-cg-fixed`.
    const NAME: &'static str;
    /// The method in one line.
    const SUMMARY: &'static str;

    /// Whether the options make sense together and each lies in its range. Called by [`solve`](Solver::solve), and by nobody else.
    ///
    /// # Errors
    /// The option at fault and what it should be.
    fn validate(&self) -> Result<(), OptionError> {
        Ok(())
    }

    /// Whether the method, with valid options, takes this instance. Called by [`solve`](Solver::solve) and by those who list what takes an instance.
    ///
    /// # Errors
    /// [`SolveError::Unsupported`]: what the instance lacks.
    fn accepts(&self, problem: &P) -> Result<(), SolveError> {
        let _ = problem;
        Ok(())
    }

    /// The capability to start from a given solution: `Some(self)` where the method has it. Without it, a run with a start is refused.
    fn warm_start(&self) -> Option<&dyn WarmStart<P>> {
        None
    }

    /// The method itself, on options and an instance that were accepted. Ask [`Run::should_stop`] in every iteration, and return the best solution so far
    /// when it says so.
    ///
    /// # Errors
    /// As [`solve`](Solver::solve).
    fn solve_accepted(&self, problem: &P, run: &Run) -> Result<Outcome<P::Solution>, SolveError>;

    /// Solves `problem` within what `run` allows, after asking whether the options are valid, the instance is accepted and the start, if there is one, is
    /// one to start from. Provided for all methods alike: do not implement it.
    ///
    /// # Errors
    /// When the method cannot start on this instance. A method that starts and gets stuck returns [`Status::Failed`](crate::Status::Failed).
    fn solve(&self, problem: &P, run: &Run) -> Result<Outcome<P::Solution>, SolveError> {
        admit(self, Some(problem))?;
        if run.has_start() {
            admit_start(self, problem, run)?;
        }
        self.solve_accepted(problem, run)
    }
}

/// The one place that asks a solver whether its options are valid and, where there is an instance, whether it takes it.
pub(crate) fn admit<P: Problem, S: Solver<P>>(solver: &S, problem: Option<&P>) -> Result<(), SolveError> {
    solver.validate()?;
    problem.map_or(Ok(()), |problem| solver.accepts(problem))
}

/// Whether the run's start is a solution of the instance from which the solver can start.
fn admit_start<P: Problem, S: Solver<P>>(solver: &S, problem: &P, run: &Run) -> Result<(), SolveError> {
    let Some(capability) = solver.warm_start() else {
        return Err(SolveError::NoWarmStart { solver: S::NAME });
    };
    let Some(start) = run.start::<P::Solution>() else {
        return Err(SolveError::Start(Malformed::new(
            Place::root(),
            "a solution of another class",
            format!("one of a {} instance", P::KIND),
        )));
    };
    problem.fits(start).map_err(SolveError::Start)?;
    capability.accepts_start(problem, start)
}
