//! A weighted graph.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An edge and its weight: (from, to, effect of `from` on `to`).
pub type Edge = (usize, usize, f64);

/// A weighted graph over the variables, with an order that its edges follow.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedDag {
    /// The nodes, each once, such that every edge leads from an earlier to a later one. Empty: any order that the edges allow.
    #[serde(default)]
    pub order: Vec<usize>,
    /// `[from, to, weight]`; each pair at most once. None: the graph without edges; as a start, the order alone.
    #[serde(default)]
    pub edges: Vec<Edge>,
}
