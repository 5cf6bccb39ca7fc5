//! Symmetric equilibration.

use super::pattern::SymmetricPattern;

/// Rounds of equilibration, at most. Each takes the logarithm of a row's largest entry about halfway to zero, so that ordinary matrices need three to five,
/// and those that reach from 1e-300 to 1e300 about twelve.
const MAX_ROUNDS: usize = 16;

/// Iterations of conjugate gradients for the logarithmic scales. The scales need not be exact; twenty bring rows that differ by 1e100 within a factor of ten.
const LEAST_SQUARES_ITERATIONS: usize = 20;

/// The mean square, over the rows, of what is left of the logarithms' residual when the scales are good enough: a tenth of a power of two.
const CLOSE: f64 = 0.01;

/// Powers of two `s` such that the largest entry of each row of `diag(s) A diag(s)` is near one. Powers of two make the scaling itself exact.
///
/// First the logarithms of all entries are brought as near to zero as possible in the least-squares sense (Curtis and Reid, "On the automatic scaling of
/// matrices for Gaussian elimination", 1972), which undoes any scaling of the variables whatever it was; then the largest entry of each row is brought to
/// one (Ruiz, "A scaling algorithm to equilibrate both rows and columns norms in matrices", 2001, in the maximum norm).
pub(super) fn equilibrate(pattern: &SymmetricPattern, values: &[f64]) -> Vec<f64> {
    let n = pattern.dimension();
    // Logarithms instead of scaled values: products of extreme entries and scales would overflow.
    let logarithms: Vec<f64> = values.iter().map(|value| value.abs().log2()).collect();
    // Whole numbers, kept as floating-point ones because they are added to logarithms again and again.
    let mut exponents: Vec<f64> = least_squares(pattern, &logarithms).into_iter().map(whole).collect();
    let mut largest = vec![f64::NEG_INFINITY; n];
    for _ in 0..MAX_ROUNDS {
        largest.fill(f64::NEG_INFINITY);
        for j in 0..n {
            let (own, mut most) = (exponents[j], f64::NEG_INFINITY);
            for at in pattern.column(j) {
                // A zero has the logarithm minus infinity, which is never the largest.
                let i = pattern.rows()[at] as usize;
                let logarithm = logarithms[at] + exponents[i] + own;
                if logarithm > most {
                    most = logarithm;
                }
                if logarithm > largest[i] {
                    largest[i] = logarithm;
                }
            }
            if most > largest[j] {
                largest[j] = most;
            }
        }
        let mut far = false;
        for (exponent, &logarithm) in exponents.iter_mut().zip(&largest) {
            if logarithm.is_finite() {
                *exponent = (*exponent + whole(-0.5 * logarithm)).clamp(-MAX_EXPONENT, MAX_EXPONENT);
                far |= logarithm.abs() > NEAR;
            }
        }
        if !far {
            break;
        }
    }
    // Within the clamp, the conversion is exact.
    #[allow(clippy::cast_possible_truncation)]
    let scale = |exponent: f64| 2.0_f64.powi(exponent as i32);
    exponents.into_iter().map(scale).collect()
}

/// Rows whose largest entries lie within 2^-2 and 2^2 are near enough to one.
const NEAR: f64 = 2.0;

/// Scales stay within 2^-1000 and 2^1000, so that they are normal numbers.
const MAX_EXPONENT: f64 = 1000.0;

/// The nearest whole exponent; 0 for what is not a number.
fn whole(logarithm: f64) -> f64 {
    // Rounding half a unit either way makes no difference, and this form needs no call.
    let whole = (logarithm.clamp(-MAX_EXPONENT, MAX_EXPONENT) + 0.5).floor();
    if whole.is_nan() { 0.0 } else { whole }
}

/// The logarithms of scales `x` that minimise the sum of `(log|a_ij| + x_i + x_j)^2` over the nonzero entries, by conjugate gradients with the diagonal.
fn least_squares(pattern: &SymmetricPattern, logarithms: &[f64]) -> Vec<f64> {
    let n = pattern.dimension();
    let (mut diagonal, mut r) = (vec![0.0_f64; n], vec![0.0; n]);
    each(pattern, logarithms, |i, j, logarithm| {
        diagonal[j] += if i == j { 2.0 } else { 1.0 };
        r[j] -= logarithm;
        if i != j {
            diagonal[i] += 1.0;
            r[i] -= logarithm;
        }
    });
    // Rows of zeros keep the scale one.
    diagonal.iter_mut().filter(|entry| **entry == 0.0).for_each(|entry| *entry = 1.0);
    let mut x = vec![0.0; n];
    let mut z: Vec<f64> = r.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
    let mut p = z.clone();
    let mut product = vec![0.0; n];
    let mut old: f64 = r.iter().zip(&z).map(|(r, z)| r * z).sum();
    for _ in 0..LEAST_SQUARES_ITERATIONS {
        product.fill(0.0);
        each(pattern, logarithms, |i, j, _| {
            product[j] += p[i] + p[j];
            if i != j {
                product[i] += p[i] + p[j];
            }
        });
        let curvature: f64 = p.iter().zip(&product).map(|(p, q)| p * q).sum();
        // The sum of squares has no curvature where the graph is bipartite; there the residual has no part either.
        if old <= CLOSE * n as f64 || curvature <= 0.0 || !curvature.is_finite() {
            break;
        }
        let step = old / curvature;
        for i in 0..n {
            x[i] += step * p[i];
            r[i] -= step * product[i];
            z[i] = r[i] / diagonal[i];
        }
        let new: f64 = r.iter().zip(&z).map(|(r, z)| r * z).sum();
        for (p, z) in p.iter_mut().zip(&z) {
            *p = z + new / old * *p;
        }
        old = new;
    }
    x
}

/// Visits the nonzero entries: row, column, logarithm.
fn each(pattern: &SymmetricPattern, logarithms: &[f64], mut visit: impl FnMut(usize, usize, f64)) {
    for j in 0..pattern.dimension() {
        for at in pattern.column(j) {
            if logarithms[at] != f64::NEG_INFINITY {
                visit(pattern.rows()[at] as usize, j, logarithms[at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_extreme_scales_come_near_one() {
        let (pattern, _) = SymmetricPattern::from_entries(3, &[(0, 0), (1, 1), (2, 2), (1, 0), (2, 1)]).unwrap();
        let values = [1e-200, 1e-90, 1e150, 1e20, 1e-30];
        let scales = equilibrate(&pattern, &values);
        let scaled: Vec<f64> = (0..3)
            .flat_map(|j| pattern.column(j).map(move |at| (at, j)))
            .map(|(at, j)| values[at] * scales[j] * scales[pattern.rows()[at] as usize])
            .collect();
        let maxima = pattern.row_maxima(&scaled);
        assert!(maxima.iter().all(|&largest| (0.1..10.0).contains(&largest)), "{maxima:?}");
    }
}
