//! Fortran's intrinsic functions.

use fathom_opt_problems::expression::{Binary, Unary};

use super::kind::Kind;

/// What a function does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Unary(Unary),
    Binary(Binary),
}

/// The kind of what a function gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Returns {
    /// The kind of its arguments.
    Same,
    Kind(Kind),
}

/// The operator that joins the arguments of a minimum or a maximum.
pub(super) fn extremum(name: &str) -> Option<Binary> {
    match name {
        "MIN" | "DMIN1" | "AMIN1" | "MIN0" => Some(Binary::Min),
        "MAX" | "DMAX1" | "AMAX1" | "MAX0" => Some(Binary::Max),
        _ => None,
    }
}

/// Number of arguments, operation, and kind of the result.
pub(super) fn intrinsic(name: &str) -> Option<(usize, Option<Operator>, Returns)> {
    let real = |op: Unary| Some((1, Some(Operator::Unary(op)), Returns::Kind(Kind::Real)));
    let integer = |op: Unary| Some((1, Some(Operator::Unary(op)), Returns::Kind(Kind::Integer)));
    let two = |op: Binary| Some((2, Some(Operator::Binary(op)), Returns::Same));
    // The names with a leading D are those for double precision.
    match name.strip_prefix('D').filter(|rest| rest.len() > 2).unwrap_or(name) {
        "ABS" | "IABS" => Some((1, Some(Operator::Unary(Unary::Abs)), Returns::Same)),
        "SQRT" => real(Unary::Sqrt),
        "EXP" => real(Unary::Exp),
        "LOG" | "ALOG" => real(Unary::Log),
        "LOG10" | "ALOG10" => real(Unary::Log10),
        "SIN" => real(Unary::Sin),
        "COS" => real(Unary::Cos),
        "TAN" => real(Unary::Tan),
        "ASIN" => real(Unary::Asin),
        "ACOS" => real(Unary::Acos),
        "ATAN" => real(Unary::Atan),
        "SINH" => real(Unary::Sinh),
        "COSH" => real(Unary::Cosh),
        "TANH" => real(Unary::Tanh),
        "ASINH" => real(Unary::Asinh),
        "ACOSH" => real(Unary::Acosh),
        "ATANH" => real(Unary::Atanh),
        "AINT" | "DINT" => real(Unary::Trunc),
        "ANINT" => real(Unary::Round),
        "INT" | "IFIX" | "IDINT" => integer(Unary::Trunc),
        "NINT" => integer(Unary::Round),
        "DBLE" | "FLOAT" | "REAL" | "BLE" | "FLOT" => Some((1, None, Returns::Kind(Kind::Real))),
        "SIGN" | "ISIGN" => two(Binary::CopySign),
        "MOD" | "AMOD" => two(Binary::Mod),
        "ATAN2" => two(Binary::Atan2),
        _ => None,
    }
}
