//! The tokens of infix text.

use std::borrow::Cow;

use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{alt, opt, preceded, repeat, terminated};
use winnow::error::{ContextError, ErrMode};
use winnow::token::{any, one_of, take_till, take_while};
use winnow::{ModalResult, Parser};

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Name(Cow<'a, str>),
    /// An operator, a parenthesis or a comma.
    Sign(&'a str),
    End,
    /// Something that starts no token.
    Unknown(char),
    /// A number beyond the range of 64-bit floats, as it stands.
    TooLarge(&'a str),
    /// A back quote without its partner.
    Unclosed,
}

/// Reads the next token; spaces before it are passed over.
pub(super) fn next<'a>(input: &mut &'a str) -> Token<'a> {
    let token: ModalResult<Token<'a>> = alt((
        winnow::combinator::eof.value(Token::End),
        number,
        bare_name.map(|name| Token::Name(Cow::Borrowed(name))),
        quoted_name,
        sign.map(Token::Sign),
        '`'.value(Token::Unclosed),
        any.map(Token::Unknown),
    ))
    .parse_next(input);
    token.unwrap_or(Token::End)
}

/// Passes over white space.
pub(super) fn skip_space(input: &mut &str) {
    let passed: Result<&str, ErrMode<ContextError>> = multispace0.parse_next(input);
    // `multispace0` accepts anything, also nothing.
    debug_assert!(passed.is_ok());
}

fn number<'a>(input: &mut &'a str) -> ModalResult<Token<'a>> {
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    let digits = alt(((digit1, opt(('.', digit0))).void(), ('.', digit1).void()));
    let text = (digits, opt(exponent)).take().parse_next(input)?;
    Ok(match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Token::Number(value),
        _ => Token::TooLarge(text),
    })
}

fn bare_name<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    (one_of(|c: char| c.is_alphabetic() || c == '_'), take_while(0.., |c: char| c.is_alphanumeric() || c == '_' || c == '.'))
        .take()
        .parse_next(input)
}

fn quoted_name<'a>(input: &mut &'a str) -> ModalResult<Token<'a>> {
    let piece = alt((take_till(1.., '`'), "``".value("`")));
    let pieces: Vec<&str> = terminated(preceded('`', repeat(1.., piece)), '`').parse_next(input)?;
    Ok(Token::Name(match pieces[..] {
        [one] => Cow::Borrowed(one),
        _ => Cow::Owned(pieces.concat()),
    }))
}

fn sign<'a>(input: &mut &'a str) -> ModalResult<&'a str> {
    alt((alt(("<=", ">=", "==", "!=", "&&", "||")), one_of(['<', '>', '+', '-', '*', '/', '^', '(', ')', ',']).take())).parse_next(input)
}
