//! A nonlinear program given by closures over dual numbers, which differentiate it.

use std::sync::Arc;

use num_dual::HyperDual64;

use super::nlp::{Nlp, expect};
use crate::expression::{EvaluationError, Pattern};

type Scalar = Arc<dyn Fn(&[HyperDual64]) -> HyperDual64 + Send + Sync>;
type Fill = Arc<dyn Fn(&[HyperDual64], &mut [HyperDual64]) + Send + Sync>;

/// A nonlinear program of closures over hyper-dual numbers, from which all derivatives come exactly: nothing else has to be given.
///
/// A gradient or Jacobian costs n/2 evaluations, a product with the Hessian n, the Hessian n (n + 1) / 2, and Jacobian and Hessian are dense: it is meant for
/// programs of few variables. [`Nonlinear`](super::Nonlinear) differentiates large ones.
///
/// ```
/// use fathom_opt_problems::nonlinear::{DualNlp, Nlp};
/// use num_dual::DualNum;
///
/// // Rosenbrock's function on the unit disc.
/// let mut nlp = DualNlp::new(vec![-1.2, 1.0], |x| (x[1] - x[0].powi(2)).powi(2) * 100.0 + (-x[0] + 1.0).powi(2))
///     .with_constraints(vec![f64::NEG_INFINITY], vec![1.0], |x, c| c[0] = x[0] * x[0] + x[1] * x[1]);
/// let mut gradient = [0.0; 2];
/// nlp.gradient(&[-1.2, 1.0], &mut gradient)?;
/// assert!((gradient[0] + 215.6).abs() < 1e-10 && (gradient[1] + 88.0).abs() < 1e-10);
/// # Ok::<(), fathom_opt_problems::expression::EvaluationError>(())
/// ```
#[derive(Clone)]
pub struct DualNlp {
    start: Vec<f64>,
    bounds: [Vec<f64>; 2],
    sides: [Vec<f64>; 2],
    objective: Scalar,
    constraints: Fill,
    jacobian_pattern: Pattern,
    hessian_pattern: Pattern,
    /// The point with its infinitesimal parts, and the values of the constraints there.
    point: Vec<HyperDual64>,
    values: Vec<HyperDual64>,
}

impl DualNlp {
    /// Minimise `objective` from `start`; without bounds and constraints so far.
    pub fn new(start: Vec<f64>, objective: impl Fn(&[HyperDual64]) -> HyperDual64 + Send + Sync + 'static) -> Self {
        let n = start.len();
        Self {
            bounds: [vec![f64::NEG_INFINITY; n], vec![f64::INFINITY; n]],
            sides: [Vec::new(), Vec::new()],
            objective: Arc::new(objective),
            constraints: Arc::new(|_, _| {}),
            jacobian_pattern: Pattern::default(),
            hessian_pattern: Pattern::dense_lower(u32::try_from(n).unwrap_or(u32::MAX)),
            point: vec![HyperDual64::from_re(0.0); n],
            values: Vec::new(),
            start,
        }
    }

    /// With bounds, one number for each variable; numbers beyond the count of variables are ignored, missing ones are none.
    pub fn with_bounds(mut self, lower: &[f64], upper: &[f64]) -> Self {
        for (slots, values) in self.bounds.iter_mut().zip([lower, upper]) {
            slots.iter_mut().zip(values).for_each(|(slot, &value)| *slot = value);
        }
        self
    }

    /// With constraints `lower <= c(x) <= upper`, as many as the shorter list of sides; `values` fills their values.
    pub fn with_constraints(
        mut self,
        lower: Vec<f64>,
        upper: Vec<f64>,
        values: impl Fn(&[HyperDual64], &mut [HyperDual64]) + Send + Sync + 'static,
    ) -> Self {
        let count = lower.len().min(upper.len());
        self.sides = [lower, upper];
        self.sides.iter_mut().for_each(|side| side.truncate(count));
        self.jacobian_pattern = Pattern::dense(count, u32::try_from(self.start.len()).unwrap_or(u32::MAX));
        self.values = vec![HyperDual64::from_re(0.0); count];
        self.constraints = Arc::new(values);
        self
    }

    /// Puts the point at `x`, without infinitesimal parts.
    fn move_to(&mut self, x: &[f64]) -> Result<(), EvaluationError> {
        expect("variables", x.len(), self.start.len())?;
        self.point.iter_mut().zip(x).for_each(|(slot, &value)| *slot = HyperDual64::from_re(value));
        Ok(())
    }

    fn constrained(&mut self) {
        self.values.fill(HyperDual64::from_re(0.0));
        (self.constraints)(&self.point, &mut self.values);
    }

    /// `factor f + sum of multipliers c` at the point.
    fn lagrangian(&mut self, factor: f64, multipliers: &[f64]) -> HyperDual64 {
        // A factor 0 leaves the function out, also where it has no value.
        let mut sum = if factor == 0.0 { HyperDual64::from_re(0.0) } else { (self.objective)(&self.point) * factor };
        if multipliers.iter().any(|multiplier| *multiplier != 0.0) {
            self.constrained();
            for (value, &multiplier) in self.values.iter().zip(multipliers).filter(|(_, multiplier)| **multiplier != 0.0) {
                sum += *value * multiplier;
            }
        }
        sum
    }

    /// Calls `take` with pairs of variables, each variable once, whose infinitesimal parts are set.
    fn by_pairs(&mut self, mut take: impl FnMut(&mut Self, usize, Option<usize>)) {
        for first in (0..self.start.len()).step_by(2) {
            let second = Some(first + 1).filter(|second| *second < self.start.len());
            self.point[first].eps1 = 1.0;
            if let Some(second) = second {
                self.point[second].eps2 = 1.0;
            }
            take(self, first, second);
            self.point[first].eps1 = 0.0;
            if let Some(second) = second {
                self.point[second].eps2 = 0.0;
            }
        }
    }
}

impl std::fmt::Debug for DualNlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DualNlp({} variables, {} constraints)", self.start.len(), self.values.len())
    }
}

fn finite(what: &'static str, first: usize, found: &[f64]) -> Result<(), EvaluationError> {
    match found.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(EvaluationError::NotFinite { what, function: (what == "value").then_some(first + at), value: found[at] }),
    }
}

impl Nlp for DualNlp {
    fn variables(&self) -> usize {
        self.start.len()
    }

    fn constraints(&self) -> usize {
        self.values.len()
    }

    fn variable_bounds(&self) -> (&[f64], &[f64]) {
        (&self.bounds[0], &self.bounds[1])
    }

    fn constraint_sides(&self) -> (&[f64], &[f64]) {
        (&self.sides[0], &self.sides[1])
    }

    fn start(&self) -> &[f64] {
        &self.start
    }

    fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError> {
        self.move_to(x)?;
        let value = (self.objective)(&self.point).re;
        finite("value", 0, &[value])?;
        Ok(value)
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.move_to(x)?;
        expect("gradient entries", out.len(), self.variables())?;
        self.by_pairs(|nlp, first, second| {
            let value = (nlp.objective)(&nlp.point);
            out[first] = value.eps1;
            if let Some(second) = second {
                out[second] = value.eps2;
            }
        });
        finite("gradient", 0, out)
    }

    fn constraint_values(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.move_to(x)?;
        expect("values", out.len(), self.constraints())?;
        self.constrained();
        out.iter_mut().zip(&self.values).for_each(|(slot, value)| *slot = value.re);
        finite("value", 1, out)
    }

    fn jacobian_pattern(&self) -> &Pattern {
        &self.jacobian_pattern
    }

    fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.move_to(x)?;
        expect("Jacobian entries", out.len(), self.jacobian_pattern.entries())?;
        let n = self.variables();
        self.by_pairs(|nlp, first, second| {
            nlp.constrained();
            for (row, value) in nlp.values.iter().enumerate() {
                out[row * n + first] = value.eps1;
                if let Some(second) = second {
                    out[row * n + second] = value.eps2;
                }
            }
        });
        finite("gradient", 1, out)
    }

    fn hessian_pattern(&self) -> Option<&Pattern> {
        Some(&self.hessian_pattern)
    }

    fn hessian(&mut self, x: &[f64], objective_factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.move_to(x)?;
        expect("multipliers", multipliers.len(), self.constraints())?;
        expect("Hessian entries", out.len(), self.hessian_pattern.entries())?;
        let mut at = 0;
        for row in 0..self.variables() {
            self.point[row].eps1 = 1.0;
            for column in 0..=row {
                self.point[column].eps2 = 1.0;
                out[at] = self.lagrangian(objective_factor, multipliers).eps1eps2;
                at += 1;
                self.point[column].eps2 = 0.0;
            }
            self.point[row].eps1 = 0.0;
        }
        finite("Hessian", 0, out)
    }

    fn hessian_product(
        &mut self,
        x: &[f64],
        objective_factor: f64,
        multipliers: &[f64],
        direction: &[f64],
        out: &mut [f64],
    ) -> Result<(), EvaluationError> {
        self.move_to(x)?;
        expect("multipliers", multipliers.len(), self.constraints())?;
        expect("components of the direction", direction.len(), self.variables())?;
        expect("components of the product", out.len(), self.variables())?;
        self.point.iter_mut().zip(direction).for_each(|(slot, &part)| slot.eps2 = part);
        for (j, slot) in out.iter_mut().enumerate() {
            self.point[j].eps1 = 1.0;
            *slot = self.lagrangian(objective_factor, multipliers).eps1eps2;
            self.point[j].eps1 = 0.0;
        }
        finite("Hessian", 0, out)
    }
}

#[cfg(test)]
mod tests {
    use num_dual::DualNum;

    use super::*;
    use crate::nonlinear::DerivativeCheck;

    fn model() -> DualNlp {
        DualNlp::new(vec![0.4, 1.3, -0.7], |x| (x[0] * x[1]).exp() + x[2].powi(3) * x[0].sin() + x[1].ln())
            .with_bounds(&[0.0, 0.1], &[2.0])
            .with_constraints(vec![0.0, 1.0], vec![0.0, 4.0], |x, c| {
                c[0] = x[0] * x[1] * x[2];
                c[1] = (x[1] * x[1] + 1.0).sqrt() - x[2];
            })
    }

    #[test]
    fn derivatives_of_dual_numbers_agree_with_differences() {
        let mut nlp = model();
        let check = DerivativeCheck::at(&mut nlp, &[0.4, 1.3, -0.7], &[0.3, -1.0, 0.6], 1.0, &[0.8, -2.0]).unwrap();
        assert!(check.worst() < 1e-6, "{check:?}");
        assert_eq!((nlp.variable_bounds().0, nlp.variable_bounds().1[0]), (&[0.0, 0.1, f64::NEG_INFINITY][..], 2.0));
    }

    #[test]
    fn what_is_not_finite_or_of_the_wrong_length_is_an_error() {
        let mut nlp = model();
        let error = nlp.objective(&[0.0, -1.0, 0.0]).unwrap_err();
        assert!(matches!(error, EvaluationError::NotFinite { what: "value", function: Some(0), .. }), "{error}");
        assert!(nlp.gradient(&[0.4, 1.3, -0.7], &mut [0.0; 2]).is_err());
        assert!(nlp.objective(&[0.0]).is_err());
        // The objective has no value there, and none is asked for.
        nlp.hessian(&[0.4, -1.0, 0.0], 0.0, &[1.0, 0.0], &mut [0.0; 6]).unwrap();
    }
}
