//! The solution document: what `fathom solve` writes.

use fathom_opt_problems::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Which instance a solution belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedInstance {
    /// The instance's name.
    pub name: String,
    /// The hash of its content.
    pub sha256: String,
}

/// Which solver made a solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedBy {
    /// The solver's name.
    pub name: String,
    /// Fathom's version.
    pub version: String,
    /// All options, defaults included.
    pub options: Value,
}

/// What a solve took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seconds {
    /// By the clock on the wall.
    pub wall: f64,
    /// Of the processor, all threads together.
    pub cpu: f64,
}

/// A verdict with its one-word summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenVerdict {
    /// Whether every requirement was checked and is met.
    pub holds: bool,
    /// The recomputed objective.
    pub objective: Option<f64>,
    /// What the checker found.
    #[serde(flatten)]
    rest: VerdictRest,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct VerdictRest {
    violations: Vec<fathom_opt_problems::Violation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unchecked: Vec<String>,
    properties: Vec<fathom_opt_problems::Property>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    measures: Vec<fathom_opt_problems::Measure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    improvements: Vec<fathom_opt_problems::Improvement>,
}

impl From<&Verdict> for WrittenVerdict {
    fn from(verdict: &Verdict) -> Self {
        Self {
            holds: verdict.holds(),
            objective: verdict.objective.as_ref().map(|objective| objective.value),
            rest: VerdictRest {
                violations: verdict.violations.clone(),
                unchecked: verdict.unchecked.clone(),
                properties: verdict.properties.clone(),
                measures: verdict.measures.clone(),
                improvements: verdict.improvements.clone(),
            },
        }
    }
}

/// The outcome of a solve, as a document. Field names are stable: people script against them.
#[derive(Debug, Serialize)]
pub struct SolutionDocument {
    /// Version of the format.
    pub fathom: u32,
    /// The problem class.
    pub problem: String,
    /// The instance.
    pub instance: SolvedInstance,
    /// The solver.
    pub solver: SolvedBy,
    /// The seed of the run.
    pub seed: u64,
    /// How the solve ended, one word.
    pub status: &'static str,
    /// What the word leaves out: which limit, why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The checker's measure that was optimised, if it is not the class's objective; objective and bound are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The objective, as the solver computed it.
    pub objective: Option<f64>,
    /// The proven bound.
    pub bound: Option<f64>,
    /// Properties that the method guarantees for this solution.
    pub promised: Vec<String>,
    /// Properties that the solver looked for: `infeasible` then means that no solution has them all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sought: Vec<String>,
    /// The solution.
    pub solution: Option<Box<RawValue>>,
    /// What the independent checker found.
    pub verdict: Option<WrittenVerdict>,
    /// Claims that the checker refutes, as sentences; empty for an honest solver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refuted: Vec<String>,
    /// Remarks of the solver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the solve cost, in units that do not depend on the machine.
    pub counters: Value,
    /// What it took.
    pub seconds: Seconds,
}
