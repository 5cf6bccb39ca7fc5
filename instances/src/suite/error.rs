//! Why a suite was refused.

use std::io;
use std::path::PathBuf;

/// Why a suite was refused.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file cannot be read.
    #[error("suite {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The text is not a suite.
    #[error("suite {suite}, line {line}, column {column}: {message}")]
    Invalid {
        /// The suite's file or name.
        suite: String,
        /// 1-based line.
        line: usize,
        /// 1-based column, in characters.
        column: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// No suite of this name is shipped.
    #[error("no suite `{name}` is shipped (and there is no such file); there is: {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
}

impl SuiteError {
    /// At byte `offset` of `text` stands `found` where `expected` should be.
    pub(super) fn at(suite: &str, text: &str, offset: usize, found: &str, expected: &str) -> Self {
        Self::message_at(suite, text, offset, format!("found {found}, expected {expected}"))
    }

    /// `message` concerns byte `offset` of `text`.
    pub(super) fn message_at(suite: &str, text: &str, offset: usize, message: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self::Invalid { suite: suite.to_owned(), line, column, message }
    }
}
