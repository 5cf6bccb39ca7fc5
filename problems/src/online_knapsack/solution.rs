//! What was taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The items that were taken, in the order of their arrival.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Packing {
    /// Ids of the items taken.
    pub accepted: Vec<u64>,
    /// Where items may be taken in part: the share of each item of `accepted`, above 0 and at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Vec<f64>>,
}

impl Packing {
    /// These items, each whole.
    pub fn whole(accepted: Vec<u64>) -> Self {
        Self { accepted, shares: None }
    }
}
