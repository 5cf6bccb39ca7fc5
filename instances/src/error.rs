//! What is wrong with a file, and where.

use std::fmt;
use std::io;
use std::path::Path;

use fathom_opt_problems::FilePlace;

/// A position in a text file with the text around it, for showing to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line at fault, or the part of it around the fault.
    pub text: String,
    /// Where the fault starts in `text`, in bytes.
    pub offset: usize,
}

/// Why a file is not an instance, a solution or a suite: which file, where in it, what was found and what was expected.
#[derive(Debug)]
pub struct InstanceError {
    /// The file, as it was named.
    pub file: String,
    /// 1-based line, where known.
    pub line: Option<usize>,
    /// 1-based column in bytes, where known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The text around the fault, where there is one.
    pub excerpt: Option<Excerpt>,
    cause: Option<io::Error>,
}

impl InstanceError {
    /// `message` about the file as a whole.
    pub fn about(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.display().to_string(), line: None, column: None, message: message.into(), excerpt: None, cause: None }
    }

    /// The file cannot be read or written.
    pub fn io(file: &Path, doing: &str, cause: io::Error) -> Self {
        let message = format!("cannot {doing}: {cause}");
        Self { cause: Some(cause), ..Self::about(file, message) }
    }

    /// `message` about the byte at `offset` of `text`.
    pub fn at_offset(file: &Path, text: &[u8], offset: usize, message: impl Into<String>) -> Self {
        let offset = offset.min(text.len());
        let line_start = text[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let line = text[..offset].split(|&byte| byte == b'\n').count();
        Self {
            line: Some(line),
            column: Some(offset - line_start + 1),
            excerpt: Some(excerpt(text, line_start, offset)),
            ..Self::about(file, message)
        }
    }

    /// `message` about a 1-based line and column of `text` (a column of 0 means the line as a whole).
    pub fn at_line(file: &Path, text: &[u8], line: usize, column: usize, message: impl Into<String>) -> Self {
        if line == 0 {
            return Self::about(file, message);
        }
        let mut line_start = 0;
        for _ in 1..line {
            match text[line_start..].iter().position(|&byte| byte == b'\n') {
                Some(newline) => line_start += newline + 1,
                None => break,
            }
        }
        let offset = (line_start + column.saturating_sub(1)).min(text.len());
        Self {
            line: Some(line),
            column: (column > 0).then_some(column),
            excerpt: Some(excerpt(text, line_start, offset)),
            ..Self::about(file, message)
        }
    }

    /// The same error, with `advice` behind its message.
    pub(crate) fn advised(mut self, advice: &str) -> Self {
        self.message.push_str(" (");
        self.message.push_str(advice);
        self.message.push(')');
        self
    }

    /// The position, as a [`FilePlace`].
    pub fn place(&self) -> FilePlace {
        FilePlace { file: self.file.clone(), line: self.line.unwrap_or(0), column: self.column.unwrap_or(0) }
    }
}

/// At most this many bytes before and after a fault are shown.
const WINDOW: usize = 60;

fn excerpt(text: &[u8], line_start: usize, offset: usize) -> Excerpt {
    let line_end = text[offset..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |newline| offset + newline);
    let start = offset.saturating_sub(WINDOW).max(line_start);
    let end = (offset + WINDOW).min(line_end);
    // Cutting may split a character, and the text may not be UTF-8 at all: the replacement character stands for what is lost.
    let before = String::from_utf8_lossy(&text[start..offset]);
    let after = String::from_utf8_lossy(&text[offset..end]);
    Excerpt { offset: before.len(), text: format!("{before}{}", after.trim_end_matches('\r')) }
}

impl fmt::Display for InstanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for InstanceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_columns_from_one() {
        let error = InstanceError::at_offset(Path::new("a.json"), b"{\n  \"x\": ?\n}", 9, "what is this");
        assert_eq!(error.to_string(), "a.json:2:8: what is this");
        assert_eq!(error.excerpt, Some(Excerpt { text: "  \"x\": ?".into(), offset: 7 }));
    }

    #[test]
    fn a_long_line_is_shown_in_part() {
        let line = format!("{}!{}", "a".repeat(10_000), "b".repeat(10_000));
        let error = InstanceError::at_line(Path::new("x"), line.as_bytes(), 1, 10_001, "m");
        let excerpt = error.excerpt.unwrap();
        assert_eq!(&excerpt.text[excerpt.offset..=excerpt.offset], "!");
        assert!(excerpt.text.len() <= 2 * WINDOW + 1);
    }

    #[test]
    fn positions_beyond_the_text_do_no_harm() {
        let error = InstanceError::at_line(Path::new("x"), b"one\n", 7, 9, "m");
        assert_eq!(error.line, Some(7));
        assert_eq!(error.excerpt.unwrap().text, "");
        InstanceError::at_offset(Path::new("x"), b"\xff\xfe", 99, "m");
    }
}
