//! Decimal numbers as people write them, read without rounding.

use num_bigint::BigInt;

/// Most decimal digits that one number may need, before or after the point.
///
/// A short text such as `1e999999999` would otherwise ask for gigabytes.
const MOST_DIGITS: i64 = 400;

/// `mantissa * 10^exponent`, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decimal {
    /// A plain integer, the usual case.
    Integer(i64),
    /// Anything else; the mantissa does not end in 0 unless it is 0.
    Scaled {
        /// The digits with their sign.
        mantissa: BigInt,
        /// The power of ten.
        exponent: i64,
    },
}

impl Decimal {
    /// Reads `-12`, `0.25`, `+3`, `1.5e-3`; surrounding blanks are ignored.
    ///
    /// # Errors
    /// What should have stood there.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a finite decimal number";
        let text = text.trim_ascii();
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if !unsigned.is_empty() && unsigned.len() <= 18 && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            let magnitude = unsigned.bytes().fold(0_i64, |value, byte| value * 10 + i64::from(byte - b'0'));
            return Ok(Self::Integer(if negative { -magnitude } else { magnitude }));
        }
        let (digits, power) = match unsigned.find(['e', 'E']) {
            Some(position) => (&unsigned[..position], Some(&unsigned[position + 1..])),
            None => (unsigned, None),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let figures = whole.len() + fraction.len();
        if figures == 0 || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(EXPECTED);
        }
        let power: i64 = match power {
            None => 0,
            Some(power) => {
                let plain = power.strip_prefix(['+', '-']).unwrap_or(power);
                if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(EXPECTED);
                }
                power.parse().unwrap_or(i64::MAX / 4)
            }
        };
        let all: String = whole.chars().chain(fraction.chars()).collect();
        let significant = all.trim_start_matches('0');
        let trimmed = significant.trim_end_matches('0');
        if trimmed.is_empty() {
            return Ok(Self::Integer(0));
        }
        let dropped = i64::try_from(significant.len() - trimmed.len()).unwrap_or(i64::MAX / 4);
        let behind_point = i64::try_from(fraction.len()).unwrap_or(i64::MAX / 4);
        let exponent = power.saturating_sub(behind_point).saturating_add(dropped);
        let length = i64::try_from(trimmed.len()).unwrap_or(i64::MAX / 4);
        if exponent < -MOST_DIGITS || exponent.saturating_add(length) > MOST_DIGITS {
            return Err("a number of at most 400 decimal digits");
        }
        let Ok(magnitude) = trimmed.parse::<BigInt>() else { return Err(EXPECTED) };
        Ok(Self::Scaled { mantissa: if negative { -magnitude } else { magnitude }, exponent })
    }

    /// How many digits behind the point the number needs.
    pub(super) fn fraction_digits(&self) -> u32 {
        match self {
            Self::Integer(_) => 0,
            Self::Scaled { exponent, .. } => u32::try_from(-exponent).unwrap_or(0),
        }
    }

    /// The number times `10^digits`, where `digits` is at least [`Self::fraction_digits`].
    pub(super) fn scaled(&self, digits: u32) -> BigInt {
        let (mantissa, exponent) = match self {
            Self::Integer(value) => (BigInt::from(*value), 0),
            Self::Scaled { mantissa, exponent } => (mantissa.clone(), *exponent),
        };
        let power = u32::try_from(exponent + i64::from(digits)).unwrap_or(0);
        mantissa * BigInt::from(10).pow(power)
    }
}

/// `value / 10^digits` in decimal digits.
pub(super) fn with_point(value: &str, digits: u32) -> String {
    let digits = digits as usize;
    if digits == 0 {
        return value.to_owned();
    }
    let (sign, magnitude) = value.strip_prefix('-').map_or(("", value), |magnitude| ("-", magnitude));
    let padded = format!("{magnitude:0>width$}", width = digits + 1);
    let (whole, fraction) = padded.split_at(padded.len() - digits);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(Decimal::parse("-12"), Ok(Decimal::Integer(-12)));
        let tenth = Decimal::parse("0.10000000000000000000001").unwrap();
        assert_eq!(tenth.fraction_digits(), 23);
        assert_eq!(tenth.scaled(23).to_string(), "10000000000000000000001");
        assert_eq!(Decimal::parse("1.50e1").unwrap().scaled(0), BigInt::from(15));
        assert_eq!(Decimal::parse("25e-1").unwrap().scaled(2), BigInt::from(250));
        assert_eq!(Decimal::parse(" +7 ").unwrap(), Decimal::Integer(7));
        assert_eq!(Decimal::parse("-0.000"), Ok(Decimal::Integer(0)));
        assert_eq!(Decimal::parse("99999999999999999999").unwrap().scaled(0).to_string(), "99999999999999999999");
    }

    #[test]
    fn what_is_no_finite_decimal_is_refused() {
        for text in ["", "NaN", "inf", "-", "1.2.3", "1e", "0x10", "1,5", "1e+-3", "e5", "."] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
        assert!(Decimal::parse("1e999999999999999999999").is_err());
        assert!(Decimal::parse("1e-401").is_err());
        assert!(Decimal::parse("0e999999999").is_ok());
    }

    #[test]
    fn the_point_goes_back_where_it_was() {
        assert_eq!(with_point("1500", 2), "15");
        assert_eq!(with_point("-5", 2), "-0.05");
        assert_eq!(with_point("123", 1), "12.3");
        assert_eq!(with_point("7", 0), "7");
    }
}
