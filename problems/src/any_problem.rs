//! A problem whose class is known only at run time.

use std::any::Any;

use serde_json::value::RawValue;

use crate::any_solution::AnySolution;
use crate::bulk::BulkSink;
use crate::malformed::Malformed;
use crate::objects_only;
use crate::problem::{Criterion, Problem, Size};
use crate::sense::Sense;
use crate::verdict::{Measure, Verdict};

/// Any [`Problem`], with its class erased; documents, the registry, the command line and the harness work with this.
///
/// Every [`Problem`] is one; `downcast` leads back.
pub trait AnyProblem: Any + Send + Sync {
    /// [`Problem::KIND`].
    fn kind(&self) -> &'static str;
    /// [`Problem::sense`].
    fn sense(&self) -> Sense;
    /// [`Problem::criteria`].
    fn criteria(&self) -> Vec<Criterion>;
    /// [`Problem::sizes`].
    fn sizes(&self) -> Vec<Size>;
    /// [`Problem::measures`].
    fn measures(&self) -> Vec<Measure>;
    /// [`Problem::warnings`].
    fn warnings(&self) -> Vec<String>;
    /// [`Problem::ranks_by_objective`].
    fn ranks_by_objective(&self) -> bool;
    /// [`Problem::objective_tolerance`].
    fn objective_tolerance(&self) -> f64;
    /// [`Problem::objective_scale`]; of a typical solution where this one is of another class.
    fn objective_scale(&self, solution: Option<&AnySolution>) -> f64;
    /// [`Problem::to_data`], as JSON text.
    ///
    /// # Errors
    /// As [`Problem::to_data`], and when the data cannot be written as JSON.
    fn data_json(&self, bulk: &mut dyn BulkSink) -> Result<Box<RawValue>, Malformed>;
    /// The solution of the class that is written in `json`.
    ///
    /// # Errors
    /// When `json` is not the class's solution type: a missing or unknown field, a wrong type.
    fn parse_solution(&self, json: &RawValue) -> serde_json::Result<AnySolution>;
    /// [`Problem::check`].
    ///
    /// # Errors
    /// As [`Problem::check`], and when `solution` is of another class.
    fn check_any(&self, solution: &AnySolution) -> Result<Verdict, Malformed>;
    /// [`Problem::present`]; no lines for a solution of another class.
    fn present_any(&self, solution: &AnySolution) -> Vec<String>;
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

    fn criteria(&self) -> Vec<Criterion> {
        Problem::criteria(self)
    }

    fn sizes(&self) -> Vec<Size> {
        Problem::sizes(self)
    }

    fn measures(&self) -> Vec<Measure> {
        Problem::measures(self)
    }

    fn warnings(&self) -> Vec<String> {
        Problem::warnings(self)
    }

    fn ranks_by_objective(&self) -> bool {
        Problem::ranks_by_objective(self)
    }

    fn objective_tolerance(&self) -> f64 {
        Problem::objective_tolerance(self)
    }

    fn objective_scale(&self, solution: Option<&AnySolution>) -> f64 {
        Problem::objective_scale(self, solution.and_then(AnySolution::downcast))
    }

    fn data_json(&self, bulk: &mut dyn BulkSink) -> Result<Box<RawValue>, Malformed> {
        let data = self.to_data(bulk)?;
        serde_json::value::to_raw_value(&data)
            .map_err(|error| Malformed::new(crate::Place::root(), error.to_string(), "data that can be written as JSON"))
    }

    fn parse_solution(&self, json: &RawValue) -> serde_json::Result<AnySolution> {
        objects_only::from_str::<P::Solution>(json.get()).map(AnySolution::new)
    }

    fn check_any(&self, solution: &AnySolution) -> Result<Verdict, Malformed> {
        match solution.downcast() {
            Some(solution) => self.check(solution),
            None => Err(Malformed::new(crate::Place::root(), "a solution of another class", format!("one of a {} instance", P::KIND))),
        }
    }

    fn present_any(&self, solution: &AnySolution) -> Vec<String> {
        solution.downcast().map_or_else(Vec::new, |solution| self.present(solution))
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

    /// [`Problem::check`] for a solution in JSON.
    ///
    /// # Errors
    /// When `json` is not the class's solution type, or does not fit the instance.
    pub fn check_json(&self, json: &RawValue) -> Result<Verdict, CheckError> {
        Ok(self.check_any(&self.parse_solution(json)?)?)
    }
}
