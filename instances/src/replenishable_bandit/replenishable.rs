//! Bandits with replenishable knapsacks.

use fathom_opt_problems::replenishable_bandit::{Outcomes, Phase, ReplenishableBandit};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// Which outcomes the actions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// Drawn, with means drawn once.
    #[default]
    Drawn,
    /// Two actions of cost 1 whose rewards change places halfway: what is spent on the first is missed by the second.
    Switching,
}

/// Actions with mean rewards uniform on `[0, 1]` and mean consumptions uniform on `[-0.2, 0.6]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Replenishable {
    /// Number of rounds, 1 to 10^7.
    pub rounds: u64,
    /// Number of actions, 1 to 1000.
    pub actions: usize,
    /// Number of resources, 1 to 100.
    pub resources: usize,
    /// Budget per round and resource, 0 to 1.
    pub budget_per_round: f64,
    /// What idling gives back per round, 0 to 1.
    pub replenishment: f64,
    /// Which outcomes the actions have.
    pub outcomes: OutcomeKind,
}

impl Default for Replenishable {
    fn default() -> Self {
        Self { rounds: 20_000, actions: 5, resources: 2, budget_per_round: 0.2, replenishment: 0.1, outcomes: OutcomeKind::Drawn }
    }
}

impl Generator for Replenishable {
    const NAME: &'static str = "replenishable";
    const SUMMARY: &'static str = "actions with rewards and budgets that idling refills, drawn or switching";
    const CITATION: &'static str =
        "Uniform means in the setting of Bernasconi, Castiglioni, Celli and Fusco (ICLR 2024), which has no experiments of its own.";
    type Problem = ReplenishableBandit;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<ReplenishableBandit, ParameterError> {
        if !(1..=10_000_000).contains(&self.rounds) {
            return Err(ParameterError::range("rounds", self.rounds, "1 to 10^7"));
        }
        if !(1..=1000).contains(&self.actions) {
            return Err(ParameterError::range("actions", self.actions, "1 to 1000"));
        }
        if !(1..=100).contains(&self.resources) {
            return Err(ParameterError::range("resources", self.resources, "1 to 100"));
        }
        if !(0.0..=1.0).contains(&self.budget_per_round) {
            return Err(ParameterError::range("budget-per-round", self.budget_per_round, "0 to 1"));
        }
        let outcomes = match self.outcomes {
            OutcomeKind::Drawn => {
                let rewards = (0..self.actions).map(|_| rng.random()).collect();
                let row = |rng: &mut ChaCha8Rng| (0..self.resources).map(|_| rng.random_range(-0.2..0.6)).collect();
                let consumption = (0..self.actions).map(|_| row(rng)).collect();
                // Documents hold whole numbers that any JSON reader keeps.
                Outcomes::Drawn { rewards, consumption, seed: rng.random::<u64>() >> 11 }
            }
            OutcomeKind::Switching => {
                let phase = |rewards: [f64; 2]| Phase { rewards: rewards.to_vec(), consumption: vec![vec![1.0; self.resources]; 2] };
                Outcomes::Phases(vec![phase([0.4, 0.0]), phase([0.0, 1.0])])
            }
        };
        let budget = (self.budget_per_round * self.rounds as f64).max(1.0);
        Ok(ReplenishableBandit::new(self.rounds, budget, self.replenishment, outcomes)?)
    }
}
