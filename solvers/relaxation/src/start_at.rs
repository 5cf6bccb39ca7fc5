//! Where the iteration of a system starts.

use fathom_opt_problems::linear_sequence::Start;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the iteration of each system starts. What residuals are compared with is the problem's matter and does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartAt {
    /// Where the problem says.
    #[default]
    Problem,
    /// At zero.
    Zero,
    /// At the solution of the previous system (zero for the first).
    Previous,
}

impl StartAt {
    /// Whether systems start at zero, given what the problem says.
    pub(crate) fn is_zero(self, problem: Start) -> bool {
        match self {
            Self::Problem => problem == Start::Zero,
            Self::Zero => true,
            Self::Previous => false,
        }
    }
}
