//! The document form of a stream.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arrival::{Amounts, Arrival, DensityBounds};
use super::{OnlineKnapsack, stream};
use crate::bulk::{Bulk, BulkSource};
use crate::malformed::{Malformed, Place};

/// The `data` field of an `online-knapsack` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlineKnapsackData {
    /// What the knapsack holds, per dimension; not needed where the items stand in a file with a header of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Amounts>,
    /// Bounds on every density, where they are known in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<DensityBounds>,
    /// The items in the order of their arrival, or a stream file beside the document.
    pub items: Bulk<Vec<Arrival>>,
}

impl OnlineKnapsackData {
    pub(super) fn load(self, bulk: &mut dyn BulkSource) -> Result<OnlineKnapsack, Malformed> {
        let root = Place::root();
        match self.items {
            Bulk::Inline(items) => {
                let capacity =
                    self.capacity.ok_or_else(|| Malformed::new(root.field("capacity"), "none", "a capacity (the items stand here)"))?;
                OnlineKnapsack::new(capacity, self.bounds, items)
            }
            Bulk::File(reference) => {
                let below = |fault: Malformed| fault.below(&root.field("items"));
                let text = bulk.stream(&reference).map_err(below)?;
                let problem = stream::parse(&reference.file, &text).map_err(below)?;
                if let Some(capacity) = self.capacity.filter(|capacity| *capacity != problem.capacity) {
                    let found = format!("{:?}", capacity.iter().collect::<Vec<_>>());
                    return Err(Malformed::new(root.field("capacity"), found, "the capacity in the stream's header, or none here"));
                }
                match self.bounds {
                    Some(bounds) => OnlineKnapsack::new(problem.capacity, Some(bounds), problem.items),
                    None => Ok(problem),
                }
            }
        }
    }
}
