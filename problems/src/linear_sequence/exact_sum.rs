//! Sums of products without any rounding.

/// A sum of products of doubles in fixed point, wide enough for every product that exists (Kulisch 1971): nothing is rounded until the value is asked for.
///
/// Digit `k` counts units of `2^(32 k - 2148)`; digits are kept wider than 32 bits, so that carries wait until the end.
pub(super) struct ExactSum {
    digits: [i64; DIGITS],
    /// Additions since carries were last propagated.
    pending: u32,
}

/// The unit of the last digit: the square of the smallest double is `2^-2148`.
const LOWEST_EXPONENT: i32 = -2148;
/// Products stay below `2^2048`, sums of `2^40` of them below `2^2088`.
const DIGITS: usize = 136;
/// Each addition adds less than `2^33` to a digit, and an `i64` holds `2^30` of these.
const MOST_PENDING: u32 = 1 << 29;
const DIGIT_MASK: u128 = 0xffff_ffff;

impl ExactSum {
    pub(super) fn new() -> Self {
        Self { digits: [0; DIGITS], pending: 0 }
    }

    /// Adds `a b`, both finite.
    pub(super) fn add_product(&mut self, a: f64, b: f64) {
        let (a, b) = (Decoded::of(a), Decoded::of(b));
        let product = u128::from(a.mantissa) * u128::from(b.mantissa);
        if product == 0 {
            return;
        }
        if self.pending == MOST_PENDING {
            self.carry();
        }
        self.pending += 1;
        // Both exponents are at least -1074, so the position is not negative.
        let position = usize::try_from(a.exponent + b.exponent - LOWEST_EXPONENT).unwrap_or(0);
        let (digit, shift) = (position / 32, position % 32);
        let (low, high) = ((product & u128::from(u64::MAX)) << shift, (product >> 64) << shift);
        let negative = a.negative != b.negative;
        let pieces = [low, low >> 32, (low >> 64) + (high & DIGIT_MASK), high >> 32, high >> 64];
        for (k, piece) in pieces.into_iter().enumerate() {
            // The third piece is a sum of two digits already; the others are cut to one.
            let piece = if k == 2 { piece } else { piece & DIGIT_MASK };
            let piece = i64::try_from(piece).unwrap_or(i64::MAX);
            self.digits[digit + k] += if negative { -piece } else { piece };
        }
    }

    /// The sum, rounded; infinite beyond the range of `f64`, and zero only if it is zero.
    pub(super) fn value(&mut self) -> f64 {
        self.carry();
        let negative = self.digits[DIGITS - 1] < 0;
        if negative {
            for digit in &mut self.digits {
                *digit = -*digit;
            }
            self.carry();
        }
        let Some(top) = self.digits.iter().rposition(|&digit| digit != 0) else { return 0.0 };
        // 97 bits at least: what lies below cannot be seen after rounding to 53.
        let low = top.saturating_sub(3);
        let mantissa = self.digits[low..=top].iter().rev().fold(0_u128, |sum, &digit| (sum << 32) | u128::from(digit.unsigned_abs()));
        let exponent = i32::try_from(32 * low).unwrap_or(i32::MAX) + LOWEST_EXPONENT;
        // Rounded away from zero where it is too small for a double.
        let value = scaled(mantissa as f64, exponent).max(f64::from_bits(1));
        if negative { -value } else { value }
    }

    /// Brings every digit but the last into `0..2^32`.
    fn carry(&mut self) {
        self.pending = 0;
        let mut carry = 0;
        for digit in &mut self.digits[..DIGITS - 1] {
            let sum = *digit + carry;
            *digit = sum & 0xffff_ffff;
            carry = sum >> 32;
        }
        self.digits[DIGITS - 1] += carry;
    }
}

/// A finite double as `mantissa 2^exponent`.
struct Decoded {
    mantissa: u64,
    exponent: i32,
    negative: bool,
}

impl Decoded {
    fn of(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
        let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased - 1075) };
        Self { mantissa, exponent, negative: value.is_sign_negative() }
    }
}

/// `value 2^exponent`, in steps that do not overflow before the end.
fn scaled(mut value: f64, mut exponent: i32) -> f64 {
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = exponent.clamp(-900, 900);
        value *= 2.0_f64.powi(step);
        exponent -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(products: &[(f64, f64)]) -> f64 {
        let mut sum = ExactSum::new();
        for &(a, b) in products {
            sum.add_product(a, b);
        }
        sum.value()
    }

    #[test]
    fn single_products_are_rounded_once() {
        for (a, b) in
            [(0.1, 0.3), (-1e150, 3e150), (7e-150, -1e-150), (1e300, 1e-300), (f64::MAX, 1.0), (5e-324, 1.0), (-0.0, 3.0), (1.0, 1.0)]
        {
            assert_eq!(sum(&[(a, b)]), a * b, "{a} {b}");
        }
    }

    #[test]
    fn what_cancels_leaves_what_does_not() {
        assert_eq!(sum(&[(1e200, 1e100), (1.0, 1e-200), (-1e200, 1e100)]), 1e-200);
        assert_eq!(sum(&[(1e-200, -1e-200)]), -5e-324);
        assert_eq!(sum(&[(1e-200, 1e-100), (f64::MAX, f64::MAX), (-f64::MAX, f64::MAX)]), 1e-300);
        assert_eq!(sum(&[(f64::MAX, f64::MAX)]), f64::INFINITY);
        assert_eq!(sum(&[(f64::MAX, -2.0)]), f64::NEG_INFINITY);
        assert_eq!(sum(&[(3.0, 4.0), (-2.0, 6.0)]), 0.0);
        // The last bit of 0.1 * 0.1 beyond the double.
        let error = 0.1_f64.mul_add(0.1, -(0.1 * 0.1));
        assert_eq!(sum(&[(0.1, 0.1), (-(0.1 * 0.1), 1.0)]), error);
    }

    #[test]
    fn many_terms_of_all_sizes_and_their_negatives_cancel() {
        let mut exact = ExactSum::new();
        let term = |k: i32| (f64::from(k * 7 % 13 - 6) * 10.0_f64.powi(k % 300), 1.1 * 10.0_f64.powi(-(k * 3 % 300)));
        for k in 0..3000 {
            let (a, b) = term(k);
            exact.add_product(a, b);
        }
        exact.add_product(-3.25, 1e-12);
        for k in 0..3000 {
            let (a, b) = term(k);
            exact.add_product(-a, b);
        }
        assert_eq!(exact.value(), -3.25 * 1e-12);
    }
}
