/// The largest magnitude up to which every integer is an `f64`: `2^53`.
pub(super) const EXACT_INTEGER_LIMIT: u64 = 1 << 53;

/// The whole number that is all of `token`: digits, perhaps after a plus sign. `None` too if it does not fit.
pub(super) fn whole_number(token: &[u8]) -> Option<u64> {
    digits(token.strip_prefix(b"+").unwrap_or(token))
}

/// The integer that is all of `token`, exactly as an `f64`. `None` too if its magnitude is beyond `2^53`.
pub(super) fn integer(token: &[u8]) -> Option<f64> {
    let (negative, magnitude) = match token.strip_prefix(b"-") {
        Some(magnitude) => (true, magnitude),
        None => (false, token.strip_prefix(b"+").unwrap_or(token)),
    };
    let magnitude = digits(magnitude).filter(|&value| value <= EXACT_INTEGER_LIMIT)?;
    // Exact by the limit; an integer zero has no sign, so "-0" is plain zero.
    let value = magnitude as f64;
    Some(if negative && magnitude > 0 { -value } else { value })
}

/// The `f64` nearest to the decimal number that is all of `token`; Fortran's exponent letters `D` and `d` count as `E`.
/// May be infinite or NaN, by name or by overflow: the caller decides about those.
pub(super) fn real(token: &[u8]) -> Option<f64> {
    if let Ok(value) = fast_float2::parse(token) {
        return Some(value);
    }
    let exponent = token.iter().position(|byte| byte.eq_ignore_ascii_case(&b'd'))?;
    let mut plain = token.to_vec();
    plain[exponent] = b'e';
    fast_float2::parse(plain).ok()
}

fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0u64, |value, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::{integer, real, whole_number};

    #[test]
    fn whole_numbers_are_digits_alone_and_fit_sixty_four_bits() {
        assert_eq!(whole_number(b"0012"), Some(12));
        assert_eq!(whole_number(b"+7"), Some(7));
        assert_eq!(whole_number(b"18446744073709551615"), Some(u64::MAX));
        for refused in ["", "+", "-1", "++1", "1.0", "1e3", "0x1", "18446744073709551616", "99999999999999999999999"] {
            assert_eq!(whole_number(refused.as_bytes()), None, "{refused}");
        }
    }

    #[test]
    fn integers_are_exact_or_refused() {
        assert_eq!(integer(b"-9007199254740992"), Some(-9_007_199_254_740_992.0));
        assert_eq!(integer(b"+42"), Some(42.0));
        assert_eq!(integer(b"-0").map(f64::to_bits), Some(0));
        for refused in ["9007199254740993", "-9007199254740993", "1.5", "1.0", "--1", "+-1", "-", ""] {
            assert_eq!(integer(refused.as_bytes()), None, "{refused}");
        }
    }

    #[test]
    fn fortran_exponents_mean_powers_of_ten() {
        for (token, value) in
            [("1.0D+03", 1000.0), ("1d3", 1000.0), ("-2.5d-01", -0.25), ("+1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1E2", 100.0)]
        {
            assert_eq!(real(token.as_bytes()), Some(value), "{token}");
        }
        for refused in ["1dd3", "1d", "d3", "1d3d4", "1e3d4", "+-1", "1.0.0", "", "+", "-", ".", "0x10", "1,5"] {
            assert_eq!(real(refused.as_bytes()), None, "{refused}");
        }
    }
}
