//! The tokens of an `.nl` file, text or binary.

use crate::nonlinear::fault::Fault;

/// Byte order of the numbers of a binary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Text,
    LittleEndian,
    BigEndian,
}

/// A position in the bytes of a file.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
    pub encoding: Encoding,
}

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, encoding: Encoding::Text }
    }

    /// The next line as text, without its end and without a comment.
    pub fn line(&mut self) -> Option<&'a str> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        let line = rest[..end].split(|&byte| byte == b'#').next().unwrap_or_default();
        Some(std::str::from_utf8(line).unwrap_or("?").trim())
    }

    /// A fault at the present position: in text its line and column, in binary files its byte.
    pub fn fault(&self, found: impl Into<String>, expected: impl Into<String>) -> Fault {
        self.fault_at(self.at, found, expected)
    }

    fn fault_at(&self, at: usize, found: impl Into<String>, expected: impl Into<String>) -> Fault {
        if self.encoding != Encoding::Text {
            return Fault::at(0, at + 1, found, expected);
        }
        let before = &self.bytes[..at.min(self.bytes.len())];
        let line = before.split(|&byte| byte == b'\n').count();
        let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
        Fault::at(line, column, found, expected)
    }

    /// The letter that begins a segment or a part of an expression; `None` at the end of the file.
    pub fn letter(&mut self) -> Option<u8> {
        if self.encoding == Encoding::Text {
            self.skip_space();
        }
        let letter = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(letter)
    }

    /// The letter just read is not what was expected.
    pub fn unexpected(&self, letter: Option<u8>, expected: &str) -> Fault {
        match letter {
            None => self.fault("the end of the file", expected),
            Some(byte) if byte.is_ascii_graphic() => self.fault_at(self.at.saturating_sub(1), format!("`{}`", char::from(byte)), expected),
            Some(byte) => self.fault_at(self.at.saturating_sub(1), format!("the byte 0x{byte:02x}"), expected),
        }
    }

    /// An integer.
    pub fn integer(&mut self, what: &str) -> Result<i64, Fault> {
        if self.encoding == Encoding::Text {
            let start = self.word_start();
            let word = self.word();
            return word.parse().map_err(|_| self.fault_at(start, described(word), format!("{what} (an integer)")));
        }
        Ok(i64::from(i32::from_le_bytes(self.raw(what)?)))
    }

    /// An index or a count: an integer from 0 to below `limit`.
    pub fn index(&mut self, what: &str, limit: usize) -> Result<usize, Fault> {
        let start = self.word_start();
        let value = self.integer(what)?;
        match usize::try_from(value) {
            Ok(value) if value < limit => Ok(value),
            _ => Err(self.fault_at(start, value.to_string(), format!("{what} below {limit}, from 0"))),
        }
    }

    /// A short integer of an expression.
    pub fn short(&mut self) -> Result<f64, Fault> {
        if self.encoding == Encoding::Text {
            return self.real("a short integer");
        }
        Ok(f64::from(i16::from_le_bytes(self.raw("a short integer")?)))
    }

    /// A number.
    pub fn real(&mut self, what: &str) -> Result<f64, Fault> {
        if self.encoding == Encoding::Text {
            let start = self.word_start();
            let word = self.word();
            let value = fast_float2::parse::<f64, _>(word).ok().filter(|value| !value.is_nan());
            return value.ok_or_else(|| self.fault_at(start, described(word), format!("{what} (a number)")));
        }
        let start = self.at;
        let value = f64::from_le_bytes(self.raw(what)?);
        if value.is_nan() { Err(self.fault_at(start, "NaN", format!("{what} (a number)"))) } else { Ok(value) }
    }

    /// A word: in text up to the next space, in binary files with its length before it.
    pub fn string(&mut self, what: &str) -> Result<String, Fault> {
        if self.encoding == Encoding::Text {
            let start = self.word_start();
            let word = self.word();
            return if word.is_empty() { Err(self.fault_at(start, "nothing", what)) } else { Ok(word.to_owned()) };
        }
        let length = self.index(what, self.bytes.len() + 1)?;
        match self.bytes.get(self.at..self.at + length) {
            Some(bytes) => {
                self.at += length;
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
            None => Err(self.fault("the end of the file", what)),
        }
    }

    /// Bytes of a binary number, turned into little-endian order.
    fn raw<const N: usize>(&mut self, what: &str) -> Result<[u8; N], Fault> {
        let bytes = self.bytes.get(self.at..self.at + N).and_then(|bytes| <[u8; N]>::try_from(bytes).ok());
        let mut bytes = bytes.ok_or_else(|| self.fault("the end of the file", what))?;
        self.at += N;
        if self.encoding == Encoding::BigEndian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    /// How many bytes are left: no count can honestly exceed them.
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn word_start(&mut self) -> usize {
        if self.encoding == Encoding::Text {
            self.skip_space();
        }
        self.at
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'#').unwrap_or(rest.len());
        self.at += end;
        std::str::from_utf8(&rest[..end]).unwrap_or("?")
    }

    /// Passes over white space and comments.
    fn skip_space(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'#' {
                while self.bytes.get(self.at).is_some_and(|&byte| byte != b'\n') {
                    self.at += 1;
                }
            } else if byte.is_ascii_whitespace() {
                self.at += 1;
            } else {
                return;
            }
        }
    }
}

fn described(word: &str) -> String {
    if word.is_empty() { "the end of the file".into() } else { format!("`{word}`") }
}
