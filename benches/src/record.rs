//! One finished run.

use serde::{Deserialize, Serialize};

use crate::key::RunKey;

/// The status of a run that did not start, because the solver does not take the instance.
pub(crate) const UNSUPPORTED: &str = "unsupported";

/// A claim of a solver that the checker refutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefutedClaim {
    /// What was claimed.
    pub claim: String,
    /// What was found.
    pub found: String,
}

/// One finished run, as the results file keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What makes it this run and no other.
    pub key: RunKey,
    /// The suite it was first run for.
    pub suite: String,
    /// The instance's name.
    pub instance: String,
    /// Where the instance came from.
    pub source: String,
    /// The instance's kind.
    pub kind: String,
    /// Objective of the best solution known when it ran.
    pub known_objective: Option<f64>,
    /// What the suite calls the solver.
    pub label: String,
    /// The solver's options, defaults included, as JSON.
    pub options: String,
    /// The machine, as JSON.
    pub machine: String,
    /// When it started, in seconds since 1970 (UTC).
    pub started: f64,
    /// How it ended: [`fathom_opt_core::Status::name`], or `unsupported` when the solver does not take the instance.
    pub status: String,
    /// What the name leaves out: which limit, why it failed, what the solver lacks.
    pub detail: Option<String>,
    /// The objective that the solver claims.
    pub objective: Option<f64>,
    /// The bound that the solver claims to have proven.
    pub bound: Option<f64>,
    /// The objective that the checker found.
    pub checked_objective: Option<f64>,
    /// Whether the solution, if there is one, meets every requirement.
    pub holds: Option<bool>,
    /// The checker's verdict, as JSON.
    pub verdict: Option<String>,
    /// Claims that the checker refutes; empty for an honest run.
    pub refuted: Vec<RefutedClaim>,
    /// Seconds of the solve; of the whole process when it did not answer.
    pub wall_seconds: f64,
    /// CPU seconds of the solve.
    pub cpu_seconds: Option<f64>,
    /// The most memory the process had in RAM until the solver returned, in bytes.
    pub peak_memory: Option<u64>,
    /// The solver's counters, as JSON.
    pub counters: Option<String>,
    /// The solver's remarks, as JSON.
    pub notes: Option<String>,
    /// The end of what the process wrote to its standard error.
    pub stderr: String,
}
