//! Random utilities of both signs.

use fathom_opt_problems::fair_division::FairDivision;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// Additive utilities drawn independently and uniformly: each item is a good for an agent with probability `goods`, worth 1 to `largest`,
/// and otherwise a chore, worth -`largest` to -1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MixedManna {
    /// Number of agents, at least 1.
    pub agents: usize,
    /// Number of items, at least 1.
    pub items: usize,
    /// Probability that an item is a good for an agent, 0 (all chores) to 1 (all goods).
    pub goods: f64,
    /// Largest magnitude of a utility, 1 to 10^12.
    pub largest: i64,
}

impl Default for MixedManna {
    fn default() -> Self {
        Self { agents: 5, items: 20, goods: 0.5, largest: 100 }
    }
}

impl Generator for MixedManna {
    const NAME: &'static str = "mixed-manna";
    const SUMMARY: &'static str = "independent uniform utilities of goods, chores or both";
    const CITATION: &'static str = "Uniform additive utilities, the usual random model of the fair-division literature.";
    type Problem = FairDivision;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<FairDivision, ParameterError> {
        if self.agents == 0 || self.items == 0 || self.agents.saturating_mul(self.items) > 1 << 26 {
            let found = format!("{} agents, {} items", self.agents, self.items);
            return Err(ParameterError::range("agents", found, "at least one agent and item, at most 2^26 utilities"));
        }
        if !(0.0..=1.0).contains(&self.goods) {
            return Err(ParameterError::range("goods", self.goods, "0 to 1"));
        }
        if !(1..=1_000_000_000_000).contains(&self.largest) {
            return Err(ParameterError::range("largest", self.largest, "1 to 10^12"));
        }
        let utilities = (0..self.agents)
            .map(|_| {
                (0..self.items)
                    .map(|_| {
                        let magnitude = rng.random_range(1..=self.largest);
                        if rng.random_bool(self.goods) { magnitude } else { -magnitude }
                    })
                    .collect()
            })
            .collect();
        Ok(FairDivision::new(utilities)?)
    }
}
