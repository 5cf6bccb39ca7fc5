//! What is wrong in a table.

/// What is wrong in a line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableFault {
    /// 1-based; 0 for the table as a whole.
    pub line: usize,
    pub message: String,
}

impl TableFault {
    pub(crate) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}
