//! The tokens of Fortran expressions.

use super::kind::Kind;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A number, and of what kind it is by its form.
    Number(f64, Kind),
    /// A name, in capitals.
    Name(String),
    /// `+ - * / ** ( ) ,`, or a word between points, in capitals without them.
    Sign(&'static str),
}

const WORDS: [&str; 14] = ["AND", "OR", "NOT", "EQV", "NEQV", "GT", "GE", "LT", "LE", "EQ", "NE", "TRUE", "FALSE", "XOR"];
const SIGNS: [&str; 14] = ["**", "==", "/=", "<=", ">=", "+", "-", "*", "/", "(", ")", ",", "<", ">"];

/// The tokens of `text`.
///
/// # Errors
/// What starts no token.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    // Blanks mean nothing in Fortran's fixed form, not even inside numbers.
    let characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        if c == '.' && word(&characters, at).is_some() {
            let Some(word) = word(&characters, at) else { continue };
            at += word.len() + 2;
            found.push(Token::Sign(word));
        } else if c.is_ascii_digit() || c == '.' {
            let (number, kind, end) = number(&characters, at)?;
            found.push(Token::Number(number, kind));
            at = end;
        } else if c.is_ascii_alphabetic() {
            let end = (at..characters.len())
                .find(|&k| !(characters[k].is_ascii_alphanumeric() || characters[k] == '_'))
                .unwrap_or(characters.len());
            found.push(Token::Name(characters[at..end].iter().collect::<String>().to_ascii_uppercase()));
            at = end;
        } else {
            let rest: String = characters[at..].iter().take(2).collect();
            let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
                return Err(format!("`{c}`"));
            };
            at += sign.len();
            found.push(Token::Sign(sign));
        }
    }
    Ok(found)
}

/// The word between points that starts at `at`.
fn word(characters: &[char], at: usize) -> Option<&'static str> {
    let letters: String = characters.get(at + 1..)?.iter().take_while(|c| c.is_ascii_alphabetic()).collect();
    let closed = characters.get(at + 1 + letters.len()) == Some(&'.');
    WORDS.iter().find(|word| closed && word.eq_ignore_ascii_case(&letters)).copied()
}

/// A number, its kind, and where it ends.
fn number(characters: &[char], start: usize) -> Result<(f64, Kind, usize), String> {
    let digits = |from: usize| (from..characters.len()).find(|&k| !characters[k].is_ascii_digit()).unwrap_or(characters.len());
    let mut end = digits(start);
    let mut kind = Kind::Integer;
    // The point of `1.EQ.K` belongs to the word.
    if characters.get(end) == Some(&'.') && word(characters, end).is_none() {
        kind = Kind::Single;
        end = digits(end + 1);
    }
    let mut text: String = characters[start..end].iter().collect();
    if characters.get(end).is_some_and(|c| "EeDd".contains(*c)) {
        let sign = usize::from(characters.get(end + 1).is_some_and(|c| "+-".contains(*c)));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            // An exponent with D makes a number of double precision.
            kind = if "Dd".contains(characters[end]) { Kind::Real } else { Kind::Single };
            text.push('E');
            text.extend(&characters[end + 1..exponent]);
            end = exponent;
        }
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, kind, end)),
        _ => Err(format!("`{text}`")),
    }
}
