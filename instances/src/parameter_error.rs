//! Why an instance could not be generated.

use fathom_opt_problems::Malformed;

/// Why an instance could not be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// No generator of this name.
    #[error("no generator `{name}`; there is: {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// Parameters that the generator does not take.
    #[error("parameters of {family}: {message}")]
    Parameters {
        /// The generator.
        family: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A parameter outside its range.
    #[error("parameter `{name}`: found {found}, expected {expected}")]
    Range {
        /// The parameter.
        name: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A parameter names a file that cannot be used.
    #[error("parameter `{name}`: {message}")]
    File {
        /// The parameter.
        name: &'static str,
        /// What is wrong with the file.
        message: String,
    },
    /// The parameters lead to something that is no instance.
    #[error("the parameters give no instance: {0}")]
    Malformed(#[from] Malformed),
}

impl ParameterError {
    /// The parameter `name` is `found`, and should be `expected`.
    pub fn range(name: &'static str, found: impl std::fmt::Display, expected: &'static str) -> Self {
        Self::Range { name, found: found.to_string(), expected }
    }

    /// The file that the parameter `name` names cannot be used.
    pub fn file(name: &'static str, message: impl std::fmt::Display) -> Self {
        Self::File { name, message: message.to_string() }
    }
}
