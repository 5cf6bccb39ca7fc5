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

    #[inline]
    fn compare_products(a: Self, b: Self, c: Self, d: Self) -> Ordering {
        // Products of doubles are off by less than four roundings each, and never overflow here (254 bits): where they differ by more, they decide.
        let (left, right) = (a as f64 * b as f64, c as f64 * d as f64);
        if (left - right).abs() > 8.0 * f64::EPSILON * left.abs().max(right.abs()) {
            return if left < right { Ordering::Less } else { Ordering::Greater };
        }
        match (a.checked_mul(b), c.checked_mul(d)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => Product::of(a, b).cmp(&Product::of(c, d)),
        }
    }
}

/// The product of two numbers of 128 bits, whole.
#[derive(PartialEq, Eq)]
struct Product {
    negative: bool,
    /// The upper and the lower half of the magnitude.
    magnitude: (u128, u128),
}

impl Product {
    fn of(a: i128, b: i128) -> Self {
        const LOWER: u128 = u64::MAX as u128;
        let halves = |number: i128| (number.unsigned_abs() >> 64, number.unsigned_abs() & LOWER);
        let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
        // Each product of two halves fits into 128 bits, and so does the sum of three numbers of 64 bits.
        let (crossed, other) = (a1 * b0, a0 * b1);
        let low = a0 * b0;
        let middle = (low >> 64) + (crossed & LOWER) + (other & LOWER);
        let upper = a1 * b1 + (crossed >> 64) + (other >> 64) + (middle >> 64);
        let magnitude = (upper, (middle << 64) | (low & LOWER));
        Self { negative: ((a < 0) != (b < 0)) && magnitude != (0, 0), magnitude }
    }
}

impl Ord for Product {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude.cmp(&other.magnitude),
            (true, true) => other.magnitude.cmp(&self.magnitude),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Product {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
        fn products_of_any_size_compare_as_those_of_big_integers(
            factors in prop::array::uniform4((any::<i128>(), 0_u32..128)), same in any::<bool>(),
        ) {
            let [a, b, c, d] = factors.map(|(number, shift)| number >> shift);
            let (c, d) = if same { (b, a) } else { (c, d) };
            let expected = (BigInt::from(a) * BigInt::from(b)).cmp(&(BigInt::from(c) * BigInt::from(d)));
            prop_assert_eq!(<i128 as Number>::compare_products(a, b, c, d), expected);
            prop_assert_eq!(Product::of(a, b).cmp(&Product::of(c, d)), expected);
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
