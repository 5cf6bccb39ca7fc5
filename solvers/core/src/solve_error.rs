//! Why a solve could not start.

use std::fmt;

use fathom_opt_problems::Malformed;

/// An option outside its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("option `{option}`: found {found}, expected {expected}")]
pub struct OptionError {
    /// The option's name.
    pub option: String,
    /// Its value.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

impl OptionError {
    /// `option` is `found` but should be `expected`.
    pub fn new(option: &str, found: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self { option: option.into(), found: found.to_string(), expected: expected.into() }
    }
}

/// Why a solve could not start.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The method does not take instances like this one.
    #[error("{solver} does not take this instance: {why}")]
    Unsupported {
        /// The solver's name.
        solver: &'static str,
        /// What the instance has or lacks.
        why: String,
    },
    /// An option is outside its range.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The options are not what the solver takes.
    #[error("options: {0}")]
    Options(String),
    /// The run has a start, and the method cannot start from a given solution.
    #[error("{solver} cannot start from a given solution")]
    NoWarmStart {
        /// The solver's name.
        solver: &'static str,
    },
    /// The run's start is no solution of the instance, or none to start from.
    #[error("the start: {0}")]
    Start(Malformed),
    /// The instance's data is at fault.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The instance is of another class than the solver's.
    #[error("{solver} solves {expected} problems, not {found}")]
    WrongKind {
        /// The solver's name.
        solver: &'static str,
        /// The class it solves.
        expected: &'static str,
        /// The instance's class.
        found: &'static str,
    },
}
