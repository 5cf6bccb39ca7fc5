//! A problem with what is known about it.

use fathom_opt_problems::AnyProblem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an instance comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// Who made it and where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// Under which terms it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// What is known about an instance's solutions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Known {
    /// Objective of the best solution known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objective: Option<f64>,
    /// Best proven bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// What that solution is known to be (`optimal`, `feasible`, `infeasible`, ...).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who or what found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// One instance: a problem, its name and source, what is known about it, and the hash of its content.
pub struct Instance {
    /// Short name.
    pub name: String,
    /// Where it comes from.
    pub source: Option<Source>,
    /// What is known about its solutions.
    pub known: Option<Known>,
    /// SHA-256 in hexadecimal digits: of the file's bytes as stored, or of the generator's name, parameters and seed.
    pub sha256: String,
    /// The problem.
    pub problem: Box<dyn AnyProblem>,
    /// What the reader of its file took upon itself, a sentence each.
    pub notes: Vec<String>,
}

impl Instance {
    /// Objective of the best solution known, if any.
    pub fn best_known(&self) -> Option<f64> {
        self.known.as_ref().and_then(|known| known.objective)
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("name", &self.name).field("kind", &self.problem.kind()).finish_non_exhaustive()
    }
}
