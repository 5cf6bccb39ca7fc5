//! The paper's method: exact augmented Lagrangian, inexact Newton steps, random sketches.

mod accuracy;
mod argmin_solver;
mod end;
mod inner;
mod merit;
mod newton;
mod options;

pub use argmin_solver::ArgminSketchedNewton;
pub use inner::LinearSolver;
pub use options::{Accuracy, Preset, Regularization, SketchedNewton};

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, Status, WarmStart};
use fathom_opt_problems::nonlinear::{ExpressionNlp, Multipliers, Nlp, Nonlinear, NonlinearSolution};
use fathom_opt_problems::{Malformed, Place, Problem, Sense};

use crate::iterate::Equalities;
use crate::least_squares::LeastSquares;
use end::End;
use newton::Newton;

impl Solver<Nonlinear> for SketchedNewton {
    const NAME: &'static str = "sketched-newton";
    const SUMMARY: &'static str = "inexact Newton steps by random sketches with an exact augmented Lagrangian, for equality constraints";

    fn validate(&self) -> Result<(), OptionError> {
        self.check_options()
    }

    fn accepts(&self, problem: &Nonlinear) -> Result<(), SolveError> {
        let why = |what: String| Err(SolveError::Unsupported { solver: Self::NAME, why: what });
        if let Some(j) = problem.variables().iter().position(|x| x.lower > f64::NEG_INFINITY || x.upper < f64::INFINITY) {
            return why(format!("variable {} has a bound, and the method is for equality constraints alone", problem.variable_name(j)));
        }
        if let Some(i) = problem.constraints().iter().position(|c| c.lower != c.upper) {
            return why(format!(
                "constraint {} is no equation, and the method is for equality constraints alone",
                problem.constraint_name(i)
            ));
        }
        if problem.compiled().hessian().is_none() {
            return why("its Hessian is too dense to be stored".into());
        }
        if let Some(large) = self.too_large(problem.variables().len()) {
            return why(large);
        }
        Ok(())
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<Nonlinear>> {
        Some(self)
    }

    fn solve_accepted(&self, problem: &Nonlinear, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        let mut nlp = ExpressionNlp::new(problem);
        let multipliers: Vec<f64> = problem.constraints().iter().map(|constraint| constraint.multiplier.unwrap_or(0.0)).collect();
        let start = match run.start::<NonlinearSolution>() {
            Some(start) => {
                let l = start.multipliers.as_ref().map_or_else(|| multipliers.clone(), |m| m.constraints.clone());
                (start.x.clone(), l)
            }
            None => (problem.start(), multipliers),
        };
        let mut outcome = self.run(&mut nlp, start, run);
        if problem.objective_sense() == Sense::Maximize {
            outcome.objective = outcome.objective.map(|value| -value);
        }
        claim_what_is_confirmed(problem, &mut outcome);
        keep_better_start(problem, run, &mut outcome);
        Ok(outcome)
    }
}

impl WarmStart<Nonlinear> for SketchedNewton {
    fn accepts_start(&self, problem: &Nonlinear, start: &NonlinearSolution) -> Result<(), SolveError> {
        let wrong = start.multipliers.as_ref().filter(|m| m.constraints.len() != problem.constraints().len());
        match wrong {
            Some(m) => {
                let place = Place::root().field("multipliers").field("constraints");
                let expected = format!("{} (one for each constraint)", problem.constraints().len());
                Err(SolveError::Start(Malformed::new(place, format!("{} numbers", m.constraints.len()), expected)))
            }
            None => Ok(()),
        }
    }
}

/// A point that is stationary to the tolerance asked for need not be so to the class's own checker, whose tolerances are relative: only what that confirms is
/// claimed.
fn claim_what_is_confirmed(problem: &Nonlinear, outcome: &mut Outcome<NonlinearSolution>) {
    if outcome.status != Status::LocallyOptimal {
        return;
    }
    let Some(solution) = outcome.solution.as_mut() else { return };
    let Ok(verdict) = problem.check(solution) else { return };
    let stationary = verdict.property("KKT conditions").is_some_and(|property| property.holds == Some(true));
    let feasible = verdict.violations.is_empty();
    if feasible && stationary {
        return;
    }
    solution.multipliers = None;
    outcome.status =
        if feasible { Status::Feasible } else { Status::Failed("the tolerance asked for is met, but not that of the checker".into()) };
    outcome.notes.push("the point is stationary within `tolerance`, which is too coarse to claim local optimality".into());
}

/// Where the solve ended without a stationary point and the given start is a feasible one, the start is returned: it never makes the result worse.
fn keep_better_start(problem: &Nonlinear, run: &Run, outcome: &mut Outcome<NonlinearSolution>) {
    if matches!(outcome.status, Status::LocallyOptimal) {
        return;
    }
    let Some(start) = run.start::<NonlinearSolution>() else { return };
    let holds = |solution: &NonlinearSolution| problem.check(solution).is_ok_and(|verdict| verdict.violations.is_empty());
    if holds(start) && !outcome.solution.as_ref().is_some_and(holds) {
        outcome.objective = problem.check(start).ok().and_then(|verdict| verdict.objective).map(|objective| objective.value);
        outcome.solution = Some(start.clone());
        outcome.notes.push("the given start is returned, since the point reached is not feasible".into());
    }
}

impl SketchedNewton {
    /// Solves a program that is given as an object to evaluate, such as closures, from its own start with multipliers zero. Its constraints are taken to be
    /// equations with their lower sides as right-hand sides, and it must have no bounds and a Hessian.
    ///
    /// # Errors
    /// An option out of range, bounds, a constraint that is no equation, or no Hessian.
    ///
    /// ```
    /// use fathom_opt_core::{Run, Status};
    /// use fathom_opt_nlp::SketchedNewton;
    /// use fathom_opt_problems::expression::Pattern;
    /// use fathom_opt_problems::nonlinear::ClosureNlp;
    ///
    /// // minimise x^2 + y^2 subject to x + y = 1
    /// let mut nlp = ClosureNlp::new(vec![3.0, 0.0], |x| x[0] * x[0] + x[1] * x[1], |x, g| {
    ///     g[0] = 2.0 * x[0];
    ///     g[1] = 2.0 * x[1];
    /// })
    /// .with_constraints(vec![1.0], vec![1.0], |x, c| c[0] = x[0] + x[1])
    /// .with_jacobian(Pattern::dense(1, 2), |_, j| j.fill(1.0))
    /// .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, _, h| h.fill(2.0 * factor));
    /// let outcome = SketchedNewton::default().solve_nlp(&mut nlp, &Run::default())?;
    /// assert_eq!(outcome.status, Status::LocallyOptimal);
    /// let solution = outcome.solution.unwrap();
    /// assert!((solution.x[0] - 0.5).abs() < 1e-8);
    /// # Ok::<(), fathom_opt_core::SolveError>(())
    /// ```
    pub fn solve_nlp(&self, nlp: &mut dyn Nlp, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        self.accepts_nlp(nlp)?;
        let start = (nlp.start().to_vec(), vec![0.0; nlp.constraints()]);
        Ok(self.run(nlp, start, run))
    }

    /// Whether options and program go together: equations only, and a Hessian that can be stored.
    fn accepts_nlp(&self, nlp: &dyn Nlp) -> Result<(), SolveError> {
        self.check_options()?;
        let why = |what: &str| SolveError::Unsupported { solver: Self::NAME, why: what.into() };
        let (lower, upper) = nlp.variable_bounds();
        if lower.iter().any(|bound| *bound > f64::NEG_INFINITY) || upper.iter().any(|bound| *bound < f64::INFINITY) {
            return Err(why("a variable has a bound, and the method is for equality constraints alone"));
        }
        let (lower, upper) = nlp.constraint_sides();
        if lower != upper {
            return Err(why("a constraint is no equation, and the method is for equality constraints alone"));
        }
        if nlp.hessian_pattern().is_none() {
            return Err(why("it has no Hessian that can be stored"));
        }
        self.too_large(nlp.variables()).map_or(Ok(()), |large| Err(why(&large)))
    }

    /// Why a program of so many variables is refused, if it is: the authors' regularisation takes dense eigenvalues in every iteration, which no limit of time
    /// interrupts.
    fn too_large(&self, variables: usize) -> Option<String> {
        const MOST: usize = 500;
        let dense = self.constants().regularization == Regularization::Paper;
        (dense && variables > MOST).then(|| {
            format!("`regularization=paper` computes dense null spaces, for at most {MOST} variables, and there are {variables}; `inertia` has no such limit")
        })
    }

    /// From the start (point and multipliers), which has the program's lengths.
    fn run(&self, nlp: &mut dyn Nlp, start: (Vec<f64>, Vec<f64>), run: &Run) -> Outcome<NonlinearSolution> {
        let (n, m) = (nlp.variables(), nlp.constraints());
        let paper = self.constants().regularization == Regularization::Paper;
        if m <= n || paper {
            return self.newton(nlp, start, run);
        }
        // More equations than variables: least squares.
        let mut lifted = match LeastSquares::new(nlp, &start.0) {
            Ok(lifted) => lifted,
            Err(error) => return Outcome::new(Status::Failed(format!("the start cannot be evaluated: {error}"))),
        };
        let lifted_start = (lifted.start().to_vec(), vec![0.0; m]);
        let mut outcome = self.newton(&mut lifted, lifted_start, run);
        let Some(solution) = outcome.solution.as_mut() else { return outcome };
        let residuals = solution.x.split_off(n);
        let size = residuals.iter().map(|r| r * r).sum::<f64>().sqrt();
        solution.multipliers = None;
        outcome.objective = lifted.own_objective(&solution.x);
        outcome.notes.push(format!(
            "there are {m} equations in {n} variables: the sum of their squares was minimised instead of the objective, and its root is {size:.3e}"
        ));
        if outcome.status == Status::LocallyOptimal {
            // A minimum of the violation: a solution if it is zero, else a point where no small change comes closer to the constraints.
            outcome.status = if size <= self.constants().tolerance { Status::Feasible } else { Status::LocallyInfeasible };
        }
        outcome
    }

    fn newton(&self, nlp: &mut dyn Nlp, start: (Vec<f64>, Vec<f64>), run: &Run) -> Outcome<NonlinearSolution> {
        let mut program = Equalities::new(nlp);
        let mut newton = match Newton::new(self, &mut program, Some(start), run) {
            Ok(newton) => newton,
            Err(end) => return Outcome::new(end.status()),
        };
        // Ends: `step` ends by itself after `max-iterations` at the latest.
        let end = loop {
            if let Some(end) = newton.step(&mut program, run) {
                break end;
            }
        };
        let notes = end.remarks();
        let Newton { at, counters, trace, .. } = newton;
        let bounds = vec![0.0; at.x.len()];
        let multipliers = Multipliers { constraints: at.l, lower: bounds.clone(), upper: bounds };
        // Only a stationary point claims its multipliers; elsewhere the checker finds the best itself.
        let multipliers = (end == End::Stationary).then_some(multipliers);
        let solution = NonlinearSolution { x: at.x, multipliers };
        let mut outcome = Outcome::new(end.status()).with_solution(solution, Some(at.objective));
        outcome.counters = counters;
        outcome.trace = Some(trace);
        outcome.notes = notes;
        outcome
    }
}
