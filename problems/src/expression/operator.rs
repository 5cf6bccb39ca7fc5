//! The operators of expressions, and their names in infix text.

/// An operator with one argument. Angles are in radians; logical results are 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unary {
    /// `-x`.
    Neg,
    /// `|x|`; its derivative at 0 is taken from the right: 1.
    Abs,
    /// Square root; the root of a square is computed as an absolute value.
    Sqrt,
    /// `e^x`.
    Exp,
    /// Natural logarithm.
    Log,
    /// Logarithm to base 10.
    Log10,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Inverse sine.
    Asin,
    /// Inverse cosine.
    Acos,
    /// Inverse tangent.
    Atan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Inverse hyperbolic cosine.
    Acosh,
    /// Inverse hyperbolic tangent.
    Atanh,
    /// `ln(1 + e^x)`, without overflow.
    Softplus,
    /// Largest integer not above `x`; its derivative is taken as 0 everywhere, as for the three that follow.
    Floor,
    /// Smallest integer not below `x`.
    Ceil,
    /// The integer part: rounded towards 0.
    Trunc,
    /// The nearest integer; halves away from 0.
    Round,
    /// 1 where `x` is 0, otherwise 0.
    Not,
}

/// An operator with two arguments. Comparisons and logical operators give 0 or 1 and have derivative 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Binary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `a / b`.
    Div,
    /// `a ^ b`.
    Pow,
    /// The angle of the point (b, a).
    Atan2,
    /// Remainder of `a / b` with the sign of `a`; differentiated with the quotient held.
    Mod,
    /// `a / b` rounded towards 0; derivative 0.
    IntDiv,
    /// The smaller; where both are equal the derivative is that of the first.
    Min,
    /// The larger; where both are equal the derivative is that of the first.
    Max,
    /// `|a|` with the sign of `b` (of +0 where `b` is 0).
    CopySign,
    /// Both are not 0.
    And,
    /// One is not 0.
    Or,
    /// `a < b`.
    Less,
    /// `a <= b`.
    LessEqual,
    /// `a == b`.
    Equal,
    /// `a >= b`.
    GreaterEqual,
    /// `a > b`.
    Greater,
    /// `a != b`.
    NotEqual,
}

impl Unary {
    /// The functions of infix text: all but negation, which is a sign there.
    pub const FUNCTIONS: [(&'static str, Self); 23] = [
        ("abs", Self::Abs),
        ("sqrt", Self::Sqrt),
        ("exp", Self::Exp),
        ("log", Self::Log),
        ("log10", Self::Log10),
        ("sin", Self::Sin),
        ("cos", Self::Cos),
        ("tan", Self::Tan),
        ("asin", Self::Asin),
        ("acos", Self::Acos),
        ("atan", Self::Atan),
        ("sinh", Self::Sinh),
        ("cosh", Self::Cosh),
        ("tanh", Self::Tanh),
        ("asinh", Self::Asinh),
        ("acosh", Self::Acosh),
        ("atanh", Self::Atanh),
        ("softplus", Self::Softplus),
        ("floor", Self::Floor),
        ("ceil", Self::Ceil),
        ("trunc", Self::Trunc),
        ("round", Self::Round),
        ("not", Self::Not),
    ];

    /// The name in infix text; `-` for negation.
    pub fn name(self) -> &'static str {
        Self::FUNCTIONS.iter().find(|(_, op)| *op == self).map_or("-", |(name, _)| name)
    }

    /// Whether the derivative is 0 wherever it exists.
    pub fn is_flat(self) -> bool {
        matches!(self, Self::Floor | Self::Ceil | Self::Trunc | Self::Round | Self::Not)
    }
}

impl Binary {
    /// The functions of infix text with two arguments.
    pub const FUNCTIONS: [(&'static str, Self); 6] = [
        ("atan2", Self::Atan2),
        ("mod", Self::Mod),
        ("intdiv", Self::IntDiv),
        ("min", Self::Min),
        ("max", Self::Max),
        ("copysign", Self::CopySign),
    ];

    /// The operators of infix text that stand between their arguments, with how tightly they bind (larger is tighter).
    pub const INFIX: [(&'static str, Self, u8); 13] = [
        ("||", Self::Or, 1),
        ("&&", Self::And, 2),
        ("<=", Self::LessEqual, 3),
        ("<", Self::Less, 3),
        (">=", Self::GreaterEqual, 3),
        (">", Self::Greater, 3),
        ("==", Self::Equal, 3),
        ("!=", Self::NotEqual, 3),
        ("+", Self::Add, 4),
        ("-", Self::Sub, 4),
        ("*", Self::Mul, 5),
        ("/", Self::Div, 5),
        ("^", Self::Pow, 7),
    ];

    /// The name in infix text.
    pub fn name(self) -> &'static str {
        let infix = Self::INFIX.iter().find(|(_, op, _)| *op == self).map(|(name, ..)| *name);
        let function = || Self::FUNCTIONS.iter().find(|(_, op)| *op == self).map(|(name, _)| *name);
        infix.or_else(function).unwrap_or_default()
    }

    /// How tightly the operator binds where it stands between its arguments.
    pub fn binding(self) -> Option<u8> {
        Self::INFIX.iter().find(|(_, op, _)| *op == self).map(|(_, _, binding)| *binding)
    }

    /// Whether the derivatives are 0 wherever they exist.
    pub fn is_flat(self) -> bool {
        matches!(
            self,
            Self::IntDiv
                | Self::And
                | Self::Or
                | Self::Less
                | Self::LessEqual
                | Self::Equal
                | Self::GreaterEqual
                | Self::Greater
                | Self::NotEqual
        )
    }
}

/// How tightly a sign binds: more than `*`, less than `^`, so that `-x^2` is `-(x^2)`.
pub const SIGN_BINDING: u8 = 6;
