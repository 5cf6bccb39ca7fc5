//! A finished solve as a document of its own.

use fathom_opt_core::Report;
use fathom_opt_instances::SolvedInstance;
use serde::Serialize;
use serde_json::Value;

/// Which solver made a solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SolvedBy {
    /// The solver's name.
    pub name: String,
    /// Fathom's version.
    pub version: String,
    /// All options, defaults included.
    pub options: Value,
}

/// The document that `fathom solve` writes: what was solved, by what and with which seed, then the [`Report`]. Field names are stable: people script
/// against them.
#[derive(Debug, Clone, Serialize)]
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
    /// All else.
    #[serde(flatten)]
    pub report: Report,
}
