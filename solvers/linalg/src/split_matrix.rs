//! A square sparse matrix, split for relaxation.

use sprs::CsMatI;

use crate::added::Added;
use crate::compensated::{CompensatedSum, ResidualNorm};
use crate::matrix_error::MatrixError;
use crate::symmetry::equal_but_for_rounding;
use crate::triangle::{Triangle, minus_row};

/// `A = L + D + U` with `L` strictly lower and `U` strictly upper, each in compressed rows with `u32` column indices; `D` and its inverse are stored.
///
/// The constructor checks everything once; afterwards values change in place with [`SplitMatrix::set_values`], [`SplitMatrix::set_shift`] and
/// [`SplitMatrix::set_added_diagonal`], and the pattern is never looked at again.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitMatrix {
    pub(crate) lower: Triangle,
    pub(crate) upper: Triangle,
    pub(crate) diagonal: Vec<f64>,
    pub(crate) inverse_diagonal: Vec<f64>,
    /// The diagonal as it was given, and what is added to it.
    base_diagonal: Vec<f64>,
    added: Vec<f64>,
    /// Entries of the longest row, the diagonal included.
    longest_row: usize,
}

impl SplitMatrix {
    /// The matrix with these compressed rows: `row_starts` has `n + 1` entries, columns increase within each row, the diagonal is stored and nonzero.
    ///
    /// # Errors
    /// Anything else, NaN or infinite values; see [`MatrixError`].
    pub fn from_rows(dimension: usize, row_starts: &[u32], columns: &[u32], values: &[f64]) -> Result<Self, MatrixError> {
        Self::with_added(dimension, row_starts, columns, values, Added::Nothing)
    }

    /// The same with something added to the diagonal, which has to be stored but may be zero without that.
    ///
    /// # Errors
    /// As [`SplitMatrix::from_rows`].
    pub fn with_added(
        dimension: usize,
        row_starts: &[u32],
        columns: &[u32],
        values: &[f64],
        added: Added<'_>,
    ) -> Result<Self, MatrixError> {
        wrong_length("row starts", row_starts.len(), dimension.saturating_add(1))?;
        wrong_length("values", values.len(), columns.len())?;
        if u32::try_from(columns.len()).is_err() || u32::try_from(dimension).is_err() {
            return Err(MatrixError::TooLarge { found: columns.len().max(dimension) });
        }
        if row_starts[0] != 0 {
            return Err(MatrixError::BadRowPointer { row: 0 });
        }
        if row_starts[dimension] as usize != columns.len() {
            return Err(MatrixError::BadRowPointer { row: dimension });
        }
        let off_diagonal = columns.len().saturating_sub(dimension);
        let mut lower = Triangle::with_capacity(dimension, off_diagonal / 2);
        let mut upper = Triangle::with_capacity(dimension, off_diagonal / 2);
        let mut diagonal = Vec::with_capacity(dimension);
        for (row, ends) in row_starts.windows(2).enumerate() {
            let range = ends[0] as usize..ends[1] as usize;
            let (Some(columns), Some(values)) = (columns.get(range.clone()), values.get(range)) else {
                return Err(MatrixError::BadRowPointer { row });
            };
            check_columns(row, columns, dimension)?;
            let mut entry = None;
            for (&column, &value) in columns.iter().zip(values) {
                if !value.is_finite() {
                    return Err(MatrixError::NotFinite { row, col: column as usize, value });
                }
                match (column as usize).cmp(&row) {
                    std::cmp::Ordering::Less => lower.push(column, value),
                    std::cmp::Ordering::Equal => entry = Some(value),
                    std::cmp::Ordering::Greater => upper.push(column, value),
                }
            }
            diagonal.push(entry.ok_or(MatrixError::ZeroDiagonal { row })?);
            lower.end_row();
            upper.end_row();
        }
        let longest_row = row_starts.windows(2).map(|ends| (ends[1] - ends[0]) as usize).max().unwrap_or(0);
        let mut matrix = Self {
            lower,
            upper,
            inverse_diagonal: vec![0.0; dimension],
            base_diagonal: diagonal.clone(),
            diagonal,
            added: vec![0.0; dimension],
            longest_row,
        };
        matrix.set_added(added)?;
        Ok(matrix)
    }

    /// The matrix held by `sprs` in compressed rows (compressed columns are converted).
    ///
    /// # Errors
    /// As [`SplitMatrix::from_rows`], and when the matrix is not square.
    pub fn from_sprs(matrix: &CsMatI<f64, u32>) -> Result<Self, MatrixError> {
        Self::from_sprs_with_added(matrix, Added::Nothing)
    }

    /// The same with something added to the diagonal, which has to be stored but may be zero without that.
    ///
    /// # Errors
    /// As [`SplitMatrix::from_sprs`].
    pub fn from_sprs_with_added(matrix: &CsMatI<f64, u32>, added: Added<'_>) -> Result<Self, MatrixError> {
        if matrix.rows() != matrix.cols() {
            return Err(MatrixError::NotSquare { rows: matrix.rows(), cols: matrix.cols() });
        }
        if !matrix.is_csr() {
            return Self::from_sprs_with_added(&matrix.to_csr(), added);
        }
        let starts = matrix.indptr();
        Self::with_added(matrix.rows(), &starts.to_proper(), matrix.indices(), matrix.data(), added)
    }

    /// Number of rows, and of columns.
    pub fn dimension(&self) -> usize {
        self.diagonal.len()
    }

    /// Number of stored entries, diagonal included.
    pub fn nonzeros(&self) -> usize {
        self.diagonal.len() + self.lower.columns.len() + self.upper.columns.len()
    }

    /// The diagonal `D`.
    pub fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// Replaces all values: `values` in row order, in the places of the matrix given to the constructor. Later shifts are added to these.
    ///
    /// # Errors
    /// Wrong length, values that are not finite, a zero on the diagonal. The matrix is unchanged then.
    pub fn set_values(&mut self, values: &[f64]) -> Result<(), MatrixError> {
        wrong_length("values", values.len(), self.nonzeros())?;
        self.check_values(values)?;
        let mut rest = values;
        let mut take = |count: usize| {
            let (head, tail) = rest.split_at(count);
            rest = tail;
            head
        };
        for row in 0..self.diagonal.len() {
            let (lower, upper) = (range(&self.lower, row), range(&self.upper, row));
            let entries = take(lower.len());
            self.lower.values[lower].copy_from_slice(entries);
            self.diagonal[row] = take(1)[0];
            let entries = take(upper.len());
            self.upper.values[upper].copy_from_slice(entries);
        }
        self.base_diagonal.copy_from_slice(&self.diagonal);
        self.added.fill(0.0);
        self.invert_diagonal();
        Ok(())
    }

    /// Makes this `A + shift I`, where `A` has the values last given to the constructor or to [`SplitMatrix::set_values`].
    ///
    /// # Errors
    /// A diagonal entry that becomes zero or is not finite. The matrix is unchanged then.
    pub fn set_shift(&mut self, shift: f64) -> Result<(), MatrixError> {
        self.set_added(Added::Shift(shift))
    }

    /// Makes this `A + diag(added)`, where `A` has the values last given to the constructor or to [`SplitMatrix::set_values`].
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that becomes zero or is not finite. The matrix is unchanged then.
    pub fn set_added_diagonal(&mut self, added: &[f64]) -> Result<(), MatrixError> {
        self.set_added(Added::Diagonal(added))
    }

    /// Adds this to the diagonal of `A`, which has the values last given to the constructor or to [`SplitMatrix::set_values`].
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that becomes zero or is not finite. The matrix is unchanged then.
    pub fn set_added(&mut self, added: Added<'_>) -> Result<(), MatrixError> {
        if let Some(length) = added.length() {
            wrong_length("diagonal", length, self.dimension())?;
        }
        check_diagonal(self.base_diagonal.iter().enumerate().map(|(row, base)| base + added.at(row)))?;
        for (row, (entry, own)) in self.diagonal.iter_mut().zip(&mut self.added).enumerate() {
            *own = added.at(row);
            *entry = self.base_diagonal[row] + *own;
        }
        self.invert_diagonal();
        Ok(())
    }

    /// Whether every diagonal entry is positive, as it is in every positive definite matrix.
    ///
    /// # Errors
    /// The first row where it is not.
    pub fn require_positive_diagonal(&self) -> Result<(), MatrixError> {
        match self.diagonal.iter().position(|&entry| entry <= 0.0) {
            Some(row) => Err(MatrixError::NonPositiveDiagonal { row, value: self.diagonal[row] }),
            None => Ok(()),
        }
    }

    /// Whether every entry equals its mirror image, but for the rounding of whoever assembled the matrix: they differ by at most 1e-12 of the larger one, or of the smaller of
    /// their diagonal entries (as given, without what is added). An entry that is not stored is zero.
    ///
    /// # Errors
    /// A position where that is not so, with both values.
    pub fn require_symmetric(&self) -> Result<(), MatrixError> {
        let differ = |row: usize, col: usize, value: f64, mirror: f64| {
            !equal_but_for_rounding(value, mirror, (self.base_diagonal[row], self.base_diagonal[col]))
        };
        // Rows in order meet the entries of each column in order, so one cursor per row of the lower triangle finds every mirror image.
        let mut cursors: Vec<u32> = self.lower.starts[..self.dimension()].to_vec();
        let unmatched_lower = |row: usize, from: u32, below: usize| {
            let (columns, values) = self.lower.row(row);
            let skipped = (from - self.lower.starts[row]) as usize;
            columns[skipped..]
                .iter()
                .zip(&values[skipped..])
                .take_while(|&(&column, _)| (column as usize) < below)
                .map(|(&column, &value)| (column as usize, value))
                .find(|&(column, value)| differ(row, column, value, 0.0))
        };
        for (row, (columns, values)) in self.upper.rows().enumerate() {
            for (&column, &value) in columns.iter().zip(values) {
                let mirror = column as usize;
                if let Some((col, value)) = unmatched_lower(mirror, cursors[mirror], row) {
                    return Err(MatrixError::NotSymmetric { row: mirror, col, value, mirror: 0.0 });
                }
                let (mirror_columns, mirror_values) = self.lower.row(mirror);
                let mut at = (cursors[mirror] - self.lower.starts[mirror]) as usize;
                while mirror_columns.get(at).is_some_and(|&found| (found as usize) < row) {
                    at += 1;
                }
                let found = if mirror_columns.get(at).is_some_and(|&found| found as usize == row) {
                    at += 1;
                    mirror_values[at - 1]
                } else {
                    0.0
                };
                cursors[mirror] = self.lower.starts[mirror] + u32::try_from(at).unwrap_or(u32::MAX);
                if differ(row, mirror, value, found) {
                    return Err(MatrixError::NotSymmetric { row, col: mirror, value, mirror: found });
                }
            }
        }
        match (0..self.dimension()).find_map(|row| unmatched_lower(row, cursors[row], row).map(|found| (row, found))) {
            Some((row, (col, value))) => Err(MatrixError::NotSymmetric { row, col, value, mirror: 0.0 }),
            None => Ok(()),
        }
    }

    /// `y = A x`. Lengths are the dimension; surplus entries stay untouched.
    pub fn multiply(&self, x: &[f64], y: &mut [f64]) {
        for ((((y, &x_own), &d), lower), upper) in y.iter_mut().zip(x).zip(&self.diagonal).zip(self.lower.rows()).zip(self.upper.rows()) {
            *y = -minus_row(upper, x, minus_row(lower, x, -d * x_own));
        }
    }

    /// `r = b - A x`, and `r . r`.
    pub fn residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> f64 {
        let mut square = 0.0;
        let rows = self.lower.rows().zip(self.upper.rows());
        for ((((r, &b), &x_own), &d), (lower, upper)) in r.iter_mut().zip(b).zip(x).zip(&self.diagonal).zip(rows) {
            *r = minus_row(upper, x, minus_row(lower, x, b - d * x_own));
            square += *r * *r;
        }
        square
    }

    /// `r = b - A x` to about twice the working precision, rounded at the end; what is added to the diagonal is a product of its own, so that the sum of the two is not
    /// rounded either.
    pub fn accurate_residual(&self, x: &[f64], b: &[f64], r: &mut [f64]) -> ResidualNorm {
        let mut most_errors = 0.0_f64;
        for (row, (lower, upper)) in self.lower.rows().zip(self.upper.rows()).enumerate() {
            let mut sum = CompensatedSum::new(b[row]);
            for (columns, values) in [lower, upper] {
                for (&column, &value) in columns.iter().zip(values) {
                    sum.subtract(value, x[column as usize]);
                }
            }
            sum.subtract(self.base_diagonal[row], x[row]);
            sum.subtract(self.added[row], x[row]);
            r[row] = sum.value();
            most_errors = most_errors.max(sum.errors());
        }
        ResidualNorm::of(r, self.longest_row, most_errors)
    }

    fn invert_diagonal(&mut self) {
        for (inverse, entry) in self.inverse_diagonal.iter_mut().zip(&self.diagonal) {
            *inverse = 1.0 / entry;
        }
    }

    /// Every value finite, the diagonal nonzero.
    fn check_values(&self, values: &[f64]) -> Result<(), MatrixError> {
        let mut at = 0;
        for row in 0..self.dimension() {
            let (lower, upper) = (self.lower.row(row).0, self.upper.row(row).0);
            let end = at + lower.len() + 1 + upper.len();
            let entries = &values[at..end];
            if let Some(k) = entries.iter().position(|value| !value.is_finite()) {
                let col = match k.cmp(&lower.len()) {
                    std::cmp::Ordering::Less => lower[k] as usize,
                    std::cmp::Ordering::Equal => row,
                    std::cmp::Ordering::Greater => upper[k - lower.len() - 1] as usize,
                };
                return Err(MatrixError::NotFinite { row, col, value: entries[k] });
            }
            if entries[lower.len()] == 0.0 {
                return Err(MatrixError::ZeroDiagonal { row });
            }
            at = end;
        }
        Ok(())
    }
}

fn range(triangle: &Triangle, row: usize) -> std::ops::Range<usize> {
    triangle.starts[row] as usize..triangle.starts[row + 1] as usize
}

fn wrong_length(what: &'static str, found: usize, expected: usize) -> Result<(), MatrixError> {
    if found == expected { Ok(()) } else { Err(MatrixError::WrongLength { what, found, expected }) }
}

fn check_columns(row: usize, columns: &[u32], dimension: usize) -> Result<(), MatrixError> {
    for pair in columns.windows(2) {
        match pair[0].cmp(&pair[1]) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err(MatrixError::Duplicate { row, col: pair[1] }),
            std::cmp::Ordering::Greater => return Err(MatrixError::Unsorted { row, col: pair[1], previous: pair[0] }),
        }
    }
    match columns.last() {
        Some(&col) if col as usize >= dimension => Err(MatrixError::ColumnOutOfRange { row, col, dimension }),
        _ => Ok(()),
    }
}

fn check_diagonal(diagonal: impl Iterator<Item = f64>) -> Result<(), MatrixError> {
    for (row, value) in diagonal.enumerate() {
        if !value.is_finite() {
            return Err(MatrixError::NotFinite { row, col: row, value });
        }
        if value == 0.0 {
            return Err(MatrixError::ZeroDiagonal { row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
