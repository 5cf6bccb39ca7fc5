//! Whether a matrix has the form of a positive definite one.

use crate::added::Added;
use crate::matrix_error::MatrixError;
use crate::symmetry::equal_but_for_rounding;

/// The places of a square pattern in compressed rows that have to agree, found once, so that the values of many matrices can be looked at.
#[derive(Debug, Clone)]
pub struct SymmetricForm {
    /// Position of each diagonal entry among the values.
    diagonal: Vec<u32>,
    /// Positions of the two entries of each pair of mirror images; the second is [`NONE`] where it is not stored.
    pairs: Vec<(u32, u32)>,
    /// Row and column of the first entry of each pair.
    places: Vec<(u32, u32)>,
    entries: usize,
}

const NONE: u32 = u32::MAX;

impl SymmetricForm {
    /// Of the matrix with these compressed rows: `n + 1` row starts, increasing columns.
    ///
    /// # Errors
    /// Rows that are none, a diagonal entry that is not stored.
    pub fn of(dimension: usize, row_starts: &[u32], columns: &[u32]) -> Result<Self, MatrixError> {
        if row_starts.len() != dimension.saturating_add(1) {
            return Err(MatrixError::WrongLength { what: "row starts", found: row_starts.len(), expected: dimension.saturating_add(1) });
        }
        let mut form = Self { diagonal: Vec::with_capacity(dimension), pairs: Vec::new(), places: Vec::new(), entries: columns.len() };
        // Rows in order meet the entries of each column in order, so one cursor per row finds every mirror image below the diagonal.
        let mut cursors: Vec<usize> = row_starts[..dimension].iter().map(|&start| start as usize).collect();
        for row in 0..dimension {
            let (start, end) = (row_starts[row] as usize, row_starts[row + 1] as usize);
            let Some(entries) = columns.get(start..end) else { return Err(MatrixError::BadRowPointer { row }) };
            let number = |at: usize| u32::try_from(at).unwrap_or(NONE);
            let mut diagonal = None;
            for (at, &column) in (start..end).zip(entries) {
                let column = column as usize;
                if column >= dimension {
                    return Err(MatrixError::ColumnOutOfRange { row, col: number(column), dimension });
                }
                match column.cmp(&row) {
                    std::cmp::Ordering::Less => {
                        // Whatever stands before the mirror image's place in the earlier row has found its own.
                        if cursors[row] <= at {
                            form.push((number(at), NONE), (row, column));
                            cursors[row] = at + 1;
                        }
                    }
                    std::cmp::Ordering::Equal => diagonal = Some(number(at)),
                    std::cmp::Ordering::Greater => {
                        let below = &mut cursors[column];
                        let last = (row_starts[column + 1] as usize).min(columns.len());
                        while *below < last && (columns[*below] as usize) < row {
                            form.push((number(*below), NONE), (column, columns[*below] as usize));
                            *below += 1;
                        }
                        if *below < last && columns[*below] as usize == row {
                            form.push((number(at), number(*below)), (row, column));
                            *below += 1;
                        } else {
                            form.push((number(at), NONE), (row, column));
                        }
                    }
                }
            }
            form.diagonal.push(diagonal.ok_or(MatrixError::ZeroDiagonal { row })?);
        }
        Ok(form)
    }

    fn push(&mut self, pair: (u32, u32), place: (usize, usize)) {
        let number = |i: usize| u32::try_from(i).unwrap_or(NONE);
        self.pairs.push(pair);
        self.places.push((number(place.0), number(place.1)));
    }

    /// Whether these values, in row order, are symmetric but for rounding, as [`SplitMatrix::require_symmetric`](crate::SplitMatrix::require_symmetric) understands it.
    ///
    /// # Errors
    /// A position where they are not, with both values; another number of values than the pattern has.
    pub fn check_symmetry(&self, values: &[f64]) -> Result<(), MatrixError> {
        self.check_length(values)?;
        let entry = |at: u32| values.get(at as usize).copied().unwrap_or(0.0);
        // Most matrices are exactly symmetric; then nothing else has to be looked at.
        if self.pairs.iter().all(|&(a, b)| entry(a) == entry(b)) {
            return Ok(());
        }
        for (&(a, b), &(row, col)) in self.pairs.iter().zip(&self.places) {
            let (row, col) = (row as usize, col as usize);
            let (value, mirror) = (entry(a), entry(b));
            if !equal_but_for_rounding(value, mirror, (entry(self.diagonal[row]), entry(self.diagonal[col]))) {
                return Err(MatrixError::NotSymmetric { row, col, value, mirror });
            }
        }
        Ok(())
    }

    /// Whether these values, with this added, have a diagonal that is finite and not zero; and positive, if asked.
    ///
    /// # Errors
    /// The first row where that is not so.
    pub fn check_diagonal(&self, values: &[f64], added: Added<'_>, positive: bool) -> Result<(), MatrixError> {
        self.check_length(values)?;
        for (row, &at) in self.diagonal.iter().enumerate() {
            let value = values[at as usize] + added.at(row);
            if !value.is_finite() {
                return Err(MatrixError::NotFinite { row, col: row, value });
            }
            if value == 0.0 {
                return Err(MatrixError::ZeroDiagonal { row });
            }
            if positive && value < 0.0 {
                return Err(MatrixError::NonPositiveDiagonal { row, value });
            }
        }
        Ok(())
    }

    /// The least and the largest diagonal entry of these values.
    pub fn diagonal_range(&self, values: &[f64]) -> (f64, f64) {
        let entries = self.diagonal.iter().filter_map(|&at| values.get(at as usize));
        entries.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &entry| (least.min(entry), most.max(entry)))
    }

    fn check_length(&self, values: &[f64]) -> Result<(), MatrixError> {
        let expected = self.entries;
        if values.len() == expected { Ok(()) } else { Err(MatrixError::WrongLength { what: "values", found: values.len(), expected }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split_matrix::SplitMatrix;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_form_says_what_the_split_matrix_says(entries in proptest::collection::vec((0_usize..5, 0_usize..5, -2_i8..3), 0..14), mirrored: bool) {
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
            let split = SplitMatrix::from_rows(5, &starts, &columns, &values).unwrap();
            let form = SymmetricForm::of(5, &starts, &columns).unwrap();
            prop_assert_eq!(form.check_symmetry(&values).is_ok(), split.require_symmetric().is_ok());
            prop_assert!(form.check_diagonal(&values, Added::Shift(-8.0), true).is_ok());
            prop_assert!(form.check_diagonal(&values, Added::Shift(-9.0), false).is_err());
            prop_assert!(form.check_diagonal(&values, Added::Shift(-10.0), true).is_err());
            prop_assert_eq!(form.diagonal_range(&values), (9.0, 9.0));
        }
    }

    #[test]
    fn rounding_is_taken_as_symmetric_and_more_is_refused_with_both_values() {
        let form = SymmetricForm::of(2, &[0, 2, 4], &[0, 1, 0, 1]).unwrap();
        assert!(form.check_symmetry(&[4.0, -1.0, -1.000_000_000_000_3, 4.0]).is_ok());
        // Beside diagonal entries of 4, 1e-13 is nothing.
        assert!(form.check_symmetry(&[4.0, 1e-13, 0.0, 4.0]).is_ok());
        let refused = form.check_symmetry(&[4.0, -1.0, -1.000_000_01, 4.0]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "row 0, column 1 is -1, its mirror image -1.00000001: they differ by 9.99999993922529e-9, expected a symmetric matrix \
             (differences up to 1e-12 of the entries are taken as rounding)"
        );
    }
}
