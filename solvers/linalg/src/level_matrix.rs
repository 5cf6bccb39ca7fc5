//! A symmetric matrix in level order.

use crate::added::Added;
use crate::compensated::{CompensatedSum, ResidualNorm};
use crate::level_pattern::LevelPattern;
use crate::matrix_error::MatrixError;
use crate::scaling::{Pivots, Scaling};
use crate::split_matrix::SplitMatrix;
use crate::symmetry::equal_but_for_rounding;

/// A symmetric matrix `A` with positive diagonal, renumbered in level order, held scaled, as `S A S = C + C^T - diag(2 - D / E)` with `C = I + L`,
/// such that `C C^T` is the wanted preconditioner.
///
/// With a preconditioner `(E + L_A) E^-1 (E + L_A)^T` of the unscaled matrix, `E` diagonal and positive, `S = E^(-1/2)`, and the diagonal of `S A S` is `D / E`.
/// `E = D / omega` is SSOR; other pivots `E` give incomplete factors that change the diagonal only.
///
/// Entries and their mirror images may differ by rounding. Iterations work with the lower ones; [`LevelMatrix::accurate_residual`] is that of the matrix as it was given.
#[derive(Debug, Clone)]
pub struct LevelMatrix {
    pattern: LevelPattern,
    /// Unscaled values of the lower triangle.
    lower: Vec<f64>,
    /// Those of the upper one, where they are not exactly the lower ones.
    upper: Option<Vec<f64>>,
    /// The diagonal as it was given.
    base_diagonal: Vec<f64>,
    /// What is added to it, in level order.
    added: AddedInLevelOrder,
    /// The largest magnitudes off the diagonal and on it.
    most_off_diagonal: f64,
    most_diagonal: f64,
    scaling: Scaling,
}

/// [`Added`], kept.
#[derive(Debug, Clone)]
enum AddedInLevelOrder {
    Shift(f64),
    Diagonal(Vec<f64>),
}

impl AddedInLevelOrder {
    fn at(&self, row: usize) -> f64 {
        match self {
            Self::Shift(shift) => *shift,
            Self::Diagonal(diagonal) => diagonal[row],
        }
    }
}

impl LevelMatrix {
    /// The matrix with these compressed rows: as [`SplitMatrix::from_rows`], and symmetric but for rounding, with a positive diagonal.
    ///
    /// # Errors
    /// Anything else; see [`MatrixError`].
    pub fn from_rows(dimension: usize, row_starts: &[u32], columns: &[u32], values: &[f64]) -> Result<Self, MatrixError> {
        Self::with_added(dimension, row_starts, columns, values, Added::Nothing)
    }

    /// The same with something added to the diagonal, which need not be positive without that.
    ///
    /// # Errors
    /// As [`LevelMatrix::from_rows`].
    pub fn with_added(
        dimension: usize,
        row_starts: &[u32],
        columns: &[u32],
        values: &[f64],
        added: Added<'_>,
    ) -> Result<Self, MatrixError> {
        let checked = SplitMatrix::with_added(dimension, row_starts, columns, values, added)?;
        checked.require_positive_diagonal()?;
        checked.require_symmetric()?;
        drop(checked);
        let pattern = LevelPattern::of(row_starts, columns)?;
        let mut matrix = Self {
            lower: vec![0.0; pattern.lower.columns.len()],
            upper: None,
            base_diagonal: pattern.diagonal_source.iter().map(|&source| values[source as usize]).collect(),
            added: AddedInLevelOrder::Shift(0.0),
            most_off_diagonal: 0.0,
            most_diagonal: 0.0,
            scaling: Scaling::new(&pattern),
            pattern,
        };
        matrix.take_off_diagonal(values);
        matrix.set_added(added)?;
        Ok(matrix)
    }

    /// Number of rows, and of columns.
    pub fn dimension(&self) -> usize {
        self.pattern.dimension()
    }

    /// Number of stored entries of the whole matrix.
    pub fn nonzeros(&self) -> usize {
        2 * self.lower.len() + self.dimension()
    }

    /// Groups of consecutive rows, in level order, with equally many entries: what a sweep goes through without a branch going wrong. Those of both triangles.
    pub fn row_groups(&self) -> usize {
        self.pattern.lower.runs.len() + self.pattern.upper.runs.len()
    }

    /// Comparisons of column numbers in one incomplete factorization without fill.
    pub fn incomplete_operations(&self) -> f64 {
        self.pattern.incomplete_operations()
    }

    /// Whether three unknowns are coupled with each other. Without such triangles incomplete factors without fill differ from the matrix in their diagonals only, so that
    /// [`Pivots::Incomplete`] is all there is to them.
    pub fn has_triangles(&self) -> bool {
        self.pattern.has_triangles()
    }

    /// Whether the matrix is an M-matrix by the usual sufficient condition: no positive entry off the diagonal, and no row outweighs its diagonal entry.
    pub fn is_dominant_m_matrix(&self) -> bool {
        if self.lower.iter().any(|&entry| entry > 0.0) {
            return false;
        }
        let starts = self.pattern.lower.row_starts();
        let mut sums: Vec<f64> = self.diagonal().collect();
        for row in 0..self.dimension() {
            for at in starts[row] as usize..starts[row + 1] as usize {
                sums[row] += self.lower[at];
                sums[self.pattern.lower.columns[at] as usize] += self.lower[at];
            }
        }
        sums.iter().zip(self.diagonal()).all(|(sum, entry)| *sum >= -1e-12 * entry)
    }

    /// Whether the matrix is consistently ordered (Young 1971); then [`RelaxationFactor::optimal`](crate::RelaxationFactor::optimal) is optimal for SOR.
    pub fn is_consistently_ordered(&self) -> bool {
        self.pattern.consistently_ordered
    }

    /// Largest over smallest diagonal entry.
    pub fn diagonal_spread(&self) -> f64 {
        let (least, most) = self.diagonal().fold((f64::INFINITY, 0.0_f64), |(least, most), entry| (least.min(entry), most.max(entry)));
        most / least
    }

    /// Mean of the diagonal entries.
    pub fn mean_diagonal(&self) -> f64 {
        let n = self.dimension().max(1) as f64;
        let sum: f64 = self.diagonal().sum();
        // Entries near the largest double overflow in the sum only.
        if sum.is_finite() { sum / n } else { self.diagonal().map(|entry| entry / n).sum() }
    }

    /// Replaces all values: `values` in row order, in the places of the matrix given to the constructor. Later shifts are added to these. Returns whether anything changed.
    ///
    /// # Errors
    /// Wrong length, values that are not finite or not symmetric, a diagonal entry that is not positive. The matrix is unchanged then.
    pub fn set_values(&mut self, values: &[f64]) -> Result<bool, MatrixError> {
        if values.len() != self.nonzeros() {
            return Err(MatrixError::WrongLength { what: "values", found: values.len(), expected: self.nonzeros() });
        }
        let given = |source: u32| values[source as usize];
        self.check_diagonal(|row| given(self.pattern.diagonal_source[row]))?;
        self.check_symmetry(values)?;
        let mut changed = matches!(&self.added, AddedInLevelOrder::Diagonal(_)) || self.added.at(0) != 0.0;
        for (base, &source) in self.base_diagonal.iter_mut().zip(&self.pattern.diagonal_source) {
            let value = given(source);
            changed |= *base != value;
            *base = value;
        }
        changed |= self.take_off_diagonal(values);
        self.added = AddedInLevelOrder::Shift(0.0);
        if changed {
            self.scaling.outdate();
            self.most_diagonal = self.diagonal().fold(0.0, f64::max);
        }
        Ok(changed)
    }

    /// Whether every entry is finite and equals its mirror image but for rounding.
    fn check_symmetry(&self, values: &[f64]) -> Result<(), MatrixError> {
        let LevelPattern { lower_source, upper_source, diagonal_source, mirror, upper, .. } = &self.pattern;
        let given = |source: u32| values[source as usize];
        let images = || mirror.iter().zip(upper_source).map(|(&mirror, &upper)| (given(upper), given(lower_source[mirror as usize])));
        // Most matrices are exactly symmetric; then nothing else has to be looked at.
        if images().all(|(a, b)| a == b && a.is_finite()) {
            return Ok(());
        }
        for (entries, &own) in upper.rows().zip(diagonal_source) {
            for entry in entries {
                let (a, b) = (given(upper_source[entry]), given(lower_source[mirror[entry] as usize]));
                let diagonal = (given(own), given(diagonal_source[upper.columns[entry] as usize]));
                let (row, col) = self.pattern.place_of_upper(entry);
                if !a.is_finite() {
                    return Err(MatrixError::NotFinite { row, col, value: a });
                }
                if !b.is_finite() {
                    return Err(MatrixError::NotFinite { row: col, col: row, value: b });
                }
                if !equal_but_for_rounding(a, b, diagonal) {
                    return Err(MatrixError::NotSymmetric { row, col, value: a, mirror: b });
                }
            }
        }
        Ok(())
    }

    /// Takes over both triangles; returns whether anything changed.
    fn take_off_diagonal(&mut self, values: &[f64]) -> bool {
        let mut changed = false;
        for (own, &source) in self.lower.iter_mut().zip(&self.pattern.lower_source) {
            let value = values[source as usize];
            changed |= *own != value;
            *own = value;
        }
        self.most_off_diagonal = self.lower.iter().fold(0.0, |most, entry| most.max(entry.abs()));
        let lower = &self.lower;
        let upper = || self.pattern.upper_source.iter().map(|&source| values[source as usize]);
        let symmetric = upper().zip(&self.pattern.mirror).all(|(value, &mirror)| value == lower[mirror as usize]);
        if symmetric {
            changed |= self.upper.take().is_some();
        } else {
            // Changed values that differ in their rounding only still make another matrix.
            changed |= self.upper.as_ref().is_none_or(|own| !own.iter().copied().eq(upper()));
            self.upper = Some(upper().collect());
        }
        changed
    }

    /// Makes this `A + shift I`, where `A` has the values last given to the constructor or to [`LevelMatrix::set_values`]. Returns whether anything changed.
    ///
    /// # Errors
    /// A diagonal entry that is not positive and finite then. The matrix is unchanged then.
    pub fn set_shift(&mut self, shift: f64) -> Result<bool, MatrixError> {
        self.set_added(Added::Shift(shift))
    }

    /// Makes this `A + diag(added)`, where `A` has the values last given to the constructor or to [`LevelMatrix::set_values`]. Returns whether anything changed.
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that is not positive and finite then. The matrix is unchanged then.
    pub fn set_added_diagonal(&mut self, added: &[f64]) -> Result<bool, MatrixError> {
        self.set_added(Added::Diagonal(added))
    }

    /// Adds this to the diagonal of `A`, which has the values last given to the constructor or to [`LevelMatrix::set_values`]. Returns whether anything changed.
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that is not positive and finite then. The matrix is unchanged then.
    pub fn set_added(&mut self, added: Added<'_>) -> Result<bool, MatrixError> {
        if let Some(found) = added.length().filter(|&found| found != self.dimension()) {
            return Err(MatrixError::WrongLength { what: "diagonal", found, expected: self.dimension() });
        }
        let order = &self.pattern.order;
        self.check_diagonal(|row| self.base_diagonal[row] + added.at(order[row] as usize))?;
        let changed = (0..self.dimension()).any(|row| self.added.at(row) != added.at(order[row] as usize));
        match (added, &mut self.added) {
            (Added::Diagonal(_), AddedInLevelOrder::Diagonal(own)) => {
                for (own, &old) in own.iter_mut().zip(order) {
                    *own = added.at(old as usize);
                }
            }
            (Added::Diagonal(_), own) => *own = AddedInLevelOrder::Diagonal(order.iter().map(|&old| added.at(old as usize)).collect()),
            (Added::Nothing | Added::Shift(_), own) => *own = AddedInLevelOrder::Shift(added.at(0)),
        }
        self.most_diagonal = self.diagonal().fold(0.0, f64::max);
        if changed {
            self.scaling.outdate();
        }
        Ok(changed)
    }

    fn check_diagonal(&self, diagonal: impl Fn(usize) -> f64) -> Result<(), MatrixError> {
        for row in 0..self.dimension() {
            let value = diagonal(row);
            let old = self.pattern.order[row] as usize;
            if !value.is_finite() {
                return Err(MatrixError::NotFinite { row: old, col: old, value });
            }
            if value <= 0.0 {
                return Err(MatrixError::NonPositiveDiagonal { row: old, value });
            }
        }
        Ok(())
    }

    /// Scales the matrix for the preconditioner with these pivots. Nothing is done when it is scaled so already.
    pub fn prepare(&mut self, pivots: Pivots) {
        let Self { pattern, lower, base_diagonal, added, scaling, .. } = self;
        scaling.prepare(pattern, lower, |row| base_diagonal[row] + added.at(row), pivots);
    }

    /// `r = b - A x`, all in the order of the given matrix; returns `r . r`.
    pub fn residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> f64 {
        let order = &self.pattern.order;
        for (&old, entry) in order.iter().zip(self.diagonal()) {
            let old = old as usize;
            r[old] = b[old] - entry * x[old];
        }
        for run in &self.pattern.lower.runs {
            for (k, row) in run.row_range().enumerate() {
                let row = order[row] as usize;
                let entries = run.row_entries(k);
                for (&value, &column) in self.lower[entries.clone()].iter().zip(&self.pattern.lower.columns[entries]) {
                    let column = order[column as usize] as usize;
                    r[row] -= value * x[column];
                    r[column] -= value * x[row];
                }
            }
        }
        crate::vector::dot(r, r)
    }

    /// The same to about twice the working precision, rounded at the end, for the matrix exactly as it was given: both triangles, and what is added to the diagonal
    /// without rounding the sum.
    pub fn accurate_residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        let order = &self.pattern.order;
        let errors =
            self.accurate_rows(|row| x[order[row] as usize], |row| b[order[row] as usize], |row, entry| r[order[row] as usize] = entry);
        ResidualNorm::of(r, self.pattern.longest_row, errors)
    }

    /// The same with `x` and `r` in level order; `b` in the order of the given matrix.
    pub(crate) fn accurate_residual_in_level_order(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        let order = &self.pattern.order;
        let errors = self.accurate_rows(|row| x[row], |row| b[order[row] as usize], |row, entry| r[row] = entry);
        ResidualNorm::of(r, self.pattern.longest_row, errors)
    }

    /// The same with all vectors in level order.
    pub(crate) fn accurate_residual_all_in_level_order(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        let errors = self.accurate_rows(|row| x[row], |row| b[row], |row, entry| r[row] = entry);
        ResidualNorm::of(r, self.pattern.longest_row, errors)
    }

    /// Puts the entries of the residual, by level row, where `put` wants them, and returns the largest sum of rounding errors of a row.
    #[inline]
    fn accurate_rows(&self, x: impl Fn(usize) -> f64, b: impl Fn(usize) -> f64, mut put: impl FnMut(usize, f64)) -> f64 {
        let LevelPattern { lower, upper, mirror, .. } = &self.pattern;
        let mut most_errors = 0.0_f64;
        for (row, (below, above)) in lower.rows().zip(upper.rows()).enumerate() {
            let own = x(row);
            let mut sum = CompensatedSum::new(b(row));
            for (&column, &value) in lower.columns[below.clone()].iter().zip(&self.lower[below]) {
                sum.subtract(value, x(column as usize));
            }
            sum.subtract(self.base_diagonal[row], own);
            sum.subtract(self.added.at(row), own);
            match &self.upper {
                None => {
                    for (&column, &image) in upper.columns[above.clone()].iter().zip(&mirror[above]) {
                        sum.subtract(self.lower[image as usize], x(column as usize));
                    }
                }
                Some(values) => {
                    for (&column, &value) in upper.columns[above.clone()].iter().zip(&values[above]) {
                        sum.subtract(value, x(column as usize));
                    }
                }
            }
            put(row, sum.value());
            most_errors = most_errors.max(sum.errors());
        }
        most_errors
    }

    /// How far the norm of a residual `b - A x` can be from the true one when it was computed in plain doubles from the scaled matrix; `size` is `||b||` and `length` is
    /// `||x||`. Infinite where the scaled matrix is not the one that was given.
    ///
    /// Each entry is a sum of at most `k` products, each of which was rounded at most twelve times on its way (entry, scales, pivots, `x`, the sum of the diagonal), so its
    /// error is below `(k + 12) u (|b| + |A| |x|)`; and the norm of `|A|` is at most the largest row sum.
    pub(crate) fn plain_residual_error(&self, size: f64, length: f64) -> f64 {
        if self.upper.is_some() {
            return f64::INFINITY;
        }
        let terms = self.pattern.longest_row as f64;
        (terms + 12.0) * f64::EPSILON * (size + (self.most_diagonal + (terms - 1.0) * self.most_off_diagonal) * length)
    }

    /// `y = S A S x`, in level order. [`LevelMatrix::prepare`] comes first.
    pub(crate) fn multiply_scaled(&self, x: &[f64], y: &mut [f64]) {
        self.scaling.multiply(&self.pattern, x, y);
    }

    /// The diagonal, in level order.
    pub(crate) fn diagonal(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.base_diagonal.iter().enumerate().map(|(row, base)| base + self.added.at(row))
    }

    /// The unscaled strictly lower entries, in level order.
    pub(crate) fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// Where the entries stand.
    pub(crate) fn pattern(&self) -> &LevelPattern {
        &self.pattern
    }

    /// The scaled matrix. [`LevelMatrix::prepare`] comes first.
    pub(crate) fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// The unscaled lower triangle row after row, each row followed by its diagonal entry.
    #[cfg(feature = "cholesky")]
    pub(crate) fn lower_values_with_diagonal(&self, values: &mut [f64]) {
        let mut at = 0;
        for (row, entries) in self.pattern.lower.rows().enumerate() {
            let length = entries.len();
            values[at..at + length].copy_from_slice(&self.lower[entries]);
            values[at + length] = self.base_diagonal[row] + self.added.at(row);
            at += length + 1;
        }
    }
}
