//! The cards of a SIF file: lines cut into fields.

use crate::nonlinear::fault::Fault;

/// One line that is neither blank nor a comment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Card {
    /// 1-based line.
    pub line: usize,
    /// The keyword of a line that starts in column 1, without the rest; empty for data cards.
    pub keyword: String,
    /// Field 1 of a data card, or what follows the keyword of a section card.
    pub code: String,
    /// Fields 2 to 6. Fields 4 and 6 hold numbers.
    pub fields: [String; 5],
    /// What stands from column 25 on, for the function parts.
    pub expression: String,
    /// Whether the rest of the line was the comment `$-PARAMETER`, which marks sizes that users may set.
    pub settable: bool,
}

/// First and last column (1-based) of fields 2 to 6.
const COLUMNS: [(usize, usize); 5] = [(5, 14), (15, 24), (25, 36), (40, 49), (50, 61)];
/// Columns of expressions in the function parts.
const EXPRESSION: (usize, usize) = (25, 65);
/// A tabulator leads to the next multiple of this.
const TAB: usize = 8;

impl Card {
    /// Field `number`, 2 to 6.
    pub fn field(&self, number: usize) -> &str {
        self.fields.get(number.wrapping_sub(2)).map_or("", String::as_str)
    }

    /// The number in field 4 or 6.
    ///
    /// # Errors
    /// When there is none, or what stands there is no number.
    pub fn number(&self, number: usize) -> Result<f64, Fault> {
        let text = self.field(number);
        parse_number(text)
            .ok_or_else(|| self.fault(number, if text.is_empty() { "nothing".into() } else { format!("`{text}`") }, "a number"))
    }

    /// A fault at field `number`.
    pub fn fault(&self, number: usize, found: impl Into<String>, expected: impl Into<String>) -> Fault {
        let column = match number {
            1 => 2,
            _ => COLUMNS.get(number.wrapping_sub(2)).map_or(0, |(first, _)| *first),
        };
        Fault::at(self.line, column, format!("{} (field {number} of card `{}`)", found.into(), self.code), expected)
    }
}

/// A Fortran number: `D` exponents, and no infinities.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let plain = text.replace(['D', 'd'], "E").replace(' ', "");
    let starts_right = plain.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    plain.parse::<f64>().ok().filter(|value| starts_right && value.is_finite())
}

/// The cards of a file.
pub(super) fn cards(bytes: &[u8]) -> Vec<Card> {
    let mut free = false;
    let mut cards = Vec::new();
    for (line, raw) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let text = expanded(raw);
        let Some(first) = text.chars().next() else { continue };
        if first == '*' || text.trim().is_empty() {
            continue;
        }
        if first == ' ' {
            cards.push(if free { free_card(line, &text) } else { fixed_card(line, &text) });
            continue;
        }
        let whole = text.trim_end();
        match whole {
            "FREE FORMAT" => free = true,
            "FIXED FORMAT" => free = false,
            _ => cards.push(section_card(line, whole)),
        }
    }
    cards
}

/// The line without its end, tabulators expanded, bytes beyond ASCII as they are.
fn expanded(raw: &[u8]) -> String {
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    let mut text = String::with_capacity(raw.len());
    let mut column = 0;
    for &byte in raw {
        if byte == b'\t' {
            let next = (column / TAB + 1) * TAB;
            text.extend(std::iter::repeat_n(' ', next - column));
            column = next;
        } else {
            text.push(char::from(byte));
            column += 1;
        }
    }
    text
}

/// Section keywords of two words.
const TWO_WORDS: [&str; 7] = ["START POINT", "ELEMENT TYPE", "ELEMENT USES", "GROUP TYPE", "GROUP USES", "OBJECT BOUND", "FREE FORMAT"];

fn section_card(line: usize, text: &str) -> Card {
    let two = TWO_WORDS.iter().find(|keyword| text.starts_with(**keyword));
    let keyword = match two {
        Some(keyword) => (*keyword).to_owned(),
        None => text.split_whitespace().next().unwrap_or_default().to_owned(),
    };
    let rest = text[keyword.len()..].trim().to_owned();
    Card { line, keyword, code: rest, fields: Default::default(), expression: String::new(), settable: false }
}

fn columns(characters: &[char], (first, last): (usize, usize)) -> String {
    let end = last.min(characters.len());
    let text: String = characters.get(first - 1..end).unwrap_or_default().iter().collect();
    text.trim().to_owned()
}

fn fixed_card(line: usize, text: &str) -> Card {
    let characters: Vec<char> = text.chars().collect();
    let expression = columns(&characters, EXPRESSION);
    let mut fields = COLUMNS.map(|range| columns(&characters, range));
    let mut settable = false;
    // A `$` that starts field 3 or 5 makes the rest of the line a comment.
    for (field, cut) in [(1, 1), (3, 3)] {
        if fields[field].starts_with('$') {
            let from = COLUMNS[field].0;
            settable = columns(&characters, (from, characters.len())).starts_with("$-PARAMETER");
            fields[cut..].iter_mut().for_each(String::clear);
            break;
        }
    }
    Card { line, keyword: String::new(), code: columns(&characters, (2, 3)), fields, expression, settable }
}

/// In free format fields are words; a card without field 1 cannot be told apart, so codes are required where the meaning needs them.
fn free_card(line: usize, text: &str) -> Card {
    let cut = text.find('$');
    let settable = cut.is_some_and(|at| text[at..].starts_with("$-PARAMETER"));
    let words: Vec<&str> = text[..cut.unwrap_or(text.len())].split_whitespace().collect();
    let mut fields: [String; 5] = Default::default();
    let code = words.first().copied().unwrap_or_default().to_owned();
    // Numbers go to fields 4 and 6, names to 2, 3 and 5, each after those before it.
    let mut next = 0;
    for word in words.iter().skip(1) {
        let numeric = parse_number(word).is_some();
        while next < 5 && next > 1 && numeric != matches!(next, 2 | 4) {
            next += 1;
        }
        if let Some(field) = fields.get_mut(next) {
            (*word).clone_into(field);
        }
        next += 1;
    }
    let expression = text.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
    Card { line, keyword: String::new(), code, fields, expression, settable }
}
