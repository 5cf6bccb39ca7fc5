//! Where a symmetric sparse matrix has entries.

use super::error::LdlError;

/// The pattern of a symmetric matrix: its lower triangle by columns, rows increasing, every diagonal entry present.
///
/// Values of a matrix with this pattern are a slice in the same order, one number per entry of the triangle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymmetricPattern {
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl SymmetricPattern {
    /// The pattern of dimension `n` that holds `entries`, each a (row, column) in either triangle, and the diagonal.
    ///
    /// Returned beside it: for each of `entries` the position of its value. Entries that name the same place (also mirrored) share a position,
    /// where their values are to be added.
    ///
    /// # Errors
    /// [`LdlError::Index`]: an entry lies outside the matrix. [`LdlError::Size`]: more than 2^31 rows.
    pub fn from_entries(n: usize, entries: &[(u32, u32)]) -> Result<(Self, Vec<usize>), LdlError> {
        if i32::try_from(n).is_err() {
            return Err(LdlError::Size);
        }
        for (entry, &(row, column)) in entries.iter().enumerate() {
            if row as usize >= n || column as usize >= n {
                return Err(LdlError::Index { entry, row, column, dimension: n });
            }
        }
        let lower = |&(row, column): &(u32, u32)| (row.max(column), row.min(column));
        // Counting sorts by row and then, keeping that order, by column.
        let by_row = counting_order(n, entries.len(), |k| lower(&entries[k]).0 as usize, 0..entries.len());
        let by_column = counting_order(n, entries.len(), |k| lower(&entries[k]).1 as usize, by_row);
        let mut starts = Vec::with_capacity(n + 1);
        let mut rows = Vec::with_capacity(entries.len() + n);
        let mut positions = vec![0; entries.len()];
        let mut next = by_column.into_iter().peekable();
        for column in 0..n {
            starts.push(rows.len());
            // The diagonal is the first entry of its column, whether it is named or not.
            rows.push(as_u32(column));
            while let Some(k) = next.next_if(|&k| lower(&entries[k]).1 as usize == column) {
                let row = lower(&entries[k]).0;
                if rows.last() != Some(&row) {
                    rows.push(row);
                }
                positions[k] = rows.len() - 1;
            }
        }
        starts.push(rows.len());
        Ok((Self { starts, rows }, positions))
    }

    /// Rows, which are as many as columns.
    pub fn dimension(&self) -> usize {
        self.starts.len() - 1
    }

    /// Entries of the triangle, diagonal included.
    pub fn entries(&self) -> usize {
        self.rows.len()
    }

    /// The positions of the values of column `j`'s lower part; the first is the diagonal's.
    pub fn column(&self, j: usize) -> std::ops::Range<usize> {
        self.starts[j]..self.starts[j + 1]
    }

    /// The row of each position.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// `y = A x` for the matrix of this pattern with these values.
    pub fn multiply(&self, values: &[f64], x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        for j in 0..self.dimension() {
            let column = self.column(j);
            let diagonal = column.start;
            let mut sum = values[diagonal] * x[j];
            let below = diagonal + 1..column.end;
            for (&row, value) in self.rows[below.clone()].iter().zip(&values[below]) {
                y[row as usize] += value * x[j];
                sum += value * x[row as usize];
            }
            y[j] += sum;
        }
    }

    /// The largest magnitude in each row of the symmetric matrix with these values.
    pub(super) fn row_maxima(&self, values: &[f64]) -> Vec<f64> {
        let mut maxima = vec![0.0_f64; self.dimension()];
        for j in 0..self.dimension() {
            for at in self.column(j) {
                let (i, magnitude) = (self.rows[at] as usize, values[at].abs());
                maxima[i] = maxima[i].max(magnitude);
                maxima[j] = maxima[j].max(magnitude);
            }
        }
        maxima
    }
}

/// Dimensions stay below 2^31 ([`SymmetricPattern::from_entries`] refuses others), so that indices fit.
pub(super) fn as_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The items of `order`, sorted by `key` (below `keys`) without changing the order of equal keys.
fn counting_order(keys: usize, items: usize, key: impl Fn(usize) -> usize, order: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut next = vec![0; keys + 1];
    for k in 0..items {
        next[key(k) + 1] += 1;
    }
    for at in 0..keys {
        next[at + 1] += next[at];
    }
    let mut sorted = vec![0; items];
    for k in order {
        sorted[next[key(k)]] = k;
        next[key(k)] += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_either_triangle_meet_at_one_position_and_the_diagonal_is_always_there() {
        let (pattern, positions) = SymmetricPattern::from_entries(3, &[(0, 2), (2, 0), (1, 1), (2, 1)]).unwrap();
        assert_eq!(pattern.rows(), [0, 2, 1, 2, 2]);
        assert_eq!(positions, [1, 1, 2, 3]);
        let mut values = vec![0.0; pattern.entries()];
        for (&position, value) in positions.iter().zip([1.0, 2.0, 5.0, -1.0]) {
            values[position] += value;
        }
        let mut y = [0.0; 3];
        pattern.multiply(&values, &[1.0, 10.0, 100.0], &mut y);
        assert_eq!(y, [300.0, 50.0 - 100.0, 3.0 - 10.0]);
    }

    #[test]
    fn an_entry_outside_the_matrix_is_an_error() {
        assert!(matches!(SymmetricPattern::from_entries(2, &[(0, 0), (2, 1)]), Err(LdlError::Index { entry: 1, .. })));
    }
}
