//! The solver `augmented-lagrangian`.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::solve_problem;
use crate::settings::{Method, Settings};

/// The augmented Lagrangian method: rows are missed at a price that multipliers and a growing penalty set, and bounds are kept by a barrier (E. G. Birgin and
/// J. M. Martinez, "Practical Augmented Lagrangian Methods", 2014). It is slower than `nlp`, and goes on where rows are dependent or have no interior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AugmentedLagrangian {
    /// Stop when the scaled errors of the optimality conditions are at most this. Whatever it is, only points that the checker confirms are claimed.
    pub tolerance: f64,
    /// Iterations of all subproblems together.
    pub max_iterations: u64,
    /// The barrier parameter at the start.
    pub barrier: f64,
    /// How far from its bounds the start is moved, relative to the bounds' size or distance.
    pub push: f64,
}

impl Default for AugmentedLagrangian {
    fn default() -> Self {
        Self { tolerance: 1e-8, max_iterations: 10_000, barrier: 0.1, push: 1e-2 }
    }
}

impl Solver<Nonlinear> for AugmentedLagrangian {
    const NAME: &'static str = "augmented-lagrangian";
    const SUMMARY: &'static str =
        "multipliers and penalties for the rows, a barrier for the bounds; slow and sturdy where rows are dependent";

    fn validate(&self) -> Result<(), OptionError> {
        self.settings().check()
    }

    fn accepts(&self, problem: &Nonlinear) -> Result<(), SolveError> {
        match problem.compiled().hessian() {
            Some(_) => Ok(()),
            None => Err(SolveError::Unsupported { solver: Self::NAME, why: "its Hessian is too dense to be stored".into() }),
        }
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<Nonlinear>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &Nonlinear, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        Ok(solve_problem(self.settings(), problem, run))
    }
}

impl WarmStart<Nonlinear> for AugmentedLagrangian {}

impl AugmentedLagrangian {
    fn settings(&self) -> Settings {
        Settings {
            method: Method::AugmentedLagrangian,
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
            barrier: self.barrier,
            push: self.push,
        }
    }
}
