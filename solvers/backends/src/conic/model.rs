//! A conic model: a convex quadratic objective over linear equations, linear inequalities and second-order cones.

use super::error::ConicError;

/// An affine expression of a model's variables: `sum coefficient * variable + constant`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Affine {
    terms: Vec<(usize, f64)>,
    constant: f64,
}

impl Affine {
    /// The sum of `terms` (variable, coefficient) and `constant`. A variable that comes twice has the sum of its coefficients.
    pub fn new(terms: impl IntoIterator<Item = (usize, f64)>, constant: f64) -> Self {
        Self { terms: terms.into_iter().collect(), constant }
    }

    /// The terms, as they were given.
    pub fn terms(&self) -> &[(usize, f64)] {
        &self.terms
    }

    /// The constant.
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// The value at `point`, and the sum of the magnitudes of which it is made: what its rounding error is relative to.
    pub(super) fn at(&self, point: &[f64]) -> (f64, f64) {
        self.terms.iter().fold((self.constant, self.constant.abs()), |(value, size), &(variable, coefficient)| {
            let term = coefficient * point[variable];
            (value + term, size + term.abs())
        })
    }

    fn check(&self, variables: usize) -> Result<(), ConicError> {
        for &(variable, coefficient) in &self.terms {
            if variable >= variables {
                return Err(ConicError::NoSuchVariable { variable, variables });
            }
            finite("coefficient", coefficient)?;
        }
        finite("constant", self.constant)
    }
}

fn finite(what: &'static str, value: f64) -> Result<(), ConicError> {
    if value.is_finite() { Ok(()) } else { Err(ConicError::NotFinite { what, value }) }
}

/// Minimise `sum cost * variable + sum weight * square^2` where some expressions are zero, some are at most zero, and some norms are bounded.
///
/// Variables are free: a bound is an inequality.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConicModel {
    pub(super) costs: Vec<f64>,
    pub(super) squares: Vec<(f64, Affine)>,
    pub(super) zeros: Vec<Affine>,
    pub(super) at_most_zeros: Vec<Affine>,
    pub(super) cones: Vec<Vec<Affine>>,
}

impl ConicModel {
    /// A model of so many variables, without costs and constraints.
    pub fn new(variables: usize) -> Self {
        Self { costs: vec![0.0; variables], ..Self::default() }
    }

    /// How many variables there are.
    pub fn variables(&self) -> usize {
        self.costs.len()
    }

    /// Adds `cost` to the cost of `variable`.
    ///
    /// # Errors
    /// No such variable, a cost that is not finite.
    pub fn add_cost(&mut self, variable: usize, cost: f64) -> Result<(), ConicError> {
        Affine::new([(variable, cost)], 0.0).check(self.variables())?;
        self.costs[variable] += cost;
        Ok(())
    }

    /// Adds `weight * expression^2` to the objective.
    ///
    /// # Errors
    /// No such variable, a number that is not finite, a negative weight.
    pub fn add_square(&mut self, weight: f64, expression: Affine) -> Result<(), ConicError> {
        finite("weight", weight)?;
        if weight < 0.0 {
            return Err(ConicError::NegativeWeight(weight));
        }
        expression.check(self.variables())?;
        self.squares.push((weight, expression));
        Ok(())
    }

    /// Asks that `expression = 0`. Returns the number of this equation among the equations.
    ///
    /// # Errors
    /// No such variable, a number that is not finite.
    pub fn add_zero(&mut self, expression: Affine) -> Result<usize, ConicError> {
        expression.check(self.variables())?;
        self.zeros.push(expression);
        Ok(self.zeros.len() - 1)
    }

    /// Asks that `expression <= 0`. Returns the number of this inequality among the inequalities.
    ///
    /// # Errors
    /// No such variable, a number that is not finite.
    pub fn add_at_most_zero(&mut self, expression: Affine) -> Result<usize, ConicError> {
        expression.check(self.variables())?;
        self.at_most_zeros.push(expression);
        Ok(self.at_most_zeros.len() - 1)
    }

    /// Asks that the Euclidean norm of all expressions but the first is at most the first. Returns the number of this cone among the cones.
    ///
    /// # Errors
    /// No expression, no such variable, a number that is not finite.
    pub fn add_norm_bound(&mut self, expressions: Vec<Affine>) -> Result<usize, ConicError> {
        if expressions.is_empty() {
            return Err(ConicError::EmptyCone);
        }
        for expression in &expressions {
            expression.check(self.variables())?;
        }
        self.cones.push(expressions);
        Ok(self.cones.len() - 1)
    }

    /// The objective at `point`, which has one value per variable, and the sum of the magnitudes of which it is made.
    pub(super) fn objective(&self, point: &[f64]) -> (f64, f64) {
        let linear = Affine::new(self.costs.iter().copied().enumerate(), 0.0).at(point);
        self.squares.iter().fold(linear, |(value, size), (weight, square)| {
            let (inner, inner_size) = square.at(point);
            (value + weight * inner * inner, size + weight * inner_size * inner_size)
        })
    }
}
