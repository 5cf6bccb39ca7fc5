//! Exact sums of utilities: machine integers where they fit, big integers where they do not.

use std::fmt::Display;

use num_bigint::{BigInt, Sign};

/// An exact integer that utilities are summed in.
pub(super) trait Amount: Clone + Ord + Display {
    fn zero() -> Self;
    fn one() -> Self;
    fn plus(&self, other: &Self) -> Self;
    fn minus(&self, other: &Self) -> Self;
    fn times(&self, factor: u64) -> Self;
    /// The product of two utilities (not of sums).
    fn product(&self, other: &Self) -> Self;
    fn is_positive(&self) -> bool;
    fn is_negative(&self) -> bool;
    fn to_big(&self) -> BigInt;
    /// The nearest floating-point number, infinite beyond their range.
    fn to_f64(&self) -> f64;
    /// The natural logarithm of a positive number, finite for every one.
    fn ln(&self) -> f64;
}

impl Amount for i128 {
    fn zero() -> Self {
        0
    }

    fn one() -> Self {
        1
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn times(&self, factor: u64) -> Self {
        self * Self::from(factor)
    }

    fn product(&self, other: &Self) -> Self {
        self * other
    }

    fn is_positive(&self) -> bool {
        *self > 0
    }

    fn is_negative(&self) -> bool {
        *self < 0
    }

    fn to_big(&self) -> BigInt {
        BigInt::from(*self)
    }

    fn to_f64(&self) -> f64 {
        *self as f64
    }

    fn ln(&self) -> f64 {
        (*self as f64).ln()
    }
}

impl Amount for BigInt {
    fn zero() -> Self {
        Self::ZERO
    }

    fn one() -> Self {
        Self::from(1)
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn minus(&self, other: &Self) -> Self {
        self - other
    }

    fn times(&self, factor: u64) -> Self {
        self * factor
    }

    fn product(&self, other: &Self) -> Self {
        self * other
    }

    fn is_positive(&self) -> bool {
        self.sign() == Sign::Plus
    }

    fn is_negative(&self) -> bool {
        self.sign() == Sign::Minus
    }

    fn to_big(&self) -> BigInt {
        self.clone()
    }

    fn to_f64(&self) -> f64 {
        // Correctly rounded, and infinite beyond the range: the standard library reads decimal digits that way.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn ln(&self) -> f64 {
        // The leading 64 bits, and how many there are besides.
        let dropped = self.bits().saturating_sub(64);
        let leading = u64::try_from(self.magnitude() >> dropped).unwrap_or(u64::MAX);
        (leading as f64).ln() + dropped as f64 * std::f64::consts::LN_2
    }
}

/// The matrix of utilities, seen through the integers it is summed in.
pub(super) trait Table {
    type Amount: Amount;
    fn agents(&self) -> usize;
    fn items(&self) -> usize;
    /// What agent `a` values item `o` at.
    fn value(&self, a: usize, o: usize) -> Self::Amount;
    /// Its sign.
    fn sign(&self, a: usize, o: usize) -> i32;
}

/// Utilities within 64 bits whose every weighted sum fits 128 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct SmallTable<'a> {
    pub(super) agents: usize,
    pub(super) items: usize,
    pub(super) values: &'a [i64],
}

impl Table for SmallTable<'_> {
    type Amount = i128;

    fn agents(&self) -> usize {
        self.agents
    }

    fn items(&self) -> usize {
        self.items
    }

    fn value(&self, a: usize, o: usize) -> i128 {
        i128::from(self.values[a * self.items + o])
    }

    fn sign(&self, a: usize, o: usize) -> i32 {
        self.values[a * self.items + o].signum() as i32
    }
}

/// Utilities of any size.
#[derive(Debug, Clone, Copy)]
pub(super) struct BigTable<'a> {
    pub(super) agents: usize,
    pub(super) items: usize,
    pub(super) values: &'a [BigInt],
}

impl Table for BigTable<'_> {
    type Amount = BigInt;

    fn agents(&self) -> usize {
        self.agents
    }

    fn items(&self) -> usize {
        self.items
    }

    fn value(&self, a: usize, o: usize) -> BigInt {
        self.values[a * self.items + o].clone()
    }

    fn sign(&self, a: usize, o: usize) -> i32 {
        match self.values[a * self.items + o].sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }
}
