//! How strongly earlier nodes act on later ones: the gradient of the log-det acyclicity function.

/// The gradient of `h(A) = -log det(s I - A) + d log s` at `A = |W|` (DAGMA, Bello, Aragam, Ravikumar 2022), for `W` given by the position-wise
/// regression weights `rows[k]` (weights of position `k` on all earlier ones, 0 where there is no edge).
///
/// Entry `[a * d + b]` for positions `a < b`: the sum over all directed paths from `a` to `b` of the products of absolute weights, each over `s` once per
/// node of the path, which is the gradient in the entry (b, a), the edge that those paths forbid.
pub(crate) fn path_strengths(rows: &[Vec<f64>], s: f64) -> Vec<f64> {
    let d = rows.len();
    let mut strengths = vec![0.0; d * d];
    for a in 0..d {
        strengths[a * d + a] = s.recip();
        for b in a + 1..d {
            let sum: f64 = (a..b).map(|k| strengths[a * d + k] * rows[b][k].abs()).sum();
            // Beyond the largest number the paths are strong enough.
            strengths[a * d + b] = (sum / s).min(f64::MAX);
        }
    }
    strengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_add_up() {
        // 0 -> 1 (2), 0 -> 2 (-1), 1 -> 2 (3): paths from 0 to 2 weigh 1 + 2 * 3.
        let strengths = path_strengths(&[vec![], vec![2.0], vec![-1.0, 3.0]], 1.0);
        assert_eq!(strengths, [1.0, 2.0, 7.0, 0.0, 1.0, 3.0, 0.0, 0.0, 1.0]);
        // (2 I - A)^-1: one factor of 2 per node of a path.
        let strengths = path_strengths(&[vec![], vec![2.0], vec![-1.0, 3.0]], 2.0);
        assert_eq!(strengths[..3], [0.5, 0.5, 0.25 + 0.75]);
    }
}
