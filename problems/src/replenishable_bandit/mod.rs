//! Bandits with replenishable knapsacks: in each round an action is chosen, which brings a reward and consumes resources or gives some back; no budget
//! may ever fall below zero.
//!
//! Setting: Bernasconi, Castiglioni, Celli and Fusco, "Bandits with Replenishable Knapsacks: the Best of both Worlds" (ICLR 2024). Every resource has
//! the same budget; idling (the void action) earns nothing and gives `replenishment` of every resource back.

mod benchmark;
mod check;
mod data;
mod draw;
mod outcomes;
mod phase;
pub mod stream;

pub use benchmark::best_mixture;
pub use data::{OutcomesData, Play, ReplenishableBanditData};
pub use outcomes::Outcomes;
pub use phase::Phase;

use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::{Malformed, Place};
use crate::problem::{Problem, Size};
use crate::sense::Sense;
use crate::verdict::Verdict;

/// The problem class; see the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub struct ReplenishableBandit {
    rounds: u64,
    budget: f64,
    replenishment: f64,
    actions: usize,
    resources: usize,
    outcomes: Outcomes,
}

/// What came of one action in one round.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Payoff {
    /// Reward, in `[0, 1]`.
    pub reward: f64,
    /// Consumption of each resource, in `[-1, 1]`.
    pub consumption: Vec<f64>,
}

impl ReplenishableBandit {
    /// `rounds` rounds with a budget of `budget` per resource.
    ///
    /// # Errors
    /// No rounds or no actions; a budget below 1; numbers out of range; means or phases of different sizes.
    pub fn new(rounds: u64, budget: f64, replenishment: f64, outcomes: Outcomes) -> Result<Self, Malformed> {
        let root = Place::root();
        if rounds == 0 || rounds > 1 << 32 {
            return Err(Malformed::new(root.field("rounds"), rounds.to_string(), "1 to 2^32"));
        }
        if !(budget >= 1.0 && budget.is_finite()) {
            return Err(Malformed::new(root.field("budget"), budget.to_string(), "at least 1, what one round may consume"));
        }
        if !(0.0..=1.0).contains(&replenishment) {
            return Err(Malformed::new(root.field("replenishment"), replenishment.to_string(), "0 to 1"));
        }
        let (actions, resources) = outcomes::sizes(&outcomes, rounds)?;
        Ok(Self { rounds, budget, replenishment, actions, resources, outcomes })
    }

    /// How many rounds there are.
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// The budget of every resource at the start.
    pub fn budget(&self) -> f64 {
        self.budget
    }

    /// What idling gives back, per round and resource.
    pub fn replenishment(&self) -> f64 {
        self.replenishment
    }

    /// How many actions there are, the void action not counted.
    pub fn actions(&self) -> usize {
        self.actions
    }

    /// How many resources there are.
    pub fn resources(&self) -> usize {
        self.resources
    }

    /// Where outcomes come from.
    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// What `action` brings in `round` (0-based; `None` is the void action), into `outcome`. The same every time it is asked for.
    pub fn play(&self, round: u64, action: Option<usize>, outcome: &mut Payoff) {
        outcome.consumption.clear();
        match action.filter(|&action| action < self.actions) {
            None => {
                outcome.reward = 0.0;
                outcome.consumption.resize(self.resources, -self.replenishment);
            }
            Some(action) => draw::outcome(&self.outcomes, self.rounds, round, action, outcome),
        }
    }

    /// The value of the benchmark: for drawn outcomes `T` times the best mixture of actions whose mean consumption stays below the budget per round; for
    /// given ones, the best fixed mixture whose whole consumption stays below the budget.
    pub fn benchmark(&self) -> f64 {
        self.benchmark_after(self.rounds)
    }

    /// The benchmark of the first `rounds` rounds alone, with their share of the budget.
    pub fn benchmark_after(&self, rounds: u64) -> f64 {
        benchmark::benchmark(self, rounds.clamp(1, self.rounds))
    }

    /// All outcomes as JSON lines, header first: a line per round, with the rewards of all actions (`f`) and what they consume (`c`).
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_stream(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        stream::write(self, out)
    }
}

impl Problem for ReplenishableBandit {
    const KIND: &'static str = "replenishable-bandit";
    const SUMMARY: &'static str = "actions with rewards and budgets that idling refills";
    type Data = ReplenishableBanditData;
    type Solution = Play;

    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed> {
        Self::new(data.rounds, data.budget, data.replenishment, data.outcomes.load(bulk)?)
    }

    fn to_data(&self, _: &mut dyn BulkSink) -> Result<Self::Data, Malformed> {
        Ok(ReplenishableBanditData {
            rounds: self.rounds,
            budget: self.budget,
            replenishment: self.replenishment,
            outcomes: self.outcomes.clone().into(),
        })
    }

    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed> {
        check::check(self, solution)
    }

    fn sense(&self) -> Sense {
        Sense::Maximize
    }

    fn sizes(&self) -> Vec<Size> {
        let rounds = usize::try_from(self.rounds).unwrap_or(usize::MAX);
        vec![Size::new("rounds", rounds), Size::new("actions", self.actions), Size::new("resources", self.resources)]
    }
}
