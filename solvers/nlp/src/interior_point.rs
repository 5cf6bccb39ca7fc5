//! The solver `nlp`.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::solve_problem;
use crate::settings::{Method, Settings};

/// A primal-dual interior point method with slacks, a filter line search, inertia correction and feasibility restoration (Waechter and Biegler, "On the
/// implementation of an interior-point filter line-search algorithm for large-scale nonlinear programming", 2006), for bounds, equations and inequalities. Where it ends without a stationary point, the augmented Lagrangian method goes on, and the notes say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct InteriorPoint {
    /// Stop when the scaled errors of the optimality conditions are at most this. Whatever it is, only points that the checker confirms are claimed.
    pub tolerance: f64,
    /// Iterations before giving up, those of restorations included.
    pub max_iterations: u64,
    /// The barrier parameter at the start.
    pub barrier: f64,
    /// How far from its bounds the start is moved, relative to the bounds' size or distance.
    pub push: f64,
}

impl Default for InteriorPoint {
    fn default() -> Self {
        Self { tolerance: 1e-8, max_iterations: 3000, barrier: 0.1, push: 1e-2 }
    }
}

impl Solver<Nonlinear> for InteriorPoint {
    const NAME: &'static str = "nlp";
    const SUMMARY: &'static str = "primal-dual interior point with a filter line search, for bounds, equations and inequalities";

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

impl WarmStart<Nonlinear> for InteriorPoint {}

impl InteriorPoint {
    fn settings(&self) -> Settings {
        Settings {
            method: Method::InteriorPoint,
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
            barrier: self.barrier,
            push: self.push,
        }
    }
}
