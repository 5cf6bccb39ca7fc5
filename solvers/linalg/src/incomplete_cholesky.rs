//! Incomplete Cholesky factors without fill.

use crate::level_matrix::LevelMatrix;
use crate::matrix_error::MatrixError;
use crate::preconditioner::Preconditioner;
use crate::runs::RunTriangle;
use crate::split_matrix::SplitMatrix;
use crate::triangle::{Triangle, minus_row};

/// IC(0): `A ~ L L^T` with the pattern of `A`'s lower triangle (Meijerink and van der Vorst 1977). Where a pivot is not safely positive
/// the whole factorization is repeated for `A + shift D`, the shift doubling until it succeeds (Manteuffel 1980): a large shift gives Jacobi, which always exists.
/// Modified factors that change the diagonal only are [`Pivots::Incomplete`](crate::Pivots::Incomplete).
#[derive(Debug, Clone)]
pub struct IncompleteCholesky {
    lower: Triangle,
    /// `L^T` by rows, for the backward sweep.
    upper: Triangle,
    /// For each upper entry the position of its mirror image in the lower triangle.
    mirror: Vec<u32>,
    inverse_diagonal: Vec<f64>,
    shift: f64,
    attempts: u32,
}

/// A pivot below this part of its diagonal entry calls for a shift.
const SMALLEST_PIVOT: f64 = 1e-3;
/// The first shift, relative to the diagonal.
const FIRST_SHIFT: f64 = 1e-3;

impl IncompleteCholesky {
    /// Factors `matrix`.
    ///
    /// # Errors
    /// When the matrix is not symmetric in pattern or has a diagonal entry that is not positive.
    pub fn new(matrix: &SplitMatrix) -> Result<Self, MatrixError> {
        matrix.require_positive_diagonal()?;
        let n = matrix.dimension();
        let mut cursors: Vec<u32> = matrix.lower.starts[..n].to_vec();
        let mut mirror = Vec::with_capacity(matrix.upper.columns.len());
        for (row, (columns, _)) in matrix.upper.rows().enumerate() {
            for &column in columns {
                let column = column as usize;
                let at = cursors[column];
                if at >= matrix.lower.starts[column + 1] || matrix.lower.columns[at as usize] as usize != row {
                    return Err(MatrixError::NotMirrored { row, col: column });
                }
                mirror.push(at);
                cursors[column] += 1;
            }
        }
        if let Some(row) = (0..n).find(|&row| cursors[row] != matrix.lower.starts[row + 1]) {
            return Err(MatrixError::NotMirrored { row, col: matrix.lower.columns[cursors[row] as usize] as usize });
        }
        let mut factor = Self {
            lower: matrix.lower.clone(),
            upper: matrix.upper.clone(),
            mirror,
            inverse_diagonal: vec![0.0; n],
            shift: 0.0,
            attempts: 0,
        };
        factor.refactor(matrix);
        Ok(factor)
    }

    /// Factors `matrix`, whose rows are taken in level order: the same factor, renumbered, with sweeps that wait less.
    pub(crate) fn in_level_order(matrix: &LevelMatrix) -> Self {
        let triangle = |triangle: &RunTriangle| Triangle {
            starts: triangle.row_starts(),
            columns: triangle.columns.clone(),
            values: vec![0.0; triangle.columns.len()],
        };
        let pattern = matrix.pattern();
        let (lower, upper) = (triangle(&pattern.lower), triangle(&pattern.upper));
        let mut factor =
            Self { lower, upper, mirror: pattern.mirror.clone(), inverse_diagonal: vec![0.0; matrix.dimension()], shift: 0.0, attempts: 0 };
        factor.refactor_in_level_order(matrix);
        factor
    }

    /// Factors new values in the same pattern.
    pub fn refactor(&mut self, matrix: &SplitMatrix) {
        self.refactor_values(&matrix.lower.values, &matrix.diagonal().iter().copied());
    }

    pub(crate) fn refactor_in_level_order(&mut self, matrix: &LevelMatrix) {
        self.refactor_values(matrix.lower(), &matrix.diagonal());
    }

    /// Factors the matrix with these strictly lower entries and this diagonal.
    fn refactor_values(&mut self, lower: &[f64], diagonal: &(impl Iterator<Item = f64> + Clone)) {
        self.shift = 0.0;
        self.attempts = 1;
        while !self.attempt(lower, diagonal.clone()) {
            self.attempts += 1;
            self.shift = if self.shift == 0.0 { FIRST_SHIFT } else { 2.0 * self.shift };
        }
        for (value, &mirror) in self.upper.values.iter_mut().zip(&self.mirror) {
            *value = self.lower.values[mirror as usize];
        }
    }

    /// The shift that was needed, relative to the diagonal; 0 in the regular case.
    pub fn shift(&self) -> f64 {
        self.shift
    }

    /// How often the last factorization was tried, with growing shifts.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Row by row: `l_ij = (a_ij - l_i . l_j) / l_jj` over earlier columns, fill outside the pattern discarded.
    fn attempt(&mut self, lower: &[f64], diagonal: impl Iterator<Item = f64>) -> bool {
        self.lower.values.copy_from_slice(lower);
        // A shift beyond any sum of the rest: Jacobi.
        let jacobi = self.shift > 1e6;
        for (row, entry) in diagonal.enumerate() {
            let range = self.lower.starts[row] as usize..self.lower.starts[row + 1] as usize;
            // Jacobi always exists, whatever the size of the entry.
            let mut pivot = if jacobi { entry } else { entry * (1.0 + self.shift) };
            for at in range.clone() {
                let column = self.lower.columns[at] as usize;
                if jacobi {
                    self.lower.values[at] = 0.0;
                    continue;
                }
                let mut value = self.lower.values[at];
                let (mut a, mut b) = (range.start, self.lower.starts[column] as usize);
                let end = self.lower.starts[column + 1] as usize;
                while a < at && b < end {
                    match self.lower.columns[a].cmp(&self.lower.columns[b]) {
                        std::cmp::Ordering::Less => a += 1,
                        std::cmp::Ordering::Greater => b += 1,
                        std::cmp::Ordering::Equal => {
                            value -= self.lower.values[a] * self.lower.values[b];
                            a += 1;
                            b += 1;
                        }
                    }
                }
                value *= self.inverse_diagonal[column];
                self.lower.values[at] = value;
                pivot -= value * value;
            }
            let usable = pivot > SMALLEST_PIVOT * entry && pivot.is_finite();
            if !usable {
                return false;
            }
            self.inverse_diagonal[row] = pivot.sqrt().recip();
        }
        true
    }
}

impl Preconditioner for IncompleteCholesky {
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        for (row, ((lower, &inverse), &r)) in self.lower.rows().zip(&self.inverse_diagonal).zip(r).enumerate() {
            z[row] = inverse * minus_row(lower, z, r);
        }
        for (row, (upper, &inverse)) in self.upper.rows().zip(&self.inverse_diagonal).enumerate().rev() {
            z[row] = inverse * minus_row(upper, z, z[row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(n: usize, entry: impl Fn(usize, usize) -> f64) -> SplitMatrix {
        let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::new(), Vec::new());
        for i in 0..n {
            for j in 0..n {
                let value = entry(i, j);
                if value != 0.0 {
                    columns.push(u32::try_from(j).unwrap());
                    values.push(value);
                }
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        SplitMatrix::from_rows(n, &starts, &columns, &values).unwrap()
    }

    #[test]
    fn without_fill_the_factor_is_exact() {
        let matrix = matrix(8, |i, j| {
            if i == j {
                2.5
            } else if i.abs_diff(j) == 1 {
                -1.0
            } else {
                0.0
            }
        });
        let mut factor = IncompleteCholesky::new(&matrix).unwrap();
        let b: Vec<f64> = (0..8).map(|i| f64::from(i) - 3.0).collect();
        let (mut x, mut product) = (vec![0.0; 8], vec![0.0; 8]);
        factor.apply(&b, &mut x);
        matrix.multiply(&x, &mut product);
        assert!(product.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-13));
        assert_eq!(factor.shift(), 0.0);
    }

    #[test]
    fn with_fill_the_product_is_right_on_the_pattern() {
        // A ring: eliminating its first unknown creates fill that is dropped.
        let ring = matrix(6, |i, j| {
            if i == j {
                3.0
            } else if i.abs_diff(j) == 1 || i.abs_diff(j) == 5 {
                -1.0
            } else {
                0.0
            }
        });
        let factor = IncompleteCholesky::new(&ring).unwrap();
        let entry = |i: usize, j: usize| -> f64 {
            if i == j {
                return factor.inverse_diagonal[i].recip();
            }
            let (columns, values) = factor.lower.row(i);
            columns.iter().position(|&column| column as usize == j).map_or(0.0, |at| values[at])
        };
        for i in 0..6_usize {
            for j in 0..=i {
                let expected = if i == j {
                    3.0
                } else if i.abs_diff(j) == 1 || i.abs_diff(j) == 5 {
                    -1.0
                } else {
                    continue;
                };
                let product: f64 = (0..=j).map(|k| entry(i, k) * entry(j, k)).sum();
                assert!((product - expected).abs() < 1e-13, "{i} {j}");
            }
        }
    }

    #[test]
    fn a_breakdown_is_cured_by_a_shift() {
        // Kershaw's matrix: positive definite, but IC(0) meets a negative pivot.
        let rows = [[3.0, -2.0, 0.0, 2.0], [-2.0, 3.0, -2.0, 0.0], [0.0, -2.0, 3.0, -2.0], [2.0, 0.0, -2.0, 3.0]];
        let factor = IncompleteCholesky::new(&matrix(4, |i, j| rows[i][j])).unwrap();
        assert!(factor.shift() > 0.0 && factor.shift() < 10.0, "{}", factor.shift());
        assert!(factor.inverse_diagonal.iter().all(|inverse| inverse.is_finite() && *inverse > 0.0));
    }
}
