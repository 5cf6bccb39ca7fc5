//! Splitting text into the records of a table.
//!
//! The `csv` crate splits records, too, but it takes a quote that is never closed, or text behind a closing quote, for part of a cell, and counts the line of a
//! record from the blank lines before it; here the first two are errors and the line is where the record starts.

use csv::StringRecord;

use super::delimiter::Delimiter;
use super::fault::TableFault;

/// Where a record stands, and how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// The 1-based line.
    pub line: usize,
    /// Whether it begins with `#`, outside quotes.
    pub hash: bool,
}

/// The records of a text, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Records<'t> {
    rest: &'t str,
    line: usize,
    delimiter: Delimiter,
}

impl<'t> Records<'t> {
    pub(crate) fn new(text: &'t str, delimiter: Delimiter) -> Self {
        let mut records = Self { rest: text, line: 1, delimiter };
        if separator_line(text).is_some() {
            records.skip_line();
        }
        records
    }

    /// Puts the cells of the next record that is not blank into `cells`, without the space around them; `None` at the end.
    pub(crate) fn next_into(&mut self, cells: &mut StringRecord) -> Result<Option<Start>, TableFault> {
        cells.clear();
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            if !self.rest[..end].trim().is_empty() {
                break;
            }
            self.skip_line();
        }
        let start = Start { line: self.line, hash: self.rest.trim_start().starts_with('#') };
        if self.delimiter == Delimiter::Space {
            self.rest = self.rest.trim_start_matches([' ', '\t']);
        }
        while self.cell_into(cells, start.line)? {}
        Ok(Some(start))
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
    }

    /// Takes one cell and what ends it. Whether another follows in the record.
    fn cell_into(&mut self, cells: &mut StringRecord, line: usize) -> Result<bool, TableFault> {
        let blank: fn(char) -> bool = match self.delimiter {
            Delimiter::Tab => |c| c == ' ',
            _ => |c| c == ' ' || c == '\t',
        };
        let begun = self.rest.trim_start_matches(blank);
        if let Some(quoted) = begun.strip_prefix('"') {
            let (cell, rest) =
                unquoted(quoted).ok_or_else(|| TableFault::new(line, "found a quote that is never closed, expected `\"` at its end"))?;
            self.line += quoted[..quoted.len() - rest.len()].matches('\n').count();
            self.rest = rest.trim_start_matches(blank);
            cells.push_field(&cell);
            let after = self.rest.trim_start_matches('\r');
            let is_spaced = self.delimiter == Delimiter::Space && self.rest.len() < rest.len();
            if !(after.is_empty() || after.starts_with('\n') || self.rest.starts_with(self.delimiter.character()) || is_spaced) {
                return Err(TableFault::new(self.line, "found text behind a closing quote, expected the end of the cell"));
            }
        } else {
            let ends = |c: char| c == '\n' || c == self.delimiter.character() || (self.delimiter == Delimiter::Space && c == '\t');
            let end = self.rest.find(ends).unwrap_or(self.rest.len());
            cells.push_field(self.rest[..end].trim());
            self.rest = &self.rest[end..];
        }
        if self.delimiter == Delimiter::Space {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
        }
        let after = self.rest.trim_start_matches('\r');
        if after.is_empty() || after.starts_with('\n') {
            self.skip_line();
            return Ok(false);
        }
        if self.delimiter != Delimiter::Space {
            self.rest = &self.rest[self.delimiter.character().len_utf8()..];
        }
        Ok(true)
    }
}

/// The cell whose opening quote stands before `quoted`, and what follows its closing quote; `None` where there is no closing quote. Two quotes stand for one.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell.trim().to_owned(), after)),
        }
    }
}

/// The delimiter that a first line `sep=;` names, as spreadsheets write it.
pub(crate) fn separator_line(text: &str) -> Option<char> {
    let first = text.lines().next()?.trim_end_matches('\r').trim_matches('"');
    let named = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &first[4..])?;
    let mut characters = named.chars();
    characters.next().filter(|_| characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, delimiter: Delimiter) -> Result<Vec<(usize, Vec<String>)>, TableFault> {
        let mut records = Records::new(text, delimiter);
        let (mut cells, mut found) = (StringRecord::new(), Vec::new());
        while let Some(start) = records.next_into(&mut cells)? {
            found.push((start.line, cells.iter().map(str::to_owned).collect()));
        }
        Ok(found)
    }

    fn record(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn cells_lines_and_quotes() {
        assert_eq!(
            all("a, b\r\n\r\n \"1,\"\"2\"\"\" ,3\n", Delimiter::Comma).unwrap(),
            [record(1, &["a", "b"]), record(3, &["1,\"2\"", "3"])]
        );
        assert_eq!(all("\"a\nb\",c\nd,", Delimiter::Comma).unwrap(), [record(1, &["a\nb", "c"]), record(3, &["d", ""])]);
        assert_eq!(all("a\t\tb\n\t\t\n", Delimiter::Tab).unwrap(), [record(1, &["a", "", "b"])]);
        assert_eq!(
            all("  a  \"b c\" \t d \r\n1 2 3", Delimiter::Space).unwrap(),
            [record(1, &["a", "b c", "d"]), record(2, &["1", "2", "3"])]
        );
        assert_eq!(all("sep=;\na;b\n", Delimiter::Semicolon).unwrap(), [record(2, &["a", "b"])]);
        assert_eq!(all("5\" pipe,1\n", Delimiter::Comma).unwrap(), [record(1, &["5\" pipe", "1"])]);
        assert_eq!(all("", Delimiter::Comma).unwrap(), []);
    }

    #[test]
    fn broken_quotes_are_named_with_their_line() {
        assert_eq!(all("a,b\n1,\"2\n3,4\n", Delimiter::Comma).unwrap_err().line, 2);
        let fault = all("a,\"b\"c\n", Delimiter::Comma).unwrap_err();
        assert_eq!((fault.line, fault.message.starts_with("found text behind a closing quote")), (1, true));
    }

    #[test]
    fn comments_are_told_by_what_stands_outside_quotes() {
        let mut cells = StringRecord::new();
        assert!(Records::new(" # x", Delimiter::Comma).next_into(&mut cells).unwrap().unwrap().hash);
        assert!(!Records::new("\"#\",x", Delimiter::Comma).next_into(&mut cells).unwrap().unwrap().hash);
    }
}
