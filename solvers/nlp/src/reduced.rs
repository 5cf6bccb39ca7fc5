//! A program without what says nothing, and scaled: what the interior point works on.

use fathom_opt_problems::expression::{EvaluationError, Pattern};
use fathom_opt_problems::nonlinear::Nlp;

/// Gradients of functions are scaled down to this size (Waechter and Biegler 2006, section 3.8).
const LARGEST_GRADIENT: f64 = 100.0;
/// Scales below this lose more digits than they give.
const SMALLEST_SCALE: f64 = 1e-8;
/// An objective whose gradients are all smaller than this is scaled up, so that tolerances are relative to its units.
const SMALL_GRADIENT: f64 = 1e-3;

/// The given program less its fixed variables, its free rows and the rows named redundant, with objective and rows divided by the size of their gradients
/// at the start.
pub(crate) struct Reduced<'a> {
    nlp: &'a mut dyn Nlp,
    /// The given index of each variable, and of each row.
    variables: Vec<usize>,
    rows: Vec<usize>,
    /// A full point; the fixed variables stand in it.
    full: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// Unscaled.
    sides_lower: Vec<f64>,
    sides_upper: Vec<f64>,
    objective_scale: f64,
    row_scales: Vec<f64>,
    jacobian: Selection,
    hessian: Selection,
    row_room: Vec<f64>,
    gradient_room: Vec<f64>,
}

/// The part of a sparse matrix that is kept.
struct Selection {
    pattern: Pattern,
    /// The given position of each entry.
    from: Vec<usize>,
    /// All given entries.
    room: Vec<f64>,
}

impl Selection {
    fn new(given: &Pattern, rows: &[usize], columns: &[Option<u32>]) -> Self {
        let mut from = Vec::new();
        let kept: Vec<Vec<u32>> = rows
            .iter()
            .map(|&row| {
                let places = given.range(row).zip(given.row(row));
                let kept = places.filter_map(|(at, &column)| columns[column as usize].map(|column| (at, column)));
                kept.map(|(at, column)| {
                    from.push(at);
                    column
                })
                .collect()
            })
            .collect();
        Self { pattern: Pattern::from_rows(kept.iter().map(Vec::as_slice)), from, room: vec![0.0; given.entries()] }
    }
}

impl<'a> Reduced<'a> {
    /// The program `nlp`, which has a stored Hessian, without the variables whose bounds agree (or cross within
    /// rounding) and without the rows that have no sides or that
    /// `redundant` names. Scales are 1 until [`Reduced::scale`] finds others.
    pub fn new(nlp: &'a mut dyn Nlp, redundant: &[bool]) -> Result<Self, EvaluationError> {
        let (lower, upper) = nlp.variable_bounds();
        let variables: Vec<usize> = (0..lower.len()).filter(|&j| lower[j] < upper[j]).collect();
        let mut full = nlp.start().to_vec();
        for (x, (l, u)) in full.iter_mut().zip(lower.iter().zip(upper)) {
            if l >= u {
                *x = f64::midpoint(*l, *u);
            }
        }
        let pick = |values: &[f64], of: &[usize]| -> Vec<f64> { of.iter().map(|&k| values[k]).collect() };
        let (below, above) = nlp.constraint_sides();
        let said = |i: usize| below[i] > f64::NEG_INFINITY || above[i] < f64::INFINITY;
        let rows: Vec<usize> = (0..below.len()).filter(|&i| said(i) && !redundant.get(i).copied().unwrap_or(false)).collect();
        let mut places = vec![None; lower.len()];
        for (k, &j) in variables.iter().enumerate() {
            places[j] = u32::try_from(k).ok();
        }
        let hessian = Selection::new(nlp.hessian_pattern().ok_or(EvaluationError::NoHessian)?, &variables, &places);
        Ok(Self {
            lower: pick(lower, &variables),
            upper: pick(upper, &variables),
            sides_lower: pick(below, &rows),
            sides_upper: pick(above, &rows),
            objective_scale: 1.0,
            row_scales: vec![1.0; rows.len()],
            jacobian: Selection::new(nlp.jacobian_pattern(), &rows, &places),
            hessian,
            row_room: vec![0.0; below.len()],
            gradient_room: vec![0.0; lower.len()],
            full,
            variables,
            rows,
            nlp,
        })
    }

    /// Scales the objective and the rows by their gradients at `x`; functions that have none there keep their scale.
    pub fn scale(&mut self, x: &[f64]) {
        let n = self.variables();
        let mut gradient = vec![0.0; n];
        let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        (self.objective_scale, self.row_scales) = (1.0, vec![1.0; self.rows()]);
        if self.gradient(x, &mut gradient).is_ok() {
            let mut size = largest(&gradient);
            if size > LARGEST_GRADIENT {
                self.objective_scale = (LARGEST_GRADIENT / size).max(SMALLEST_SCALE);
            } else if size < SMALL_GRADIENT {
                // A start may be stationary: a point one unit away tells the objective's units as well.
                let away: Vec<f64> =
                    x.iter().zip(&self.upper).map(|(x, upper)| if x + 1.0 <= *upper { x + 1.0 } else { x - 1.0 }).collect();
                if self.gradient(&away, &mut gradient).is_ok() {
                    size = size.max(largest(&gradient));
                }
                if size > 0.0 && size < SMALL_GRADIENT {
                    self.objective_scale = size.recip().min(SMALLEST_SCALE.recip().powi(2));
                }
            }
        }
        let mut entries = vec![0.0; self.jacobian.from.len()];
        if self.jacobian(x, &mut entries).is_ok() {
            for i in 0..self.rows() {
                let size = largest(&entries[self.jacobian.pattern.range(i)]);
                if size > LARGEST_GRADIENT {
                    self.row_scales[i] = (LARGEST_GRADIENT / size).max(SMALLEST_SCALE);
                } else if size > 0.0 && size < SMALL_GRADIENT {
                    self.row_scales[i] = size.recip().min(SMALLEST_SCALE.recip());
                }
            }
        }
    }

    /// Takes scales that were found before.
    pub fn set_scales(&mut self, objective: f64, rows: &[f64]) {
        self.objective_scale = objective;
        self.row_scales.copy_from_slice(rows);
    }

    /// Variables that can move.
    pub fn variables(&self) -> usize {
        self.variables.len()
    }

    /// Rows that say something.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The given index of row `i`.
    pub fn given_row(&self, i: usize) -> usize {
        self.rows[i]
    }

    /// Rows that are equations.
    pub fn equations(&self) -> usize {
        self.sides_lower.iter().zip(&self.sides_upper).filter(|(below, above)| below >= above).count()
    }

    /// Bounds of the variables.
    pub fn bounds(&self) -> (&[f64], &[f64]) {
        (&self.lower, &self.upper)
    }

    /// The scaled sides of row `i`.
    pub fn sides(&self, i: usize) -> (f64, f64) {
        (self.sides_lower[i] * self.row_scales[i], self.sides_upper[i] * self.row_scales[i])
    }

    /// What the objective is multiplied with.
    pub fn objective_scale(&self) -> f64 {
        self.objective_scale
    }

    /// What each row is multiplied with.
    pub fn row_scales(&self) -> &[f64] {
        &self.row_scales
    }

    /// Where the Jacobian has entries.
    pub fn jacobian_pattern(&self) -> &Pattern {
        &self.jacobian.pattern
    }

    /// Where the lower triangle of the Hessian has entries.
    pub fn hessian_pattern(&self) -> &Pattern {
        &self.hessian.pattern
    }

    /// The moving part of a full vector.
    pub fn moving(&self, full: &[f64]) -> Vec<f64> {
        self.variables.iter().map(|&j| full[j]).collect()
    }

    /// The full point of `x`.
    pub fn full(&mut self, x: &[f64]) -> &[f64] {
        self.put(x);
        &self.full
    }

    /// A vector for all variables that holds `values` where they move, else 0.
    pub fn spread(&self, values: &[f64]) -> Vec<f64> {
        let mut full = vec![0.0; self.full.len()];
        for (&j, value) in self.variables.iter().zip(values) {
            full[j] = *value;
        }
        full
    }

    /// A vector for all rows that holds `values` where they were kept, else 0.
    pub fn spread_rows(&self, values: &[f64]) -> Vec<f64> {
        let mut full = vec![0.0; self.row_room.len()];
        for (&i, value) in self.rows.iter().zip(values) {
            full[i] = *value;
        }
        full
    }

    /// The given program.
    pub fn given(&mut self) -> &mut dyn Nlp {
        self.nlp
    }

    fn put(&mut self, x: &[f64]) {
        for (&j, x) in self.variables.iter().zip(x) {
            self.full[j] = *x;
        }
    }

    /// The scaled objective.
    pub fn objective(&mut self, x: &[f64]) -> Result<f64, EvaluationError> {
        self.put(x);
        Ok(self.objective_scale * self.nlp.objective(&self.full)?)
    }

    /// The gradient of the scaled objective.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.put(x);
        self.nlp.gradient(&self.full, &mut self.gradient_room)?;
        for (out, &j) in out.iter_mut().zip(&self.variables) {
            *out = self.objective_scale * self.gradient_room[j];
        }
        Ok(())
    }

    /// The scaled rows.
    pub fn constraints(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.put(x);
        self.nlp.constraint_values(&self.full, &mut self.row_room)?;
        for (out, (&i, scale)) in out.iter_mut().zip(self.rows.iter().zip(&self.row_scales)) {
            *out = scale * self.row_room[i];
        }
        Ok(())
    }

    /// The entries of the Jacobian of the scaled rows.
    pub fn jacobian(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.put(x);
        self.nlp.jacobian(&self.full, &mut self.jacobian.room)?;
        for (i, scale) in self.row_scales.iter().enumerate() {
            for at in self.jacobian.pattern.range(i) {
                out[at] = scale * self.jacobian.room[self.jacobian.from[at]];
            }
        }
        Ok(())
    }

    /// The entries of the Hessian of `factor` times the scaled objective plus the scaled rows times `multipliers`.
    pub fn hessian(&mut self, x: &[f64], factor: f64, multipliers: &[f64], out: &mut [f64]) -> Result<(), EvaluationError> {
        self.put(x);
        self.row_room.fill(0.0);
        for ((&i, scale), multiplier) in self.rows.iter().zip(&self.row_scales).zip(multipliers) {
            self.row_room[i] = scale * multiplier;
        }
        let weights = std::mem::take(&mut self.row_room);
        let evaluated = self.nlp.hessian(&self.full, factor * self.objective_scale, &weights, &mut self.hessian.room);
        self.row_room = weights;
        evaluated?;
        for (out, &from) in out.iter_mut().zip(&self.hessian.from) {
            *out = self.hessian.room[from];
        }
        Ok(())
    }
}
