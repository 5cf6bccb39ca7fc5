//! A point with multipliers, and what is known there.

use fathom_opt_linalg::SparseRows;
use fathom_opt_problems::expression::EvaluationError;

use super::filter::Merit;
use super::program::Program;
use crate::reduced::Reduced;

/// Primal and dual variables of a barrier subproblem with the values and first derivatives at them.
#[derive(Debug, Clone)]
pub(crate) struct Iterate {
    /// Variables and privates, strictly between their bounds.
    pub v: Vec<f64>,
    /// Multipliers of the rows.
    pub l: Vec<f64>,
    /// Multipliers of the lower and upper bounds; 0 where there is none.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub objective: f64,
    /// Rows less their sides.
    pub g: Vec<f64>,
    /// Gradient of the objective by `v`.
    pub gradient: Vec<f64>,
    /// Jacobian of the rows by `x`.
    pub jacobian: SparseRows,
}

/// Errors of the perturbed optimality conditions (Waechter and Biegler 2006, equation 5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Errors {
    pub dual: f64,
    pub primal: f64,
    pub complementarity: f64,
    /// The factors by which large multipliers excuse the first and the last.
    pub dual_scale: f64,
    pub complementarity_scale: f64,
}

impl Errors {
    /// The largest of the scaled errors.
    pub fn largest(&self) -> f64 {
        (self.dual / self.dual_scale).max(self.primal).max(self.complementarity / self.complementarity_scale)
    }
}

/// Weight of the linear term that keeps variables with one bound from running away (Waechter and Biegler 2006, section 3.7).
const DAMPING: f64 = 1e-5;

impl Iterate {
    /// The point `v` with multipliers `l` and bound multipliers that are all `z` (or what `z` says of the slack).
    pub fn new(
        program: &Program,
        nlp: &mut Reduced<'_>,
        v: Vec<f64>,
        l: Vec<f64>,
        z: impl Fn(f64) -> f64,
    ) -> Result<Self, EvaluationError> {
        let pattern = nlp.jacobian_pattern();
        let jacobian = SparseRows::new(program.n, (0..pattern.rows()).map(|i| pattern.row(i)));
        let multipliers = |bound: &[f64]| -> Vec<f64> {
            v.iter().zip(bound).map(|(v, bound)| if bound.is_finite() { z((v - bound).abs()) } else { 0.0 }).collect()
        };
        let mut at = Self {
            lower: multipliers(&program.lower),
            upper: multipliers(&program.upper),
            objective: f64::NAN,
            g: vec![0.0; program.rows()],
            gradient: vec![0.0; v.len()],
            jacobian,
            v,
            l,
        };
        at.evaluate(program, nlp)?;
        Ok(at)
    }

    /// Evaluates values and derivatives at `v`.
    pub fn evaluate(&mut self, program: &Program, nlp: &mut Reduced<'_>) -> Result<(), EvaluationError> {
        self.objective = program.values(nlp, &self.v, &mut self.g)?;
        program.derivatives(nlp, &self.v, &mut self.gradient, &mut self.jacobian)
    }

    /// The gradient of the Lagrangian without the bounds' terms: `grad f + G' l`.
    pub fn lagrangian_gradient(&self, program: &Program) -> Vec<f64> {
        let mut sum = self.gradient.clone();
        self.jacobian.add_transposed(&self.l, &mut sum[..program.n]);
        program.add_private_transposed(&self.l, &mut sum);
        sum
    }

    /// The errors of the conditions for the barrier parameter `mu`.
    pub fn errors(&self, program: &Program, mu: f64) -> Errors {
        /// Ipopt's `s_max`.
        const S_MAX: f64 = 100.0;
        let residual = self.lagrangian_gradient(program);
        let mut errors = Errors { dual: 0.0, primal: 0.0, complementarity: 0.0, dual_scale: 1.0, complementarity_scale: 1.0 };
        let (mut bounds, mut at_bounds) = (0_usize, 0.0);
        for (k, r) in residual.iter().enumerate() {
            errors.dual = errors.dual.max((r - self.lower[k] + self.upper[k]).abs());
            for (multiplier, bound) in [(self.lower[k], program.lower[k]), (self.upper[k], program.upper[k])] {
                if bound.is_finite() {
                    errors.complementarity = errors.complementarity.max((multiplier * (self.v[k] - bound).abs() - mu).abs());
                    at_bounds += multiplier;
                    bounds += 1;
                }
            }
        }
        errors.primal = self.g.iter().fold(0.0, |most, g| most.max(g.abs()));
        let rows: f64 = self.l.iter().map(|l| l.abs()).sum();
        errors.dual_scale = ((rows + at_bounds) / (self.l.len() + bounds).max(1) as f64).max(S_MAX) / S_MAX;
        errors.complementarity_scale = (at_bounds / bounds.max(1) as f64).max(S_MAX) / S_MAX;
        errors
    }

    /// Infeasibility and barrier objective for `mu`.
    pub fn merit(&self, program: &Program, mu: f64) -> Merit {
        merit(program, &self.v, self.objective, &self.g, mu)
    }
}

/// Infeasibility and barrier objective of the point `v` with this objective and these rows.
pub(super) fn merit(program: &Program, v: &[f64], objective: f64, g: &[f64], mu: f64) -> Merit {
    let mut phi = objective;
    for ((v, lower), upper) in v.iter().zip(&program.lower).zip(&program.upper) {
        let (below, above) = (v - lower, upper - v);
        match (lower.is_finite(), upper.is_finite()) {
            (true, true) => phi -= mu * (below.ln() + above.ln()),
            (true, false) => phi += mu * (DAMPING * below - below.ln()),
            (false, true) => phi += mu * (DAMPING * above - above.ln()),
            (false, false) => {}
        }
    }
    Merit { theta: g.iter().map(|g| g.abs()).sum(), phi }
}

/// The gradient of the barrier terms at variable `k` of `v`.
pub(super) fn barrier_slope(program: &Program, v: &[f64], k: usize, mu: f64) -> f64 {
    let (lower, upper) = (program.lower[k], program.upper[k]);
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => mu / (upper - v[k]) - mu / (v[k] - lower),
        (true, false) => mu * DAMPING - mu / (v[k] - lower),
        (false, true) => mu / (upper - v[k]) - mu * DAMPING,
        (false, false) => 0.0,
    }
}
