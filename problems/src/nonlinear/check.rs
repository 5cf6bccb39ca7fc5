//! The independent checker: feasibility, first-order conditions, second-order evidence, and what is better than the solution.

use super::feasibility::{self, Requirement, TOLERANCE};
use super::interpreter::Interpreter;
use super::kkt::{self, Residuals, Slopes};
use super::model::Nonlinear;
use super::reduced_hessian::{self, MOST_VARIABLES};
use super::solution::{Multipliers, NonlinearSolution};
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;
use crate::verdict::{Certainty, Improvement, Measure, Objective, Property, Verdict, Violation, Witness};

/// The property that the first-order conditions hold.
pub(super) const STATIONARY: &str = "KKT conditions";
/// The property that no direction along the active constraints has negative curvature.
pub(super) const SECOND_ORDER: &str = "second-order necessary condition";

pub(super) fn check(problem: &Nonlinear, solution: &NonlinearSolution) -> Result<Verdict, Malformed> {
    well_formed(problem, solution)?;
    let mut verdict = Verdict::default();
    let mut here = Interpreter::new(problem.graph(), &solution.x);
    let (value, _) = here.value(problem.objective());
    if value.is_finite() {
        verdict.objective = Some(Objective { name: "objective".into(), value, exact: None, sense: problem.objective_sense() });
    } else {
        verdict.violations.push(Violation { what: "a defined value".into(), place: "objective".into(), amount: f64::INFINITY });
    }
    let slopes = slopes(problem, &mut here);
    let start = problem.start();
    let mut there = Interpreter::new(problem.graph(), &start);
    let start_slopes = self::slopes(problem, &mut there);
    let sizes: Vec<f64> = slopes.constraints.iter().zip(&start_slopes.constraints).map(|(a, b)| size(a).max(size(b))).collect();
    let bounds = feasibility::bounds(problem, &solution.x);
    let sides = feasibility::constraints(problem, &here, &sizes);
    verdict.violations.extend(feasibility::violations(problem, &bounds, &sides));
    let all = || bounds.iter().chain(&sides);
    let measure = |name: &str, value: f64| Measure { name: name.into(), value };
    verdict.measures.push(measure("violation", all().filter_map(|one| one.broken().map(|(_, amount)| amount)).fold(0.0, f64::max)));
    verdict.measures.push(measure("relative violation", all().map(Requirement::relative_violation).fold(0.0, f64::max)));

    let floor = floor(problem, &solution.x, &start_slopes);
    let given = solution.multipliers.is_some();
    let multipliers = solution.multipliers.clone().unwrap_or_else(|| kkt::estimated(problem, &slopes, &bounds, &sides));
    let residuals = kkt::residuals(&slopes, &bounds, &sides, multipliers, floor);
    report_first_order(problem, &residuals, given, &mut verdict);
    if verdict.violations.is_empty() && residuals.relative() <= TOLERANCE && problem.variables().len() <= MOST_VARIABLES {
        second_order(problem, &solution.x, &slopes, &residuals.multipliers, (&bounds, &sides), &mut verdict);
    }
    if verdict.violations.is_empty() {
        better_start(problem, &there, value, &sizes, &mut verdict);
    }
    Ok(verdict)
}

fn well_formed(problem: &Nonlinear, solution: &NonlinearSolution) -> Result<(), Malformed> {
    let root = Place::root();
    let (n, m) = (problem.variables().len(), problem.constraints().len());
    let vector = |place: Place, values: &[f64], count: usize, each: &str| {
        if values.len() != count {
            return Err(Malformed::new(place, format!("{} numbers", values.len()), format!("{count} (one for each {each})")));
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(k) => Err(Malformed::new(place.index(k), values[k].to_string(), "a finite number")),
            None => Ok(()),
        }
    };
    vector(root.field("x"), &solution.x, n, "variable")?;
    if let Some(multipliers) = &solution.multipliers {
        let place = root.field("multipliers");
        vector(place.field("constraints"), &multipliers.constraints, m, "constraint")?;
        vector(place.field("lower"), &multipliers.lower, n, "variable")?;
        vector(place.field("upper"), &multipliers.upper, n, "variable")?;
    }
    Ok(())
}

fn sign(problem: &Nonlinear) -> f64 {
    match problem.objective_sense() {
        Sense::Minimize => 1.0,
        Sense::Maximize => -1.0,
    }
}

fn slopes(problem: &Nonlinear, at: &mut Interpreter<'_>) -> Slopes {
    let mut objective = vec![0.0; problem.variables().len()];
    let sign = sign(problem);
    for (variable, derivative) in at.gradient(problem.objective()) {
        objective[variable as usize] = sign * derivative;
    }
    Slopes { objective, constraints: problem.constraints().iter().map(|constraint| at.gradient(&constraint.function)).collect() }
}

/// The largest derivative of a row; 0 where it is undefined.
fn size(gradient: &[(u32, f64)]) -> f64 {
    gradient.iter().map(|(_, d)| d.abs()).filter(|d| d.is_finite()).fold(0.0, f64::max)
}

/// What a gradient is compared with where all its terms are small: the objective's gradient at the start and at a point one unit away, at most 1.
/// An objective in tiny units is measured in its own units so, and a start that is optimal already does not ask for more digits than there are.
fn floor(problem: &Nonlinear, x: &[f64], start: &Slopes) -> f64 {
    let moved: Vec<f64> = problem
        .variables()
        .iter()
        .zip(x)
        .map(|(variable, &x)| {
            let step = x.abs().max(1.0);
            if x + step <= variable.upper { x + step } else { (x - step).max(variable.lower) }
        })
        .collect();
    let mut away = Interpreter::new(problem.graph(), &moved);
    let elsewhere = size(&away.gradient(problem.objective()));
    let at_start = start.objective.iter().map(|g| g.abs()).filter(|g| g.is_finite()).fold(0.0, f64::max);
    elsewhere.max(at_start).min(1.0)
}

fn report_first_order(problem: &Nonlinear, residuals: &Residuals, given: bool, verdict: &mut Verdict) {
    let measure = |name: &str, value: f64| Measure { name: name.into(), value };
    verdict.measures.extend([
        measure("KKT residual", residuals.unscaled()),
        measure("relative KKT residual", residuals.relative()),
        measure("scaled KKT residual", residuals.scaled),
        measure("stationarity", residuals.stationarity),
        measure("dual infeasibility", residuals.dual_infeasibility),
        measure("complementarity", residuals.complementarity),
    ]);
    let source = if given { "the given multipliers" } else { "least-squares multipliers" };
    let numbers = format!(
        "with {source}: stationarity {:e} (largest at {}), multipliers of a wrong sign {:e}, complementarity {:e}, all relative",
        residuals.relative_stationarity,
        problem.variable_name(residuals.worst_variable),
        residuals.relative_dual_infeasibility,
        residuals.relative_complementarity
    );
    let witness = Witness::new(numbers, serde_json::Value::Null);
    verdict.properties.push(if !verdict.violations.is_empty() {
        let text = "the point is not feasible";
        Property::fails(STATIONARY, Certainty::Within(TOLERANCE), Witness::new(text, serde_json::Value::Null))
    } else if residuals.relative() <= TOLERANCE {
        Property::holds_by(STATIONARY, Certainty::Within(TOLERANCE), witness)
    } else if given {
        // With multipliers of its own the solution claims to be stationary, and it is not.
        verdict.improvements.push(Improvement::nearby(None, witness.clone()));
        Property::fails(STATIONARY, Certainty::Within(TOLERANCE), witness)
    } else {
        // Other multipliers might do.
        Property::undecided(STATIONARY, witness)
    });
}

/// Curvature below this, relative to the largest entry of the Hessian, counts as negative: differences give about ten digits.
const CURVATURE: f64 = 1e-5;

fn second_order(
    problem: &Nonlinear,
    x: &[f64],
    slopes: &Slopes,
    multipliers: &Multipliers,
    (bounds, sides): (&[Requirement], &[Requirement]),
    verdict: &mut Verdict,
) {
    let n = x.len();
    let mut rows = Vec::new();
    for (j, (lower, upper)) in kkt::active(bounds).into_iter().enumerate() {
        if lower || upper {
            let mut row = vec![0.0; n];
            row[j] = 1.0;
            rows.push(row);
        }
    }
    for (i, (lower, upper)) in kkt::active(sides).into_iter().enumerate() {
        if lower || upper {
            let mut row = vec![0.0; n];
            slopes.constraints[i].iter().for_each(|&(variable, derivative)| row[variable as usize] = derivative);
            rows.push(row);
        }
    }
    let sign = sign(problem);
    let gradient = |point: &[f64]| {
        let mut at = Interpreter::new(problem.graph(), point);
        let mut sum = vec![0.0; n];
        let weighted = std::iter::once((problem.objective(), sign))
            .chain(problem.constraints().iter().map(|constraint| &constraint.function).zip(multipliers.constraints.iter().copied()));
        for (function, weight) in weighted.filter(|(_, weight)| *weight != 0.0) {
            for (variable, derivative) in at.gradient(function) {
                sum[variable as usize] += weight * derivative;
            }
        }
        sum
    };
    let undecided = |why: &str| Property::undecided(SECOND_ORDER, Witness::new(why, serde_json::Value::Null));
    let Some(found) = reduced_hessian::curvatures(x, gradient, &rows) else {
        verdict.properties.push(undecided("derivatives are undefined near the point"));
        return;
    };
    let Some(&lowest) = found.eigenvalues.first() else {
        let text = "the active constraints leave no direction";
        verdict.properties.push(Property::holds_by(
            SECOND_ORDER,
            Certainty::Within(CURVATURE),
            Witness::new(text, serde_json::Value::Null),
        ));
        return;
    };
    verdict.measures.push(Measure { name: "smallest reduced curvature".into(), value: lowest });
    let threshold = CURVATURE * found.size;
    let negative = found.eigenvalues.iter().filter(|value| **value < -threshold).count();
    let positive = found.eigenvalues.iter().filter(|value| **value > threshold).count();
    let text = format!(
        "the reduced Hessian has {positive} positive, {} zero and {negative} negative eigenvalues, the smallest {lowest:e}",
        found.eigenvalues.len() - positive - negative
    );
    let witness = Witness::new(text, serde_json::json!({ "direction": found.lowest_direction }));
    verdict.properties.push(if negative == 0 {
        Property::holds_by(SECOND_ORDER, Certainty::Within(CURVATURE), witness)
    } else {
        Property::fails(SECOND_ORDER, Certainty::Within(CURVATURE), witness)
    });
}

/// The start as a better solution: feasible by the same measure, and with a better objective.
fn better_start(problem: &Nonlinear, there: &Interpreter<'_>, value: f64, sizes: &[f64], verdict: &mut Verdict) {
    let start = problem.start();
    let bounds = feasibility::bounds(problem, &start);
    let sides = feasibility::constraints(problem, there, sizes);
    let (at_start, magnitude) = there.value(problem.objective());
    let gain = problem.objective_sense().advantage(at_start, value);
    let feasible = feasibility::violations(problem, &bounds, &sides).is_empty();
    if feasible && gain > TOLERANCE * magnitude.max(value.abs()) {
        let text = format!("the start is feasible and has objective {at_start}, the solution {value}");
        verdict.improvements.push(Improvement::elsewhere(Some(at_start), Witness::new(text, serde_json::json!({ "x": start }))));
    }
}
