//! What kind of function a row is, by rules over its program.

use super::operator::{Binary, Unary};
use super::program::{Instruction, Operand, Program, Row};

/// The degree of a function as a polynomial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Degree {
    /// It depends on no variable.
    Constant,
    /// Degree 1.
    Linear,
    /// Degree 2.
    Quadratic,
    /// A polynomial of a higher degree.
    Polynomial(u32),
    /// No polynomial, or none that the rules see.
    General,
}

/// The curvature of a function over a box, by the rules of disciplined convex programming (M. Grant, S. Boyd, Y. Ye, "Disciplined convex programming",
/// 2006): sums, and compositions of monotone convex functions. `Unknown` says nothing about the function: `x^2 - x y + y^2` is convex, but not by rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curvature {
    /// Affine.
    Affine,
    /// Convex where it is defined.
    Convex,
    /// Concave where it is defined.
    Concave,
    /// The rules do not tell.
    Unknown,
}

impl Curvature {
    /// Whether the function is known to be convex (an affine one is).
    pub fn is_convex(self) -> bool {
        matches!(self, Self::Affine | Self::Convex)
    }

    /// Whether the function is known to be concave (an affine one is).
    pub fn is_concave(self) -> bool {
        matches!(self, Self::Affine | Self::Concave)
    }

    fn negated(self) -> Self {
        match self {
            Self::Convex => Self::Concave,
            Self::Concave => Self::Convex,
            other => other,
        }
    }

    fn scaled(self, factor: f64) -> Self {
        if factor == 0.0 {
            Self::Affine
        } else if factor > 0.0 {
            self
        } else if factor < 0.0 {
            self.negated()
        } else {
            Self::Unknown
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Affine, x) | (x, Self::Affine) => x,
            (a, b) if a == b => a,
            _ => Self::Unknown,
        }
    }
}

pub(super) fn degrees(program: &Program) -> Vec<Degree> {
    let mut of: Vec<Option<u32>> = Vec::with_capacity(program.instructions.len());
    for instruction in &program.instructions {
        let get = |operand: Operand| program.position(operand).map_or(Some(1), |position| of[position]);
        let times = |degree: Option<u32>, factor: u32| degree.and_then(|degree| degree.checked_mul(factor));
        let found = match *instruction {
            Instruction::Constant(_) => Some(0),
            Instruction::Square(a) => times(get(a), 2),
            Instruction::Power(a, exponent) if exponent.fract() == 0.0 && (0.0..=64.0).contains(&exponent) => {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An integer between 0 and 64.
                times(get(a), exponent as u32)
            }
            Instruction::Binary(Binary::Mul, a, b) => get(a).zip(get(b)).and_then(|(a, b)| a.checked_add(b)),
            Instruction::Linear { start, end, .. } => {
                program.linear[start as usize..end as usize].iter().try_fold(0, |most: u32, &(operand, _)| Some(most.max(get(operand)?)))
            }
            _ => None,
        };
        of.push(found);
    }
    let row = |row: &Row| {
        let linear = u32::from(!row.linear.is_empty());
        match row.terms.iter().try_fold(linear, |most, &(at, _)| Some(most.max(of[at as usize]?))) {
            Some(0) => Degree::Constant,
            Some(1) => Degree::Linear,
            Some(2) => Degree::Quadratic,
            Some(degree) => Degree::Polynomial(degree),
            None => Degree::General,
        }
    };
    program.rows.iter().map(row).collect()
}

/// What is known about a result: its curvature, and an interval that holds its values.
#[derive(Debug, Clone, Copy)]
struct Known {
    curvature: Curvature,
    low: f64,
    high: f64,
}

impl Known {
    fn unknown() -> Self {
        Self { curvature: Curvature::Unknown, low: f64::NEG_INFINITY, high: f64::INFINITY }
    }

    /// The curvature of a function that is `shape` where this result lies, increasing or decreasing there, at this result.
    fn composed(self, shape: Curvature, increasing: bool, decreasing: bool) -> Curvature {
        match self.curvature {
            Curvature::Affine => shape,
            inner => match shape {
                Curvature::Convex if increasing && inner == Curvature::Convex => Curvature::Convex,
                Curvature::Convex if decreasing && inner == Curvature::Concave => Curvature::Convex,
                Curvature::Concave if increasing && inner == Curvature::Concave => Curvature::Concave,
                Curvature::Concave if decreasing && inner == Curvature::Convex => Curvature::Concave,
                _ => Curvature::Unknown,
            },
        }
    }
}

pub(super) fn curvatures(program: &Program, lower: &[f64], upper: &[f64]) -> Vec<Curvature> {
    let mut of: Vec<Known> = Vec::with_capacity(program.instructions.len());
    for instruction in &program.instructions {
        let get = |operand: Operand| match program.position(operand) {
            Some(position) => of[position],
            None => Known {
                curvature: Curvature::Affine,
                low: lower.get(operand as usize).copied().unwrap_or(f64::NEG_INFINITY),
                high: upper.get(operand as usize).copied().unwrap_or(f64::INFINITY),
            },
        };
        let found = match *instruction {
            Instruction::Constant(value) => Known { curvature: Curvature::Affine, low: value, high: value },
            Instruction::Unary(op, a) => unary(op, get(a)),
            Instruction::Square(a) => power(get(a), 2.0),
            Instruction::Reciprocal(a) => power(get(a), -1.0),
            Instruction::Power(a, exponent) => power(get(a), exponent),
            Instruction::Binary(op, a, b) => binary(op, get(a), get(b)),
            Instruction::If { .. } => Known::unknown(),
            Instruction::Linear { start, end, constant } => {
                let start_at = Known {
                    curvature: Curvature::Affine,
                    low: program.constants[constant as usize],
                    high: program.constants[constant as usize],
                };
                program.linear[start as usize..end as usize].iter().fold(start_at, |sum, &(operand, c)| plus(sum, c, get(operand)))
            }
        };
        of.push(found);
    }
    let row = |row: &Row| row.terms.iter().fold(Curvature::Affine, |sum, &(at, c)| sum.plus(of[at as usize].curvature.scaled(c)));
    program.rows.iter().map(row).collect()
}

fn plus(sum: Known, factor: f64, term: Known) -> Known {
    let (a, b) = (factor * term.low, factor * term.high);
    // `0 * infinity` is not a number; an unknown interval is the safe answer.
    let safe = |value: f64, otherwise: f64| if value.is_nan() { otherwise } else { value };
    Known {
        curvature: sum.curvature.plus(term.curvature.scaled(factor)),
        low: safe(sum.low + a.min(b), f64::NEG_INFINITY),
        high: safe(sum.high + a.max(b), f64::INFINITY),
    }
}

fn unary(op: Unary, x: Known) -> Known {
    let (curvature, low, high) = match op {
        Unary::Neg => (x.curvature.negated(), -x.high, -x.low),
        Unary::Exp | Unary::Softplus => (x.composed(Curvature::Convex, true, false), 0.0, f64::INFINITY),
        Unary::Abs => (x.composed(Curvature::Convex, x.low >= 0.0, x.high <= 0.0), 0.0, f64::INFINITY),
        Unary::Cosh => (x.composed(Curvature::Convex, x.low >= 0.0, x.high <= 0.0), 1.0, f64::INFINITY),
        Unary::Sqrt => (x.composed(Curvature::Concave, true, false), 0.0, f64::INFINITY),
        Unary::Log | Unary::Log10 => (x.composed(Curvature::Concave, true, false), f64::NEG_INFINITY, f64::INFINITY),
        Unary::Sin | Unary::Cos | Unary::Tanh => (Curvature::Unknown, -1.0, 1.0),
        _ => (Curvature::Unknown, f64::NEG_INFINITY, f64::INFINITY),
    };
    Known { curvature, low, high }
}

fn power(x: Known, exponent: f64) -> Known {
    let integer = exponent.fract() == 0.0;
    let even = integer && exponent % 2.0 == 0.0;
    // A power with a fraction is defined for x >= 0 alone.
    let positive = x.low >= 0.0 || !integer;
    let curvature = if even && exponent > 0.0 {
        x.composed(Curvature::Convex, x.low >= 0.0, x.high <= 0.0)
    } else if positive && exponent > 1.0 {
        // Increasing on x >= 0; the extension below 0 need not be, so an inner convex function has to stay above 0.
        x.composed(Curvature::Convex, x.low >= 0.0, false)
    } else if positive && exponent > 0.0 && exponent < 1.0 {
        x.composed(Curvature::Concave, true, false)
    } else if exponent < 0.0 && positive {
        x.composed(Curvature::Convex, false, true)
    } else {
        Curvature::Unknown
    };
    let low = if even || positive { 0.0 } else { f64::NEG_INFINITY };
    Known { curvature, low, high: f64::INFINITY }
}

fn binary(op: Binary, a: Known, b: Known) -> Known {
    match op {
        Binary::Max if a.curvature.is_convex() && b.curvature.is_convex() => {
            Known { curvature: Curvature::Convex, low: a.low.max(b.low), high: a.high.max(b.high) }
        }
        Binary::Min if a.curvature.is_concave() && b.curvature.is_concave() => {
            Known { curvature: Curvature::Concave, low: a.low.min(b.low), high: a.high.min(b.high) }
        }
        Binary::Mul if a.low >= 0.0 && b.low >= 0.0 => Known { low: 0.0, ..Known::unknown() },
        _ => Known::unknown(),
    }
}
