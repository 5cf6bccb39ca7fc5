//! The first-order optimality conditions at a point, recomputed from gradients of the checker's own.

use super::feasibility::{Requirement, ratio};
use super::least_squares::{Active, estimate};
use super::model::Nonlinear;
use super::solution::Multipliers;

/// The derivatives at the point: of the objective to be minimised, dense, and of each constraint, sparse.
pub(super) struct Slopes {
    pub objective: Vec<f64>,
    pub constraints: Vec<Vec<(u32, f64)>>,
}

/// The residuals of the conditions.
#[derive(Debug, Clone)]
pub(super) struct Residuals {
    /// The multipliers that were used.
    pub multipliers: Multipliers,
    /// Largest component of the gradient of the Lagrangian, unscaled.
    pub stationarity: f64,
    /// The same, relative to the largest of its terms.
    pub relative_stationarity: f64,
    /// The variable in which it is largest.
    pub worst_variable: usize,
    /// Largest multiplier of the wrong sign, or at a side that does not exist, unscaled and relative.
    pub dual_infeasibility: f64,
    pub relative_dual_infeasibility: f64,
    /// Largest product of a multiplier and its slack, unscaled and relative.
    pub complementarity: f64,
    pub relative_complementarity: f64,
    /// Stationarity and complementarity divided by Ipopt's scaling factors `s_d` and `s_c` (A. Waechter, L. T. Biegler, 2006, equation 6).
    pub scaled: f64,
}

impl Residuals {
    /// The largest of the relative residuals.
    pub fn relative(&self) -> f64 {
        self.relative_stationarity.max(self.relative_dual_infeasibility).max(self.relative_complementarity)
    }

    /// The largest of the residuals as they stand.
    pub fn unscaled(&self) -> f64 {
        self.stationarity.max(self.dual_infeasibility).max(self.complementarity)
    }
}

/// The residuals with these multipliers. `floor` is what gradients are compared with where the terms at the point are smaller.
pub(super) fn residuals(slopes: &Slopes, bounds: &[Requirement], sides: &[Requirement], multipliers: Multipliers, floor: f64) -> Residuals {
    let n = bounds.len();
    let mut lagrangian = slopes.objective.clone();
    let mut terms: Vec<f64> = lagrangian.iter().map(|g| g.abs()).collect();
    for (gradient, multiplier) in slopes.constraints.iter().zip(&multipliers.constraints) {
        for &(variable, derivative) in gradient.iter().filter(|_| *multiplier != 0.0) {
            lagrangian[variable as usize] += multiplier * derivative;
            terms[variable as usize] += (multiplier * derivative).abs();
        }
    }
    for (slope, (lower, upper)) in lagrangian.iter_mut().zip(multipliers.lower.iter().zip(&multipliers.upper)) {
        *slope += upper - lower;
    }
    let size = largest(&terms).1.max(floor);
    let (worst_variable, stationarity) = largest(&lagrangian);
    let mut found = Residuals {
        multipliers,
        stationarity,
        relative_stationarity: ratio(stationarity, size),
        worst_variable,
        dual_infeasibility: 0.0,
        relative_dual_infeasibility: 0.0,
        complementarity: 0.0,
        relative_complementarity: 0.0,
        scaled: 0.0,
    };
    for (i, side) in sides.iter().enumerate() {
        let multiplier = found.multipliers.constraints[i];
        let slope = slopes.constraints[i].iter().fold(0.0, |most: f64, (_, d)| most.max(d.abs()));
        found.pair(multiplier.abs(), slope / size, side, multiplier > 0.0);
    }
    for (j, bound) in bounds.iter().enumerate() {
        for (multiplier, upper) in [(found.multipliers.lower[j], false), (found.multipliers.upper[j], true)] {
            if multiplier < 0.0 {
                found.wrong(-multiplier, size.recip());
            }
            found.pair(multiplier.abs(), size.recip(), bound, upper);
        }
    }
    found.scale(n);
    found
}

impl Residuals {
    /// A multiplier of this magnitude at one side of a requirement.
    fn pair(&mut self, magnitude: f64, relative: f64, side: &Requirement, upper: bool) {
        if magnitude == 0.0 {
            return;
        }
        let (slack, end) = if upper { (side.upper_slack(), side.upper) } else { (side.lower_slack(), side.lower) };
        if slack.is_infinite() {
            self.wrong(magnitude, relative);
        } else {
            self.complementarity = self.complementarity.max(magnitude * slack);
            let share = ratio(slack, side.scale(end).max(side.value.abs()));
            self.relative_complementarity = self.relative_complementarity.max(magnitude * relative * share);
        }
    }

    fn wrong(&mut self, magnitude: f64, relative: f64) {
        self.dual_infeasibility = self.dual_infeasibility.max(magnitude);
        self.relative_dual_infeasibility = self.relative_dual_infeasibility.max(magnitude * relative);
    }

    fn scale(&mut self, n: usize) {
        /// Ipopt's `s_max`.
        const S_MAX: f64 = 100.0;
        let sum = |values: &[f64]| values.iter().map(|v| v.abs()).sum::<f64>();
        let Multipliers { constraints, lower, upper } = &self.multipliers;
        let at_bounds = sum(lower) + sum(upper);
        let s_d = ((sum(constraints) + at_bounds) / (constraints.len() + 2 * n).max(1) as f64).max(S_MAX) / S_MAX;
        let s_c = (at_bounds / (2 * n).max(1) as f64).max(S_MAX) / S_MAX;
        self.scaled = (self.stationarity / s_d).max(self.complementarity / s_c);
    }
}

/// Position and magnitude of the largest number; what is not a number is infinite.
fn largest(values: &[f64]) -> (usize, f64) {
    values.iter().enumerate().fold((0, 0.0), |(at, most), (k, v)| {
        let size = if v.is_nan() { f64::INFINITY } else { v.abs() };
        if size > most { (k, size) } else { (at, most) }
    })
}

/// A side counts as active for the estimate of multipliers when its slack is at most this, relative to its scale.
const ACTIVE: f64 = 1e-5;

/// Which bounds and sides are active: for each requirement whether its lower and its upper end are.
pub(super) fn active(requirements: &[Requirement]) -> Vec<(bool, bool)> {
    let near = |slack: f64, side: f64, requirement: &Requirement| side.is_finite() && slack <= ACTIVE * requirement.scale(side);
    requirements.iter().map(|one| (near(one.lower_slack(), one.lower, one), near(one.upper_slack(), one.upper, one))).collect()
}

/// Least-squares multipliers of a point that came without any.
pub(super) fn estimated(problem: &Nonlinear, slopes: &Slopes, bounds: &[Requirement], sides: &[Requirement]) -> Multipliers {
    let at_bounds = active(bounds);
    let at_lower: Vec<bool> = at_bounds.iter().map(|(lower, _)| *lower).collect();
    let at_upper: Vec<bool> = at_bounds.iter().map(|(_, upper)| *upper).collect();
    let rows: Vec<Active> = active(sides)
        .into_iter()
        .enumerate()
        .filter(|(_, (lower, upper))| *lower || *upper)
        .map(|(i, (negative, positive))| Active { constraint: i, gradient: slopes.constraints[i].clone(), positive, negative })
        .collect();
    let found = estimate(&slopes.objective, &rows, &at_lower, &at_upper);
    let rest = super::least_squares::residual(&slopes.objective, &rows, &found);
    let mut constraints = vec![0.0; problem.constraints().len()];
    for (row, multiplier) in rows.iter().zip(found) {
        constraints[row.constraint] = multiplier;
    }
    let pick = |at: &[bool], sign: f64| rest.iter().zip(at).map(|(r, at)| if *at { (sign * r).max(0.0) } else { 0.0 }).collect();
    Multipliers { constraints, lower: pick(&at_lower, 1.0), upper: pick(&at_upper, -1.0) }
}
