//! The optimality conditions of a program that is given as an object to evaluate, recomputed at a point in the program's own units.

use fathom_opt_core::{Outcome, Status};
use fathom_opt_problems::nonlinear::{Nlp, NonlinearSolution};

/// A condition counts as met when it is missed by at most this, relative to the size of what it is made of: the tolerance of the class's own checker.
const TOLERANCE: f64 = 1e-6;

/// Whether `solution` is feasible and, with its multipliers, stationary and complementary. A program of expressions has a checker of its own, which shares
/// nothing with the solver; this is for programs that nobody else can evaluate.
pub(crate) fn is_stationary(nlp: &mut dyn Nlp, solution: &NonlinearSolution) -> bool {
    errors(nlp, solution).is_some_and(|largest| largest <= TOLERANCE)
}

/// Takes back what an outcome claims beyond that.
pub(crate) fn claim_by_evidence(nlp: &mut dyn Nlp, outcome: &mut Outcome<NonlinearSolution>) {
    let stationary = outcome.solution.as_ref().is_some_and(|solution| is_stationary(nlp, solution));
    match outcome.status {
        Status::LocallyOptimal if !stationary => {
            outcome.status = Status::Failed("the optimality conditions do not hold at the point reached".into());
        }
        Status::Failed(_) | Status::Feasible | Status::LocallyInfeasible if stationary => outcome.status = Status::LocallyOptimal,
        _ => {}
    }
}

/// The largest relative error of the conditions; `None` where there are no multipliers or something is undefined.
fn errors(nlp: &mut dyn Nlp, solution: &NonlinearSolution) -> Option<f64> {
    let (x, multipliers) = (&solution.x, solution.multipliers.as_ref()?);
    let (n, m) = (nlp.variables(), nlp.constraints());
    let (mut slope, mut values, mut entries) = (vec![0.0; n], vec![0.0; m], vec![0.0; nlp.jacobian_pattern().entries()]);
    nlp.objective(x).ok()?;
    nlp.gradient(x, &mut slope).ok()?;
    if m > 0 {
        nlp.constraint_values(x, &mut values).ok()?;
        nlp.jacobian(x, &mut entries).ok()?;
    }
    let mut size = slope.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    let pattern = nlp.jacobian_pattern();
    let mut steepness = vec![0.0_f64; m];
    for (i, l) in multipliers.constraints.iter().enumerate() {
        for (&j, entry) in pattern.row(i).iter().zip(&entries[pattern.range(i)]) {
            slope[j as usize] += l * entry;
            size = size.max((l * entry).abs());
            steepness[i] = steepness[i].max(entry.abs());
        }
    }
    let size = size.max(1.0);
    let mut worst = 0.0_f64;
    let mut worse = |error: f64| worst = worst.max(if error.is_nan() { f64::INFINITY } else { error });
    for (slope, (lower, upper)) in slope.iter().zip(multipliers.lower.iter().zip(&multipliers.upper)) {
        worse((slope - lower + upper).abs() / size);
        worse((-lower).max(-upper).max(0.0) / size);
    }
    let mut between = |value: f64, low: f64, high: f64, (at_low, at_high): (f64, f64)| {
        let (below, above) = (low - value, value - high);
        worse(below.max(0.0) / low.abs().max(1.0));
        worse(above.max(0.0) / high.abs().max(1.0));
        for (multiplier, slack, side) in [(at_low, -below, low), (at_high, -above, high)] {
            if multiplier > 0.0 {
                worse(multiplier / size * slack.max(0.0) / side.abs().max(value.abs()).max(1.0));
            }
        }
    };
    let (lower, upper) = nlp.variable_bounds();
    for (j, &x) in x.iter().enumerate() {
        between(x, lower[j], upper[j], (multipliers.lower[j], multipliers.upper[j]));
    }
    let (below, above) = nlp.constraint_sides();
    for (i, &value) in values.iter().enumerate() {
        let weight = multipliers.constraints[i] * steepness[i];
        between(value, below[i], above[i], ((-weight).max(0.0), weight.max(0.0)));
    }
    Some(worst)
}
