//! A problem whose class is known only at run time.

use std::any::Any;

use serde_json::value::RawValue;

use crate::bulk::BulkSink;
use crate::malformed::Malformed;
use crate::problem::{Problem, Sense, Size};
use crate::verdict::Verdict;

/// Any [`Problem`], with its class erased; documents, the registry, the command line and the harness work with this.
///
/// Every [`Problem`] is one; `downcast` leads back.
pub trait AnyProblem: Any + Send + Sync {
    /// [`Problem::KIND`].
    fn kind(&self) -> &'static str;
    /// [`Problem::sense`].
    fn sense(&self) -> Sense;
    /// [`Problem::sizes`].
    fn sizes(&self) -> Vec<Size>;
    /// [`Problem::objective_tolerance`].
    fn objective_tolerance(&self) -> f64;
    /// [`Problem::to_data`], as JSON text.
    ///
    /// # Errors
    /// As [`Problem::to_data`], and when the data cannot be written as JSON.
    fn data_json(&self, bulk: &mut dyn BulkSink) -> Result<Box<RawValue>, Malformed>;
    /// [`Problem::check`] for a solution in JSON.
    ///
    /// # Errors
    /// When `solution` is not JSON of the class's solution type.
    fn check_json(&self, solution: &RawValue) -> Result<Verdict, CheckError>;
    /// [`Problem::present`] for a solution in JSON; no lines where it is none.
    fn present_json(&self, solution: &RawValue) -> Vec<String>;
    /// [`Problem::export`] for a solution in JSON; `None` where it is none.
    fn export_json(&self, solution: &RawValue, file_name: &str) -> Option<Vec<u8>>;
    /// The same object, for downcasting.
    fn as_any(&self) -> &dyn Any;
}

/// Why a solution in JSON could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The text is not a solution of the class: a missing or unknown field, a wrong type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The solution does not fit the instance.
    #[error("{0}")]
    Malformed(#[from] Malformed),
}

impl<P: Problem> AnyProblem for P {
    fn kind(&self) -> &'static str {
        P::KIND
    }

    fn sense(&self) -> Sense {
        Problem::sense(self)
    }

    fn sizes(&self) -> Vec<Size> {
        Problem::sizes(self)
    }

    fn objective_tolerance(&self) -> f64 {
        Problem::objective_tolerance(self)
    }

    fn data_json(&self, bulk: &mut dyn BulkSink) -> Result<Box<RawValue>, Malformed> {
        let data = self.to_data(bulk)?;
        serde_json::value::to_raw_value(&data)
            .map_err(|error| Malformed::new(crate::Place::root(), error.to_string(), "data that can be written as JSON"))
    }

    fn check_json(&self, solution: &RawValue) -> Result<Verdict, CheckError> {
        let solution: P::Solution = serde_json::from_str(solution.get())?;
        Ok(self.check(&solution)?)
    }

    fn present_json(&self, solution: &RawValue) -> Vec<String> {
        serde_json::from_str(solution.get()).map_or_else(|_| Vec::new(), |solution| self.present(&solution))
    }

    fn export_json(&self, solution: &RawValue, file_name: &str) -> Option<Vec<u8>> {
        self.export(&serde_json::from_str(solution.get()).ok()?, file_name)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl dyn AnyProblem {
    /// The problem as one of class `P`, if it is one.
    pub fn downcast<P: Problem>(&self) -> Option<&P> {
        self.as_any().downcast_ref()
    }
}
