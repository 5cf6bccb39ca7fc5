//! A square sparse matrix, split for relaxation.

use sprs::CsMatI;

use crate::matrix_error::MatrixError;
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
    /// The diagonal that shifts are added to.
    base_diagonal: Vec<f64>,
}

impl SplitMatrix {
    /// The matrix with these compressed rows: `row_starts` has `n + 1` entries, columns increase within each row, the diagonal is stored and nonzero.
    ///
    /// # Errors
    /// Anything else, NaN or infinite values; see [`MatrixError`].
    pub fn from_rows(dimension: usize, row_starts: &[u32], columns: &[u32], values: &[f64]) -> Result<Self, MatrixError> {
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
            diagonal.push(entry.filter(|&entry| entry != 0.0).ok_or(MatrixError::ZeroDiagonal { row })?);
            lower.end_row();
            upper.end_row();
        }
        let inverse_diagonal = inverses(&diagonal);
        Ok(Self { lower, upper, base_diagonal: diagonal.clone(), diagonal, inverse_diagonal })
    }

    /// The matrix held by `sprs` in compressed rows (compressed columns are converted).
    ///
    /// # Errors
    /// As [`SplitMatrix::from_rows`], and when the matrix is not square.
    pub fn from_sprs(matrix: &CsMatI<f64, u32>) -> Result<Self, MatrixError> {
        if matrix.rows() != matrix.cols() {
            return Err(MatrixError::NotSquare { rows: matrix.rows(), cols: matrix.cols() });
        }
        if !matrix.is_csr() {
            return Self::from_sprs(&matrix.to_csr());
        }
        let starts = matrix.indptr();
        Self::from_rows(matrix.rows(), &starts.to_proper(), matrix.indices(), matrix.data())
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
        self.invert_diagonal();
        Ok(())
    }

    /// Makes this `A + shift I`, where `A` has the values last given to the constructor or to [`SplitMatrix::set_values`].
    ///
    /// # Errors
    /// A diagonal entry that becomes zero or is not finite. The matrix is unchanged then.
    pub fn set_shift(&mut self, shift: f64) -> Result<(), MatrixError> {
        check_diagonal(self.base_diagonal.iter().map(|base| base + shift))?;
        for (entry, base) in self.diagonal.iter_mut().zip(&self.base_diagonal) {
            *entry = base + shift;
        }
        self.invert_diagonal();
        Ok(())
    }

    /// Makes this `A + diag(added)`, where `A` has the values last given to the constructor or to [`SplitMatrix::set_values`].
    ///
    /// # Errors
    /// Wrong length, a diagonal entry that becomes zero or is not finite. The matrix is unchanged then.
    pub fn set_added_diagonal(&mut self, added: &[f64]) -> Result<(), MatrixError> {
        wrong_length("diagonal", added.len(), self.dimension())?;
        check_diagonal(self.base_diagonal.iter().zip(added).map(|(base, added)| base + added))?;
        for ((entry, base), added) in self.diagonal.iter_mut().zip(&self.base_diagonal).zip(added) {
            *entry = base + added;
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

    /// Whether `|a_ij - a_ji| <= tolerance * max(|a_ij|, |a_ji|)` everywhere, in the pattern too (an entry without a mirror image must be zero).
    ///
    /// # Errors
    /// A position where it is not.
    pub fn require_symmetric(&self, tolerance: f64) -> Result<(), MatrixError> {
        // Rows in order meet the entries of each column in order, so one cursor per row of the lower triangle finds every mirror image.
        let mut cursors: Vec<u32> = self.lower.starts[..self.dimension()].to_vec();
        let unmatched_lower = |row: usize, from: u32, below: usize| {
            let (columns, values) = self.lower.row(row);
            let skipped = (from - self.lower.starts[row]) as usize;
            columns[skipped..]
                .iter()
                .zip(&values[skipped..])
                .take_while(|&(&column, _)| (column as usize) < below)
                .find(|&(_, &v)| v != 0.0)
                .map(|(&column, _)| column as usize)
        };
        for (row, (columns, values)) in self.upper.rows().enumerate() {
            for (&column, &value) in columns.iter().zip(values) {
                let mirror = column as usize;
                if let Some(col) = unmatched_lower(mirror, cursors[mirror], row) {
                    return Err(MatrixError::NotSymmetric { row: mirror, col });
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
                if (value - found).abs() > tolerance * value.abs().max(found.abs()) {
                    return Err(MatrixError::NotSymmetric { row, col: mirror });
                }
            }
        }
        match (0..self.dimension()).find_map(|row| unmatched_lower(row, cursors[row], row).map(|col| (row, col))) {
            Some((row, col)) => Err(MatrixError::NotSymmetric { row, col }),
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

fn inverses(diagonal: &[f64]) -> Vec<f64> {
    diagonal.iter().map(|entry| 1.0 / entry).collect()
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dense(matrix: &SplitMatrix) -> Vec<Vec<f64>> {
        let n = matrix.dimension();
        let mut columns = vec![vec![0.0; n]; n];
        for (j, column) in columns.iter_mut().enumerate() {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            matrix.multiply(&unit, column);
        }
        (0..n).map(|i| (0..n).map(|j| columns[j][i]).collect()).collect()
    }

    fn small() -> SplitMatrix {
        SplitMatrix::from_rows(3, &[0, 2, 4, 7], &[0, 2, 0, 1, 0, 1, 2], &[4.0, 1.0, 2.0, 5.0, 1.0, 0.5, 6.0]).unwrap()
    }

    #[test]
    fn products_are_those_of_the_dense_matrix() {
        assert_eq!(dense(&small()), vec![vec![4.0, 0.0, 1.0], vec![2.0, 5.0, 0.0], vec![1.0, 0.5, 6.0]]);
        let mut residual = [0.0; 3];
        assert_eq!(small().residual(&[1.0, 1.0, 1.0], &[5.0, 7.0, 8.5], &mut residual), 1.0);
        assert_eq!(residual, [0.0, 0.0, 1.0]);
    }

    #[test]
    fn values_change_in_place_and_shifts_start_from_them() {
        let mut matrix = small();
        matrix.set_shift(1.0).unwrap();
        assert_eq!(matrix.diagonal(), [5.0, 6.0, 7.0]);
        matrix.set_added_diagonal(&[0.0, -1.0, 2.0]).unwrap();
        assert_eq!(matrix.diagonal(), [4.0, 4.0, 8.0]);
        matrix.set_values(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
        matrix.set_shift(0.5).unwrap();
        assert_eq!(dense(&matrix), vec![vec![1.5, 0.0, 2.0], vec![3.0, 4.5, 0.0], vec![5.0, 6.0, 7.5]]);
    }

    #[test]
    fn refused_values_leave_the_matrix_as_it_was() {
        let mut matrix = small();
        assert_eq!(matrix.set_shift(-5.0), Err(MatrixError::ZeroDiagonal { row: 1 }));
        assert!(matches!(matrix.set_shift(f64::NAN), Err(MatrixError::NotFinite { row: 0, col: 0, .. })));
        assert!(matches!(matrix.set_added_diagonal(&[1.0]), Err(MatrixError::WrongLength { found: 1, expected: 3, .. })));
        let mut values = [1.0; 7];
        values[5] = f64::INFINITY;
        assert!(matches!(matrix.set_values(&values), Err(MatrixError::NotFinite { row: 2, col: 1, .. })));
        assert_eq!(matrix, small());
    }

    #[test]
    fn every_malformed_matrix_has_its_own_error() {
        let from =
            |n: usize, starts: &[u32], columns: &[u32], values: &[f64]| SplitMatrix::from_rows(n, starts, columns, values).unwrap_err();
        assert!(matches!(from(2, &[0, 1], &[0], &[1.0]), MatrixError::WrongLength { what: "row starts", .. }));
        assert!(matches!(from(1, &[0, 1], &[0], &[]), MatrixError::WrongLength { what: "values", .. }));
        assert_eq!(from(2, &[0, 2, 1], &[0], &[1.0]), MatrixError::BadRowPointer { row: 0 });
        assert_eq!(from(1, &[0, 2], &[0], &[1.0]), MatrixError::BadRowPointer { row: 1 });
        assert_eq!(from(1, &[0, 1], &[3], &[1.0]), MatrixError::ColumnOutOfRange { row: 0, col: 3, dimension: 1 });
        assert_eq!(from(2, &[0, 2, 3], &[1, 0, 1], &[1.0; 3]), MatrixError::Unsorted { row: 0, col: 0, previous: 1 });
        assert_eq!(from(2, &[0, 2, 3], &[0, 0, 1], &[1.0; 3]), MatrixError::Duplicate { row: 0, col: 0 });
        assert!(matches!(from(1, &[0, 1], &[0], &[f64::NAN]), MatrixError::NotFinite { row: 0, col: 0, .. }));
        assert_eq!(from(1, &[0, 1], &[0], &[0.0]), MatrixError::ZeroDiagonal { row: 0 });
        assert_eq!(from(2, &[0, 1, 2], &[1, 1], &[1.0; 2]), MatrixError::ZeroDiagonal { row: 0 });
        let wide = CsMatI::<f64, u32>::zero((2, 3));
        assert_eq!(SplitMatrix::from_sprs(&wide).unwrap_err(), MatrixError::NotSquare { rows: 2, cols: 3 });
        let negative = SplitMatrix::from_rows(1, &[0, 1], &[0], &[-2.0]).unwrap();
        assert_eq!(negative.require_positive_diagonal(), Err(MatrixError::NonPositiveDiagonal { row: 0, value: -2.0 }));
    }

    proptest! {
        #[test]
        fn symmetry_is_what_the_dense_matrix_says(entries in proptest::collection::vec((0_usize..5, 0_usize..5, -2_i8..3), 0..14), mirrored: bool) {
            let mut dense = vec![vec![None; 5]; 5];
            for (i, j, value) in entries {
                dense[i][j] = Some(f64::from(value));
                if mirrored {
                    dense[j][i] = Some(f64::from(value));
                }
            }
            let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
            for (i, row) in dense.iter_mut().enumerate() {
                row[i] = Some(9.0);
                for (j, value) in row.iter().enumerate() {
                    if let Some(value) = value {
                        columns.push(u32::try_from(j).unwrap());
                        values.push(*value);
                    }
                }
                starts.push(u32::try_from(columns.len()).unwrap());
            }
            let matrix = SplitMatrix::from_rows(5, &starts, &columns, &values).unwrap();
            let entry = |i: usize, j: usize| dense[i][j].unwrap_or(0.0);
            let symmetric = (0..5).all(|i| (0..5).all(|j| entry(i, j) == entry(j, i)));
            prop_assert_eq!(matrix.require_symmetric(0.0).is_ok(), symmetric);
        }
    }
}
