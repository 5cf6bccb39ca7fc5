//! The weighted geometric mean of integers of any size.

use num_bigint::BigUint;

use super::amount::Amount;

/// Largest sum of weights, and most bits of the product, for which the root is taken in integers.
const MOST_WEIGHT: u128 = 1024;
const MOST_BITS: u64 = 1 << 18;

/// Bits of the root that are computed: eleven more than a floating-point number holds.
const ROOT_BITS: i64 = 64;

/// `(prod_a u_a^(w_a))^(1 / sum_a w_a) / 10^digits` for positive `u_a`, all weights 1 where there are none.
///
/// The product and its root are integers where they are not too long, so that the only rounding is the last one: the mean of `10^200` and `10^-200` is 1.
/// Longer ones go through logarithms, which costs a relative error of about `1e-13`; nothing overflows on the way. A mean beyond the range of
/// floating-point numbers becomes the largest of them.
pub(super) fn geometric_mean<A: Amount>(utilities: &[A], weights: Option<&[u64]>, digits: u32) -> f64 {
    let weight = |agent: usize| weights.map_or(1, |weights| weights[agent]);
    let total: u128 = (0..utilities.len()).map(|agent| u128::from(weight(agent))).sum();
    let mean = exact(utilities, weight, total, digits).unwrap_or_else(|| {
        let log: f64 = utilities.iter().enumerate().map(|(agent, utility)| weight(agent) as f64 / total as f64 * utility.ln()).sum();
        (log - f64::from(digits) * std::f64::consts::LN_10).exp()
    });
    mean.min(f64::MAX)
}

/// The mean by an integer root, unless the integers are too long.
fn exact<A: Amount>(utilities: &[A], weight: impl Fn(usize) -> u64, total: u128, digits: u32) -> Option<f64> {
    let degree = u32::try_from(total).ok().filter(|_| total <= MOST_WEIGHT)?;
    let mut product = BigUint::from(1_u8);
    for (agent, utility) in utilities.iter().enumerate() {
        let utility = utility.to_big().to_biguint()?;
        let power = u32::try_from(weight(agent)).ok()?;
        if product.bits() + u64::from(power) * utility.bits() > MOST_BITS {
            return None;
        }
        product *= utility.pow(power);
    }
    let divisor = BigUint::from(10_u8).pow(digits.checked_mul(degree)?);
    // The binary logarithm of the root is `length / degree`, up to 1; shifted by that much less, the root has about `ROOT_BITS` bits.
    let length = i64::try_from(product.bits()).ok()? - i64::try_from(divisor.bits()).ok()?;
    let shift = ROOT_BITS - length.div_euclid(i64::from(degree));
    let moved = shift.unsigned_abs().checked_mul(u64::from(degree)).filter(|&moved| moved <= 8 * MOST_BITS)?;
    let quotient = if shift >= 0 { (product << moved) / divisor } else { product / (divisor << moved) };
    let root = u128::try_from(quotient.nth_root(degree)).ok()?;
    Some(times_power_of_two(root as f64, -shift))
}

/// `value * 2^exponent`, in steps that are exact while the result is a normal number.
fn times_power_of_two(mut value: f64, mut exponent: i64) -> f64 {
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = exponent.clamp(-1000, 1000);
        value *= 2_f64.powi(i32::try_from(step).unwrap_or(0));
        exponent -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn utilities_of_any_scale_have_the_mean_they_have() {
        let power = |exponent: u32| BigInt::from(10).pow(exponent);
        assert_eq!(geometric_mean(&[power(400), BigInt::from(1)], None, 200), 1.0);
        assert_eq!(geometric_mean(&[power(390), power(390)], None, 380), 1e10);
        assert_eq!(geometric_mean(&[4_i128, 9], None, 0), 6.0);
        assert_eq!(geometric_mean(&[8_i128, 1], Some(&[2, 1]), 0), 4.0);
        assert_eq!(geometric_mean(&[power(400)], None, 0), f64::MAX);
        assert_eq!(geometric_mean(&[5_i128], None, 330), 0.0);
        // Weights too large for a root, and numbers too large for logarithms of floating-point numbers.
        let heavy = geometric_mean(&[power(700), BigInt::from(1)], Some(&[1 << 40, 1 << 40]), 340);
        assert!((heavy / 1e10 - 1.0).abs() < 1e-11, "{heavy}");
    }

    proptest! {
        #[test]
        fn the_root_and_the_logarithms_agree(
            utilities in proptest::collection::vec(1_i128..1_000_000_000_000_000_000, 1..6),
            weights in proptest::collection::vec(1_u64..7, 6),
            digits in 0_u32..30,
        ) {
            let mean = geometric_mean(&utilities, Some(&weights), digits);
            let scaled: Vec<u64> = weights.iter().map(|weight| weight << 30).collect();
            let by_logarithms = geometric_mean(&utilities, Some(&scaled), digits);
            prop_assert!((mean / by_logarithms - 1.0).abs() < 1e-12);
        }
    }
}
