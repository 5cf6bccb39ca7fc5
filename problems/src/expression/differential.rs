//! Values and partial derivatives of the operators, as the compiled tape needs them.

use super::operator::{Binary, Unary};

/// Value, first and second derivative of `op` at `x`. Only the first `ORDER + 1` numbers are computed; the others are 0.
pub(super) fn unary<const ORDER: u8>(op: Unary, x: f64) -> [f64; 3] {
    let value = value(op, x);
    if ORDER == 0 || op.is_flat() {
        return [value, 0.0, 0.0];
    }
    let (first, second) = derivatives(op, x, value);
    [value, first, second]
}

fn value(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Abs => x.abs(),
        Unary::Sqrt => x.sqrt(),
        Unary::Exp => x.exp(),
        Unary::Log => x.ln(),
        Unary::Log10 => x.log10(),
        Unary::Sin => x.sin(),
        Unary::Cos => x.cos(),
        Unary::Tan => x.tan(),
        Unary::Asin => x.asin(),
        Unary::Acos => x.acos(),
        Unary::Atan => x.atan(),
        Unary::Sinh => x.sinh(),
        Unary::Cosh => x.cosh(),
        Unary::Tanh => x.tanh(),
        Unary::Asinh => x.asinh(),
        Unary::Acosh => x.acosh(),
        Unary::Atanh => x.atanh(),
        Unary::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Unary::Floor => x.floor(),
        Unary::Ceil => x.ceil(),
        Unary::Trunc => x.trunc(),
        Unary::Round => x.round(),
        Unary::Not => f64::from(u8::from(x == 0.0)),
    }
}

/// First and second derivative, given the value.
fn derivatives(op: Unary, x: f64, value: f64) -> (f64, f64) {
    match op {
        Unary::Neg => (-1.0, 0.0),
        Unary::Abs => (if x < 0.0 { -1.0 } else { 1.0 }, 0.0),
        Unary::Sqrt => {
            let first = 0.5 / value;
            (first, -0.5 * first / x)
        }
        Unary::Exp => (value, value),
        Unary::Log => (x.recip(), -x.recip() * x.recip()),
        Unary::Log10 => {
            let first = (x * std::f64::consts::LN_10).recip();
            (first, -first / x)
        }
        Unary::Sin => (x.cos(), -value),
        Unary::Cos => (-x.sin(), -value),
        Unary::Tan => {
            let first = 1.0 + value * value;
            (first, 2.0 * value * first)
        }
        Unary::Asin => {
            let square = (1.0 - x) * (1.0 + x);
            let first = square.sqrt().recip();
            (first, x * first / square)
        }
        Unary::Acos => {
            let square = (1.0 - x) * (1.0 + x);
            let first = -square.sqrt().recip();
            (first, x * first / square)
        }
        Unary::Atan => {
            let first = (1.0 + x * x).recip();
            (first, -2.0 * x * first * first)
        }
        Unary::Sinh => (x.cosh(), value),
        Unary::Cosh => (x.sinh(), value),
        Unary::Tanh => {
            let first = 1.0 - value * value;
            (first, -2.0 * value * first)
        }
        Unary::Asinh => {
            let square = 1.0 + x * x;
            let first = square.sqrt().recip();
            (first, -x * first / square)
        }
        Unary::Acosh => {
            let square = (x - 1.0) * (x + 1.0);
            let first = square.sqrt().recip();
            (first, -x * first / square)
        }
        Unary::Atanh => {
            let first = ((1.0 - x) * (1.0 + x)).recip();
            (first, 2.0 * x * first * first)
        }
        Unary::Softplus => {
            let small = (-x.abs()).exp();
            let minor = small / (1.0 + small);
            let first = if x >= 0.0 { (1.0 + small).recip() } else { minor };
            (first, minor / (1.0 + small))
        }
        Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round | Unary::Not => (0.0, 0.0),
    }
}

/// Value, first derivative and second derivative of `x^exponent` with a constant exponent.
pub(super) fn power<const ORDER: u8>(x: f64, exponent: f64) -> [f64; 3] {
    let raise = |e: f64| match integer(e) {
        Some(e) => x.powi(e),
        None => x.powf(e),
    };
    let value = raise(exponent);
    if ORDER == 0 {
        return [value, 0.0, 0.0];
    }
    let first = exponent * raise(exponent - 1.0);
    let second = exponent * (exponent - 1.0);
    // A factor 0 ends the polynomial: `x^1` has no second derivative at 0 either.
    [value, first, if second == 0.0 { 0.0 } else { second * raise(exponent - 2.0) }]
}

/// `exponent`, if it is an integer for which repeated multiplication is used.
pub(super) fn integer(exponent: f64) -> Option<i32> {
    #[allow(clippy::cast_possible_truncation)] // Its magnitude is at most 1024 and it has no fraction.
    (exponent.fract() == 0.0 && exponent.abs() <= 1024.0).then_some(exponent as i32)
}

/// Value, first partial derivatives (a, b) and second ones (aa, ab, bb) of an operator with two arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Partials {
    pub value: f64,
    pub first: [f64; 2],
    pub second: [f64; 3],
}

pub(super) fn binary<const ORDER: u8>(op: Binary, a: f64, b: f64) -> Partials {
    let truth = |holds: bool| Partials { value: f64::from(u8::from(holds)), ..Partials::default() };
    let linear = |value: f64, da: f64, db: f64| Partials { value, first: [da, db], second: [0.0; 3] };
    match op {
        Binary::Add => linear(a + b, 1.0, 1.0),
        Binary::Sub => linear(a - b, 1.0, -1.0),
        Binary::Mul => Partials { value: a * b, first: [b, a], second: [0.0, 1.0, 0.0] },
        Binary::Div => {
            let (value, inverse) = (a / b, b.recip());
            let by_b = -value * inverse;
            Partials { value, first: [inverse, by_b], second: [0.0, -inverse * inverse, -2.0 * by_b * inverse] }
        }
        Binary::Pow => general_power::<ORDER>(a, b),
        Binary::Atan2 => {
            let value = a.atan2(b);
            let square = a * a + b * b;
            let (da, db) = (b / square, -a / square);
            Partials { value, first: [da, db], second: [2.0 * da * db, db * db - da * da, -2.0 * da * db] }
        }
        Binary::Mod => linear(a % b, 1.0, -(a / b).trunc()),
        Binary::IntDiv => linear((a / b).trunc(), 0.0, 0.0),
        Binary::Min if a <= b => linear(a, 1.0, 0.0),
        Binary::Max if a >= b => linear(a, 1.0, 0.0),
        // Either `b` is the one, or one of both is not a number, which has to show.
        Binary::Min | Binary::Max => linear(if a.is_nan() { a } else { b }, 0.0, 1.0),
        Binary::CopySign => {
            let sign = if b < 0.0 { -1.0 } else { 1.0 };
            let value = if b.is_nan() { b } else { sign * a.abs() };
            linear(value, if a < 0.0 { -sign } else { sign }, 0.0)
        }
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Equal => truth(a == b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Greater => truth(a > b),
        Binary::NotEqual => truth(a != b),
    }
}

/// `a^b` with both arguments varying.
fn general_power<const ORDER: u8>(a: f64, b: f64) -> Partials {
    let value = match integer(b) {
        Some(b) => a.powi(b),
        None => a.powf(b),
    };
    if ORDER == 0 {
        return Partials { value, ..Partials::default() };
    }
    let [_, by_a, by_aa] = power::<2>(a, b);
    // `0^b` for positive b is 0 in a neighbourhood of b; the product of 0 and ln 0 stands for that.
    if a == 0.0 && b > 0.0 {
        return Partials { value, first: [by_a, 0.0], second: [by_aa, 0.0, 0.0] };
    }
    let log = a.ln();
    let by_ab = power::<0>(a, b - 1.0)[0] * (1.0 + b * log);
    Partials { value, first: [by_a, value * log], second: [by_aa, by_ab, value * log * log] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central difference of `f` at `x`.
    fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        let h = 1e-5 * x.abs().max(1.0);
        (f(x + h) - f(x - h)) / (2.0 * h)
    }

    fn assert_close(found: f64, expected: f64, what: &str) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{what}: {found} against {expected}");
    }

    #[test]
    fn derivatives_of_one_argument_agree_with_differences() {
        let all = Unary::FUNCTIONS.iter().map(|(_, op)| *op).chain([Unary::Neg]);
        for op in all {
            for x in [-0.83, -0.31, 0.27, 0.77, 1.6, 3.3] {
                let [value, first, second] = unary::<2>(op, x);
                if !value.is_finite() || !first.is_finite() {
                    continue;
                }
                assert_close(first, slope(|x| unary::<0>(op, x)[0], x), &format!("{op:?} at {x}"));
                assert_close(second, slope(|x| unary::<1>(op, x)[1], x), &format!("{op:?} at {x}, twice"));
            }
        }
        for (x, e) in [(1.3, 2.5), (-1.3, 3.0), (0.0, 2.0), (0.7, -2.0), (2.0, -0.5)] {
            let [_, first, second] = power::<2>(x, e);
            assert_close(first, slope(|x| power::<0>(x, e)[0], x), "power");
            assert_close(second, slope(|x| power::<1>(x, e)[1], x), "power, twice");
        }
    }

    #[test]
    fn derivatives_of_two_arguments_agree_with_differences() {
        for (_, op) in Binary::FUNCTIONS.into_iter().chain(Binary::INFIX.map(|(name, op, _)| (name, op))) {
            for (a, b) in [(1.3, 0.4), (0.6, 1.7), (2.4, -1.1)] {
                let found = binary::<2>(op, a, b);
                if !found.first[1].is_finite() {
                    continue;
                }
                let text = format!("{op:?} at {a}, {b}");
                assert_close(found.first[0], slope(|a| binary::<0>(op, a, b).value, a), &text);
                assert_close(found.first[1], slope(|b| binary::<0>(op, a, b).value, b), &text);
                assert_close(found.second[0], slope(|a| binary::<2>(op, a, b).first[0], a), &text);
                assert_close(found.second[1], slope(|b| binary::<2>(op, a, b).first[0], b), &text);
                assert_close(found.second[2], slope(|b| binary::<2>(op, a, b).first[1], b), &text);
            }
        }
    }
}
