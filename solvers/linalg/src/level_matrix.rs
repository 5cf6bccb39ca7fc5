//! A symmetric matrix in level order, scaled for a split preconditioner.

use crate::levels::Levels;
use crate::matrix_error::MatrixError;
use crate::relaxation_factor::RelaxationFactor;
use crate::runs::{Fixed, Long, Rows, RunTriangle, with_rows};
use crate::split_matrix::SplitMatrix;

/// A symmetric matrix `A` with positive diagonal, renumbered in level order, held scaled, as `S A S = C + C^T - diag(excess)` with `C = I + L`,
/// such that `C C^T` is the wanted preconditioner.
///
/// With a preconditioner `(E + L_A) E^-1 (E + L_A)^T` of the unscaled matrix, `E` diagonal and positive, `S = E^(-1/2)`, and the diagonal of `S A S` is `D / E`.
/// `E = D / omega` is SSOR; other pivots `E` give incomplete factors that change the diagonal only.
#[derive(Debug, Clone)]
pub struct LevelMatrix {
    /// New position to row of the given matrix.
    pub(crate) order: Vec<u32>,
    consistently_ordered: bool,
    pub(crate) lower: RunTriangle,
    pub(crate) upper: RunTriangle,
    /// Unscaled values of the lower triangle.
    pub(crate) base: Vec<f64>,
    /// Position of each lower entry among the given matrix's values.
    source: Vec<u32>,
    /// Position of each upper entry's mirror image in the lower triangle.
    pub(crate) mirror: Vec<u32>,
    /// Position of each upper entry among the given matrix's values, to see whether new values are symmetric.
    upper_source: Vec<u32>,
    /// Position of each diagonal entry among the given matrix's values.
    diagonal_source: Vec<u32>,
    /// The unscaled diagonal that shifts are added to.
    base_diagonal: Vec<f64>,
    /// Unscaled diagonal.
    pub(crate) diagonal: Vec<f64>,
    /// `S`.
    pub(crate) scale: Vec<f64>,
    /// Twice the preconditioner's diagonal minus the scaled matrix's, `2 - D / E`: what Eisenstat's trick subtracts.
    pub(crate) excess: Vec<f64>,
    /// What the matrix is scaled for now.
    pivots: Option<Pivots>,
}

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

/// Entries may differ from their mirror images by this much, relatively: files store rounded decimals.
const SYMMETRY_TOLERANCE: f64 = 1e-8;

/// A pivot below this part of its diagonal entry is replaced by the entry.
const SMALLEST_PIVOT: f64 = 1e-3;

impl LevelMatrix {
    /// The matrix with these compressed rows: as [`SplitMatrix::from_rows`], and symmetric with a positive diagonal.
    ///
    /// # Errors
    /// Anything else; see [`MatrixError`].
    pub fn from_rows(dimension: usize, row_starts: &[u32], columns: &[u32], values: &[f64]) -> Result<Self, MatrixError> {
        let checked = SplitMatrix::from_rows(dimension, row_starts, columns, values)?;
        checked.require_positive_diagonal()?;
        checked.require_symmetric(SYMMETRY_TOLERANCE)?;
        drop(checked);
        let levels = Levels::of(row_starts, columns);
        let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let mut position = vec![0_u32; dimension];
        for (new, &old) in levels.order.iter().enumerate() {
            position[old as usize] = number(new);
        }
        let mut lower = Collected::default();
        let mut upper = Collected::default();
        let mut diagonal_source = Vec::with_capacity(dimension);
        for (new, &old) in levels.order.iter().enumerate() {
            let range = row_starts[old as usize]..row_starts[old as usize + 1];
            lower.begin();
            upper.begin();
            for source in range {
                let column = columns[source as usize];
                let entry = (position[column as usize], source);
                match column.cmp(&old) {
                    std::cmp::Ordering::Less => lower.entries.push(entry),
                    std::cmp::Ordering::Equal => diagonal_source.push(source),
                    std::cmp::Ordering::Greater => upper.entries.push(entry),
                }
            }
            debug_assert_eq!(diagonal_source.len(), new + 1);
        }
        let (lower_lengths, lower_columns, source) = lower.finished();
        let (upper_lengths, upper_columns, upper_source) = upper.finished();
        let mirror = mirrors(dimension, (&lower_lengths, &lower_columns), (&upper_lengths, &upper_columns))
            .map_err(|(row, col)| MatrixError::NotSymmetric { row: levels.order[row] as usize, col: levels.order[col] as usize })?;
        let entries = source.len();
        let mut matrix = Self {
            order: levels.order,
            consistently_ordered: levels.consistently_ordered,
            lower: RunTriangle::new(&lower_lengths, lower_columns),
            upper: RunTriangle::new(&upper_lengths, upper_columns),
            base: vec![0.0; entries],
            source,
            mirror,
            upper_source,
            diagonal_source,
            base_diagonal: vec![0.0; dimension],
            diagonal: vec![0.0; dimension],
            scale: vec![1.0; dimension],
            excess: vec![0.0; dimension],
            pivots: None,
        };
        matrix.set_values(values)?;
        Ok(matrix)
    }

    /// Number of rows, and of columns.
    pub fn dimension(&self) -> usize {
        self.diagonal.len()
    }

    /// Number of stored entries of the whole matrix.
    pub fn nonzeros(&self) -> usize {
        2 * self.base.len() + self.diagonal.len()
    }

    /// Groups of consecutive rows, in level order, with equally many entries: what a sweep goes through without a branch going wrong. Those of both triangles.
    pub fn row_groups(&self) -> usize {
        self.lower.runs.len() + self.upper.runs.len()
    }

    /// Comparisons of column numbers in one incomplete factorization without fill.
    pub fn incomplete_operations(&self) -> f64 {
        let starts = self.lower.row_starts();
        let length = |row: usize| f64::from(starts[row + 1] - starts[row]);
        let row = |row: usize| &self.lower.columns[starts[row] as usize..starts[row + 1] as usize];
        (0..self.dimension()).map(|i| length(i) * length(i) / 2.0 + row(i).iter().map(|&j| length(j as usize)).sum::<f64>()).sum()
    }

    /// Whether three unknowns are coupled with each other. Without such triangles incomplete factors without fill differ from the matrix in their diagonals only, so that
    /// [`Pivots::Incomplete`] is all there is to them.
    pub fn has_triangles(&self) -> bool {
        if self.consistently_ordered {
            return false;
        }
        let starts = self.lower.row_starts();
        let row = |i: usize| &self.lower.columns[starts[i] as usize..starts[i + 1] as usize];
        (0..self.dimension()).any(|i| row(i).iter().any(|&j| share_an_entry(row(i), row(j as usize))))
    }

    /// Whether the matrix is an M-matrix by the usual sufficient condition: no positive entry off the diagonal, and no row outweighs its diagonal entry.
    pub fn is_dominant_m_matrix(&self) -> bool {
        if self.base.iter().any(|&entry| entry > 0.0) {
            return false;
        }
        let starts = self.lower.row_starts();
        let mut sums = self.diagonal.clone();
        for row in 0..self.dimension() {
            for at in starts[row] as usize..starts[row + 1] as usize {
                sums[row] += self.base[at];
                sums[self.lower.columns[at] as usize] += self.base[at];
            }
        }
        sums.iter().zip(&self.diagonal).all(|(sum, entry)| *sum >= -1e-12 * entry)
    }

    /// Whether the matrix is consistently ordered (Young 1971); then [`RelaxationFactor::optimal`] is optimal for SOR.
    pub fn is_consistently_ordered(&self) -> bool {
        self.consistently_ordered
    }

    /// Largest over smallest diagonal entry.
    pub fn diagonal_spread(&self) -> f64 {
        let (least, most) =
            self.diagonal.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), &entry| (least.min(entry), most.max(entry)));
        most / least
    }

    /// Mean of the diagonal entries.
    pub fn mean_diagonal(&self) -> f64 {
        self.diagonal.iter().sum::<f64>() / self.diagonal.len().max(1) as f64
    }

    /// Replaces all values: `values` in row order, in the places of the matrix given to the constructor. Later shifts are added to these. Returns whether anything changed.
    ///
    /// # Errors
    /// Wrong length, values that are not finite or not symmetric, a diagonal entry that is not positive. The matrix is unchanged then.
    pub fn set_values(&mut self, values: &[f64]) -> Result<bool, MatrixError> {
        if values.len() != self.nonzeros() {
            return Err(MatrixError::WrongLength { what: "values", found: values.len(), expected: self.nonzeros() });
        }
        self.check_diagonal(|row| values[self.diagonal_source[row] as usize])?;
        let bad = self.mirror.iter().zip(&self.upper_source).position(|(&mirror, &upper)| {
            let (a, b) = (values[upper as usize], values[self.source[mirror as usize] as usize]);
            let close = (a - b).abs() <= SYMMETRY_TOLERANCE * a.abs().max(b.abs());
            !(close && a.is_finite() && b.is_finite())
        });
        if let Some(entry) = bad {
            let (row, col) = self.place_of_upper(entry);
            let value = values[self.upper_source[entry] as usize];
            return Err(if value.is_finite() {
                MatrixError::NotSymmetric { row, col }
            } else {
                MatrixError::NotFinite { row, col, value }
            });
        }
        let mut changed = false;
        for (base, &source) in self.base.iter_mut().zip(&self.source) {
            let value = values[source as usize];
            changed |= *base != value;
            *base = value;
        }
        for (row, &source) in self.diagonal_source.iter().enumerate() {
            let value = values[source as usize];
            changed |= self.diagonal[row] != value;
            self.base_diagonal[row] = value;
            self.diagonal[row] = value;
        }
        self.outdate(changed);
        Ok(changed)
    }

    fn outdate(&mut self, changed: bool) {
        if changed {
            self.pivots = None;
        }
    }

    /// Makes this `A + shift I`, where `A` has the values last given to the constructor or to [`LevelMatrix::set_values`]. Returns whether anything changed.
    ///
    /// # Errors
    /// A diagonal entry that is not positive and finite then. The matrix is unchanged then.
    pub fn set_shift(&mut self, shift: f64) -> Result<bool, MatrixError> {
        self.check_diagonal(|row| self.base_diagonal[row] + shift)?;
        let mut changed = false;
        for (entry, base) in self.diagonal.iter_mut().zip(&self.base_diagonal) {
            changed |= *entry != base + shift;
            *entry = base + shift;
        }
        self.outdate(changed);
        Ok(changed)
    }

    /// Makes this `A + diag(added)`, where `A` has the values last given to the constructor or to [`LevelMatrix::set_values`]. Returns whether anything changed.
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that is not positive and finite then. The matrix is unchanged then.
    pub fn set_added_diagonal(&mut self, added: &[f64]) -> Result<bool, MatrixError> {
        if added.len() != self.dimension() {
            return Err(MatrixError::WrongLength { what: "diagonal", found: added.len(), expected: self.dimension() });
        }
        self.check_diagonal(|row| self.base_diagonal[row] + added[self.order[row] as usize])?;
        let mut changed = false;
        for ((entry, base), &old) in self.diagonal.iter_mut().zip(&self.base_diagonal).zip(&self.order) {
            let value = base + added[old as usize];
            changed |= *entry != value;
            *entry = value;
        }
        self.outdate(changed);
        Ok(changed)
    }

    /// Scales the matrix for the preconditioner with these pivots. Nothing is done when it is scaled so already.
    pub fn prepare(&mut self, pivots: Pivots) {
        if self.pivots == Some(pivots) {
            return;
        }
        match pivots {
            Pivots::Relaxed(omega) => {
                for (scale, entry) in self.scale.iter_mut().zip(&self.diagonal) {
                    *scale = (omega.get() / entry).sqrt();
                }
                self.excess.fill(2.0 - omega.get());
            }
            Pivots::Incomplete { modification } => self.incomplete_pivots(modification),
            Pivots::Unit => {
                self.scale.fill(1.0);
                for (excess, entry) in self.excess.iter_mut().zip(&self.diagonal) {
                    *excess = 2.0 - entry;
                }
            }
        }
        for run in &self.lower.runs {
            let length = run.length as usize;
            if length == 0 {
                continue;
            }
            let columns = self.lower.columns[run.entry_range()].chunks_exact(length);
            let base = self.base[run.entry_range()].chunks_exact(length);
            let values = self.lower.values[run.entry_range()].chunks_exact_mut(length);
            for (((row, columns), base), values) in run.row_range().zip(columns).zip(base).zip(values) {
                let own = self.scale[row];
                for ((value, base), &column) in values.iter_mut().zip(base).zip(columns) {
                    *value = base * own * self.scale[column as usize];
                }
            }
        }
        for (value, &mirror) in self.upper.values.iter_mut().zip(&self.mirror) {
            *value = self.lower.values[mirror as usize];
        }
        self.pivots = Some(pivots);
    }

    /// Pivots of the diagonal incomplete factorization, as scales and excesses.
    fn incomplete_pivots(&mut self, modification: f64) {
        // The pivots are built in `excess`, the sums of the later entries of each row in `scale`, until both get their own meaning.
        self.scale.fill(0.0);
        for run in &self.lower.runs {
            for (entry, column) in self.base[run.entry_range()].iter().zip(&self.lower.columns[run.entry_range()]) {
                self.scale[*column as usize] += entry;
            }
        }
        for run in &self.lower.runs {
            let length = run.length as usize;
            for (k, row) in run.row_range().enumerate() {
                let entries = run.start as usize + k * length..run.start as usize + (k + 1) * length;
                let mut pivot = self.diagonal[row];
                for (&entry, &column) in self.base[entries.clone()].iter().zip(&self.lower.columns[entries]) {
                    let column = column as usize;
                    pivot -= entry / self.excess[column] * (entry + modification * (self.scale[column] - entry));
                }
                let usable = pivot > SMALLEST_PIVOT * self.diagonal[row] && pivot.is_finite();
                self.excess[row] = if usable { pivot } else { self.diagonal[row] };
            }
        }
        for ((scale, excess), entry) in self.scale.iter_mut().zip(&mut self.excess).zip(&self.diagonal) {
            let pivot = *excess;
            *scale = pivot.sqrt().recip();
            *excess = 2.0 - entry / pivot;
        }
    }

    /// `r = b - A x`, all in the order of the given matrix; returns `r . r`.
    pub fn residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> f64 {
        for (&old, entry) in self.order.iter().zip(&self.diagonal) {
            let old = old as usize;
            r[old] = b[old] - entry * x[old];
        }
        for run in &self.lower.runs {
            let length = run.length as usize;
            for (k, row) in run.row_range().enumerate() {
                let row = self.order[row] as usize;
                let entries = run.start as usize + k * length..run.start as usize + (k + 1) * length;
                for (&value, &column) in self.base[entries.clone()].iter().zip(&self.lower.columns[entries]) {
                    let column = self.order[column as usize] as usize;
                    r[row] -= value * x[column];
                    r[column] -= value * x[row];
                }
            }
        }
        crate::vector::dot(r, r)
    }

    /// `y = S A S x`, in level order. [`LevelMatrix::prepare`] comes first.
    pub(crate) fn multiply_scaled(&self, x: &[f64], y: &mut [f64]) {
        for run in &self.lower.runs {
            with_rows!(self.lower, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    // The scaled diagonal is 2 - excess.
                    y[row] = rows.minus(k, (self.excess[row] - 2.0) * x[row], x);
                }
            });
        }
        for run in &self.upper.runs {
            with_rows!(self.upper, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    y[row] = -rows.minus(k, y[row], x);
                }
            });
        }
    }

    /// The unscaled lower triangle row after row, each row followed by its diagonal entry.
    #[cfg(feature = "cholesky")]
    pub(crate) fn lower_values_with_diagonal(&self, values: &mut [f64]) {
        let mut at = 0;
        for run in &self.lower.runs {
            let length = run.length as usize;
            for (k, row) in run.row_range().enumerate() {
                let start = run.start as usize + k * length;
                values[at..at + length].copy_from_slice(&self.base[start..start + length]);
                values[at + length] = self.diagonal[row];
                at += length + 1;
            }
        }
    }

    fn check_diagonal(&self, diagonal: impl Fn(usize) -> f64) -> Result<(), MatrixError> {
        for row in 0..self.dimension() {
            let value = diagonal(row);
            let old = self.order[row] as usize;
            if !value.is_finite() {
                return Err(MatrixError::NotFinite { row: old, col: old, value });
            }
            if value <= 0.0 {
                return Err(MatrixError::NonPositiveDiagonal { row: old, value });
            }
        }
        Ok(())
    }

    /// Row and column, in the given matrix, of an entry of the upper triangle.
    fn place_of_upper(&self, entry: usize) -> (usize, usize) {
        let row = self
            .upper
            .runs
            .iter()
            .find(|run| run.entry_range().contains(&entry))
            .map_or(0, |run| run.first_row as usize + (entry - run.start as usize) / (run.length as usize).max(1));
        (self.order[row] as usize, self.order[self.upper.columns[entry] as usize] as usize)
    }
}

/// Whether two increasing lists have a number in common.
fn share_an_entry(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => return true,
        }
    }
    false
}

/// Rows in the making: (new column, position among the given values).
#[derive(Default)]
struct Collected {
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Collected {
    fn begin(&mut self) {
        self.starts.push(self.entries.len());
    }

    /// Row lengths, columns sorted within each row, positions.
    fn finished(mut self) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        self.starts.push(self.entries.len());
        for ends in self.starts.windows(2) {
            self.entries[ends[0]..ends[1]].sort_unstable();
        }
        let lengths = self.starts.windows(2).map(|ends| u32::try_from(ends[1] - ends[0]).unwrap_or(u32::MAX)).collect();
        let (columns, sources) = self.entries.into_iter().unzip();
        (lengths, columns, sources)
    }
}

/// For each upper entry the position of its mirror image in the lower triangle; otherwise a place without one.
fn mirrors(dimension: usize, lower: (&[u32], &[u32]), upper: (&[u32], &[u32])) -> Result<Vec<u32>, (usize, usize)> {
    let mut cursors = Vec::with_capacity(dimension);
    let mut ends = Vec::with_capacity(dimension);
    let mut at = 0;
    for length in lower.0 {
        cursors.push(at);
        at += length;
        ends.push(at);
    }
    let mut mirror = Vec::with_capacity(upper.1.len());
    let mut entries = upper.1.iter();
    for (row, &length) in upper.0.iter().enumerate() {
        for &column in entries.by_ref().take(length as usize) {
            let column = column as usize;
            let at = cursors[column];
            if at >= ends[column] || lower.1[at as usize] as usize != row {
                return Err((row, column));
            }
            mirror.push(at);
            cursors[column] = at + 1;
        }
    }
    match cursors.iter().zip(&ends).position(|(cursor, end)| cursor < end) {
        Some(row) => Err((row, lower.1[cursors[row] as usize] as usize)),
        None => Ok(mirror),
    }
}
