//! Sums of products to about twice the working precision.

/// `start - sum of a_k b_k` with the rounding error of every operation kept beside it (Ogita, Rump and Oishi 2005, algorithm Dot2; products by Dekker 1971 and Veltkamp 1968,
/// since a fused multiply-add is a call into a library where the processor is not known). Magnitudes beyond about 1e300 overflow; the value is then no number.
#[derive(Clone, Copy)]
pub(crate) struct CompensatedSum {
    sum: f64,
    error: f64,
    /// The magnitudes of all rounding errors, which the error of the result is relative to.
    errors: f64,
}

impl CompensatedSum {
    #[inline]
    pub(crate) fn new(start: f64) -> Self {
        Self { sum: start, error: 0.0, errors: 0.0 }
    }

    /// Subtracts `a b`.
    #[inline]
    pub(crate) fn subtract(&mut self, a: f64, b: f64) {
        let product = a * b;
        let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
        // `a b - product`, exactly.
        let product_error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
        let sum = self.sum - product;
        let part = sum - self.sum;
        // `self.sum - product - sum`, exactly (Knuth 1969).
        let sum_error = (self.sum - (sum - part)) - (product + part);
        let error = sum_error - product_error;
        self.error += error;
        self.errors += error.abs();
        self.sum = sum;
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        self.sum + self.error
    }

    /// Half of the sum's error bound per term and unit in the last place; see [`ResidualNorm::of`].
    #[inline]
    pub(crate) fn errors(self) -> f64 {
        self.errors
    }
}

/// A number as the sum of two with half as many digits each.
#[inline]
fn halves(value: f64) -> (f64, f64) {
    const SPLITTER: f64 = 134_217_729.0;
    let scaled = SPLITTER * value;
    let high = scaled - (scaled - value);
    (high, value - high)
}

/// The norm of a residual that was summed to about twice the working precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResidualNorm {
    /// `||b - A x||_2`.
    pub norm: f64,
    /// How far that can be from the true norm, apart from its own last digits.
    pub error: f64,
}

impl ResidualNorm {
    /// The norm of the residual `r`, whose entries are sums of at most `terms` products; `most_errors` is the largest of their [`CompensatedSum::errors`].
    ///
    /// What the algorithm loses is lost in the sum of rounding errors: at most `terms u` of the sum of their magnitudes.
    pub(crate) fn of(r: &[f64], terms: usize, most_errors: f64) -> Self {
        let per_row = 4.0 * terms as f64 * f64::EPSILON * most_errors;
        Self { norm: crate::vector::norm(r), error: per_row * (r.len() as f64).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minus(start: f64, products: &[(f64, f64)]) -> CompensatedSum {
        let mut sum = CompensatedSum::new(start);
        for &(a, b) in products {
            sum.subtract(a, b);
        }
        sum
    }

    #[test]
    fn digits_that_a_plain_sum_loses_are_kept() {
        assert_eq!(minus(1e16, &[(1e8, 1e8), (-1.0, 1.0)]).value(), 1.0);
        assert_eq!(minus(0.01, &[(0.1, 0.1)]).value(), -0.1_f64.mul_add(0.1, -0.01));
        let products = [(0.3, 0.7), (1.1, -3.0), (0.1, 0.1)];
        let scale = 2.0_f64.powi(-490);
        let small = products.map(|(a, b)| (scale * a, scale * b));
        assert_eq!(minus(0.3 * scale * scale, &small).value(), scale * scale * minus(0.3, &products).value());
    }

    #[test]
    fn sums_without_rounding_have_no_error_bound() {
        assert_eq!(minus(6.0, &[(2.0, 1.0), (4.0, 0.5)]).errors(), 0.0);
        assert!(minus(0.3, &[(0.1, 0.3)]).errors() > 0.0);
    }

    #[test]
    fn what_overflows_is_no_number() {
        assert!(!minus(0.0, &[(1e200, 1e200)]).value().is_finite());
        assert!(!minus(0.0, &[(1e305, 1.0)]).value().is_finite());
    }
}
