//! A nonlinear program given by closures, with the user's own derivatives.

use std::sync::Arc;

use super::nlp::{Nlp, expect, symmetric_product};
use crate::expression::{EvaluationError, Pattern};

type Scalar = Arc<dyn Fn(&[f64]) -> f64 + Send + Sync>;
type Fill = Arc<dyn Fn(&[f64], &mut [f64]) + Send + Sync>;
type FillHessian = Arc<dyn Fn(&[f64], f64, &[f64], &mut [f64]) + Send + Sync>;

/// A nonlinear program of closures: objective and gradient, then what else there is, piece by piece.
///
/// ```
/// use fathom_opt_problems::expression::Pattern;
/// use fathom_opt_problems::nonlinear::{ClosureNlp, Nlp};
///
/// // minimise x^2 + y^2 subject to x + y = 1
/// let mut nlp = ClosureNlp::new(vec![3.0, 0.0], |x| x[0] * x[0] + x[1] * x[1], |x, g| {
///     g[0] = 2.0 * x[0];
///     g[1] = 2.0 * x[1];
/// })
/// .with_constraints(vec![1.0], vec![1.0], |x, c| c[0] = x[0] + x[1])
/// .with_jacobian(Pattern::dense(1, 2), |_, j| j.fill(1.0))
/// .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, _, h| h.fill(2.0 * factor));
/// assert_eq!(nlp.objective(&[3.0, 0.0]).unwrap(), 9.0);
/// ```
#[derive(Clone)]
pub struct ClosureNlp {
    start: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    sides_lower: Vec<f64>,
    sides_upper: Vec<f64>,
    objective: Scalar,
    gradient: Fill,
    constraints: Fill,
    jacobian: Fill,
    jacobian_pattern: Pattern,
    hessian: Option<(Pattern, FillHessian)>,
    room: Vec<f64>,
}

impl ClosureNlp {
    /// Minimise `objective`, whose `gradient` fills one number for each variable, from `start`; without bounds and constraints so far.
    pub fn new(
        start: Vec<f64>,
        objective: impl Fn(&[f64]) -> f64 + Send + Sync + 'static,
        gradient: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
    ) -> Self {
        let n = start.len();
        Self {
            start,
            lower: vec![f64::NEG_INFINITY; n],
            upper: vec![f64::INFINITY; n],
            sides_lower: Vec::new(),
            sides_upper: Vec::new(),
            objective: Arc::new(objective),
            gradient: Arc::new(gradient),
            constraints: Arc::new(|_, _| {}),
            jacobian: Arc::new(|_, out| out.fill(f64::NAN)),
            jacobian_pattern: Pattern::default(),
            hessian: None,
            room: Vec::new(),
        }
    }

    /// With bounds, one number for each variable; numbers beyond the count of variables are ignored, missing ones are none.
    pub fn with_bounds(mut self, lower: &[f64], upper: &[f64]) -> Self {
        self.lower.iter_mut().zip(lower).for_each(|(slot, &value)| *slot = value);
        self.upper.iter_mut().zip(upper).for_each(|(slot, &value)| *slot = value);
        self
    }

    /// With constraints `lower <= c(x) <= upper`, as many as the shorter list of sides; `values` fills their values.
    /// Their Jacobian is taken to be dense until [`ClosureNlp::with_jacobian`] says more.
    pub fn with_constraints(
        mut self,
        lower: Vec<f64>,
        upper: Vec<f64>,
        values: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
    ) -> Self {
        let count = lower.len().min(upper.len());
        (self.sides_lower, self.sides_upper) = (lower, upper);
        self.sides_lower.truncate(count);
        self.sides_upper.truncate(count);
        self.jacobian_pattern = Pattern::dense(count, u32::try_from(self.start.len()).unwrap_or(u32::MAX));
        self.constraints = Arc::new(values);
        self
    }

    /// With the Jacobian of the constraints: `values` fills the entries of `pattern`.
    pub fn with_jacobian(mut self, pattern: Pattern, values: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static) -> Self {
        self.jacobian_pattern = pattern;
        self.jacobian = Arc::new(values);
        self
    }

    /// With the Hessian of `factor * f + sum of multipliers * c`: `values(x, factor, multipliers, out)` fills the entries of `pattern`, its lower triangle.
    pub fn with_hessian(mut self, pattern: Pattern, values: impl Fn(&[f64], f64, &[f64], &mut [f64]) + Send + Sync + 'static) -> Self {
        self.room = vec![0.0; pattern.entries()];
        self.hessian = Some((pattern, Arc::new(values)));
        self
    }
}

impl std::fmt::Debug for ClosureNlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClosureNlp({} variables, {} constraints)", self.start.len(), self.sides_lower.len())
    }
}

fn finite(what: &'static str, first: usize, found: &[f64]) -> Result<(), EvaluationError> {
    match found.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(EvaluationError::NotFinite { what, function: (what == "value").then_some(first + at), value: found[at] }),
    }
}

impl Nlp for ClosureNlp {
    fn variables(&self) -> usize {
        self.start.len()
    }

    fn constraints(&self) -> usize {
        self.sides_lower.len()
    }

    fn variable_bounds(&self) -> (&[f64], &[f64]) {
        (&self.lower, &self.upper)
    }

    fn constraint_sides(&self) -> (&[f64], &[f64]) {
        (&self.sides_lower, &self.sides_upper)
    }

    fn start(&self) -> &[f64] {
        &self.start
    }

    fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError> {
        expect("variables", x.len(), self.variables())?;
        let value = (self.objective)(x);
        finite("value", 0, &[value])?;
        Ok(value)
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        expect("variables", x.len(), self.variables())?;
        expect("gradient entries", out.len(), self.variables())?;
        (self.gradient)(x, out);
        finite("gradient", 0, out)
    }

    fn constraint_values(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        expect("variables", x.len(), self.variables())?;
        expect("values", out.len(), self.constraints())?;
        (self.constraints)(x, out);
        finite("value", 1, out)
    }

    fn jacobian_pattern(&self) -> &Pattern {
        &self.jacobian_pattern
    }

    fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        expect("variables", x.len(), self.variables())?;
        expect("Jacobian entries", out.len(), self.jacobian_pattern.entries())?;
        (self.jacobian)(x, out);
        finite("gradient", 1, out)
    }

    fn hessian_pattern(&self) -> Option<&Pattern> {
        self.hessian.as_ref().map(|(pattern, _)| pattern)
    }

    fn hessian(&mut self, x: &[f64], objective_factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        let Some((pattern, values)) = &self.hessian else {
            return Err(EvaluationError::NoHessian);
        };
        expect("variables", x.len(), self.start.len())?;
        expect("multipliers", multipliers.len(), self.sides_lower.len())?;
        expect("Hessian entries", out.len(), pattern.entries())?;
        values(x, objective_factor, multipliers, out);
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
        expect("components of the direction", direction.len(), self.variables())?;
        expect("components of the product", out.len(), self.variables())?;
        let mut room = std::mem::take(&mut self.room);
        let result = self.hessian(x, objective_factor, multipliers, &mut room);
        if let (Ok(()), Some((pattern, _))) = (&result, &self.hessian) {
            symmetric_product(pattern, &room, direction, out);
        }
        self.room = room;
        result
    }
}
