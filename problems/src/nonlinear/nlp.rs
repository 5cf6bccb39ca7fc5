//! What solvers of nonlinear programs see: functions and derivatives, however they are computed.

use crate::expression::{EvaluationError, Pattern};

/// A nonlinear program as an object to evaluate: minimise `f(x)` subject to `a <= c(x) <= b` and `l <= x <= u`.
///
/// Expressions ([`super::ExpressionNlp`]), closures ([`super::ClosureNlp`]) and dual numbers (`DualNlp`, with the feature `num-dual`) implement it; so can you. The objective is
/// always minimised: whoever maximises negates. Sizes, bounds, start and patterns never change. An evaluator is `Send`; give each thread its own.
///
/// Every method that evaluates takes a point of [`Nlp::variables`] numbers and fills `out` completely; a wrong length is an error.
pub trait Nlp: Send {
    /// Number of variables, n.
    fn variables(&self) -> usize;

    /// Number of constraints, m.
    fn constraints(&self) -> usize;

    /// Lower and upper bounds of the variables, n numbers each; infinite where there is none.
    fn variable_bounds(&self) -> (&[f64], &[f64]);

    /// Lower and upper sides of the constraints, m numbers each; infinite where there is none, equal for equations.
    fn constraint_sides(&self) -> (&[f64], &[f64]);

    /// Where to start, n numbers; it may lie outside the bounds.
    fn start(&self) -> &[f64];

    /// `f(x)`.
    ///
    /// # Errors
    /// A value that is not finite, or a wrong length; so for all methods below.
    fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError>;

    /// The gradient of `f`, n numbers.
    ///
    /// # Errors
    /// As [`Nlp::objective`].
    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError>;

    /// `c(x)`, m numbers.
    ///
    /// # Errors
    /// As [`Nlp::objective`].
    fn constraint_values(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError>;

    /// Where the Jacobian of `c` can differ from 0: m rows.
    fn jacobian_pattern(&self) -> &Pattern;

    /// The Jacobian of `c`: the entries of its pattern, row by row.
    ///
    /// # Errors
    /// As [`Nlp::objective`].
    fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError>;

    /// Where the lower triangle of the Lagrangian's Hessian can differ from 0: n rows. `None` where the Hessian cannot be had, or only by products.
    fn hessian_pattern(&self) -> Option<&Pattern>;

    /// The lower triangle of the Hessian of `objective_factor * f + sum_i multipliers[i] * c_i`: the entries of its pattern, row by row.
    ///
    /// # Errors
    /// As [`Nlp::objective`]; [`EvaluationError::DenseHessian`] or [`EvaluationError::NoHessian`] where there is no pattern.
    fn hessian(&mut self, x: &[f64], objective_factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError>;

    /// That Hessian times `direction`, n numbers.
    ///
    /// # Errors
    /// As [`Nlp::objective`].
    fn hessian_product(
        &mut self,
        x: &[f64],
        objective_factor: f64,
        multipliers: &[f64],
        direction: &[f64],
        out: &mut [f64],
    ) -> Result<(), EvaluationError>;
}

/// Checks the length of a vector given to an evaluator.
pub(super) fn expect(what: &'static str, found: usize, expected: usize) -> Result<(), EvaluationError> {
    if found == expected { Ok(()) } else { Err(EvaluationError::Length { what, found, expected }) }
}

/// The product of a symmetric matrix, given by its lower triangle, with a vector.
pub(super) fn symmetric_product(pattern: &Pattern, values: &[f64], direction: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for row in 0..pattern.rows() {
        for (&value, &column) in values[pattern.range(row)].iter().zip(pattern.row(row)) {
            let column = column as usize;
            out[row] += value * direction[column];
            if column != row {
                out[column] += value * direction[row];
            }
        }
    }
}
