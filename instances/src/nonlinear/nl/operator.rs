//! The operators of `.nl` expressions.

use fathom_opt_problems::expression::{Binary, Unary};

/// What an operator code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Unary(Unary),
    Binary(Binary),
    /// `max(a - b, 0)`.
    Less,
    Square,
    /// A list of arguments, joined by this operator.
    List(Binary),
    Sum,
    /// Condition, then, otherwise.
    If,
    /// Two logical values are equal.
    Iff,
    /// Rounding to a number of digits, which has to be 0.
    Rounded(Unary),
}

/// The operators that are known.
const KNOWN: [(i64, Operator); 51] = [
    (0, Operator::Binary(Binary::Add)),
    (1, Operator::Binary(Binary::Sub)),
    (2, Operator::Binary(Binary::Mul)),
    (3, Operator::Binary(Binary::Div)),
    (4, Operator::Binary(Binary::Mod)),
    (5, Operator::Binary(Binary::Pow)),
    (6, Operator::Less),
    (11, Operator::List(Binary::Min)),
    (12, Operator::List(Binary::Max)),
    (13, Operator::Unary(Unary::Floor)),
    (14, Operator::Unary(Unary::Ceil)),
    (15, Operator::Unary(Unary::Abs)),
    (16, Operator::Unary(Unary::Neg)),
    (20, Operator::Binary(Binary::Or)),
    (21, Operator::Binary(Binary::And)),
    (22, Operator::Binary(Binary::Less)),
    (23, Operator::Binary(Binary::LessEqual)),
    (24, Operator::Binary(Binary::Equal)),
    (28, Operator::Binary(Binary::GreaterEqual)),
    (29, Operator::Binary(Binary::Greater)),
    (30, Operator::Binary(Binary::NotEqual)),
    (34, Operator::Unary(Unary::Not)),
    (35, Operator::If),
    (37, Operator::Unary(Unary::Tanh)),
    (38, Operator::Unary(Unary::Tan)),
    (39, Operator::Unary(Unary::Sqrt)),
    (40, Operator::Unary(Unary::Sinh)),
    (41, Operator::Unary(Unary::Sin)),
    (42, Operator::Unary(Unary::Log10)),
    (43, Operator::Unary(Unary::Log)),
    (44, Operator::Unary(Unary::Exp)),
    (45, Operator::Unary(Unary::Cosh)),
    (46, Operator::Unary(Unary::Cos)),
    (47, Operator::Unary(Unary::Atanh)),
    (48, Operator::Binary(Binary::Atan2)),
    (49, Operator::Unary(Unary::Atan)),
    (50, Operator::Unary(Unary::Asinh)),
    (51, Operator::Unary(Unary::Asin)),
    (52, Operator::Unary(Unary::Acosh)),
    (53, Operator::Unary(Unary::Acos)),
    (54, Operator::Sum),
    (55, Operator::Binary(Binary::IntDiv)),
    (57, Operator::Rounded(Unary::Round)),
    (58, Operator::Rounded(Unary::Trunc)),
    (70, Operator::List(Binary::And)),
    (71, Operator::List(Binary::Or)),
    (72, Operator::If),
    (73, Operator::Iff),
    (76, Operator::Binary(Binary::Pow)),
    (77, Operator::Square),
    (78, Operator::Binary(Binary::Pow)),
];

/// Operators that are known and not supported.
const REFUSED: [(i64, &str); 13] = [
    (56, "precision"),
    (59, "count"),
    (60, "numberof"),
    (61, "numberof (symbolic)"),
    (62, "at least"),
    (63, "at most"),
    (64, "piecewise-linear term"),
    (65, "symbolic if"),
    (66, "exactly"),
    (67, "not at least"),
    (68, "not at most"),
    (74, "alldifferent"),
    (75, "not alldifferent"),
];

/// The operator with this code.
///
/// # Errors
/// What was found.
pub(super) fn operator(code: i64) -> Result<Operator, String> {
    if let Some((_, operator)) = KNOWN.iter().find(|(known, _)| *known == code) {
        return Ok(*operator);
    }
    match REFUSED.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => Err(format!("the operator {code} ({name}), which is not supported")),
        None => Err(format!("the operator {code}")),
    }
}

/// The code of an operator with one argument, where there is one.
pub(super) fn unary_code(op: Unary) -> Option<i32> {
    code(Operator::Unary(op))
}

/// The code of an operator with two arguments, where there is one.
pub(super) fn binary_code(op: Binary) -> Option<i32> {
    code(Operator::Binary(op))
}

fn code(wanted: Operator) -> Option<i32> {
    KNOWN.iter().find(|(_, known)| *known == wanted).and_then(|(code, _)| i32::try_from(*code).ok())
}
