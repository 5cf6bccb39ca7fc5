//! What is wrong with a line.

use fathom_opt_core::OptionError;
use fathom_opt_problems::Malformed;

/// What is wrong with a line, and whom it was about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The id that stands in the line, if any.
    pub id: Option<u64>,
    /// What was found and what was expected.
    pub message: String,
}

impl Fault {
    /// The fault of a line about `id`, if it is about anything.
    pub fn new(id: Option<u64>, message: impl Into<String>) -> Self {
        Self { id, message: message.into() }
    }

    /// The fault of a line that should have been JSON of the form `expected` (a noun).
    pub fn json(id: Option<u64>, expected: &str, error: &serde_json::Error) -> Self {
        // The position is always line 1 of the line.
        let message = error.to_string();
        let plain = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
        Self { id, message: format!("found no {expected}: {plain}") }
    }
}

impl From<Malformed> for Fault {
    fn from(fault: Malformed) -> Self {
        Self::new(None, fault.to_string())
    }
}

impl From<OptionError> for Fault {
    fn from(error: OptionError) -> Self {
        Self::new(None, error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::new(None, error.to_string())
    }
}
