//! The solver `nlp`.

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_problems::nonlinear::{Nlp, Nonlinear, NonlinearSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::{solve_nlp, solve_problem};
use crate::evidence::{claim_by_evidence, is_stationary};
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
    /// Solves a program that is given as an object to evaluate, such as closures, from its own start. It must have a Hessian.
    ///
    /// A point is claimed locally optimal if the optimality conditions, recomputed in the program's own units, hold to 1e-6 relative to their terms.
    ///
    /// # Errors
    /// An option out of range, or no Hessian.
    ///
    /// ```
    /// use fathom_opt_core::{Run, Status};
    /// use fathom_opt_nlp::InteriorPoint;
    /// use fathom_opt_problems::expression::Pattern;
    /// use fathom_opt_problems::nonlinear::ClosureNlp;
    ///
    /// // minimise (x - 2)^2 + (y - 1)^2 in the unit disc
    /// let mut nlp = ClosureNlp::new(vec![0.0, 0.0], |x| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2), |x, g| {
    ///     g.copy_from_slice(&[2.0 * (x[0] - 2.0), 2.0 * (x[1] - 1.0)]);
    /// })
    /// .with_constraints(vec![f64::NEG_INFINITY], vec![1.0], |x, c| c[0] = x[0] * x[0] + x[1] * x[1])
    /// .with_jacobian(Pattern::dense(1, 2), |x, j| j.copy_from_slice(&[2.0 * x[0], 2.0 * x[1]]))
    /// .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, l, h| h.fill(2.0 * factor + 2.0 * l[0]));
    /// let outcome = InteriorPoint::default().solve_nlp(&mut nlp, &Run::new(1))?;
    /// assert_eq!(outcome.status, Status::LocallyOptimal);
    /// let x = outcome.solution.unwrap().x;
    /// assert!((x[0] / x[1] - 2.0).abs() < 1e-6);
    /// # Ok::<(), fathom_opt_core::SolveError>(())
    /// ```
    pub fn solve_nlp(&self, nlp: &mut dyn Nlp, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        self.accepts_nlp(nlp)?;
        let mut confirm = |nlp: &mut dyn Nlp, solution: &NonlinearSolution| is_stationary(nlp, solution);
        let row_name = |i: usize| format!("c{i}");
        let mut outcome = solve_nlp(self.settings(), nlp, (None, &[]), 1.0, (&mut confirm, &row_name), run);
        claim_by_evidence(nlp, &mut outcome);
        Ok(outcome)
    }

    /// Whether options and program go together.
    pub(crate) fn accepts_nlp(&self, nlp: &dyn Nlp) -> Result<(), SolveError> {
        self.settings().check()?;
        match nlp.hessian_pattern() {
            Some(_) => Ok(()),
            None => Err(SolveError::Unsupported { solver: Self::NAME, why: "it has no Hessian that can be stored".into() }),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            method: Method::InteriorPoint,
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
            barrier: self.barrier,
            push: self.push,
        }
    }
}
