//! What preconditioned conjugate gradients apply.

use crate::matrix_error::MatrixError;
use crate::relaxation_factor::RelaxationFactor;
use crate::split_matrix::SplitMatrix;
use crate::triangle::minus_row;

/// A symmetric positive definite `M` that is cheap to solve with.
pub trait Preconditioner {
    /// `z = M^-1 r`. Both have the matrix's dimension.
    fn apply(&mut self, r: &[f64], z: &mut [f64]);
}

/// `M = I`: plain conjugate gradients.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity;

impl Preconditioner for Identity {
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        z.copy_from_slice(r);
    }
}

/// `M = D`.
#[derive(Debug, Clone, Copy)]
pub struct Jacobi<'a> {
    inverse_diagonal: &'a [f64],
}

impl<'a> Jacobi<'a> {
    /// The diagonal of `matrix`.
    ///
    /// # Errors
    /// When an entry is not positive.
    pub fn new(matrix: &'a SplitMatrix) -> Result<Self, MatrixError> {
        matrix.require_positive_diagonal()?;
        Ok(Self { inverse_diagonal: &matrix.inverse_diagonal })
    }
}

impl Preconditioner for Jacobi<'_> {
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        for ((z, r), inverse) in z.iter_mut().zip(r).zip(self.inverse_diagonal) {
            *z = r * inverse;
        }
    }
}

/// Symmetric SOR, `M = (D + omega L) D^-1 (D + omega L^T) / (omega (2 - omega))`: positive definite whenever the symmetric matrix has a positive diagonal, so it
/// cannot break down.
#[derive(Debug, Clone, Copy)]
pub struct Ssor<'a> {
    matrix: &'a SplitMatrix,
    omega: RelaxationFactor,
}

impl<'a> Ssor<'a> {
    /// SSOR with factor `omega`.
    ///
    /// # Errors
    /// When a diagonal entry is not positive.
    pub fn new(matrix: &'a SplitMatrix, omega: RelaxationFactor) -> Result<Self, MatrixError> {
        matrix.require_positive_diagonal()?;
        Ok(Self { matrix, omega })
    }
}

impl Preconditioner for Ssor<'_> {
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        let omega = self.omega.in_symmetric_sweeps();
        let matrix = self.matrix;
        // Forward: (D + omega L) y = omega (2 - omega) r.
        let factor = 2.0 - omega;
        for (row, ((lower, &inverse), &r)) in matrix.lower.rows().zip(&matrix.inverse_diagonal).zip(r).enumerate() {
            z[row] = omega * inverse * minus_row(lower, z, factor * r);
        }
        // Backward: (D + omega U) z = D y.
        for (row, (upper, &inverse)) in matrix.upper.rows().zip(&matrix.inverse_diagonal).enumerate().rev() {
            z[row] += omega * inverse * minus_row(upper, z, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::dot;
    use proptest::prelude::*;

    /// The five-point Laplacian with a diagonal that varies.
    fn grid(side: usize, bump: f64) -> SplitMatrix {
        let n = side * side;
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for at in 0..n {
            let (row, col) = (at / side, at % side);
            let mut push = |column: usize, value: f64| {
                columns.push(u32::try_from(column).unwrap());
                values.push(value);
            };
            if row > 0 {
                push(at - side, -1.0);
            }
            if col > 0 {
                push(at - 1, -1.0);
            }
            push(at, 4.0 + bump * at as f64);
            if col + 1 < side {
                push(at + 1, -1.0);
            }
            if row + 1 < side {
                push(at + side, -1.0);
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        SplitMatrix::from_rows(n, &starts, &columns, &values).unwrap()
    }

    fn applied(preconditioner: &mut impl Preconditioner, r: &[f64]) -> Vec<f64> {
        let mut z = vec![0.0; r.len()];
        preconditioner.apply(r, &mut z);
        z
    }

    /// `M v` by the definition, dense in spirit: products with the parts of the matrix.
    fn ssor_times(matrix: &SplitMatrix, omega: f64, v: &[f64]) -> Vec<f64> {
        let n = v.len();
        let upper: Vec<f64> = (0..n).map(|row| matrix.diagonal[row] * v[row] - omega * minus_row(matrix.upper.row(row), v, 0.0)).collect();
        let middle: Vec<f64> = upper.iter().zip(&matrix.diagonal).map(|(u, d)| u / d).collect();
        (0..n)
            .map(|row| {
                (matrix.diagonal[row] * middle[row] - omega * minus_row(matrix.lower.row(row), &middle, 0.0)) / (omega * (2.0 - omega))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn ssor_is_the_inverse_of_its_definition(omega in 0.05..1.95, values in proptest::collection::vec(-1.0..1.0, 25)) {
            let matrix = grid(5, 0.03);
            let mut ssor = Ssor::new(&matrix, RelaxationFactor::new(omega).unwrap()).unwrap();
            let back = ssor_times(&matrix, omega, &applied(&mut ssor, &values));
            for (a, b) in back.iter().zip(&values) {
                prop_assert!((a - b).abs() < 1e-12);
            }
        }

        #[test]
        fn ssor_is_symmetric(omega in 0.05..1.95, u in proptest::collection::vec(-1.0..1.0, 25), v in proptest::collection::vec(-1.0..1.0, 25)) {
            let matrix = grid(5, 0.03);
            let mut ssor = Ssor::new(&matrix, RelaxationFactor::new(omega).unwrap()).unwrap();
            let (left, right) = (dot(&u, &applied(&mut ssor, &v)), dot(&v, &applied(&mut ssor, &u)));
            prop_assert!((left - right).abs() <= 1e-13 * left.abs().max(1.0));
        }

        /// `M - A = [(1-w) D - w L] D^-1 [(1-w) D - w L^T] / (w (2-w))`, so it is positive semidefinite and `M^-1 A` has its eigenvalues in (0, 1].
        #[test]
        fn ssor_minus_the_matrix_is_the_known_square(omega in 0.05..1.95, v in proptest::collection::vec(-1.0..1.0, 25)) {
            let matrix = grid(5, 0.03);
            let n = v.len();
            let m = ssor_times(&matrix, omega, &v);
            let mut a = vec![0.0; n];
            matrix.multiply(&v, &mut a);
            let half: Vec<f64> = (0..n).map(|row| (1.0 - omega) * matrix.diagonal[row] * v[row] + omega * minus_row(matrix.upper.row(row), &v, 0.0)).collect();
            let scaled: Vec<f64> = half.iter().zip(&matrix.diagonal).map(|(h, d)| h / d).collect();
            for row in 0..n {
                let square = ((1.0 - omega) * matrix.diagonal[row] * scaled[row] + omega * minus_row(matrix.lower.row(row), &scaled, 0.0)) / (omega * (2.0 - omega));
                prop_assert!((m[row] - a[row] - square).abs() < 1e-12 * (1.0 + m[row].abs()));
            }
            prop_assert!(dot(&v, &a) <= dot(&v, &m) * (1.0 + 1e-12));
        }
    }

    #[test]
    fn jacobi_divides_by_the_diagonal() {
        let matrix = grid(2, 1.0);
        assert_eq!(applied(&mut Jacobi::new(&matrix).unwrap(), &[4.0, 5.0, 6.0, 7.0]), vec![1.0; 4]);
    }

    #[test]
    fn a_diagonal_that_is_not_positive_is_refused() {
        let matrix = SplitMatrix::from_rows(1, &[0, 1], &[0], &[-1.0]).unwrap();
        assert!(Ssor::new(&matrix, RelaxationFactor::GAUSS_SEIDEL).is_err());
        assert!(Jacobi::new(&matrix).is_err());
    }
}
