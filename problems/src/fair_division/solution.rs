//! What a rule returns.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A complete allocation: every item has one owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// For each item, in the order of the instance (copies of one item in a row), the agent who gets it (0-based). The checker refuses an allocation
    /// with an unassigned item ([`Allocation::NOBODY`], `null` in a document) and names the item.
    #[serde(deserialize_with = "owners")]
    pub owner: Vec<usize>,
}

/// Owners as a document lists them; `null` is [`Allocation::NOBODY`].
fn owners<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let owners: Vec<Option<usize>> = Vec::deserialize(deserializer)?;
    Ok(owners.into_iter().map(|owner| owner.unwrap_or(Allocation::NOBODY)).collect())
}

impl Allocation {
    /// The owner of an item that nobody has.
    pub const NOBODY: usize = usize::MAX;

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
