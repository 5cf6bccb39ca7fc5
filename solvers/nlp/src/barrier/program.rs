//! The equality-constrained form that barrier subproblems are made of.

use fathom_opt_linalg::SparseRows;
use fathom_opt_problems::expression::EvaluationError;

use crate::reduced::Reduced;

/// A variable that stands in one row only: a slack, or what a row may be missed by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Private {
    pub row: usize,
    /// Its coefficient in the row, 1 or -1.
    pub sign: f64,
    /// Its objective: `cost t + curvature t^2 / 2`.
    pub cost: f64,
    pub curvature: f64,
    pub lower: f64,
    pub upper: f64,
}

impl Private {
    /// Whether it is a row's slack, which costs nothing.
    pub fn is_slack(&self) -> bool {
        self.cost == 0.0 && self.curvature == 0.0
    }
}

/// A penalty for leaving a point: `weight / 2 sum_j scale_j (x_j - reference_j)^2`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Proximity {
    pub weight: f64,
    pub reference: Vec<f64>,
    pub scale: Vec<f64>,
}

/// Minimise `factor f(x) + cost of the privates + proximity` subject to `c(x) + privates = sides` and bounds on `v = (x, privates)`.
///
/// Slacks turn inequalities into equations; free privates with a cost turn rows into penalties: the feasibility problem of the restoration, the elastic
/// form, least squares and the augmented Lagrangian are all this program with other privates.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Number of the variables `x`.
    pub n: usize,
    pub factor: f64,
    pub proximity: Option<Proximity>,
    pub privates: Vec<Private>,
    pub sides: Vec<f64>,
    /// Bounds of `v`.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// Bounds are relaxed by this, relative to their size, so that there is an interior (Waechter and Biegler 2006, section 3.5).
const RELAXATION: f64 = 1e-8;
/// What is left of it where a point within relaxed bounds was not good enough.
const TIGHT: f64 = 1e-12;

impl Program {
    /// The scaled program itself: a slack for each row that is no equation.
    pub fn of(nlp: &Reduced<'_>) -> Self {
        let mut privates = Vec::new();
        let mut sides = Vec::new();
        for i in 0..nlp.rows() {
            let (below, above) = nlp.sides(i);
            if below >= above {
                sides.push(f64::midpoint(below, above));
                continue;
            }
            sides.push(0.0);
            // Relative to the side as it was given: a row that was scaled down has small sides.
            let unit = nlp.row_scales()[i];
            let (lower, upper) = relaxed(below, above, unit.min(1.0), RELAXATION);
            privates.push(Private { row: i, sign: -1.0, cost: 0.0, curvature: 0.0, lower, upper });
        }
        let (lower, upper) = nlp.bounds();
        let (mut lower, mut upper): (Vec<f64>, Vec<f64>) = lower.iter().zip(upper).map(|(&l, &u)| relaxed(l, u, 1.0, RELAXATION)).unzip();
        lower.extend(privates.iter().map(|private| private.lower));
        upper.extend(privates.iter().map(|private| private.upper));
        Self { n: nlp.variables(), factor: 1.0, proximity: None, privates, sides, lower, upper }
    }

    /// Takes the relaxation of bounds and sides back, but for a trace of it.
    pub fn tighten(&mut self, nlp: &Reduced<'_>) {
        let (lower, upper) = nlp.bounds();
        for (k, (&l, &u)) in lower.iter().zip(upper).enumerate() {
            (self.lower[k], self.upper[k]) = relaxed(l, u, 1.0, TIGHT);
        }
        // Slacks are the privates without a price; the others have bounds of their own.
        for (k, slack) in self.privates.iter_mut().enumerate().filter(|(_, private)| private.sign < 0.0 && private.is_slack()) {
            let (below, above) = nlp.sides(slack.row);
            let unit = nlp.row_scales()[slack.row].min(1.0);
            (slack.lower, slack.upper) = relaxed(below, above, unit, TIGHT);
            (self.lower[self.n + k], self.upper[self.n + k]) = (slack.lower, slack.upper);
        }
    }

    /// Adds a private variable.
    pub fn push(&mut self, private: Private) {
        self.lower.push(private.lower);
        self.upper.push(private.upper);
        self.privates.push(private);
    }

    /// Gives the privates from `first` on, one for each row, these costs and this curvature.
    pub fn price(&mut self, first: usize, costs: &[f64], curvature: f64) {
        for (private, cost) in self.privates[first..].iter_mut().zip(costs) {
            (private.cost, private.curvature) = (*cost, curvature);
        }
    }

    /// Length of `v`.
    pub fn size(&self) -> usize {
        self.lower.len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.sides.len()
    }

    /// Objective at `v`; `g` becomes the rows less their sides.
    pub fn values(&self, nlp: &mut Reduced<'_>, v: &[f64], g: &mut [f64]) -> Result<f64, EvaluationError> {
        let (x, t) = v.split_at(self.n);
        let mut objective = if self.factor == 0.0 { 0.0 } else { self.factor * nlp.objective(x)? };
        nlp.constraints(x, g)?;
        for (g, side) in g.iter_mut().zip(&self.sides) {
            *g -= side;
        }
        for (private, t) in self.privates.iter().zip(t) {
            g[private.row] += private.sign * t;
            objective += (private.cost + 0.5 * private.curvature * t) * t;
        }
        if let Some(near) = &self.proximity {
            let square = |((x, r), s): ((&f64, &f64), &f64)| s * (x - r) * (x - r);
            objective += 0.5 * near.weight * x.iter().zip(&near.reference).zip(&near.scale).map(square).sum::<f64>();
        }
        Ok(objective)
    }

    /// Gradient of the objective by `v`, and the Jacobian of the rows by `x`.
    pub fn derivatives(
        &self,
        nlp: &mut Reduced<'_>,
        v: &[f64],
        gradient: &mut [f64],
        jacobian: &mut SparseRows,
    ) -> Result<(), EvaluationError> {
        let (x, t) = v.split_at(self.n);
        let (of_x, of_t) = gradient.split_at_mut(self.n);
        if self.factor == 0.0 {
            of_x.fill(0.0);
        } else {
            nlp.gradient(x, of_x)?;
            for g in &mut *of_x {
                *g *= self.factor;
            }
        }
        if let Some(near) = &self.proximity {
            for (j, g) in of_x.iter_mut().enumerate() {
                *g += near.weight * near.scale[j] * (x[j] - near.reference[j]);
            }
        }
        for ((g, private), t) in of_t.iter_mut().zip(&self.privates).zip(t) {
            *g = private.cost + private.curvature * t;
        }
        nlp.jacobian(x, jacobian.values_mut())
    }

    /// What the objective's terms beside `f` add to the diagonal of the Hessian at variable `k` of `v`.
    pub fn curvature(&self, k: usize) -> f64 {
        match k.checked_sub(self.n) {
            Some(k) => self.privates[k].curvature,
            None => self.proximity.as_ref().map_or(0.0, |near| near.weight * near.scale[k]),
        }
    }

    /// `y += rows' l` in the part of the privates, whose rows are their own.
    pub fn add_private_transposed(&self, l: &[f64], y: &mut [f64]) {
        for (y, private) in y[self.n..].iter_mut().zip(&self.privates) {
            *y += private.sign * l[private.row];
        }
    }
}

fn relaxed(lower: f64, upper: f64, unit: f64, by: f64) -> (f64, f64) {
    (lower - by * lower.abs().max(unit), upper + by * upper.abs().max(unit))
}

/// `value` moved into the interior of `[lower, upper]`, by a part of the bound's size or of the width.
pub(crate) fn inside(value: f64, lower: f64, upper: f64, part: f64) -> f64 {
    let width = upper - lower;
    let from_lower = (part * lower.abs().max(1.0)).min(part * width);
    let from_upper = (part * upper.abs().max(1.0)).min(part * width);
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) if lower + from_lower <= upper - from_upper => value.clamp(lower + from_lower, upper - from_upper),
        (true, true) => 0.5 * (lower + upper),
        (true, false) => value.max(lower + from_lower),
        (false, true) => value.min(upper - from_upper),
        (false, false) => value,
    }
}
