//! Small Gram systems.

/// Solves `G y = c` for a symmetric positive semidefinite `G` of order `q` (row-major; destroyed), dropping directions that are dependent up to rounding; the
/// solution replaces `c`.
///
/// A Cholesky elimination whose pivots below the rounding of the largest diagonal entry are skipped: their components are zero, which is one of the
/// solutions of a consistent system.
pub(super) fn solve_gram(gram: &mut [f64], c: &mut [f64]) {
    let q = c.len();
    let largest = (0..q).map(|i| gram[i * q + i]).fold(0.0_f64, f64::max);
    let smallest = largest * q as f64 * f64::EPSILON;
    let mut kept = vec![false; q];
    for k in 0..q {
        let mut pivot = gram[k * q + k];
        for p in (0..k).filter(|&p| kept[p]) {
            pivot -= gram[k * q + p] * gram[k * q + p];
        }
        kept[k] = pivot > smallest;
        if !kept[k] {
            continue;
        }
        let root = pivot.sqrt();
        gram[k * q + k] = root;
        for i in k + 1..q {
            let mut value = gram[i * q + k];
            for p in (0..k).filter(|&p| kept[p]) {
                value -= gram[i * q + p] * gram[k * q + p];
            }
            gram[i * q + k] = value / root;
        }
    }
    for k in 0..q {
        if !kept[k] {
            c[k] = 0.0;
            continue;
        }
        let known: f64 = (0..k).filter(|&p| kept[p]).map(|p| gram[k * q + p] * c[p]).sum();
        c[k] = (c[k] - known) / gram[k * q + k];
    }
    for k in (0..q).rev().filter(|&k| kept[k]) {
        let known: f64 = (k + 1..q).filter(|&i| kept[i]).map(|i| gram[i * q + k] * c[i]).sum();
        c[k] = (c[k] - known) / gram[k * q + k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependent_directions_are_dropped() {
        // Rows 0 and 1 are the same.
        let mut gram = vec![2.0, 2.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 3.0];
        let mut c = vec![4.0, 4.0, 7.0];
        solve_gram(&mut gram, &mut c);
        assert_eq!(c[1], 0.0);
        assert!((2.0 * c[0] + c[2] - 4.0).abs() < 1e-14 && (c[0] + 3.0 * c[2] - 7.0).abs() < 1e-14);
    }
}
