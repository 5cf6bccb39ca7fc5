//! What a solver of a sequence returns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The solution vector of one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptSolution {
    /// Which system (0-based).
    pub system: usize,
    /// `x`, length `n`.
    pub values: Vec<f64>,
}

/// The outcome of each system in order, and the solution vectors that were kept.
///
/// A run that stopped early lists the systems it reached, the last of them perhaps unsolved: `residuals` and `iterations` are then shorter than the
/// sequence.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearSequenceSolution {
    /// Final relative residual of each system, as the solver recomputed it.
    pub residuals: Vec<f64>,
    /// Iterations spent on each system.
    pub iterations: Vec<u64>,
    /// Kept solution vectors, in the order of their systems.
    #[serde(default)]
    pub x: Vec<KeptSolution>,
}
