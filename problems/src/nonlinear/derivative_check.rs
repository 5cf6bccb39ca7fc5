//! Derivatives beside central differences.

use super::nlp::{Nlp, symmetric_product};
use crate::expression::EvaluationError;

/// How far the derivatives of an [`Nlp`] are from central differences at a point, along a direction `d`: differences relative to the derivative's size, as
/// small as any of several steps makes them. A wrong entry shows along almost every direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DerivativeCheck {
    /// `grad f . d` beside differences of `f`.
    pub gradient: f64,
    /// `J d` beside differences of `c`: the largest over all rows.
    pub jacobian: f64,
    /// `H d`, by the stored Hessian where there is one, beside differences of `sigma grad f + J^T lambda`: the largest over all variables.
    pub hessian: f64,
    /// `H d` by products beside `H d` by the stored Hessian; 0 where none is stored.
    pub product: f64,
}

/// Steps along the direction, as parts of its length.
const STEPS: [f64; 7] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];

impl DerivativeCheck {
    /// Compares at `x` along `direction`; `objective_factor` and `multipliers` are those of the Lagrangian.
    ///
    /// ```
    /// use fathom_opt_problems::nonlinear::{ClosureNlp, DerivativeCheck};
    ///
    /// let right = |x: &[f64], g: &mut [f64]| g[0] = 3.0 * x[0] * x[0];
    /// let wrong = |x: &[f64], g: &mut [f64]| g[0] = 2.0 * x[0] * x[0];
    /// let gap = |gradient: fn(&[f64], &mut [f64])| {
    ///     let mut nlp = ClosureNlp::new(vec![2.0], |x| x[0].powi(3), gradient);
    ///     DerivativeCheck::at(&mut nlp, &[2.0], &[1.0], 1.0, &[]).unwrap().gradient
    /// };
    /// assert!(gap(right) < 1e-8 && gap(wrong) > 0.1);
    /// ```
    ///
    /// # Errors
    /// Where a function or derivative is not finite at `x`, or a vector has the wrong length. Without second derivatives these count as right.
    pub fn at(
        nlp: &mut dyn Nlp,
        x: &[f64],
        direction: &[f64],
        objective_factor: f64,
        multipliers: &[f64],
    ) -> Result<Self, EvaluationError> {
        // Some derivatives are finite where the function itself has no value.
        Values::of(nlp, x, objective_factor, multipliers, false)?;
        let slopes = Slopes::of(nlp, x, direction, objective_factor, multipliers)?;
        let mut best = Self { gradient: f64::INFINITY, jacobian: f64::INFINITY, hessian: f64::INFINITY, product: slopes.product_gap };
        let mut jacobian = vec![f64::INFINITY; slopes.jacobian.len()];
        let mut hessian = vec![f64::INFINITY; slopes.hessian.as_ref().map_or(0, Vec::len)];
        let lagrangian_size = size(slopes.hessian.as_deref().unwrap_or_default());
        for step in STEPS {
            let moved = |sign: f64| -> Vec<f64> { x.iter().zip(direction).map(|(x, d)| x + sign * step * d).collect() };
            // A step that leaves the functions' domain is too long.
            let (Ok(above), Ok(below)) = (
                Values::of(nlp, &moved(1.0), objective_factor, multipliers, slopes.hessian.is_some()),
                Values::of(nlp, &moved(-1.0), objective_factor, multipliers, slopes.hessian.is_some()),
            ) else {
                continue;
            };
            let gap = |exact: f64, above: f64, below: f64, floor: f64| {
                // What rounding alone makes of the difference is no error of the derivative.
                let rounding = 8.0 * f64::EPSILON * (above.abs() + below.abs()) / step;
                let difference = (above - below) / (2.0 * step);
                ((exact - difference).abs() - rounding).max(0.0) / exact.abs().max(floor).max(f64::MIN_POSITIVE)
            };
            best.gradient = best.gradient.min(gap(slopes.gradient, above.objective, below.objective, slopes.gradient_size));
            for (i, slot) in jacobian.iter_mut().enumerate() {
                let exact = slopes.jacobian[i];
                *slot = slot.min(gap(exact, above.constraints[i], below.constraints[i], slopes.row_sizes[i]));
            }
            for (j, slot) in hessian.iter_mut().enumerate() {
                let exact = slopes.hessian.as_ref().map_or(0.0, |product| product[j]);
                *slot = slot.min(gap(exact, above.lagrangian[j], below.lagrangian[j], lagrangian_size));
            }
        }
        best.jacobian = jacobian.into_iter().fold(0.0, f64::max);
        best.hessian = hessian.into_iter().fold(0.0, f64::max);
        Ok(best)
    }

    /// The largest of all differences.
    pub fn worst(&self) -> f64 {
        self.gradient.max(self.jacobian).max(self.hessian).max(self.product)
    }
}

/// The exact derivatives along the direction.
struct Slopes {
    gradient: f64,
    /// The largest term of `grad f . d`.
    gradient_size: f64,
    jacobian: Vec<f64>,
    /// The largest term of each row of `J d`.
    row_sizes: Vec<f64>,
    hessian: Option<Vec<f64>>,
    product_gap: f64,
}

impl Slopes {
    fn of(nlp: &mut dyn Nlp, x: &[f64], d: &[f64], factor: f64, multipliers: &[f64]) -> Result<Self, EvaluationError> {
        let (n, m) = (nlp.variables(), nlp.constraints());
        let mut gradient = vec![0.0; n];
        nlp.gradient(x, &mut gradient)?;
        let terms: Vec<f64> = gradient.iter().zip(d).map(|(g, d)| g * d).collect();
        let mut entries = vec![0.0; nlp.jacobian_pattern().entries()];
        if m > 0 {
            nlp.jacobian(x, &mut entries)?;
        }
        let (mut jacobian, mut row_sizes) = (vec![0.0; m], vec![0.0_f64; m]);
        for row in 0..m {
            let pattern = nlp.jacobian_pattern();
            for (&value, &column) in entries[pattern.range(row)].iter().zip(pattern.row(row)) {
                let term = value * d[column as usize];
                jacobian[row] += term;
                row_sizes[row] = row_sizes[row].max(term.abs());
            }
        }
        let mut by_product = vec![0.0; n];
        let by_product = match nlp.hessian_product(x, factor, multipliers, d, &mut by_product) {
            Ok(()) => Some(by_product),
            Err(EvaluationError::NoHessian) => None,
            Err(error) => return Err(error),
        };
        let (mut hessian, mut product_gap) = (by_product, 0.0);
        if let (Some(by_product), Some(pattern)) = (&hessian, nlp.hessian_pattern().cloned()) {
            let mut entries = vec![0.0; pattern.entries()];
            nlp.hessian(x, factor, multipliers, &mut entries)?;
            let mut stored = vec![0.0; n];
            symmetric_product(&pattern, &entries, d, &mut stored);
            let gaps: Vec<f64> = stored.iter().zip(by_product).map(|(a, b)| a - b).collect();
            product_gap = size(&gaps) / size(&stored).max(f64::MIN_POSITIVE);
            hessian = Some(stored);
        }
        Ok(Self { gradient: terms.iter().sum(), gradient_size: size(&terms), jacobian, row_sizes, hessian, product_gap })
    }
}

/// What differences are taken of.
struct Values {
    objective: f64,
    constraints: Vec<f64>,
    /// `sigma grad f + J^T lambda`; empty where it is not asked for.
    lagrangian: Vec<f64>,
}

impl Values {
    fn of(nlp: &mut dyn Nlp, x: &[f64], factor: f64, multipliers: &[f64], second: bool) -> Result<Self, EvaluationError> {
        let objective = nlp.objective(x)?;
        let mut constraints = vec![0.0; nlp.constraints()];
        if !constraints.is_empty() {
            nlp.constraint_values(x, &mut constraints)?;
        }
        let mut lagrangian = Vec::new();
        if second {
            lagrangian.resize(nlp.variables(), 0.0);
            nlp.gradient(x, &mut lagrangian)?;
            for g in &mut lagrangian {
                *g *= factor;
            }
            let mut entries = vec![0.0; nlp.jacobian_pattern().entries()];
            if !constraints.is_empty() {
                nlp.jacobian(x, &mut entries)?;
            }
            let pattern = nlp.jacobian_pattern();
            for (row, multiplier) in multipliers.iter().enumerate() {
                for (&value, &column) in entries[pattern.range(row)].iter().zip(pattern.row(row)) {
                    lagrangian[column as usize] += multiplier * value;
                }
            }
        }
        Ok(Self { objective, constraints, lagrangian })
    }
}

fn size(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}
