//! Inner products and norms, summed in a fixed order.

/// `x . y`, over the shorter length. Four partial sums, so that additions do not wait for each other.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len().min(y.len());
    let (x, y) = (&x[..n], &y[..n]);
    let mut sums = [0.0; 4];
    let (heads_x, tail_x) = x.as_chunks::<4>();
    let (heads_y, tail_y) = y.as_chunks::<4>();
    for (a, b) in heads_x.iter().zip(heads_y) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    let tail: f64 = tail_x.iter().zip(tail_y).map(|(a, b)| a * b).sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + tail
}

/// `||x||_2`, also where the squares overflow or vanish.
pub fn norm(x: &[f64]) -> f64 {
    norm_of(dot(x, x), x)
}

/// `||x||_2` when its square was summed already.
pub(crate) fn norm_of(square: f64, x: &[f64]) -> f64 {
    // Squares below this have lost digits to underflow.
    const SMALLEST_EXACT: f64 = 1e-280;
    if square > SMALLEST_EXACT && square.is_finite() {
        return square.sqrt();
    }
    let largest = x.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if x.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    largest * x.iter().map(|value| (value / largest).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_survive_squares_that_overflow_or_vanish() {
        assert!((norm(&[3e-200, 4e-200]) / 5e-200 - 1.0).abs() < 1e-15);
        assert!((norm(&[3e200, 4e200]) / 5e200 - 1.0).abs() < 1e-15);
        assert_eq!(norm(&[0.0; 7]), 0.0);
        assert!(norm(&[1.0, f64::NAN]).is_nan());
        assert_eq!(norm(&[1.0, f64::NEG_INFINITY]), f64::INFINITY);
    }

    #[test]
    fn inner_products_include_the_tail() {
        let x: Vec<f64> = (1..=7).map(f64::from).collect();
        assert_eq!(dot(&x, &x), 140.0);
    }
}
