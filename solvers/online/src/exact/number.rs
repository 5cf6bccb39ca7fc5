//! Whole numbers wide enough for a program: 64 bits where everything fits, 128 bits elsewhere.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use num_bigint::BigInt;

/// A whole number that values, weights and their sums fit into, with room for one more bit.
pub(super) trait Number:
    Copy + Ord + Debug + Default + Add<Output = Self> + Sub<Output = Self> + Neg<Output = Self> + AddAssign + SubAssign
{
    /// Below every sum.
    const LEAST: Self;
    /// The number, if it fits.
    fn of(number: i128) -> Option<Self>;
    /// The number in 128 bits.
    fn wide(self) -> i128;
    /// The sum, or the largest (smallest) number where it is beyond.
    fn saturating_plus(self, other: Self) -> Self;
    /// `floor(self * value / weight)`, or the largest (smallest) number where it is beyond; `weight` is positive.
    fn scaled(self, value: Self, weight: Self) -> Self;
    /// `a * b` against `c * d`.
    fn compare_products(a: Self, b: Self, c: Self, d: Self) -> Ordering;
}

impl Number for i64 {
    const LEAST: Self = Self::MIN;

    fn of(number: i128) -> Option<Self> {
        Self::try_from(number).ok()
    }

    fn wide(self) -> i128 {
        i128::from(self)
    }

    fn saturating_plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    #[inline]
    fn scaled(self, value: Self, weight: Self) -> Self {
        let product = i128::from(self) * i128::from(value);
        Self::try_from(product.div_euclid(i128::from(weight))).unwrap_or(if product > 0 { Self::MAX } else { Self::MIN })
    }

    #[inline]
    fn compare_products(a: Self, b: Self, c: Self, d: Self) -> Ordering {
        (i128::from(a) * i128::from(b)).cmp(&(i128::from(c) * i128::from(d)))
    }
}

impl Number for i128 {
    const LEAST: Self = Self::MIN;

    fn of(number: i128) -> Option<Self> {
        Some(number)
    }

    fn wide(self) -> i128 {
        self
    }

    fn saturating_plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    fn scaled(self, value: Self, weight: Self) -> Self {
        if let Some(product) = self.checked_mul(value) {
            return product.div_euclid(weight);
        }
        let product = BigInt::from(self) * BigInt::from(value);
        let weight = BigInt::from(weight);
        let (quotient, rest) = (&product / &weight, &product % &weight);
        // The quotient of big integers is rounded towards zero.
        let negative = (self < 0) != (value < 0);
        let floor = if negative && rest != BigInt::default() { quotient - 1 } else { quotient };
        Self::try_from(floor).unwrap_or(if negative { Self::MIN } else { Self::MAX })
    }

    fn compare_products(a: Self, b: Self, c: Self, d: Self) -> Ordering {
        match (a.checked_mul(b), c.checked_mul(d)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => (BigInt::from(a) * BigInt::from(b)).cmp(&(BigInt::from(c) * BigInt::from(d))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wide_and_narrow_numbers_scale_alike(amount in -1_000_000_i64..1_000_000_000, value in 0_i64..1 << 40, weight in 1_i64..1 << 40) {
            prop_assert_eq!(i128::from(amount.scaled(value, weight)), i128::from(amount).scaled(value.into(), weight.into()));
        }

        #[test]
        fn products_beyond_128_bits_are_scaled_and_compared_exactly(a in 1_i128..1 << 20, shift in 60_u32..100, weight in 1_i128..1 << 60) {
            let (large, factor) = (a << shift, 1_i128 << 40);
            // (large * factor) / (weight * factor) = large / weight.
            let expected = large.div_euclid(weight);
            prop_assert_eq!(large.scaled(factor, weight * factor), expected);
            prop_assert_eq!((-large).scaled(factor, weight * factor), (-large).div_euclid(weight));
            prop_assert_eq!(Number::compare_products(large, factor, large, factor + 1), Ordering::Less);
        }
    }
}
