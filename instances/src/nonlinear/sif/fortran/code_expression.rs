//! Expressions of Fortran code: as in the function parts, with arrays, and kept as trees because each pass of a loop evaluates them anew.

use super::kind::Kind;
use super::literals::Literals;
use super::token::{Token, tokens};

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CodeExpression {
    Integer(i64),
    Real(f64),
    Logical(bool),
    /// A name's value, by its position.
    Name(usize),
    /// An element of an array, or an intrinsic function: which of both is told by whether the name is an array.
    Applied {
        name: String,
        position: usize,
        arguments: Vec<CodeExpression>,
    },
    Unary(&'static str, Box<CodeExpression>),
    Binary(&'static str, Box<CodeExpression>, Box<CodeExpression>),
}

impl CodeExpression {
    /// The number that this is, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            Self::Unary("-", of) => of.number().map(|value| -value),
            _ => None,
        }
    }
}

/// Operators between two operands with how tightly they bind; `**` binds tighter and to the right.
const BINDING: [(&str, u8); 20] = [
    ("EQV", 1),
    ("NEQV", 1),
    ("OR", 2),
    ("AND", 3),
    ("GT", 5),
    ("GE", 5),
    ("LT", 5),
    ("LE", 5),
    ("EQ", 5),
    ("NE", 5),
    ("==", 5),
    ("/=", 5),
    ("<=", 5),
    (">=", 5),
    ("<", 5),
    (">", 5),
    ("+", 6),
    ("-", 6),
    ("*", 7),
    ("/", 7),
];
const NOT_BINDING: u8 = 4;
const SIGN_BINDING: u8 = 6;
const POWER_BINDING: u8 = 8;
const MAX_DEPTH: usize = 200;

/// What was found and what was expected.
type Mismatch = (String, String);

/// The expression in `text`; `symbol` gives the position of a name.
pub(super) fn read_expression(text: &str, literals: Literals, symbol: &mut dyn FnMut(&str) -> usize) -> Result<CodeExpression, Mismatch> {
    let tokens = tokens(text).map_err(|found| (found, "an expression".to_owned()))?;
    let mut parser = Parser { tokens, at: 0, depth: 0, literals, symbol };
    let whole = parser.operators(0)?;
    if parser.at < parser.tokens.len() { Err(parser.unexpected()) } else { Ok(whole) }
}

/// The value of an expression of whole numbers; `constant` gives those of names.
pub(super) fn whole_number(expression: &CodeExpression, constant: &dyn Fn(usize) -> Option<i64>) -> Option<i64> {
    match expression {
        CodeExpression::Integer(value) => Some(*value),
        CodeExpression::Name(position) => constant(*position),
        CodeExpression::Unary("-", of) => whole_number(of, constant)?.checked_neg(),
        CodeExpression::Binary(sign, a, b) => whole_operation(sign, whole_number(a, constant)?, whole_number(b, constant)?),
        _ => None,
    }
}

/// An operation on whole numbers; quotients are cut.
pub(super) fn whole_operation(sign: &str, a: i64, b: i64) -> Option<i64> {
    match sign {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" => a.checked_div(b),
        "**" => a.checked_pow(u32::try_from(b).ok()?),
        _ => None,
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    literals: Literals,
    symbol: &'a mut dyn FnMut(&str) -> usize,
}

impl Parser<'_> {
    fn unexpected(&self) -> Mismatch {
        let found = match self.tokens.get(self.at) {
            None => "the end of the expression".to_owned(),
            Some(Token::Number(value, _)) => format!("`{value}`"),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
        };
        (found, "an expression".to_owned())
    }

    fn take(&mut self, wanted: &str) -> bool {
        let there = matches!(self.tokens.get(self.at), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(there);
        there
    }

    /// Operands joined by operators that bind at least as tightly as `least`.
    fn operators(&mut self, least: u8) -> Result<CodeExpression, Mismatch> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(("deeper nesting".into(), format!("nesting at most {MAX_DEPTH} deep")));
        }
        let mut left = self.operand()?;
        while let Some(Token::Sign(sign)) = self.tokens.get(self.at) {
            let Some(&(sign, binding)) = BINDING.iter().find(|(known, binding)| known == sign && *binding >= least) else { break };
            self.at += 1;
            let right = self.operators(binding + 1)?;
            left = CodeExpression::Binary(sign, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<CodeExpression, Mismatch> {
        if self.take("NOT") {
            return Ok(CodeExpression::Unary("NOT", Box::new(self.operators(NOT_BINDING)?)));
        }
        if self.take("-") {
            return Ok(CodeExpression::Unary("-", Box::new(self.operators(SIGN_BINDING + 1)?)));
        }
        if self.take("+") {
            return self.operators(SIGN_BINDING + 1);
        }
        let base = self.primary()?;
        if !self.take("**") {
            return Ok(base);
        }
        // To the right: a sign may stand there, and another power.
        let negative = self.take("-");
        let exponent = self.operators(POWER_BINDING)?;
        let exponent = if negative { CodeExpression::Unary("-", Box::new(exponent)) } else { exponent };
        Ok(CodeExpression::Binary("**", Box::new(base), Box::new(exponent)))
    }

    fn primary(&mut self) -> Result<CodeExpression, Mismatch> {
        let token = self.tokens.get(self.at).cloned();
        match token {
            Some(Token::Number(value, kind)) => {
                self.at += 1;
                #[allow(clippy::cast_possible_truncation)]
                // Whole numbers of the text; a constant of single precision has fewer digits on purpose.
                Ok(match kind {
                    Kind::Integer if value.abs() < 9e15 => CodeExpression::Integer(value as i64),
                    Kind::Single if self.literals == Literals::Fortran => CodeExpression::Real(f64::from(value as f32)),
                    _ => CodeExpression::Real(value),
                })
            }
            Some(Token::Sign("TRUE" | "FALSE")) => {
                self.at += 1;
                Ok(CodeExpression::Logical(token == Some(Token::Sign("TRUE"))))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.operators(0)?;
                if self.take(")") { Ok(inner) } else { Err(self.unexpected()) }
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                let position = (self.symbol)(&name);
                if !self.take("(") {
                    return Ok(CodeExpression::Name(position));
                }
                let mut arguments = vec![self.operators(0)?];
                while self.take(",") {
                    arguments.push(self.operators(0)?);
                }
                if self.take(")") { Ok(CodeExpression::Applied { name, position, arguments }) } else { Err(self.unexpected()) }
            }
            _ => Err(self.unexpected()),
        }
    }
}
