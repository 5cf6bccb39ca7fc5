//! More equations than variables: the sum of squares of their violations.

use fathom_opt_problems::expression::{EvaluationError, Pattern};
use fathom_opt_problems::nonlinear::Nlp;

/// The program `minimise 1/2 ||r||^2 subject to c(x) - r = b` in `(x, r)`, made of a program with constraints `c(x) = b`. Its constraints are always
/// independent, and its minimisers are the least-squares solutions of the given ones.
pub(crate) struct LeastSquares<'a> {
    nlp: &'a mut dyn Nlp,
    n: usize,
    start: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    jacobian: Pattern,
    hessian: Pattern,
    /// Entries of the given program's Jacobian, to be filled in between.
    room: Vec<f64>,
}

impl<'a> LeastSquares<'a> {
    /// The program for `nlp`, which has a stored Hessian; `r` starts at the violations of `x`.
    pub fn new(nlp: &'a mut dyn Nlp, x: &[f64]) -> Result<Self, EvaluationError> {
        let (n, m) = (nlp.variables(), nlp.constraints());
        let mut violation = vec![0.0; m];
        nlp.constraint_values(x, &mut violation)?;
        violation.iter_mut().zip(nlp.constraint_sides().0).for_each(|(value, side)| *value -= side);
        let index = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let rows = |pattern: &Pattern, count: usize, own: &dyn Fn(usize) -> Option<u32>| {
            let rows: Vec<Vec<u32>> = (0..count)
                .map(|i| {
                    let given = if i < pattern.rows() { pattern.row(i) } else { &[] };
                    given.iter().copied().chain(own(i)).collect()
                })
                .collect();
            Pattern::from_rows(rows.iter().map(Vec::as_slice))
        };
        let jacobian = rows(nlp.jacobian_pattern(), m, &|i| Some(index(n + i)));
        let given = nlp.hessian_pattern().cloned().ok_or(EvaluationError::NoHessian)?;
        let hessian = rows(&given, n + m, &|i| (i >= n).then(|| index(i)));
        let room = vec![0.0; nlp.jacobian_pattern().entries()];
        Ok(Self {
            n,
            start: x.iter().copied().chain(violation).collect(),
            lower: vec![f64::NEG_INFINITY; n + m],
            upper: vec![f64::INFINITY; n + m],
            jacobian,
            hessian,
            room,
            nlp,
        })
    }

    /// The objective of the given program at `x`, where it is defined.
    pub fn own_objective(&mut self, x: &[f64]) -> Option<f64> {
        self.nlp.objective(x).ok()
    }
}

impl Nlp for LeastSquares<'_> {
    fn variables(&self) -> usize {
        self.start.len()
    }

    fn constraints(&self) -> usize {
        self.start.len() - self.n
    }

    fn variable_bounds(&self) -> (&[f64], &[f64]) {
        (&self.lower, &self.upper)
    }

    fn constraint_sides(&self) -> (&[f64], &[f64]) {
        self.nlp.constraint_sides()
    }

    fn start(&self) -> &[f64] {
        &self.start
    }

    fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError> {
        Ok(0.5 * x[self.n..].iter().map(|r| r * r).sum::<f64>())
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        out[..self.n].fill(0.0);
        out[self.n..].copy_from_slice(&x[self.n..]);
        Ok(())
    }

    fn constraint_values(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.nlp.constraint_values(&x[..self.n], out)?;
        out.iter_mut().zip(&x[self.n..]).for_each(|(c, r)| *c -= r);
        Ok(())
    }

    fn jacobian_pattern(&self) -> &Pattern {
        &self.jacobian
    }

    fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.nlp.jacobian(&x[..self.n], &mut self.room)?;
        let given = self.nlp.jacobian_pattern();
        for i in 0..given.rows() {
            let target = self.jacobian.range(i);
            out[target.start..target.end - 1].copy_from_slice(&self.room[given.range(i)]);
            out[target.end - 1] = -1.0;
        }
        Ok(())
    }

    fn hessian_pattern(&self) -> Option<&Pattern> {
        Some(&self.hessian)
    }

    fn hessian(&mut self, x: &[f64], objective_factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        let given = self.hessian.range(self.n.saturating_sub(1)).end.min(out.len());
        let given = if self.n == 0 { 0 } else { given };
        self.nlp.hessian(&x[..self.n], 0.0, multipliers, &mut out[..given])?;
        out[given..].fill(objective_factor);
        Ok(())
    }

    fn hessian_product(
        &mut self,
        x: &[f64],
        objective_factor: f64,
        multipliers: &[f64],
        direction: &[f64],
        out: &mut [f64],
    ) -> Result<(), EvaluationError> {
        let (own, rest) = out.split_at_mut(self.n);
        self.nlp.hessian_product(&x[..self.n], 0.0, multipliers, &direction[..self.n], own)?;
        rest.iter_mut().zip(&direction[self.n..]).for_each(|(out, d)| *out = objective_factor * d);
        Ok(())
    }
}
