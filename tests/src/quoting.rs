//! A solver that answers what its options say: tests of what happens to an answer give it one.

use fathom_opt_core::{Outcome, Registry, Run, SolveError, Solver, Status};
use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Adds the solver.
pub fn register(registry: &mut Registry) {
    registry.add::<Nonlinear, Quoting>();
}

/// Answers what it is told.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Quoting {
    /// How the solve ended, in the words of solution documents.
    status: String,
    /// What the word leaves out.
    detail: Option<String>,
    /// The solution.
    answer: Option<NonlinearSolution>,
    /// A tolerance that it has no use for.
    tolerance: f64,
    /// A remark.
    some_note: Option<String>,
}

impl Default for Quoting {
    fn default() -> Self {
        Self { status: "locally-optimal".into(), detail: None, answer: None, tolerance: 1.0, some_note: None }
    }
}

impl Solver<Nonlinear> for Quoting {
    const NAME: &'static str = "quoting";
    const SUMMARY: &'static str = "answers what its options say";

    fn solve_accepted(&self, _: &Nonlinear, run: &Run) -> Result<Outcome<NonlinearSolution>, SolveError> {
        let status = Status::of_words(&self.status, self.detail.as_deref())
            .ok_or_else(|| SolveError::Options(format!("`{}` is no status", self.status)))?;
        let mut outcome = Outcome::new(status);
        outcome.solution.clone_from(&self.answer);
        outcome.notes.push(format!("tolerance {}, seed {}", self.tolerance, run.seed()));
        outcome.notes.extend(self.some_note.clone());
        if let Some(stop) = run.should_stop(&outcome.counters) {
            outcome.status = stop.into();
        }
        Ok(outcome)
    }
}
