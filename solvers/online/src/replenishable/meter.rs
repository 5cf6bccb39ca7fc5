//! The regret of a play while it goes on.

use fathom_opt_problems::replenishable_bandit::{Payoff, best_mixture};
use serde::{Deserialize, Serialize};

/// Sums over the rounds so far from which the best fixed mixture in hindsight follows. Needs the outcomes of all actions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RegretMeter {
    rounds: u64,
    /// By action: sum of rewards, sums of consumptions.
    sums: Vec<(f64, Vec<f64>)>,
}

impl RegretMeter {
    /// Takes in the outcomes of all actions in a round.
    pub fn add(&mut self, all: &[Payoff]) {
        self.rounds += 1;
        self.sums.resize_with(self.sums.len().max(all.len()), Default::default);
        for ((reward, consumption), outcome) in self.sums.iter_mut().zip(all) {
            *reward += outcome.reward;
            consumption.resize(consumption.len().max(outcome.consumption.len()), 0.0);
            consumption.iter_mut().zip(&outcome.consumption).for_each(|(sum, consumed)| *sum += consumed);
        }
    }

    /// What the best fixed mixture would have earned in these rounds with `per_round` of every budget per round and the void action giving
    /// `replenishment` back. 0 before the first round.
    pub fn benchmark(&self, per_round: f64, replenishment: f64) -> f64 {
        if self.rounds == 0 {
            return 0.0;
        }
        let rounds = self.rounds as f64;
        let mean = |(reward, consumption): &(f64, Vec<f64>)| (reward / rounds, consumption.iter().map(|sum| sum / rounds).collect());
        rounds * best_mixture(&self.sums.iter().map(mean).collect::<Vec<_>>(), replenishment, per_round)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_opt_problems::replenishable_bandit::{Outcomes, Phase, ReplenishableBandit};

    #[test]
    fn the_meter_agrees_with_the_problem_at_every_time() {
        let phase = |a: f64, b: f64| Phase { rewards: vec![a, b], consumption: vec![vec![0.5], vec![1.0]] };
        let phases = Outcomes::Phases(vec![phase(0.4, 0.0), phase(0.1, 1.0), phase(0.0, 0.3)]);
        let problem = ReplenishableBandit::new(60, 20.0, 0.1, phases).unwrap();
        let mut meter = RegretMeter::default();
        for round in 0..60 {
            let mut all = vec![Payoff::default(); 2];
            all.iter_mut().enumerate().for_each(|(action, outcome)| problem.play(round, Some(action), outcome));
            meter.add(&all);
            let (live, known) = (meter.benchmark(20.0 / 60.0, 0.1), problem.benchmark_after(round + 1));
            assert!((live - known).abs() < 1e-9, "{round}: {live} {known}");
        }
    }
}
