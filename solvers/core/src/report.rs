//! A finished solve: what the solver answered, what the checker found, what it cost.

use fathom_opt_problems::{AnySolution, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::audit::{Audit, Refuted};
use crate::registry::ErasedOutcome;
use crate::status::Status;

/// What a solve took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Seconds {
    /// By the clock on the wall.
    pub wall: f64,
    /// Of the processor, all threads together; `None` where the system does not tell.
    pub cpu: Option<f64>,
}

/// A finished solve in the one form that solution documents, the harness's workers and its records share. Field names are stable: people script against
/// them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// How it ended: the fields `status` and `detail`.
    #[serde(flatten)]
    pub status: Status,
    /// What status, objective and bound speak of: the name of the class's objective or of another measure of its checker. `None` where neither solver nor
    /// checker names one.
    #[serde(default)]
    pub criterion: Option<String>,
    /// The solution's value of the criterion, as the solver computed it.
    #[serde(default)]
    pub objective: Option<f64>,
    /// The bound that the solver has proven.
    #[serde(default)]
    pub bound: Option<f64>,
    /// Properties that the method guarantees for this solution.
    #[serde(default)]
    pub promised: Vec<String>,
    /// Properties that were looked for: `infeasible` then means that no solution has them all.
    #[serde(default)]
    pub sought: Vec<String>,
    /// Remarks of the solver.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Claims that the checker refutes; empty for an honest solver.
    #[serde(default)]
    pub refuted: Vec<Refuted>,
    /// Claims that the checker could neither confirm nor refute, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
    /// The solution, if there is one and it is kept.
    #[serde(default)]
    pub solution: Option<Box<RawValue>>,
    /// What the independent checker found.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// What the solve cost, in units that do not depend on the machine.
    #[serde(default)]
    pub counters: Map<String, Value>,
    /// What it took.
    #[serde(default)]
    pub seconds: Seconds,
}

impl Report {
    /// A report with nothing but a status and the time that went by.
    pub fn new(status: Status, seconds: Seconds) -> Self {
        Self {
            status,
            criterion: None,
            objective: None,
            bound: None,
            promised: Vec::new(),
            sought: Vec::new(),
            notes: Vec::new(),
            refuted: Vec::new(),
            unconfirmed: Vec::new(),
            solution: None,
            verdict: None,
            counters: Map::new(),
            seconds,
        }
    }

    /// Outcome, audit and cost of a solve, without the solution itself.
    pub fn of(outcome: &ErasedOutcome, audit: &Audit, seconds: Seconds) -> Self {
        let name = |verdict: &Verdict| verdict.objective.as_ref().map(|objective| objective.name.clone());
        let counters = match serde_json::to_value(&outcome.counters) {
            Ok(Value::Object(counters)) => counters,
            // Counters are numbers by name, which JSON can always write.
            _ => Map::new(),
        };
        Self {
            criterion: outcome.criterion.clone().or_else(|| audit.verdict.as_ref().and_then(name)),
            objective: outcome.objective,
            bound: outcome.bound,
            promised: outcome.promised.clone(),
            sought: outcome.sought.clone(),
            notes: outcome.notes.clone(),
            refuted: audit.refuted.clone(),
            unconfirmed: audit.unconfirmed.clone(),
            verdict: audit.verdict.clone(),
            counters,
            ..Self::new(outcome.status.clone(), seconds)
        }
    }

    /// The same report with the solution.
    ///
    /// # Errors
    /// When the solution cannot be written as JSON.
    pub fn with_solution(mut self, solution: Option<&AnySolution>) -> serde_json::Result<Self> {
        self.solution = solution.map(AnySolution::to_json).transpose()?;
        Ok(self)
    }

    /// The value of the criterion that the checker found.
    pub fn checked_objective(&self) -> Option<f64> {
        let verdict = self.verdict.as_ref()?;
        match &verdict.objective {
            Some(objective) if self.is_of_the_objective() => Some(objective.value),
            _ => self.criterion.as_deref().and_then(|name| verdict.measure(name)),
        }
    }

    /// Whether the criterion is the class's objective; also where nobody names one.
    pub fn is_of_the_objective(&self) -> bool {
        let objective = self.verdict.as_ref().and_then(|verdict| verdict.objective.as_ref());
        match (&self.criterion, objective) {
            (Some(criterion), Some(objective)) => *criterion == objective.name,
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// Whether the solution, if there is one that could be checked, meets every requirement.
    pub fn holds(&self) -> Option<bool> {
        self.verdict.as_ref().map(Verdict::holds)
    }

    /// Whether the status is a proof that the checker does not refute.
    pub fn is_proof(&self) -> bool {
        self.status.is_proof() && self.refuted.is_empty()
    }
}
