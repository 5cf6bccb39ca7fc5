//! The five-point Laplacian on a square grid.

use fathom_opt_problems::sparse::SparseMatrix;
use sprs::TriMatI;

use crate::parameter_error::ParameterError;

/// Grid points per side that a generator accepts.
pub(super) const MOST_PER_SIDE: usize = 4096;

/// `-h^2 Delta_h` on `side * side` interior points, row after row: 4 on the diagonal, -1 for each neighbour, zero boundary.
///
/// # Errors
/// When `side` is 0 or beyond [`MOST_PER_SIDE`].
pub(super) fn laplacian(name: &'static str, side: usize) -> Result<SparseMatrix, ParameterError> {
    if side == 0 || side > MOST_PER_SIDE {
        return Err(ParameterError::range(name, side, "1 to 4096"));
    }
    let n = side * side;
    let mut triplets: TriMatI<f64, u32> = TriMatI::with_capacity((n, n), 5 * n);
    for row in 0..side {
        for col in 0..side {
            let here = row * side + col;
            if row > 0 {
                triplets.add_triplet(here, here - side, -1.0);
            }
            if col > 0 {
                triplets.add_triplet(here, here - 1, -1.0);
            }
            triplets.add_triplet(here, here, 4.0);
            if col + 1 < side {
                triplets.add_triplet(here, here + 1, -1.0);
            }
            if row + 1 < side {
                triplets.add_triplet(here, here + side, -1.0);
            }
        }
    }
    Ok(triplets.to_csr())
}

/// The orthonormal sine transform in which the Laplacian of a square grid is diagonal.
pub(super) struct SineBasis {
    side: usize,
    /// `sqrt(2/(side+1)) sin(pi (i+1)(k+1)/(side+1))`, symmetric and its own inverse.
    sines: Vec<f64>,
}

impl SineBasis {
    pub(super) fn new(side: usize) -> Self {
        let scale = (2.0 / (side + 1) as f64).sqrt();
        let period = 2 * (side + 1);
        let sines = (0..side * side)
            .map(|at| {
                let (i, k) = (at / side + 1, at % side + 1);
                // The product is reduced in integers, so that large arguments lose no digits.
                let turns = (i * k % period) as f64 / period as f64;
                scale * (std::f64::consts::TAU * turns).sin()
            })
            .collect();
        Self { side, sines }
    }

    /// Eigenvalue of `-h^2 Delta_h` for the wave numbers `(i, j)` at flat index `at`.
    pub(super) fn eigenvalue(&self, at: usize) -> f64 {
        let wave = |k: usize| 4.0 * (std::f64::consts::PI * (k + 1) as f64 / (2 * (self.side + 1)) as f64).sin().powi(2);
        wave(at / self.side) + wave(at % self.side)
    }

    /// Values on the grid to coefficients, or back: `S V S`.
    pub(super) fn transform(&self, values: &[f64]) -> Vec<f64> {
        let half = self.multiply(&self.sines, values);
        self.multiply(&half, &self.sines)
    }

    fn multiply(&self, left: &[f64], right: &[f64]) -> Vec<f64> {
        let side = self.side;
        let mut product = vec![0.0; side * side];
        for (row, out) in product.chunks_exact_mut(side).enumerate() {
            for (&factor, line) in left[row * side..(row + 1) * side].iter().zip(right.chunks_exact(side)) {
                for (entry, &value) in out.iter_mut().zip(line) {
                    *entry += factor * value;
                }
            }
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_basis_diagonalises_the_laplacian() {
        let side = 7;
        let matrix = laplacian("grid", side).unwrap();
        let basis = SineBasis::new(side);
        for at in [0, 9, 48] {
            let mut wave = vec![0.0; side * side];
            wave[at] = 1.0;
            let values = basis.transform(&wave);
            let norm: f64 = values.iter().map(|value| value * value).sum();
            assert!((norm - 1.0).abs() < 1e-13);
            for (row, entries) in matrix.outer_iterator().enumerate() {
                let product: f64 = entries.iter().map(|(col, value)| value * values[col]).sum();
                assert!((product - basis.eigenvalue(at) * values[row]).abs() < 1e-13);
            }
        }
    }
}
