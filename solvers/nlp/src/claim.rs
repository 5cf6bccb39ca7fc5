//! What is claimed of a point: what the class's own checker confirms.

use fathom_opt_core::{Limit, Outcome, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::nonlinear::{ExpressionNlp, Nlp, Nonlinear, NonlinearSolution};

use crate::certificate::dual_bound;

/// Whether the class's own checker finds the point feasible and stationary, with the multipliers it has.
fn holds(problem: &Nonlinear, solution: &NonlinearSolution) -> bool {
    problem.check(solution).is_ok_and(|verdict| {
        verdict.violations.is_empty() && verdict.property("KKT conditions").is_some_and(|property| property.holds == Some(true))
    })
}

/// The same with those multipliers or with the checker's own, of which it is enough that they exist: where rows are dependent, a method's may be large and
/// of little use.
pub(crate) fn is_confirmed(problem: &Nonlinear, solution: &NonlinearSolution) -> bool {
    holds(problem, solution) || holds(problem, &NonlinearSolution { x: solution.x.clone(), multipliers: None })
}

/// A gap between objective and dual bound up to this, relative to the objective, is none.
const GAP: f64 = 1e-6;

/// Words the outcome by what the checker says of the point, whatever the method believes.
pub(crate) fn claim(problem: &Nonlinear, nlp: &mut ExpressionNlp, outcome: &mut Outcome<NonlinearSolution>) {
    let Some(solution) = outcome.solution.as_mut() else { return };
    if !holds(problem, solution) {
        solution.multipliers = None;
    }
    let Ok(verdict) = problem.check(solution) else { return };
    let feasible = verdict.violations.is_empty();
    let stationary = verdict.property("KKT conditions").is_some_and(|property| property.holds == Some(true));
    if !feasible || !stationary {
        if outcome.status == Status::LocallyOptimal
            || feasible && !matches!(outcome.status, Status::Diverging | Status::Limit(_) | Status::Interrupted)
        {
            let why = || Status::Failed("the checker does not confirm the point reached".into());
            outcome.status = if feasible { Status::Feasible } else { why() };
        }
        return;
    }
    if matches!(outcome.status, Status::Limit(Limit::Time | Limit::OracleCalls) | Status::Interrupted) {
        return;
    }
    outcome.status = Status::LocallyOptimal;
    if !problem.is_convex() {
        return;
    }
    outcome
        .notes
        .push("the program is convex by rules: the point is a global optimum within the tolerance of its optimality conditions".into());
    let Some(multipliers) = &solution.multipliers else { return };
    if let (Some(bound), Some(objective)) = (dual_bound(nlp, &solution.x, multipliers), nlp.objective(&solution.x).ok()) {
        let bound = bound.min(objective);
        outcome.bound = Some(nlp.objective_sign() * bound);
        if objective - bound <= GAP * objective.abs().max(1.0) {
            outcome.status = Status::Optimal;
        }
    }
}

/// The given start where it is better than what was found.
pub(crate) fn keep_better_start(problem: &Nonlinear, start: &NonlinearSolution, outcome: &mut Outcome<NonlinearSolution>) {
    if matches!(outcome.status, Status::Optimal) {
        return;
    }
    let value = |solution: &NonlinearSolution| {
        let verdict = problem.check(solution).ok()?;
        verdict.objective.filter(|_| verdict.violations.is_empty()).map(|objective| objective.value)
    };
    let Some(at_start) = value(start) else { return };
    let better = outcome.solution.as_ref().and_then(value).is_none_or(|found| problem.objective_sense().advantage(at_start, found) > 0.0);
    // Of two points that are as good as each other within the tolerance, the stationary one is kept.
    let close = outcome.objective.is_some_and(|found| (found - at_start).abs() <= GAP * at_start.abs().max(1.0));
    if better && !(close && outcome.status == Status::LocallyOptimal) {
        outcome.status = if is_confirmed(problem, start) { Status::LocallyOptimal } else { Status::Feasible };
        outcome.objective = Some(at_start);
        outcome.solution = Some(start.clone());
        outcome.notes.push("the given start is returned: nothing better was found".into());
    }
}
