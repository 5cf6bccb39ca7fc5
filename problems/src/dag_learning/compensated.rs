//! Sums and products with twice the digits: what a difference of nearly equal numbers needs.
//!
//! The error-free transformations of Dekker (1971) and Knuth; a number is the unevaluated sum of two doubles, about 32 digits.

/// A number as a sum of two doubles, the second below the last digit of the first.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Double {
    high: f64,
    low: f64,
}

/// `a + b` and its rounding error.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// The upper half of the digits, and the rest.
fn halves(a: f64) -> (f64, f64) {
    let shifted = 134_217_729.0 * a;
    let upper = shifted - (shifted - a);
    (upper, a - upper)
}

/// `a * b` and its rounding error.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let ((a1, a2), (b1, b2)) = (halves(a), halves(b));
    (product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2)
}

impl Double {
    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };

    pub(super) fn new(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }

    /// The product of two doubles, exactly.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let (high, low) = two_product(a, b);
        Self { high, low }
    }

    /// The nearest double.
    pub(super) fn value(self) -> f64 {
        self.high
    }

    fn settled(high: f64, low: f64) -> Self {
        let (high, low) = two_sum(high, low);
        Self { high, low }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (sum, error) = two_sum(self.high, other.high);
        Self::settled(sum, error + self.low + other.low)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self { high: -other.high, low: -other.low })
    }

    pub(super) fn times(self, other: Self) -> Self {
        let (product, error) = two_product(self.high, other.high);
        Self::settled(product, error + self.high * other.low + self.low * other.high)
    }

    pub(super) fn over(self, other: Self) -> Self {
        let first = Self::new(self.high / other.high);
        let rest = self.minus(first.times(other));
        first.plus(Self::new(rest.high / other.high))
    }

    /// The square root of a number that is not negative.
    pub(super) fn root(self) -> Self {
        if self.high <= 0.0 {
            return Self::ZERO;
        }
        let first = Self::new(self.high.sqrt());
        let rest = self.minus(first.times(first));
        first.plus(Self::new(0.5 * rest.high / first.high))
    }
}

/// The mean of `values`, with twice the digits.
pub(super) fn mean(values: impl ExactSizeIterator<Item = Double>) -> Double {
    let count = values.len().max(1) as f64;
    values.fold(Double::ZERO, Double::plus).over(Double::new(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plain_numbers_lose_is_kept() {
        let third = Double::new(1.0).over(Double::new(3.0));
        let one = third.plus(third).plus(third).minus(Double::new(1.0));
        assert!(one.value().abs() < 1e-31);
        let two = Double::new(2.0);
        assert!(two.root().times(two.root()).minus(two).value().abs() < 1e-31);
        let nearly = Double::product(1.0 + 1e-12, 1.0 - 1e-12).minus(Double::new(1.0));
        // The factors themselves are rounded; their exact product is 1 - 1e-24 up to that.
        assert!(nearly.value() != 0.0);
        assert_eq!(mean([1e16, 1.0, -1e16].map(Double::new).into_iter()).value(), 1.0 / 3.0);
    }
}
