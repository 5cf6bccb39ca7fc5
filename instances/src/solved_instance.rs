//! Which instance a solution document is about.

use serde::{Deserialize, Serialize};

/// Which instance a solution belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedInstance {
    /// The instance's name.
    pub name: String,
    /// The hash of its content.
    pub sha256: String,
}
