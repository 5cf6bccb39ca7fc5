//! A nonlinear program of expressions, evaluated.

use std::sync::Arc;

use super::model::Nonlinear;
use super::nlp::{Nlp, expect};
use crate::expression::{EvaluationError, Evaluator, Functions, Pattern};
use crate::sense::Sense;

/// Evaluates a [`Nonlinear`] by its compiled functions, with the objective turned into a minimisation.
///
/// A clone shares the compiled program and has room of its own.
#[derive(Debug, Clone)]
pub struct ExpressionNlp {
    functions: Functions,
    evaluator: Evaluator,
    /// 1 for a minimisation, -1 for a maximisation.
    sign: f64,
    frame: Arc<Frame>,
    /// Weight of the objective, then of each constraint.
    weights: Vec<f64>,
}

/// What never changes.
#[derive(Debug)]
struct Frame {
    lower: Vec<f64>,
    upper: Vec<f64>,
    sides_lower: Vec<f64>,
    sides_upper: Vec<f64>,
    start: Vec<f64>,
}

impl ExpressionNlp {
    /// An evaluator of `problem`.
    pub fn new(problem: &Nonlinear) -> Self {
        let (variables, constraints) = (problem.variables(), problem.constraints());
        let frame = Frame {
            lower: variables.iter().map(|variable| variable.lower).collect(),
            upper: variables.iter().map(|variable| variable.upper).collect(),
            sides_lower: constraints.iter().map(|constraint| constraint.lower).collect(),
            sides_upper: constraints.iter().map(|constraint| constraint.upper).collect(),
            start: problem.start(),
        };
        let functions = problem.compiled().clone();
        let sign = match problem.objective_sense() {
            Sense::Minimize => 1.0,
            Sense::Maximize => -1.0,
        };
        Self { evaluator: Evaluator::new(&functions), weights: vec![0.0; functions.len()], functions, sign, frame: Arc::new(frame) }
    }

    /// The factor between the objective as declared and the one minimised here: -1 for a maximisation, otherwise 1.
    pub fn objective_sign(&self) -> f64 {
        self.sign
    }

    /// The compiled functions: the objective as declared, then the constraints.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    fn weigh(&mut self, objective_factor: f64, multipliers: &[f64]) -> Result<(), EvaluationError> {
        expect("multipliers", multipliers.len(), self.constraints())?;
        self.weights[0] = self.sign * objective_factor;
        self.weights[1..].copy_from_slice(multipliers);
        Ok(())
    }
}

/// The part of the compiled functions that holds the constraints.
const CONSTRAINTS: usize = 1;

impl Nlp for ExpressionNlp {
    fn variables(&self) -> usize {
        self.frame.lower.len()
    }

    fn constraints(&self) -> usize {
        self.frame.sides_lower.len()
    }

    fn variable_bounds(&self) -> (&[f64], &[f64]) {
        (&self.frame.lower, &self.frame.upper)
    }

    fn constraint_sides(&self) -> (&[f64], &[f64]) {
        (&self.frame.sides_lower, &self.frame.sides_upper)
    }

    fn start(&self) -> &[f64] {
        &self.frame.start
    }

    fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError> {
        let mut value = [0.0];
        self.evaluator.values(0, x, &mut value)?;
        Ok(self.sign * value[0])
    }

    fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.weights.fill(0.0);
        self.weights[0] = self.sign;
        self.evaluator.weighted_gradient(x, &self.weights, out)
    }

    fn constraint_values(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.evaluator.values(CONSTRAINTS, x, out)
    }

    fn jacobian_pattern(&self) -> &Pattern {
        self.functions.jacobian(CONSTRAINTS)
    }

    fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.evaluator.jacobian(CONSTRAINTS, x, out)
    }

    fn hessian_pattern(&self) -> Option<&Pattern> {
        self.functions.hessian()
    }

    fn hessian(&mut self, x: &[f64], objective_factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.weigh(objective_factor, multipliers)?;
        self.evaluator.weighted_hessian(x, &self.weights, out)
    }

    fn hessian_product(
        &mut self,
        x: &[f64],
        objective_factor: f64,
        multipliers: &[f64],
        direction: &[f64],
        out: &mut [f64],
    ) -> Result<(), EvaluationError> {
        self.weigh(objective_factor, multipliers)?;
        self.evaluator.weighted_hessian_product(x, &self.weights, direction, out)
    }
}
