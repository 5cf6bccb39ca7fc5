//! What a solver returns.

use crate::counters::Counters;
use crate::status::Status;
use crate::trace::Trace;

/// The result of one solve.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<S> {
    /// How it ended.
    pub status: Status,
    /// The best solution found, if any.
    pub solution: Option<S>,
    /// The measure of the class's checker that was optimised, one of [`Problem::criteria`](fathom_opt_problems::Problem::criteria); `None` for the class's
    /// objective. Status, objective and bound speak of it.
    pub criterion: Option<String>,
    /// The solution's value of the criterion, as the solver computed it.
    pub objective: Option<f64>,
    /// A *proven* bound on every solution's value of the criterion: a lower one when minimising, an upper one when maximising.
    pub bound: Option<f64>,
    /// Names of the properties (of the class's checker) that the method guarantees for this solution.
    pub promised: Vec<String>,
    /// Names of properties that the solver looked for beyond what the instance requires: `infeasible` then means that no solution has them all, and says
    /// nothing about solutions without them.
    pub sought: Vec<String>,
    /// What it cost.
    pub counters: Counters,
    /// How it went, when the method records that.
    pub trace: Option<Trace>,
    /// Remarks for the user, a sentence each.
    pub notes: Vec<String>,
}

impl<S> Outcome<S> {
    /// An outcome with nothing but a status.
    pub fn new(status: Status) -> Self {
        Self {
            status,
            solution: None,
            criterion: None,
            objective: None,
            bound: None,
            promised: Vec::new(),
            sought: Vec::new(),
            counters: Counters::default(),
            trace: None,
            notes: Vec::new(),
        }
    }

    /// The same outcome, with this solution and its objective.
    #[must_use]
    pub fn with_solution(mut self, solution: S, objective: Option<f64>) -> Self {
        self.solution = Some(solution);
        self.objective = objective;
        self
    }

    /// The same outcome, with status, objective and bound in the checker's measure of this name.
    #[must_use]
    pub fn in_criterion(mut self, name: impl Into<String>) -> Self {
        self.criterion = Some(name.into());
        self
    }

    /// The same outcome with its solution put into another form.
    pub fn map<T>(self, convert: impl FnOnce(S) -> T) -> Outcome<T> {
        Outcome {
            status: self.status,
            solution: self.solution.map(convert),
            criterion: self.criterion,
            objective: self.objective,
            bound: self.bound,
            promised: self.promised,
            sought: self.sought,
            counters: self.counters,
            trace: self.trace,
            notes: self.notes,
        }
    }
}
