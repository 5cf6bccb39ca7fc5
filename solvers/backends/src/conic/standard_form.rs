//! A conic model in Clarabel's form: minimise `x'Px / 2 + q'x` where `Ax + s = b` and `s` lies in a product of cones.
//!
//! A square of more than one variable gets a variable of its own that equals its inner expression, so that `P` is diagonal: with entries of 0 or more it is
//! positive semidefinite whatever rounding does. The variables of the model come first, in their order.
//!
//! Clarabel's tolerances have absolute parts. So variables are counted in the largest constant of the model, and the objective in its own largest entry: a model
//! in other units is the same to Clarabel.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{self, NonnegativeConeT, SecondOrderConeT, ZeroConeT};

use super::model::{Affine, ConicModel};

/// A conic model in Clarabel's form.
pub(super) struct StandardForm {
    /// Diagonal.
    pub quadratic: CscMatrix<f64>,
    pub costs: Vec<f64>,
    pub rows: CscMatrix<f64>,
    pub constants: Vec<f64>,
    pub cones: Vec<SupportedConeT<f64>>,
    /// How many of the first rows say that a variable of a square is its inner expression; the model's own equations follow.
    pub definitions: usize,
    /// What a variable of 1 is in the model.
    pub unit: f64,
    /// What an objective of 1 is in the model.
    pub worth: f64,
}

/// The largest magnitude, or 1 where all are zero.
fn largest<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let largest = values.fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest > 0.0 { largest } else { 1.0 }
}

/// The rows, while they are gathered.
#[derive(Default)]
struct Rows {
    row_of: Vec<usize>,
    column_of: Vec<usize>,
    values: Vec<f64>,
    constants: Vec<f64>,
}

impl Rows {
    /// Adds the row `slack = -sign * expression`.
    fn add(&mut self, expression: &Affine, sign: f64) {
        for &(variable, coefficient) in expression.terms() {
            self.entry(variable, sign * coefficient);
        }
        self.constants.push(-sign * expression.constant());
    }

    /// Adds an entry to the row whose constant comes next.
    fn entry(&mut self, column: usize, value: f64) {
        self.row_of.push(self.constants.len());
        self.column_of.push(column);
        self.values.push(value);
    }
}

impl StandardForm {
    pub fn of(model: &ConicModel) -> Self {
        let mut costs = model.costs.clone();
        let mut diagonal = vec![0.0; costs.len()];
        let mut rows = Rows::default();
        for (weight, square) in &model.squares {
            if let [(variable, coefficient)] = *square.terms() {
                diagonal[variable] += 2.0 * weight * coefficient * coefficient;
                costs[variable] += 2.0 * weight * coefficient * square.constant();
            } else {
                rows.entry(diagonal.len(), -1.0);
                rows.add(square, 1.0);
                diagonal.push(2.0 * weight);
                costs.push(0.0);
            }
        }
        let definitions = rows.constants.len();
        for expression in &model.zeros {
            rows.add(expression, 1.0);
        }
        for expression in &model.at_most_zeros {
            rows.add(expression, 1.0);
        }
        for expression in model.cones.iter().flatten() {
            rows.add(expression, -1.0);
        }
        let mut cones = vec![ZeroConeT(definitions + model.zeros.len()), NonnegativeConeT(model.at_most_zeros.len())];
        // Clarabel's second-order cones have two entries at least; the cone of one is a half line.
        cones.extend(model.cones.iter().map(|cone| if cone.len() == 1 { NonnegativeConeT(1) } else { SecondOrderConeT(cone.len()) }));
        let columns = diagonal.len();
        let inner = model.squares.iter().map(|(_, square)| square.constant()).collect::<Vec<_>>();
        let unit = largest(rows.constants.iter().chain(&inner));
        for entry in &mut diagonal {
            *entry *= unit * unit;
        }
        for cost in &mut costs {
            *cost *= unit;
        }
        let worth = largest(diagonal.iter().chain(&costs));
        for entry in diagonal.iter_mut().chain(&mut costs) {
            *entry /= worth;
        }
        for constant in &mut rows.constants {
            *constant /= unit;
        }
        Self {
            quadratic: CscMatrix::new(columns, columns, (0..=columns).collect(), (0..columns).collect(), diagonal),
            costs,
            rows: CscMatrix::new_from_triplets(rows.constants.len(), columns, rows.row_of, rows.column_of, rows.values),
            constants: rows.constants,
            cones,
            definitions,
            unit,
            worth,
        }
    }
}
