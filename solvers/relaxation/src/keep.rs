//! Which solution vectors a solve returns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which solution vectors are kept. The checker recomputes the residuals of kept vectors only; the others remain claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// All of them while they take at most 1 GiB together (2^27 numbers), otherwise the last one.
    #[default]
    Auto,
    /// All of them.
    All,
    /// The last one.
    Last,
    /// None.
    None,
}

/// The most numbers that [`Keep::Auto`] keeps.
const MOST_NUMBERS: usize = 1 << 27;

impl Keep {
    /// [`Keep::Auto`] decided for this many systems of this size.
    pub(crate) fn decided(self, systems: usize, dimension: usize) -> Self {
        match self {
            Self::Auto if systems.saturating_mul(dimension) <= MOST_NUMBERS => Self::All,
            Self::Auto => Self::Last,
            other => other,
        }
    }
}
