//! Expressions as infix text: `100*(x2 - x1^2)^2 + sin(x1)`.
//!
//! `^` binds tighter than a sign and is right-associative; then come `*` `/`, `+` `-`, the comparisons `<` `<=` `>` `>=` `==` `!=` (1 or 0), `&&`, `||`.
//! Functions are those of [`Unary::FUNCTIONS`](super::Unary::FUNCTIONS) and [`Binary::FUNCTIONS`](super::Binary::FUNCTIONS) (`min` and `max` with two or
//! more arguments), and `if(condition, then, otherwise)`. A name is a letter or `_` followed by letters, digits, `_` and `.`; any other name stands
//! between back quotes, in which a back quote is doubled.

mod parse;
mod print;
mod token;

pub use parse::{InfixError, MAX_DEPTH, Meaning, parse};
pub use print::{Names, Printer, TooLong, quoted};
