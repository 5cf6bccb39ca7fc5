//! A point with multipliers, and everything that is evaluated there.

use fathom_opt_linalg::SparseRows;
use fathom_opt_problems::expression::{EvaluationError, Pattern};
use fathom_opt_problems::nonlinear::Nlp;

/// An equality-constrained program: minimise `f(x)` subject to `c(x) = 0`, where `c` is the program's constraint function less its right-hand side.
pub(crate) struct Equalities<'a> {
    nlp: &'a mut dyn Nlp,
    rhs: Vec<f64>,
}

impl<'a> Equalities<'a> {
    /// The program `nlp`, whose sides are taken to be equal.
    pub fn new(nlp: &'a mut dyn Nlp) -> Self {
        let rhs = nlp.constraint_sides().0.to_vec();
        Self { nlp, rhs }
    }

    pub fn variables(&self) -> usize {
        self.nlp.variables()
    }

    pub fn constraints(&self) -> usize {
        self.rhs.len()
    }

    pub fn start(&self) -> Vec<f64> {
        self.nlp.start().to_vec()
    }

    pub fn jacobian_pattern(&self) -> &Pattern {
        self.nlp.jacobian_pattern()
    }

    pub fn hessian_pattern(&self) -> Option<&Pattern> {
        self.nlp.hessian_pattern()
    }
}

/// Values and derivatives at a point `(x, l)`, named as in the paper: `L(x, l) = f(x) + l' c(x)`, its gradient `g_L = grad f + G' l`, its Hessian `H`.
#[derive(Debug, Clone)]
pub(crate) struct Iterate {
    pub x: Vec<f64>,
    pub l: Vec<f64>,
    /// `f(x)`.
    pub objective: f64,
    /// `c(x)`.
    pub c: Vec<f64>,
    pub gradient: Vec<f64>,
    /// `G`, m x n.
    pub jacobian: SparseRows,
    /// `g_L`.
    pub lagrangian_gradient: Vec<f64>,
}

impl Iterate {
    /// Room for the points of `program`.
    pub fn of(program: &Equalities<'_>) -> Self {
        let (n, m) = (program.variables(), program.constraints());
        let pattern = program.jacobian_pattern();
        Self {
            x: program.start(),
            l: vec![0.0; m],
            objective: f64::NAN,
            c: vec![0.0; m],
            gradient: vec![0.0; n],
            jacobian: SparseRows::new(n, (0..m).map(|i| pattern.row(i))),
            lagrangian_gradient: vec![0.0; n],
        }
    }

    /// Evaluates everything but the Hessian at the present `x` and `l`.
    pub fn evaluate(&mut self, program: &mut Equalities<'_>) -> Result<(), EvaluationError> {
        let nlp = &mut *program.nlp;
        self.objective = nlp.objective(&self.x)?;
        nlp.gradient(&self.x, &mut self.gradient)?;
        if !self.c.is_empty() {
            nlp.constraint_values(&self.x, &mut self.c)?;
            nlp.jacobian(&self.x, self.jacobian.values_mut())?;
        }
        for (c, rhs) in self.c.iter_mut().zip(&program.rhs) {
            *c -= rhs;
        }
        self.lagrangian_gradient.copy_from_slice(&self.gradient);
        self.jacobian.add_transposed(&self.l, &mut self.lagrangian_gradient);
        Ok(())
    }

    /// The entries of the Hessian of the Lagrangian at the present `x` and `l`.
    pub fn hessian(&self, program: &mut Equalities<'_>, out: &mut [f64]) -> Result<(), EvaluationError> {
        program.nlp.hessian(&self.x, 1.0, &self.l, out)
    }

    /// `||(g_L, c)||_2`, the KKT residual.
    pub fn residual(&self) -> f64 {
        (square(&self.lagrangian_gradient) + square(&self.c)).sqrt()
    }

    /// Moves by `step` times `direction = (dx, dl)` from `from`.
    pub fn place(&mut self, from: &Self, direction: &[f64], step: f64) {
        let (dx, dl) = direction.split_at(self.x.len());
        for ((x, from), d) in self.x.iter_mut().zip(&from.x).zip(dx) {
            *x = from + step * d;
        }
        for ((l, from), d) in self.l.iter_mut().zip(&from.l).zip(dl) {
            *l = from + step * d;
        }
    }
}

pub(crate) fn square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
