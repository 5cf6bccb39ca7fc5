//! The trait that every solver implements.

use std::fmt;

use fathom_opt_problems::{Malformed, Problem};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::outcome::Outcome;
use crate::run::Run;

/// A method for the problem class `P`. The implementing type's fields are the method's options.
///
/// Derive `Serialize`, `Deserialize`, `JsonSchema` and `Default`, and mark the type `#[serde(deny_unknown_fields, default)]`: every option then has a
/// default that works, a misspelt one is refused, and `fathom list solvers` shows them all with their documentation.
pub trait Solver<P: Problem>: Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync {
    /// The name on the command line, such as `ssor-cg-fixed`.
    const NAME: &'static str;
    /// The method in one line.
    const SUMMARY: &'static str;

    /// Whether the options make sense together and each lies in its range.
    ///
    /// # Errors
    /// The option at fault and what it should be.
    fn validate(&self) -> Result<(), OptionError> {
        Ok(())
    }

    /// Whether the method takes this instance.
    ///
    /// # Errors
    /// [`SolveError::Unsupported`]: what the instance lacks.
    fn accepts(&self, problem: &P) -> Result<(), SolveError> {
        let _ = problem;
        Ok(())
    }

    /// Solves `problem` within what `run` allows. Ask [`Run::should_stop`] in every iteration, and return the best solution so far when it says so.
    ///
    /// # Errors
    /// When the method cannot start on this instance. A method that starts and gets stuck returns [`Status::Failed`](crate::Status::Failed).
    fn solve(&self, problem: &P, run: &Run) -> Result<Outcome<P::Solution>, SolveError>;
}

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
