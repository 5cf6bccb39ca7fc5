//! What a rule returns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A complete allocation: every item has one owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// For each item, in the order of the instance (copies of one item in a row), the agent who gets it (0-based).
    pub owner: Vec<usize>,
}

impl Allocation {
    /// The allocation that gives item `o` to `owner[o]`.
    pub fn new(owner: Vec<usize>) -> Self {
        Self { owner }
    }

    /// The bundle of each of `agents` agents, items in increasing order; owners out of range are left out.
    pub fn bundles(&self, agents: usize) -> Vec<Vec<usize>> {
        let mut bundles = vec![Vec::new(); agents];
        for (item, &agent) in self.owner.iter().enumerate() {
            if let Some(bundle) = bundles.get_mut(agent) {
                bundle.push(item);
            }
        }
        bundles
    }
}
