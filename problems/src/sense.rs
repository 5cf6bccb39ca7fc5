//! Which way an objective is to go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether smaller or larger objective values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sense {
    /// Smaller is better.
    Minimize,
    /// Larger is better.
    Maximize,
}

impl Sense {
    /// By how much `a` is better than `b` (negative when it is worse).
    pub fn advantage(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Minimize => b - a,
            Self::Maximize => a - b,
        }
    }
}
