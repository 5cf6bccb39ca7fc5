//! What is wrong with a model file, and where in it.

use std::fmt;

/// Bytes that are no model: the line, the column or card at fault, what was found there and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// 1-based line; 0 where the file as a whole, or a byte of a binary file, is meant.
    pub line: usize,
    /// 1-based column, or in binary files the 1-based byte; 0 where the line as a whole is meant.
    pub column: usize,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Fault {
    /// A fault at this line and column.
    pub fn at(line: usize, column: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line, column, found: found.into(), expected: expected.into() }
    }

    /// A fault of the file as a whole.
    pub fn whole(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::at(0, 0, found, expected)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, 0) => {}
            (0, byte) => write!(f, "byte {byte}: ")?,
            (line, 0) => write!(f, "line {line}: ")?,
            (line, column) => write!(f, "line {line}, column {column}: ")?,
        }
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for Fault {}
