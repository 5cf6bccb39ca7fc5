use super::error::{MatrixMarketError, quote};

/// A run of bytes without blanks, and where in its line it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) bytes: &'t [u8],
    /// Byte position in the line, counted from 1.
    pub(super) column: usize,
}

/// A position in a text that knows its line.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1, line_start: 0 }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// The current line, counted from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Takes a whole line of which the caller has made sense: `bytes` long, its line feed included.
    pub(super) fn accept_line(&mut self, bytes: usize) {
        self.at += bytes;
        self.line_start = self.at;
        self.line += 1;
    }

    /// The next token of the current line; `None` at the line's end, where it stays.
    pub(super) fn token(&mut self) -> Option<Token<'t>> {
        self.skip_blanks();
        let rest = self.rest();
        let length = rest.iter().position(|&byte| byte == b'\n' || is_blank(byte)).unwrap_or(rest.len());
        if length == 0 {
            return None;
        }
        let token = Token { bytes: &rest[..length], column: self.at - self.line_start + 1 };
        self.at += length;
        Some(token)
    }

    /// Moves to the next line, which nothing but blanks may stand before.
    pub(super) fn end_line(&mut self, expected: &str) -> Result<(), MatrixMarketError> {
        if let Some(token) = self.token() {
            return Err(self.refuse(Some(token), expected));
        }
        self.next_line();
        Ok(())
    }

    /// Moves to the next line that is neither blank nor a comment. False if there is none; the position is then the text's end.
    pub(super) fn seek_content(&mut self) -> bool {
        loop {
            self.skip_blanks();
            match self.rest().first() {
                None => return false,
                Some(b'\n') => self.next_line(),
                Some(b'%') => {
                    let rest = self.rest();
                    self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                    self.next_line();
                }
                Some(_) => return true,
            }
        }
    }

    /// The error that `token` (or, without one, the end of the line or text) is not what was `expected`.
    pub(super) fn refuse(&self, token: Option<Token<'_>>, expected: impl Into<String>) -> MatrixMarketError {
        let found = match token {
            Some(token) => quote(token.bytes),
            None if self.at == self.text.len() => "the end of the file".to_owned(),
            None => "the end of the line".to_owned(),
        };
        let column = token.map_or(self.at - self.line_start + 1, |token| token.column);
        MatrixMarketError { line: self.line, column, found, expected: expected.into() }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|&byte| !is_blank(byte)).unwrap_or(rest.len());
    }

    /// Steps over the line feed, if the text does not end instead.
    fn next_line(&mut self) {
        if self.rest().first() == Some(&b'\n') {
            self.accept_line(1);
        }
    }
}

/// The carriage return is among the blanks so that CRLF ends a line too.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
