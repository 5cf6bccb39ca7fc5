//! The document form, and the form of solutions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcomes::Outcomes;
use super::phase::Phase;
use super::stream;
use crate::bulk::{Bulk, BulkSource};
use crate::malformed::{Malformed, Place};

/// The `data` field of a `replenishable-bandit` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplenishableBanditData {
    /// How many rounds there are.
    pub rounds: u64,
    /// The budget of every resource, at least 1.
    pub budget: f64,
    /// What the void action gives back per round and resource, 0 to 1.
    #[serde(default)]
    pub replenishment: f64,
    /// Where outcomes come from.
    pub outcomes: OutcomesData,
}

/// The document form of [`Outcomes`]: the same, but phases may stand in a stream beside the document, a line for a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OutcomesData {
    /// Drawn independently in every round: rewards 0 or 1, consumptions -1 or 1, with these means. The seed is part of the instance: the draw of round
    /// `t`, action `a` is a hash of seed, `t` and `a`, so that anybody can repeat it.
    Drawn {
        /// Mean reward of each action.
        rewards: Vec<f64>,
        /// Mean consumption of each resource by each action.
        consumption: Vec<Vec<f64>>,
        /// Seed of the draws.
        seed: u64,
    },
    /// Phases of equal length with the same outcomes in every round of a phase, or a file with them; as many as there are rounds give each its own.
    Phases(Bulk<Vec<Phase>>),
}

impl OutcomesData {
    /// The outcomes, of a stream beside the document if need be.
    pub(super) fn load(self, bulk: &mut dyn BulkSource) -> Result<Outcomes, Malformed> {
        Ok(match self {
            Self::Drawn { rewards, consumption, seed } => Outcomes::Drawn { rewards, consumption, seed },
            Self::Phases(Bulk::Inline(phases)) => Outcomes::Phases(phases),
            Self::Phases(Bulk::File(reference)) => {
                let below = |fault: Malformed| fault.below(&Place::root().field("outcomes").field("phases"));
                let text = bulk.stream(&reference).map_err(below)?;
                Outcomes::Phases(stream::parse(&reference.file, &text).map_err(below)?.1)
            }
        })
    }
}

impl From<Outcomes> for OutcomesData {
    fn from(outcomes: Outcomes) -> Self {
        match outcomes {
            Outcomes::Drawn { rewards, consumption, seed } => Self::Drawn { rewards, consumption, seed },
            Outcomes::Phases(phases) => Self::Phases(Bulk::Inline(phases)),
        }
    }
}

/// The action played in each round, in order; `null` is the void action.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// One action (0-based) or `null` per round.
    pub actions: Vec<Option<u32>>,
}
