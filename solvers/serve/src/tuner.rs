//! Choosing a service and its options from past streams.

use fathom_opt_core::OptionError;
use fathom_opt_problems::Problem;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::log::Figure;

/// A method that looks at past streams of a class and says which service to use for the next; the implementing type's fields are its options.
pub trait Tuner: Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync + 'static {
    /// The class of the past streams.
    type Problem: Problem;
    /// The method in one line.
    const SUMMARY: &'static str;

    /// Tries services on `past`.
    ///
    /// # Errors
    /// An option out of range; streams that the method does not take.
    fn tune(&self, past: &[&Self::Problem]) -> Result<Tuning, OptionError>;
}

/// What was learned from past streams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tuning {
    /// About the past, for a person.
    pub shown: Vec<Figure>,
    /// Names of the columns by which choices are compared.
    pub columns: Vec<&'static str>,
    /// What was tried, the best first.
    pub choices: Vec<Choice>,
    /// All of it, for a program.
    pub data: Value,
}

/// A service with options that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its name.
    pub service: &'static str,
    /// The options to set.
    pub options: Map<String, Value>,
    /// One figure per column.
    pub figures: Vec<f64>,
}
