//! Extreme eigenvalues by the Lanczos process.

use crate::eisenstat::EisenstatCg;
use crate::level_matrix::LevelMatrix;
use crate::relaxation_factor::RelaxationFactor;
use crate::scaling::Pivots;
use crate::vector::dot;

/// Estimated extreme eigenvalues of the Jacobi-scaled matrix `D^-1/2 A D^-1/2`. Both lie inside the spectrum: the lowest is an overestimate, the highest an underestimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JacobiSpectrum {
    /// Smallest eigenvalue seen.
    pub lowest: f64,
    /// Largest eigenvalue seen.
    pub highest: f64,
}

impl JacobiSpectrum {
    /// Spectral radius of the Jacobi iteration `I - D^-1 A`.
    pub fn jacobi_radius(&self) -> f64 {
        (1.0 - self.lowest).max(self.highest - 1.0)
    }

    /// Young's factor for this Jacobi radius, if it has one.
    pub fn optimal_factor(&self) -> Option<RelaxationFactor> {
        RelaxationFactor::optimal(self.jacobi_radius().max(0.0))
    }
}

/// The Lanczos process (Lanczos 1950).
#[derive(Debug, Clone)]
pub struct Lanczos {
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
}

/// More steps than this are not taken: without reorthogonalisation they find the same extremes again.
const MOST_STEPS: usize = 1000;

impl Default for Lanczos {
    fn default() -> Self {
        Self::new()
    }
}

impl Lanczos {
    /// With room for the coefficients of the longest process.
    pub fn new() -> Self {
        Self { diagonal: Vec::with_capacity(MOST_STEPS), off_diagonal: Vec::with_capacity(MOST_STEPS) }
    }

    /// At most `steps` products with `matrix`, from a smooth positive start vector, which is rich in the lowest modes of discretised differential equations.
    /// Nothing when numbers leave the range of f64. Leaves the matrix prepared for Gauss-Seidel; the vectors are borrowed from `workspace`.
    pub fn jacobi_spectrum(&mut self, matrix: &mut LevelMatrix, steps: usize, workspace: &mut EisenstatCg) -> Option<JacobiSpectrum> {
        // With omega = 1 the scaled matrix is the Jacobi-scaled one.
        matrix.prepare(Pivots::Relaxed(RelaxationFactor::GAUSS_SEIDEL));
        let n = matrix.dimension();
        let Self { diagonal, off_diagonal } = self;
        let [mut previous, mut current, mut next] = workspace.borrow_vectors(n);
        previous.fill(0.0);
        diagonal.clear();
        off_diagonal.clear();
        // Deterministic wobble, so that no mode is missing.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for (value, entry) in current.iter_mut().zip(matrix.diagonal()) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *value = entry.sqrt() * (1.0 + 0.2 * ((state >> 40) as f64 / (1_u64 << 24) as f64));
        }
        let length = dot(current, current).sqrt();
        if !(length > 0.0 && length.is_finite()) {
            return None;
        }
        for value in current.iter_mut() {
            *value /= length;
        }
        for _ in 0..steps.min(MOST_STEPS) {
            matrix.multiply_scaled(current, next);
            let alpha = dot(current, next);
            let beta = off_diagonal.last().copied().unwrap_or(0.0);
            for ((next, current), previous) in next.iter_mut().zip(current.iter()).zip(previous.iter()) {
                *next -= alpha * current + beta * previous;
            }
            let length = dot(next, next).sqrt();
            if !(alpha.is_finite() && length.is_finite()) {
                return None;
            }
            diagonal.push(alpha);
            // An invariant subspace: nothing more to see from this start.
            if length <= 1e-13 * alpha.abs() {
                break;
            }
            off_diagonal.push(length);
            for value in next.iter_mut() {
                *value /= length;
            }
            std::mem::swap(&mut previous, &mut current);
            std::mem::swap(&mut current, &mut next);
        }
        let size = diagonal.len();
        if size == 0 {
            return None;
        }
        let inner = &off_diagonal[..size - 1];
        Some(JacobiSpectrum { lowest: tridiagonal_eigenvalue(diagonal, inner, 1), highest: tridiagonal_eigenvalue(diagonal, inner, size) })
    }
}

/// The `k`-th smallest eigenvalue (from 1) of a symmetric tridiagonal matrix, by bisection on Sturm counts.
fn tridiagonal_eigenvalue(diagonal: &[f64], off_diagonal: &[f64], k: usize) -> f64 {
    let radius = |i: usize| off_diagonal.get(i).map_or(0.0, |b| b.abs()) + i.checked_sub(1).map_or(0.0, |i| off_diagonal[i].abs());
    let mut low = (0..diagonal.len()).map(|i| diagonal[i] - radius(i)).fold(f64::INFINITY, f64::min);
    let mut high = (0..diagonal.len()).map(|i| diagonal[i] + radius(i)).fold(f64::NEG_INFINITY, f64::max);
    let below = |shift: f64| {
        let mut pivot = 1.0_f64;
        let mut count = 0;
        for (i, entry) in diagonal.iter().enumerate() {
            let coupling = i.checked_sub(1).map_or(0.0, |i| off_diagonal[i] * off_diagonal[i]);
            pivot = entry - shift - coupling / pivot;
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            count += usize::from(pivot < 0.0);
        }
        count
    };
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) >= k { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(side: usize, shift: f64) -> LevelMatrix {
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
            push(at, 4.0 + shift);
            if col + 1 < side {
                push(at + 1, -1.0);
            }
            if row + 1 < side {
                push(at + side, -1.0);
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        LevelMatrix::from_rows(n, &starts, &columns, &values).unwrap()
    }

    #[test]
    fn the_jacobi_radius_of_a_grid_is_the_closed_form() {
        for (side, shift) in [(10, 0.0), (15, 0.3), (31, 0.0)] {
            let spectrum = Lanczos::new().jacobi_spectrum(&mut grid(side, shift), 200, &mut EisenstatCg::new()).unwrap();
            let beta = 4.0 * (std::f64::consts::PI / (side + 1) as f64).cos() / (4.0 + shift);
            assert!((spectrum.jacobi_radius() - beta).abs() < 1e-9, "{spectrum:?} {beta}");
        }
    }

    #[test]
    fn few_steps_stay_inside_the_spectrum() {
        let beta = (std::f64::consts::PI / 32.0).cos();
        for steps in [1, 3, 10] {
            let spectrum = Lanczos::new().jacobi_spectrum(&mut grid(31, 0.0), steps, &mut EisenstatCg::new()).unwrap();
            assert!(spectrum.lowest >= 1.0 - beta - 1e-12 && spectrum.highest <= 1.0 + beta + 1e-12);
        }
    }

    #[test]
    fn tridiagonal_eigenvalues_are_the_known_cosines() {
        for k in 1..=6 {
            let expected = 2.0 - 2.0 * (std::f64::consts::PI * k as f64 / 7.0).cos();
            assert!((tridiagonal_eigenvalue(&[2.0; 6], &[1.0; 5], k) - expected).abs() < 1e-12);
        }
    }
}
