//! Numbers to regress with: plain ones, and sums of two where columns depend on each other nearly.

use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};

/// What regressions need of a number.
pub(crate) trait Number:
    Copy + Send + Sync + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Sum + 'static
{
    const ZERO: Self;

    fn new(value: f64) -> Self;

    /// The nearest plain number.
    fn value(self) -> f64;

    /// The square root of a number above 0.
    fn sqrt(self) -> Self;
}

impl Number for f64 {
    const ZERO: Self = 0.0;

    fn new(value: f64) -> Self {
        value
    }

    fn value(self) -> f64 {
        self
    }

    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }
}

/// A number as the sum of two plain ones, about 32 digits ("double-double": Dekker 1971, Knuth's two-sum).
///
/// Regressions on covariances lose as many digits as the residual variance has less than the variance; with twice the digits nothing that matters is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Twofold {
    head: f64,
    tail: f64,
}

/// `a + b` as its rounded value and what rounding lost.
#[inline]
fn exact_sum(a: f64, b: f64) -> Twofold {
    let head = a + b;
    let b_kept = head - a;
    Twofold { head, tail: (a - (head - b_kept)) + (b - b_kept) }
}

/// `a + b` where `a` is the larger.
#[inline]
fn ordered_sum(a: f64, b: f64) -> Twofold {
    let head = a + b;
    Twofold { head, tail: b - (head - a) }
}

/// `2^27 + 1`: multiplying by it splits the 53 digits in the middle.
const SPLITTER: f64 = 134_217_729.0;

#[inline]
fn split(a: f64) -> (f64, f64) {
    let spread = SPLITTER * a;
    let front = spread - (spread - a);
    (front, a - front)
}

/// `a * b` as its rounded value and what rounding lost.
#[inline]
fn exact_product(a: f64, b: f64) -> Twofold {
    let head = a * b;
    let (a_front, a_back) = split(a);
    let (b_front, b_back) = split(b);
    let tail = a_back * b_back - (((head - a_front * b_front) - a_back * b_front) - a_front * b_back);
    Twofold { head, tail }
}

impl Twofold {
    /// The product of two plain numbers, exactly.
    pub(crate) fn product_of(a: f64, b: f64) -> Self {
        exact_product(a, b)
    }
}

impl Add for Twofold {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        let sum = exact_sum(self.head, other.head);
        ordered_sum(sum.head, sum.tail + self.tail + other.tail)
    }
}

impl Sub for Twofold {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self + Self { head: -other.head, tail: -other.tail }
    }
}

impl Mul for Twofold {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        let product = exact_product(self.head, other.head);
        ordered_sum(product.head, product.tail + self.head * other.tail + self.tail * other.head)
    }
}

impl Div for Twofold {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        let first = self.head / other.head;
        let rest = self - Self::new(first) * other;
        let second = rest.head / other.head;
        ordered_sum(first, second)
    }
}

impl Sum for Twofold {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Number for Twofold {
    const ZERO: Self = Self { head: 0.0, tail: 0.0 };

    fn new(value: f64) -> Self {
        Self { head: value, tail: 0.0 }
    }

    fn value(self) -> f64 {
        self.head
    }

    fn sqrt(self) -> Self {
        let first = self.head.sqrt();
        let rest = self - exact_product(first, first);
        ordered_sum(first, 0.5 * rest.head / first)
    }
}

/// `value` with 32 binary digits: numbers that only rounding tells apart become the same.
pub(crate) fn settled(value: f64) -> f64 {
    const DROPPED: u64 = (1 << 20) - 1;
    if !value.is_finite() {
        return value;
    }
    let bits = value.to_bits();
    // A carry into the exponent is the right rounding.
    f64::from_bits((bits + DROPPED.div_ceil(2)) & !DROPPED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_digits_survive_every_operation() {
        let close = |a: Twofold, b: Twofold| ((a - b).value() / b.value()).abs() < 1e-30;
        let third = Twofold::new(1.0) / Twofold::new(3.0);
        assert!(close(third + third + third, Twofold::new(1.0)));
        let root = Twofold::new(7.0).sqrt();
        assert!(close(root * root, Twofold::new(7.0)));
        let tiny = (Twofold::new(1.0) + Twofold::new(1e-25)) - Twofold::new(1.0);
        assert_eq!(tiny.value(), 1e-25);
        // (1 + e)(1 - e) = 1 - e^2 with e a power of two.
        let e = 2_f64.powi(-40);
        assert_eq!((Twofold::product_of(1.0 + e, 1.0 - e) - Twofold::new(1.0)).value(), -e * e);
        assert_eq!([1e16, 1.0, -1e16].map(Twofold::new).into_iter().sum::<Twofold>().value(), 1.0);
    }

    #[test]
    fn numbers_that_differ_by_rounding_settle_on_the_same() {
        for value in [1.0, -1.0, 0.3, 1e-300, 123_456.789] {
            assert_eq!(settled(value * (1.0 + f64::EPSILON)), settled(value * (1.0 - f64::EPSILON)));
            assert!((settled(value) / value - 1.0).abs() < 1e-9);
        }
        assert_ne!(settled(1.0), settled(1.0 + 1e-8));
        assert_eq!(settled(0.0), 0.0);
    }
}
