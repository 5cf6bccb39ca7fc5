//! How good a point and its multipliers are, measured on the model as it was given.

use super::duals::ConicDuals;
use super::model::{Affine, ConicModel};

/// How good a point and its multipliers are. Every measure is relative to the magnitudes of which the measured sum is made, so that a model in other units
/// measures the same; 0 is perfect, and 1 is what a point without any meaning has. Where all terms vanish at the optimum (the nearest point of a ball to its own
/// centre) nothing is left to be relative to, and a good answer can measure badly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// The largest violation of an equation, an inequality or a cone.
    pub violation: f64,
    /// The largest entry of the gradient of the Lagrangian, relative to the terms of that entry, and the largest sign error of a multiplier, relative to the
    /// largest multiplier.
    pub stationarity: f64,
    /// The difference between the objective and the value that the multipliers prove, relative to the terms of both.
    pub gap: f64,
}

impl Quality {
    /// Whether nothing is worse than `tolerance`. Not so for NaN.
    pub(super) fn is_within(&self, tolerance: f64) -> bool {
        self.violation <= tolerance && self.stationarity <= tolerance && self.gap <= tolerance
    }
}

/// `amount` relative to `size`: 0 for an amount of 0 or less, whatever the size.
fn relative(amount: f64, size: f64) -> f64 {
    if amount <= 0.0 { 0.0 } else { amount / size }
}

/// By how much `values` lie outside of the second-order cone, and the magnitude that this is relative to.
fn outside(values: &[f64]) -> (f64, f64) {
    let norm = values[1..].iter().fold(0.0_f64, |norm, value| norm.hypot(*value));
    (norm - values[0], norm + values[0].abs())
}

/// The largest relative violation at `point`.
pub(super) fn violation(model: &ConicModel, point: &[f64]) -> f64 {
    let zeros = model.zeros.iter().map(|expression| {
        let (value, size) = expression.at(point);
        relative(value.abs(), size)
    });
    let at_most_zeros = model.at_most_zeros.iter().map(|expression| {
        let (value, size) = expression.at(point);
        relative(value, size)
    });
    let cones = model.cones.iter().map(|cone| {
        let parts: Vec<(f64, f64)> = cone.iter().map(|expression| expression.at(point)).collect();
        let values: Vec<f64> = parts.iter().map(|(value, _)| *value).collect();
        relative(outside(&values).0, parts.iter().map(|(_, size)| size).sum())
    });
    worst(zeros.chain(at_most_zeros).chain(cones))
}

/// The largest of the measures; NaN where one of them is NaN, which `f64::max` would pass over.
fn worst(measures: impl Iterator<Item = f64>) -> f64 {
    measures.fold(0.0, |worst, measure| if measure > worst || measure.is_nan() { measure } else { worst })
}

/// A gradient, with the sum of the magnitudes of the terms of every entry.
struct Gradient {
    entries: Vec<(f64, f64)>,
}

impl Gradient {
    /// Adds `factor` times the gradient of `expression`.
    fn add(&mut self, expression: &Affine, factor: f64) {
        for &(variable, coefficient) in expression.terms() {
            let (entry, size) = &mut self.entries[variable];
            *entry += factor * coefficient;
            *size += (factor * coefficient).abs();
        }
    }

    /// The largest entry, each relative to its own terms and no entry to less than `floor`.
    fn worst(&self, floor: f64) -> f64 {
        worst(self.entries.iter().map(|&(entry, size)| relative(entry.abs(), size.max(floor))))
    }
}

/// The part of a Lagrangian's gradient that comes from the constraints.
fn constraint_gradient(model: &ConicModel, duals: &ConicDuals) -> Gradient {
    let mut gradient = Gradient { entries: vec![(0.0, 0.0); model.variables()] };
    for (expression, dual) in model.zeros.iter().zip(&duals.zeros).chain(model.at_most_zeros.iter().zip(&duals.at_most_zeros)) {
        gradient.add(expression, *dual);
    }
    for (expression, dual) in model.cones.iter().flatten().zip(duals.cones.iter().flatten()) {
        gradient.add(expression, -dual);
    }
    gradient
}

/// The sum of all multipliers times the constants of their expressions, and of the magnitudes.
fn constant_part(model: &ConicModel, duals: &ConicDuals) -> (f64, f64) {
    let below = model.zeros.iter().zip(&duals.zeros).chain(model.at_most_zeros.iter().zip(&duals.at_most_zeros));
    let cones = model.cones.iter().flatten().zip(duals.cones.iter().flatten());
    below
        .map(|(expression, dual)| expression.constant() * dual)
        .chain(cones.map(|(expression, dual)| -expression.constant() * dual))
        .fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

/// The largest sign error of a multiplier, relative to the largest multiplier.
fn sign_error(duals: &ConicDuals) -> f64 {
    let largest =
        duals.zeros.iter().chain(&duals.at_most_zeros).chain(duals.cones.iter().flatten()).fold(0.0_f64, |most, dual| most.max(dual.abs()));
    let inequalities = duals.at_most_zeros.iter().map(|dual| relative(-dual, largest));
    worst(inequalities.chain(duals.cones.iter().map(|cone| relative(outside(cone).0, largest))))
}

/// Measures `point` with `duals`.
pub(super) fn measure(model: &ConicModel, point: &[f64], duals: &ConicDuals) -> Quality {
    let mut gradient = constraint_gradient(model, duals);
    gradient.add(&Affine::new(model.costs.iter().copied().enumerate(), 0.0), 1.0);
    // By convexity, f(z) >= f(x) + f'(x) (z - x) for every z; so the multipliers prove f(x) - f'(x) x + (their constant part), where f'(x) is minus the gradient of
    // the constraints. The difference from f(x) is f'(x) x - (constant part).
    let (mut slope, mut slope_size) = Affine::new(model.costs.iter().copied().enumerate(), 0.0).at(point);
    for (weight, square) in &model.squares {
        let (inner, inner_size) = square.at(point);
        gradient.add(square, 2.0 * weight * inner);
        slope += 2.0 * weight * inner * (inner - square.constant());
        slope_size += 2.0 * weight * inner_size * inner_size;
    }
    let (constant, constant_size) = constant_part(model, duals);
    let floor = gradient.entries.iter().fold(0.0_f64, |most, (_, size)| most.max(*size));
    Quality {
        violation: violation(model, point),
        stationarity: gradient.worst(floor).max(sign_error(duals)),
        gap: relative((slope - constant).abs(), slope_size + constant_size + model.objective(point).1),
    }
}

/// How far from the origin, in the sum of magnitudes, a point must at least be to meet the constraints, as `duals` show with a weighted sum of the constraints:
/// `None` where they show nothing, infinity where no point is left.
pub(super) fn excluded(model: &ConicModel, duals: &ConicDuals, tolerance: f64) -> Option<f64> {
    // With multipliers of the right signs every feasible x has: (gradient of the sum) x + (constant part) <= 0.
    let (constant, size) = constant_part(model, duals);
    let steepest = constraint_gradient(model, duals).entries.iter().fold(0.0_f64, |most, (entry, _)| most.max(entry.abs()));
    (constant > tolerance * size && sign_error(duals) <= tolerance).then(|| constant / steepest)
}
