//! Which delimiter a table has.

use csv::StringRecord;

use super::delimiter::Delimiter;
use super::number_style::is_numeric;
use super::record::{Records, separator_line};
use crate::input_file::has_ending;

/// So many records tell the delimiter.
const SAMPLE: usize = 100;

/// What records with a delimiter look like.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Fit {
    /// The share of cells that are numbers.
    numeric: f64,
    /// The share of records that have the usual number of cells.
    regular: f64,
}

/// The delimiter of a table whose file is called `name` (lower case, no ending of a packing) and holds, or begins with, `text`: a tab where the name says so and there is one,
/// the one that a first line `sep=;` names; otherwise the one by which the records have the same number of cells, more than one, and as many of them numbers as
/// by any other; the comma where there is none.
pub(crate) fn delimiter_of(name: &str, text: &str) -> Delimiter {
    if has_ending(name, ".tsv") && (text.contains('\t') || text.is_empty()) {
        return Delimiter::Tab;
    }
    if let Some(named) = separator_line(text).and_then(|named| Delimiter::ALL.into_iter().find(|one| one.character() == named)) {
        return named;
    }
    let mut best: Option<(Fit, Delimiter)> = None;
    for delimiter in Delimiter::ALL {
        if let Some(fit) = fit(delimiter, text)
            && best.is_none_or(|(found, _)| found < fit)
        {
            best = Some((fit, delimiter));
        }
    }
    best.map_or_else(|| of_line(text), |(_, delimiter)| delimiter)
}

/// The first delimiter that the first line has outside quotes; the comma where it has none.
fn of_line(text: &str) -> Delimiter {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut found = Delimiter::Comma;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => return Delimiter::Comma,
            '\t' if !quoted => found = Delimiter::Tab,
            ';' if !quoted && found != Delimiter::Tab => found = Delimiter::Semicolon,
            _ => {}
        }
    }
    found
}

/// How records look that this delimiter separates; `None` where it separates none, or, for the space, where anything but names of rows and columns is no number.
fn fit(delimiter: Delimiter, text: &str) -> Option<Fit> {
    let mut records = Records::new(text, delimiter);
    let mut cells = StringRecord::new();
    let mut widths: Vec<usize> = Vec::new();
    let (mut numbers, mut all, mut words) = (0_usize, 0_usize, 0_usize);
    // The text may end within a quoted cell, or be wrong further down: what comes before it tells.
    while let Ok(Some(start)) = records.next_into(&mut cells) {
        if start.hash && cells.len() > 1 && widths.first().is_none_or(|width| *width != cells.len()) {
            continue;
        }
        let numeric = cells.iter().filter(|cell| is_numeric(cell)).count();
        numbers += numeric;
        all += cells.len();
        if !widths.is_empty() {
            words += cells.iter().skip(1).filter(|cell| !is_numeric(cell)).count();
        }
        widths.push(cells.len());
        if widths.len() == SAMPLE {
            break;
        }
    }
    let usual = *widths.last()?;
    // A first line with one cell less is a header beside names of rows.
    let regular = widths.iter().enumerate().filter(|(k, width)| **width == usual || (*k == 0 && **width + 1 == usual && usual > 2)).count();
    if usual < 2 || regular * 5 < widths.len() * 4 || (delimiter == Delimiter::Space && (words > 0 || numbers == 0)) {
        return None;
    }
    Some(Fit { numeric: numbers as f64 / all as f64, regular: regular as f64 / widths.len() as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_or_the_records_tell_the_delimiter() {
        let cases = [
            ("a.tsv", "a,b\tc\n", Delimiter::Tab),
            ("a.tsv", "a,b\n", Delimiter::Comma),
            ("a.csv", "a,b;c\n", Delimiter::Comma),
            ("a.csv", "\n\na;b\n1,5;2\n", Delimiter::Semicolon),
            ("a.csv", "1,5;2,5\n3,5;4,5\n", Delimiter::Semicolon),
            ("a.csv", "1,5\t2,5\n3,5\t4,5\n", Delimiter::Tab),
            ("a.csv", "\"a,b\";c\r\n", Delimiter::Semicolon),
            ("a.csv", "name,tags,n\nAda,x;y,1\nBen,y;z,2\n", Delimiter::Comma),
            ("a.csv", "a|b\n1|2\n", Delimiter::Pipe),
            ("a.csv", "a b\n1 2\n3  4\n", Delimiter::Space),
            ("a.csv", "a b\nx y\n", Delimiter::Comma),
            ("a.csv", "sep=;\na,b\n", Delimiter::Semicolon),
            ("a", "a\tb c\n", Delimiter::Tab),
            ("a.csv", "a\n1,2\n", Delimiter::Comma),
            ("a.csv", "", Delimiter::Comma),
        ];
        for (name, text, delimiter) in cases {
            assert_eq!(delimiter_of(name, text), delimiter, "{text:?}");
        }
    }
}
