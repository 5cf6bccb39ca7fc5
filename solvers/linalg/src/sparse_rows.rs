//! A sparse matrix by rows.

/// A sparse matrix by rows, of any shape: what products and row projections need.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparseRows {
    columns_count: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    /// A matrix of zeros with `columns_count` columns and entries where `rows` say (column indices of each row, increasing).
    pub fn new<'a>(columns_count: usize, rows: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let (mut starts, mut columns) = (vec![0], Vec::new());
        for row in rows {
            columns.extend(row.iter().copied().filter(|&column| (column as usize) < columns_count));
            starts.push(columns.len());
        }
        let values = vec![0.0; columns.len()];
        Self { columns_count, starts, columns, values }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns_count
    }

    /// The columns and values of row `i`.
    pub fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let range = self.starts[i]..self.starts[i + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    /// All values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All values, row by row, to be changed.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Row `i` times `x`.
    pub fn row_times(&self, i: usize, x: &[f64]) -> f64 {
        let (columns, values) = self.row(i);
        columns.iter().zip(values).map(|(&column, value)| value * x[column as usize]).sum()
    }

    /// `x += factor` times row `i`.
    pub fn add_row(&self, i: usize, factor: f64, x: &mut [f64]) {
        let (columns, values) = self.row(i);
        for (&column, value) in columns.iter().zip(values) {
            x[column as usize] += factor * value;
        }
    }

    /// `y = A x`.
    pub fn multiply(&self, x: &[f64], y: &mut [f64]) {
        for (i, y) in y.iter_mut().enumerate().take(self.rows()) {
            *y = self.row_times(i, x);
        }
    }

    /// `y += A' x`.
    pub fn add_transposed(&self, x: &[f64], y: &mut [f64]) {
        for (i, &factor) in x.iter().enumerate().take(self.rows()) {
            if factor != 0.0 {
                self.add_row(i, factor, y);
            }
        }
    }

    /// The Frobenius norm.
    pub fn norm(&self) -> f64 {
        self.values.iter().map(|value| value * value).sum::<f64>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_with_a_rectangular_matrix_and_its_transpose() {
        let mut a = SparseRows::new(3, [&[0_u32, 2][..], &[1]]);
        a.values_mut().copy_from_slice(&[1.0, 2.0, 3.0]);
        let mut y = [0.0; 2];
        a.multiply(&[1.0, 10.0, 100.0], &mut y);
        assert_eq!(y, [201.0, 30.0]);
        let mut x = [1.0; 3];
        a.add_transposed(&[1.0, 2.0], &mut x);
        assert_eq!(x, [2.0, 7.0, 3.0]);
        assert!((a.norm() - 14.0_f64.sqrt()).abs() < 1e-15);
    }
}
