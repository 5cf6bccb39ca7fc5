//! Values as whole units, exactly wherever 125 bits are enough.

/// What one whole unit of value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// `1 / divisor`, a power of ten: each value is the double nearest to its number of units.
    Decimal(f64),
    /// `2^exponent`: each value is its number of units exactly.
    Binary(i32),
    /// `2^exponent`: values span more than 125 bits and were rounded down to whole units.
    Rounded(i32),
}

/// Sums of decimal units stay below this.
const MOST_DECIMAL: f64 = (1_u64 << 60) as f64;

/// Bits for a sum of units.
const BITS: i32 = 124;

/// `values` (finite, at least 0) in whole units, and the unit. Decimal numbers of few places are told as such, for the sake of small numbers and strong
/// bounds; all others are multiples of a power of two.
pub(super) fn whole_units(values: &[f64]) -> (Unit, Vec<i128>) {
    let total: f64 = values.iter().sum();
    let mut divisor = 1.0_f64;
    while divisor <= 1e12 && total * divisor < MOST_DECIMAL {
        let whole = values.iter().map(|value| decimal(*value, divisor)).collect::<Option<Vec<i128>>>();
        if let Some(whole) = whole {
            return (Unit::Decimal(divisor), whole);
        }
        divisor *= 10.0;
    }
    let parts: Vec<(u64, i32)> = values.iter().map(|value| parts(*value)).collect();
    let present = || parts.iter().filter(|(mantissa, _)| *mantissa > 0);
    let lowest = present().map(|(_, exponent)| *exponent).min().unwrap_or(0);
    let bits = |mantissa: u64| 64 - mantissa.leading_zeros().cast_signed();
    let highest = present().map(|(mantissa, exponent)| exponent + bits(*mantissa)).max().unwrap_or(0);
    // A sum of n numbers has at most as many bits more as n has.
    let carry = 64 - (values.len() as u64).leading_zeros().cast_signed();
    let needed = highest - lowest + carry;
    if needed <= BITS {
        let whole = parts.iter().map(|(mantissa, exponent)| shifted(*mantissa, exponent - lowest)).collect();
        return (Unit::Binary(lowest), whole);
    }
    let unit = lowest + (needed - BITS);
    (Unit::Rounded(unit), parts.iter().map(|(mantissa, exponent)| shifted(*mantissa, exponent - unit)).collect())
}

/// The whole number `n` for which `value` is the double nearest to `n / divisor`, if there is one that doubles hold exactly.
fn decimal(value: f64, divisor: f64) -> Option<i128> {
    let whole = (value * divisor).round();
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53, a whole number")]
    let exact = (whole < 9_007_199_254_740_992.0 && whole / divisor == value).then_some(whole as i128);
    exact
}

/// `value = mantissa * 2^exponent` with an odd mantissa; (0, 0) for 0.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (raw, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if raw == 0 { (fraction, -1074) } else { (fraction | 1 << 52, i32::try_from(raw).unwrap_or(0) - 1075) };
    if mantissa == 0 {
        return (0, 0);
    }
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + zeros.cast_signed())
}

/// `floor(mantissa * 2^by)`.
fn shifted(mantissa: u64, by: i32) -> i128 {
    if mantissa == 0 {
        return 0;
    }
    if by >= 0 { i128::from(mantissa) << by } else { i128::from(mantissa.checked_shr(by.unsigned_abs()).unwrap_or(0)) }
}

impl Unit {
    /// Whether values are whole units (decimal ones: to the nearest double).
    pub fn is_exact(self) -> bool {
        !matches!(self, Self::Rounded(_))
    }

    /// A number that no sum of `items` values with at most `units` units exceeds: such a sum itself, where doubles hold it.
    pub fn at_most(self, units: i128, items: usize) -> f64 {
        match self {
            // Below 2^60; each value is within half a unit in the last place of its decimal number.
            Self::Decimal(divisor) => {
                let sum = rounded_up(units, 0) / divisor;
                if divisor == 1.0 { sum } else { sum.next_up().next_up() }
            }
            Self::Binary(exponent) => rounded_up(units, exponent),
            // Each value was rounded down by less than a unit.
            Self::Rounded(exponent) => rounded_up(units.saturating_add(items as i128), exponent),
        }
    }
}

/// The smallest double of at least `units * 2^exponent`; `units` is at least 0.
fn rounded_up(units: i128, exponent: i32) -> f64 {
    let units = units.max(0).unsigned_abs();
    // Doubles below 2^-1022 hold fewer bits, but none below their last one: whole units of 2^-1074 are exact there.
    let bits = 128 - units.leading_zeros().cast_signed();
    let dropped = (bits - 53).max(-1074 - exponent).max(0);
    let mask = if dropped >= 128 { u128::MAX } else { (1_u128 << dropped) - 1 };
    let kept = units.checked_shr(dropped.unsigned_abs()).unwrap_or(0) + u128::from(units & mask > 0);
    scaled_by_power(kept as f64, exponent + dropped)
}

/// `value * 2^power`, exactly where doubles hold it.
fn scaled_by_power(mut value: f64, mut power: i32) -> f64 {
    while power > 1000 {
        (value, power) = (value * 2.0_f64.powi(1000), power - 1000);
    }
    while power < -1000 {
        (value, power) = (value * 2.0_f64.powi(-1000), power + 1000);
    }
    value * 2.0_f64.powi(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_double_is_a_whole_number_of_its_units() {
        for value in [5e-324, 1e-323, f64::MIN_POSITIVE, 1e-300, 0.1, 1.0 / 3.0, 1e22, 1.5e300, f64::MAX / 4.0] {
            let (unit, units) = whole_units(&[value, value]);
            assert!(unit.is_exact(), "{value}");
            assert!(unit.at_most(units[0], 1).next_down().next_down() <= value);
            assert!(unit.at_most(units[0], 1) >= value, "{value} {unit:?}");
            if let Unit::Binary(_) = unit {
                assert_eq!(unit.at_most(units[0], 1), value);
                assert_eq!(unit.at_most(2 * units[0], 2), 2.0 * value);
            }
        }
    }

    #[test]
    fn decimals_are_told_from_other_fractions() {
        assert_eq!(whole_units(&[0.1, 12.25, 3.0]), (Unit::Decimal(100.0), vec![10, 1225, 300]));
        assert!(matches!(whole_units(&[1.0 / 3.0]).0, Unit::Binary(_)));
        assert_eq!(whole_units(&[0.0, 5e-324]), (Unit::Binary(-1074), vec![0, 1]));
    }

    #[test]
    fn what_spans_too_many_bits_is_rounded_down_and_bounded_from_above() {
        let values = [1e300, 1e-300, 3e299];
        let (unit, units) = whole_units(&values);
        assert!(matches!(unit, Unit::Rounded(_)) && units[1] == 0);
        assert!(unit.at_most(units.iter().sum(), 3) >= 1.3e300);
        assert!(unit.at_most(units.iter().sum(), 3) <= 1.300_000_1e300);
    }
}
