//! The fast way through the lines that nearly every file consists of: indices and a number, separated by blanks.
//! It never judges a line; whatever it does not recognise (comments, plus signs, Fortran exponents, faults) it leaves to the reader's careful way.

use super::number::EXACT_INTEGER_LIMIT;
use super::shape::Shape;
use super::{Field, Symmetry};

/// The 0-based position and the value of the entry on the first line of `rest`, and that line's length with its line feed.
#[inline]
pub(super) fn entry(rest: &[u8], shape: &Shape) -> Option<(u32, u32, f64, usize)> {
    let (row, at) = index(rest, after_blanks(rest, 0), shape.rows)?;
    let (column, at) = index(rest, after_separator(rest, at)?, shape.columns)?;
    let stored = match shape.header.symmetry {
        Symmetry::General => true,
        Symmetry::Symmetric => column <= row,
        Symmetry::SkewSymmetric => column < row,
    };
    if !stored {
        return None;
    }
    let (value, at) = match shape.header.field {
        Field::Real => real(rest, after_separator(rest, at)?)?,
        Field::Integer => integer(rest, after_separator(rest, at)?)?,
        Field::Pattern => (1.0, at),
    };
    Some((row, column, value, after_line_end(rest, at)?))
}

/// The number alone on the first line of `rest`, and that line's length with its line feed.
#[inline]
pub(super) fn value(rest: &[u8], field: Field) -> Option<(f64, usize)> {
    let start = after_blanks(rest, 0);
    let (value, at) = match field {
        Field::Real => real(rest, start)?,
        Field::Integer => integer(rest, start)?,
        Field::Pattern => return None,
    };
    Some((value, after_line_end(rest, at)?))
}

/// The 0-based index whose digits begin at `start`, and where they end. `None` unless it is in `1..=bound`.
#[inline]
fn index(rest: &[u8], start: usize, bound: u32) -> Option<(u32, usize)> {
    let (index, at) = digits(rest, start, u64::from(bound))?;
    Some((u32::try_from(index).ok()?.checked_sub(1)?, at))
}

#[inline]
fn integer(rest: &[u8], start: usize) -> Option<(f64, usize)> {
    let negative = rest.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let (magnitude, at) = digits(rest, first, EXACT_INTEGER_LIMIT)?;
    if at == first {
        return None;
    }
    let value = magnitude as f64;
    Some((if negative && magnitude > 0 { -value } else { value }, at))
}

#[inline]
fn real(rest: &[u8], start: usize) -> Option<(f64, usize)> {
    let (value, length) = fast_float2::parse_partial::<f64, _>(rest.get(start..)?).ok()?;
    value.is_finite().then_some((value, start + length))
}

/// The number whose digits begin at `start` (zero if there are none), and where they end. `None` if it exceeds `bound`, at most `2^53`.
#[inline]
fn digits(rest: &[u8], start: usize, bound: u64) -> Option<(u64, usize)> {
    let mut number = 0;
    let mut at = start;
    while let Some(digit) = rest.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit <= 9) {
        number = number * 10 + u64::from(digit);
        at += 1;
        // Leaving as soon as the bound is passed keeps the next product from overflowing.
        if number > bound {
            return None;
        }
    }
    Some((number, at))
}

#[inline]
fn after_separator(rest: &[u8], at: usize) -> Option<usize> {
    let after = after_blanks(rest, at);
    (after > at).then_some(after)
}

#[inline]
fn after_blanks(rest: &[u8], mut at: usize) -> usize {
    while matches!(rest.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

#[inline]
fn after_line_end(rest: &[u8], at: usize) -> Option<usize> {
    let mut at = after_blanks(rest, at);
    if rest.get(at) == Some(&b'\r') {
        at += 1;
    }
    (rest.get(at) == Some(&b'\n')).then_some(at + 1)
}
