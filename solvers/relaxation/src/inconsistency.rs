//! Why a system has no solution.

use fathom_opt_linalg::{dot, norm};
use fathom_opt_problems::sparse::SparseMatrix;

/// A vector `v` counts as a null vector when every entry of `A v` is below this part of the sum of magnitudes that it was summed from.
const NULL: f64 = 1e-12;
/// The same for a residual, which is a null vector only as far as the iteration got.
const NEARLY_NULL: f64 = 1e-8;

/// Looks for a reason why no `x` brings `||b - A x||_2` down to `goal`, for a symmetric matrix and the best `x` that was found; `residual` is `b - A x`.
///
/// Where `A v = 0`, every `x` has `v . (b - A x) = v . b`, so no residual is smaller than `|v . b| / ||v||`. Tried are the constant vector, which the matrices of pure
/// Neumann problems and graph Laplacians take to zero, and the residual itself, which conjugate gradients leave in the null space of a singular matrix.
pub(crate) fn inconsistency(matrix: &SparseMatrix, b: &[f64], residual: &[f64], goal: f64) -> Option<String> {
    let ones = vec![1.0; b.len()];
    let candidates = [
        (ones.as_slice(), NULL, "the matrix takes the constant vector to zero"),
        (residual, NEARLY_NULL, "the matrix takes the residual to zero but for rounding"),
    ];
    candidates.into_iter().find_map(|(v, null, reason)| {
        let least = (dot(v, b) / norm(v)).abs();
        (least > goal && is_null_vector(matrix, v, null)).then(|| {
            format!("the system has no solution: {reason}, and the right-hand side has a component of {least:.3e} along it, which no x takes away")
        })
    })
}

fn is_null_vector(matrix: &SparseMatrix, v: &[f64], null: f64) -> bool {
    v.iter().any(|entry| *entry != 0.0)
        && matrix.outer_iterator().all(|row| {
            let (sum, size) =
                row.iter().fold((0.0_f64, 0.0), |(sum, size), (col, value)| (sum + value * v[col], size + (value * v[col]).abs()));
            sum.abs() <= null * size
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::sparse::MatrixData;

    fn matrix(entries: Vec<(u32, u32, f64)>) -> SparseMatrix {
        MatrixData { rows: 2, cols: 2, symmetric: true, entries }.to_matrix().unwrap()
    }

    #[test]
    fn null_vectors_that_the_right_hand_side_leans_on_are_named() {
        let neumann = matrix(vec![(0, 0, 0.5), (1, 0, -0.5), (1, 1, 0.5)]);
        let reason = inconsistency(&neumann, &[3.0, 1.0], &[2.0, 2.0], 1e-8).unwrap();
        assert!(reason.contains("constant vector") && reason.contains("2.828e0"), "{reason}");
        assert_eq!(inconsistency(&neumann, &[1.0, -1.0], &[0.1, -0.1], 1e-8), None);
        let alternating = matrix(vec![(0, 0, 3.0), (1, 0, 3.0), (1, 1, 3.0)]);
        let reason = inconsistency(&alternating, &[3.0, 1.0], &[1.0, -1.0], 1e-8).unwrap();
        assert!(reason.contains("the residual"), "{reason}");
        let regular = matrix(vec![(0, 0, 2.0), (1, 0, -1.0), (1, 1, 2.0)]);
        assert_eq!(inconsistency(&regular, &[1.0, 1.0], &[1.0, 1.0], 1e-8), None);
    }
}
