//! A symmetric matrix scaled for a split preconditioner.

use crate::level_pattern::LevelPattern;
use crate::relaxation_factor::RelaxationFactor;
use crate::runs::{Fixed, Long, Rows, with_rows};

/// The diagonal `E` of the preconditioner `(E + L) E^-1 (E + L)^T`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pivots {
    /// `E = D / omega`: symmetric SOR.
    Relaxed(RelaxationFactor),
    /// Diagonal incomplete factors: `e_i = d_i - sum over earlier neighbours j of a_ij / e_j (a_ij + modification * the other later entries of row j)`.
    /// Modification 0 keeps the diagonal of the product right, 1 its row sums (Gustafsson 1978); a little below 1 is best on discretised differential equations.
    Incomplete {
        /// In [0, 1].
        modification: f64,
    },
    /// `E = I`: the matrix unscaled, for products with it. No preconditioner worth the name.
    Unit,
}

/// A pivot below this part of its diagonal entry is replaced by the entry.
const SMALLEST_PIVOT: f64 = 1e-3;
/// Below this scaled diagonal entry, `2 - entry` no longer tells the entry well enough for Eisenstat's trick.
const CANCELLING: f64 = 0.0625;

/// `S A S`, with `S = E^(-1/2)`: a unit triangle on either side and the diagonal `D / E`.
///
/// The diagonal is stored as it is. Eisenstat's trick subtracts `2 - D / E`, which is formed where it is used: stored, it would lose every digit of a diagonal that is
/// small beside 2.
#[derive(Debug, Clone)]
pub(crate) struct Scaling {
    /// What the matrix is scaled for now.
    pivots: Option<Pivots>,
    /// `S`.
    pub(crate) scale: Vec<f64>,
    /// `D / E`.
    pub(crate) diagonal: Vec<f64>,
    /// The strictly lower entries of `S A S`, in the places of the pattern.
    pub(crate) lower: Vec<f64>,
    /// The strictly upper ones.
    pub(crate) upper: Vec<f64>,
    /// Whether some entry of `diagonal` is so small that `2 - entry` loses it.
    pub(crate) cancels: bool,
}

impl Scaling {
    pub(crate) fn new(pattern: &LevelPattern) -> Self {
        let n = pattern.dimension();
        Self {
            pivots: None,
            scale: vec![1.0; n],
            diagonal: vec![1.0; n],
            lower: vec![0.0; pattern.lower.columns.len()],
            upper: vec![0.0; pattern.upper.columns.len()],
            cancels: false,
        }
    }

    /// The matrix changed.
    pub(crate) fn outdate(&mut self) {
        self.pivots = None;
    }

    /// Scales for these pivots the matrix with these lower entries and this diagonal. Nothing is done when it is scaled so already.
    pub(crate) fn prepare(&mut self, pattern: &LevelPattern, lower: &[f64], diagonal: impl Fn(usize) -> f64, pivots: Pivots) {
        if self.pivots == Some(pivots) {
            return;
        }
        match pivots {
            Pivots::Relaxed(omega) => {
                let omega = omega.in_symmetric_sweeps();
                for (row, scale) in self.scale.iter_mut().enumerate() {
                    *scale = (omega / diagonal(row)).sqrt();
                }
                self.diagonal.fill(omega);
            }
            Pivots::Incomplete { modification } => self.incomplete_pivots(pattern, lower, diagonal, modification),
            Pivots::Unit => {
                self.scale.fill(1.0);
                for (row, entry) in self.diagonal.iter_mut().enumerate() {
                    *entry = diagonal(row);
                }
            }
        }
        self.cancels = self.diagonal.iter().any(|entry| *entry < CANCELLING);
        for run in &pattern.lower.runs {
            let length = run.length as usize;
            if length == 0 {
                continue;
            }
            let columns = pattern.lower.columns[run.entry_range()].chunks_exact(length);
            let base = lower[run.entry_range()].chunks_exact(length);
            let values = self.lower[run.entry_range()].chunks_exact_mut(length);
            for (((row, columns), base), values) in run.row_range().zip(columns).zip(base).zip(values) {
                let own = self.scale[row];
                for ((value, base), &column) in values.iter_mut().zip(base).zip(columns) {
                    *value = base * own * self.scale[column as usize];
                }
            }
        }
        for (value, &mirror) in self.upper.iter_mut().zip(&pattern.mirror) {
            *value = self.lower[mirror as usize];
        }
        self.pivots = Some(pivots);
    }

    /// Pivots of the diagonal incomplete factorization, as scales and a scaled diagonal.
    fn incomplete_pivots(&mut self, pattern: &LevelPattern, lower: &[f64], diagonal: impl Fn(usize) -> f64, modification: f64) {
        // The pivots are built in `diagonal`, the sums of the later entries of each row in `scale`, until both get their own meaning.
        self.scale.fill(0.0);
        for run in &pattern.lower.runs {
            for (entry, column) in lower[run.entry_range()].iter().zip(&pattern.lower.columns[run.entry_range()]) {
                self.scale[*column as usize] += entry;
            }
        }
        for run in &pattern.lower.runs {
            for (k, row) in run.row_range().enumerate() {
                let entries = run.row_entries(k);
                let own = diagonal(row);
                let mut pivot = own;
                for (&entry, &column) in lower[entries.clone()].iter().zip(&pattern.lower.columns[entries]) {
                    let column = column as usize;
                    pivot -= entry / self.diagonal[column] * (entry + modification * (self.scale[column] - entry));
                }
                let usable = pivot > SMALLEST_PIVOT * own && pivot.is_finite();
                self.diagonal[row] = if usable { pivot } else { own };
            }
        }
        for (row, (scale, entry)) in self.scale.iter_mut().zip(&mut self.diagonal).enumerate() {
            let pivot = *entry;
            *scale = pivot.sqrt().recip();
            *entry = diagonal(row) / pivot;
        }
    }

    /// `y = S A S x`, in level order.
    pub(crate) fn multiply(&self, pattern: &LevelPattern, x: &[f64], y: &mut [f64]) {
        for run in &pattern.lower.runs {
            with_rows!(pattern.lower, self.lower, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    y[row] = rows.minus(k, -(self.diagonal[row] * x[row]), x);
                }
            });
        }
        for run in &pattern.upper.runs {
            with_rows!(pattern.upper, self.upper, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    y[row] = -rows.minus(k, y[row], x);
                }
            });
        }
    }
}
