//! How a table writes its numbers: which sign stands before decimals, and what may stand between thousands.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::delimiter::Delimiter;
use super::fault::TableFault;

/// What stands before decimals, as a reading option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

/// What the form of one number says about the mark before decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing.
    Plain,
    /// It can only be this one.
    Only(Mark),
    /// One sign and three digits behind it: the mark before decimals, or one between thousands.
    Either(Mark),
}

/// Whether a cell is a number, in whatever style.
pub(crate) fn is_numeric(cell: &str) -> bool {
    fast_float2::parse::<f64, _>(cell).is_ok() || Parts::of(cell).is_some_and(|parts| parts.form().is_some())
}

/// Whether a cell is a number with a percent sign.
pub(super) fn is_percentage(cell: &str) -> bool {
    cell.ends_with('%') && is_numeric(cell)
}

/// A number taken apart.
#[derive(Debug)]
struct Parts<'c> {
    negative: bool,
    /// Digits, and what stands between them.
    body: &'c str,
    /// `e-3`, or nothing.
    exponent: &'c str,
    percent: bool,
}

/// Signs that may stand between thousands and nowhere else.
fn only_groups(c: char) -> bool {
    matches!(c, ' ' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

impl<'c> Parts<'c> {
    fn of(cell: &'c str) -> Option<Self> {
        let (text, percent) = match cell.strip_suffix('%') {
            Some(text) => (text.trim_end(), true),
            None => (cell, false),
        };
        let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (body, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, ""),
        };
        let digits = exponent.get(1..).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
        if digits.is_some_and(|digits| digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        let ends_in_digits = body.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        (ends_in_digits && body.contains(|c: char| c.is_ascii_digit())).then_some(Self { negative, body, exponent, percent })
    }

    /// What the form says; `None` where it is no number.
    fn form(&self) -> Option<Form> {
        let groups: Vec<&str> = self.body.split(|c: char| !c.is_ascii_digit()).collect();
        let signs: Vec<char> = self.body.chars().filter(|c| !c.is_ascii_digit()).collect();
        let Some((&last, others)) = signs.split_last() else { return Some(Form::Plain) };
        // The groups between signs between thousands: one to three digits, then three each.
        let are_thousands = |groups: &[&str]| {
            groups.first().is_some_and(|first| (1..=3).contains(&first.len())) && groups[1..].iter().all(|group| group.len() == 3)
        };
        let mark = mark_of(last);
        let whole = &groups[..groups.len() - 1];
        match others {
            [] => {
                let Some(mark) = mark else { return (only_groups(last) && are_thousands(&groups)).then_some(Form::Plain) };
                let fraction = groups[1];
                let may_be_thousands = are_thousands(&groups) && !groups[0].starts_with('0') && self.exponent.is_empty();
                (!groups[0].is_empty() || !fraction.is_empty()).then_some(if may_be_thousands {
                    Form::Either(mark)
                } else {
                    Form::Only(mark)
                })
            }
            [first, ..] if others.iter().all(|other| other == first) && *first != last => {
                let mark = mark.filter(|_| are_thousands(whole) && (only_groups(*first) || mark_of(*first).is_some()))?;
                Some(Form::Only(mark))
            }
            [first, ..] if *first == last && others.iter().all(|other| other == first) => {
                let all = are_thousands(&groups) && !groups[0].starts_with('0');
                match mark {
                    // What stands twice stands between thousands; the other sign is the mark before decimals.
                    Some(mark) => all.then_some(Form::Only(mark.other())),
                    None => (only_groups(last) && all).then_some(Form::Plain),
                }
            }
            _ => None,
        }
    }

    /// The number with a point before its decimals and nothing between thousands.
    fn plain(&self, decimal: Mark) -> Option<String> {
        match self.form()? {
            Form::Only(mark) if mark != decimal => return None,
            _ => {}
        }
        let mut plain = String::with_capacity(self.body.len() + 4);
        if self.negative {
            plain.push('-');
        }
        for c in self.body.chars() {
            if c.is_ascii_digit() {
                plain.push(c);
            } else if mark_of(c) == Some(decimal) {
                plain.push('.');
            }
        }
        if self.percent {
            let power: i64 = if self.exponent.is_empty() { 0 } else { self.exponent[1..].parse().ok()? };
            plain.push('e');
            plain.push_str(&power.checked_sub(2)?.to_string());
        } else {
            plain.push_str(self.exponent);
        }
        Some(plain)
    }
}

fn mark_of(sign: char) -> Option<Mark> {
    match sign {
        '.' => Some(Mark::Point),
        ',' => Some(Mark::Comma),
        _ => None,
    }
}

impl Mark {
    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// How a table writes its numbers; `None` where every cell has to tell itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct NumberStyle {
    decimal: Option<Mark>,
}

impl NumberStyle {
    /// The style with this mark before decimals.
    pub(crate) fn of(decimal: Option<Mark>) -> Self {
        Self { decimal }
    }

    /// The number in `cell` as `-1234.5e6`; the cell itself where it is none of this style.
    pub(crate) fn plain(self, cell: &str) -> Cow<'_, str> {
        let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'e' | b'E' | b'.');
        let decimal = match self.decimal {
            Some(decimal) => decimal,
            None => match Parts::of(cell).and_then(|parts| parts.form()) {
                Some(Form::Only(mark)) => mark,
                Some(Form::Either(Mark::Comma)) => return Cow::Borrowed(cell),
                _ => Mark::Point,
            },
        };
        if cell.bytes().all(is_plain) && (decimal == Mark::Point || !cell.contains('.')) {
            return Cow::Borrowed(cell);
        }
        Parts::of(cell).and_then(|parts| parts.plain(decimal)).map_or(Cow::Borrowed(cell), Cow::Owned)
    }
}

/// A cell that tells something, with its line.
type Seen = Option<(usize, String)>;

/// What the numbers of a column tell about the table's style.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    point: Seen,
    comma: Seen,
    point_or_thousands: Seen,
    comma_or_thousands: Seen,
}

impl Evidence {
    /// Takes in a cell. Whether it is a number.
    pub(super) fn take(&mut self, line: usize, cell: &str) -> bool {
        if !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()) {
            return true;
        }
        let Some(form) = Parts::of(cell).and_then(|parts| parts.form()) else { return is_numeric(cell) };
        let seen = match form {
            Form::Plain => return true,
            Form::Only(Mark::Point) => &mut self.point,
            Form::Only(Mark::Comma) => &mut self.comma,
            Form::Either(Mark::Point) => &mut self.point_or_thousands,
            Form::Either(Mark::Comma) => &mut self.comma_or_thousands,
        };
        if seen.is_none() {
            *seen = Some((line, cell.to_owned()));
        }
        true
    }

    /// Whether nothing was seen that tells anything.
    pub(super) fn is_empty(&self) -> bool {
        [&self.point, &self.comma, &self.point_or_thousands, &self.comma_or_thousands].into_iter().all(Option::is_none)
    }

    /// Adds what another column tells.
    pub(super) fn join(&mut self, other: Self) {
        let pairs = [
            (&mut self.point, other.point),
            (&mut self.comma, other.comma),
            (&mut self.point_or_thousands, other.point_or_thousands),
            (&mut self.comma_or_thousands, other.comma_or_thousands),
        ];
        for (mine, theirs) in pairs {
            if mine.is_none() {
                *mine = theirs;
            }
        }
    }

    /// The mark before decimals that the numbers of a table have whose cells `delimiter` separates.
    ///
    /// # Errors
    /// Numbers of two styles, and numbers that may be of either.
    pub(super) fn mark(self, delimiter: Delimiter) -> Result<Mark, TableFault> {
        let may_be_either = |(line, cell): (usize, String), mark: &str| {
            let message = format!(
                "found `{cell}`, whose {mark} may stand before decimals or between thousands, expected `--read decimal=point` or `--read decimal=comma`"
            );
            Err(TableFault::new(line, message))
        };
        match (self.comma, self.point) {
            (Some((_, comma)), Some((line, point))) => {
                let message = format!(
                    "found `{point}`, and `{comma}` elsewhere, expected one sign before decimals in the whole table (or `--read decimal=point` or `--read decimal=comma`)"
                );
                Err(TableFault::new(line, message))
            }
            (Some(_), None) => Ok(Mark::Comma),
            (None, Some(_)) => Ok(Mark::Point),
            // Where a comma separates cells, nobody means it to stand before decimals as well.
            (None, None) if delimiter == Delimiter::Comma => Ok(Mark::Point),
            (None, None) => match (self.comma_or_thousands, self.point_or_thousands) {
                (Some(seen), _) => may_be_either(seen, "comma"),
                // Semicolons separate cells where the comma stands before decimals.
                (None, Some(seen)) if delimiter == Delimiter::Semicolon => may_be_either(seen, "point"),
                _ => Ok(Mark::Point),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(cell: &str, decimal: Mark) -> String {
        NumberStyle { decimal: Some(decimal) }.plain(cell).into_owned()
    }

    #[test]
    fn numbers_of_many_styles_become_plain() {
        for (cell, found) in [
            ("1,234.5", "1234.5"),
            ("-1,234,567", "-1234567"),
            ("\u{2212}3", "-3"),
            ("+7", "7"),
            ("1'234", "1234"),
            ("1\u{a0}234.25", "1234.25"),
            ("12.5%", "12.5e-2"),
            ("12 %", "12e-2"),
            ("1e3%", "1e1"),
            (".5", ".5"),
            ("1.5e-3", "1.5e-3"),
            ("x", "x"),
            ("1,5", "1,5"),
            ("1,23,456", "1,23,456"),
            ("01.02.2020", "01.02.2020"),
        ] {
            assert_eq!(plain(cell, Mark::Point), found, "{cell}");
        }
        for (cell, found) in [("1,5", "1.5"), ("1.234,5", "1234.5"), ("1.234", "1234"), ("0,25%", "0.25e-2"), ("1.5", "1.5"), ("12", "12")]
        {
            assert_eq!(plain(cell, Mark::Comma), found, "{cell}");
        }
    }

    #[test]
    fn the_numbers_of_a_table_tell_its_mark_or_that_nobody_can_know() {
        let mark = |cells: &[&str], delimiter| {
            let mut evidence = Evidence::default();
            for cell in cells {
                evidence.take(1, cell);
            }
            evidence.mark(delimiter).map_err(|fault| fault.message)
        };
        assert_eq!(mark(&["1,5", "2"], Delimiter::Semicolon), Ok(Mark::Comma));
        assert_eq!(mark(&["1,234"], Delimiter::Comma), Ok(Mark::Point));
        assert_eq!(mark(&["1,234", "0,5"], Delimiter::Tab), Ok(Mark::Comma));
        assert_eq!(mark(&["1.234.567"], Delimiter::Semicolon), Ok(Mark::Comma));
        assert_eq!(mark(&["1.234"], Delimiter::Tab), Ok(Mark::Point));
        assert!(mark(&["1,234"], Delimiter::Semicolon).unwrap_err().contains("may stand before decimals or between thousands"));
        assert!(mark(&["1.234"], Delimiter::Semicolon).is_err());
        assert!(mark(&["1.5", "1,5"], Delimiter::Semicolon).unwrap_err().contains("and `1,5` elsewhere"));
    }
}
