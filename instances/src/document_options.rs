//! What reading a document can be told beyond the document itself.

use fathom_opt_problems::{AnyProblem, Malformed, Problem};
use serde_json::{Map, Value};

use crate::options::{self, Options};

/// Reading options of the documents of one class.
pub trait DocumentOptions: Options + 'static {
    /// The class.
    type Problem: Problem;

    /// The problem that the options make of the one in the document.
    ///
    /// # Errors
    /// When they do not fit it.
    fn adjust(&self, problem: &Self::Problem) -> Result<Self::Problem, Malformed>;
}

/// [`DocumentOptions`] with their types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyDocumentOptions {
    schema: fn() -> Value,
    effective: fn(&Map<String, Value>) -> Result<Value, String>,
    adjust: AdjustErased,
}

type AdjustErased = fn(&dyn AnyProblem, &Map<String, Value>) -> Result<Box<dyn AnyProblem>, String>;

impl AnyDocumentOptions {
    /// The options `O`.
    pub fn of<O: DocumentOptions>() -> Self {
        Self {
            schema: options::schema::<O>,
            effective: |given| options::parse::<O>(given).map(|options| options::effective(&options)),
            adjust: |problem, given| {
                let options = options::parse::<O>(given)?;
                let Some(problem) = problem.downcast::<O::Problem>() else {
                    return Err(format!("found a {} instance, expected {}", problem.kind(), O::Problem::KIND));
                };
                match options.adjust(problem) {
                    Ok(problem) => Ok(Box::new(problem)),
                    Err(fault) => Err(fault.to_string()),
                }
            },
        }
    }

    /// JSON Schema of the options.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// All options with the values that `given` leads to.
    ///
    /// # Errors
    /// An option that documents of the class do not take, or a value of the wrong type: a sentence.
    pub fn effective(&self, given: &Map<String, Value>) -> Result<Value, String> {
        (self.effective)(given)
    }

    /// [`DocumentOptions::adjust`].
    ///
    /// # Errors
    /// As there, and as [`AnyDocumentOptions::effective`]: a sentence.
    pub fn adjust(&self, problem: &dyn AnyProblem, given: &Map<String, Value>) -> Result<Box<dyn AnyProblem>, String> {
        (self.adjust)(problem, given)
    }
}
