//! The checker: plays the actions again.

use super::{Outcomes, Payoff, Play, ReplenishableBandit};
use crate::malformed::{Malformed, Place};
use crate::sense::Sense;
use crate::verdict::{Measure, Objective, Verdict, Violation};

/// Budgets are sums of a million numbers.
const ROUNDING: f64 = 1e-6;

pub(super) fn check(problem: &ReplenishableBandit, play: &Play) -> Result<Verdict, Malformed> {
    let place = Place::root().field("actions");
    if play.actions.len() as u64 > problem.rounds {
        let found = format!("{} actions", play.actions.len());
        return Err(Malformed::new(place, found, format!("at most {} (one per round)", problem.rounds)));
    }
    let mut budgets = vec![problem.budget; problem.resources];
    let (mut reward, mut idle, mut outcome) = (0.0, 0_u64, Payoff::default());
    let mut verdict = Verdict::default();
    for (round, action) in play.actions.iter().enumerate() {
        let action = match action {
            None => {
                idle += 1;
                None
            }
            Some(action) if (*action as usize) < problem.actions => Some(*action as usize),
            Some(action) => {
                let expected = format!("null or an action below {}", problem.actions);
                return Err(Malformed::new(place.index(round), action.to_string(), expected));
            }
        };
        problem.play(round as u64, action, &mut outcome);
        reward += outcome.reward;
        for (resource, (left, consumed)) in budgets.iter_mut().zip(&outcome.consumption).enumerate() {
            *left -= consumed;
            if *left < -ROUNDING && verdict.violations.is_empty() {
                let place = format!("round {round}, resource {resource}");
                verdict.violations.push(Violation { what: "no budget below zero".into(), place, amount: -*left });
            }
        }
    }
    if (play.actions.len() as u64) < problem.rounds {
        let place = format!("rounds {} to {}", play.actions.len(), problem.rounds - 1);
        verdict.violations.push(Violation { what: "an action in every round".into(), place, amount: 1.0 });
    }
    verdict.objective = Some(Objective { name: "reward".into(), value: reward, exact: None, sense: Sense::Maximize });
    let benchmark = problem.benchmark();
    let root = (problem.rounds as f64).sqrt();
    // nu = rho + beta, by which regrets are measured; a share nu / (1 + beta) of the benchmark can be kept against an adversary, but for regret.
    let nu = problem.budget / problem.rounds as f64 + problem.replenishment;
    let name = match problem.outcomes {
        Outcomes::Drawn { .. } => "benchmark (T times the best mixture's mean)",
        Outcomes::Phases(_) => "benchmark (best fixed mixture)",
    };
    let mut measure = |name: &str, value: f64| verdict.measures.push(Measure { name: name.into(), value });
    measure(name, benchmark);
    measure("regret", benchmark - reward);
    measure("regret per sqrt(T)", (benchmark - reward) / root);
    measure("sqrt(T) / nu", root / nu);
    measure("nu / (1 + beta), at most 1", (nu / (1.0 + problem.replenishment)).min(1.0));
    // Luck, or actions that follow the phases, can earn more than any fixed mixture: this is a ratio, not a share.
    if benchmark > 0.0 {
        measure("earned over benchmark", reward / benchmark);
    }
    measure("idle share", idle as f64 / play.actions.len().max(1) as f64);
    Ok(verdict)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Phase;
    use super::*;
    use crate::Problem;

    pub(in super::super) fn published(rho: f64, beta: f64, rounds: u64, seed: u64) -> ReplenishableBandit {
        let outcomes = Outcomes::Drawn {
            rewards: vec![0.269, 0.389, 0.841, 0.666, 0.275],
            consumption: vec![vec![0.22, 0.275], vec![-0.108, 0.581], vec![-0.164, 0.169], vec![0.32, 0.217], vec![0.404, 0.585]],
            seed,
        };
        ReplenishableBandit::new(rounds, rho * rounds as f64, beta, outcomes).unwrap()
    }

    #[test]
    fn the_benchmarks_of_the_specification_are_met() {
        for (rho, beta, expected) in [(0.1, 0.0, 0.497_633_136), (0.3, 0.0, 0.841), (0.02, 0.2, 0.501_409_214), (0.1, 0.2, 0.683_739_837)] {
            let found = published(rho, beta, 1000, 1).benchmark() / 1000.0;
            assert!((found - expected).abs() < 1e-8, "{rho} {beta}: {found}");
        }
    }

    #[test]
    fn draws_have_their_means_and_repeat() {
        let problem = published(0.1, 0.0, 200_000, 3);
        let (mut outcome, mut again) = (Payoff::default(), Payoff::default());
        let (mut reward, mut consumed) = (0.0, [0.0; 2]);
        for round in 0..200_000 {
            problem.play(round, Some(2), &mut outcome);
            problem.play(round, Some(2), &mut again);
            assert_eq!(outcome, again);
            reward += outcome.reward;
            consumed[0] += outcome.consumption[0];
            consumed[1] += outcome.consumption[1];
        }
        let n = 200_000.0;
        assert!((reward / n - 0.841).abs() < 0.005 && (consumed[0] / n + 0.164).abs() < 0.01 && (consumed[1] / n - 0.169).abs() < 0.01);
    }

    #[test]
    fn tiny_rewards_have_a_benchmark_too() {
        let phases =
            |scale: f64| Outcomes::Phases(vec![Phase { rewards: vec![9.0 * scale, scale], consumption: vec![vec![1.0], vec![1.0]] }]);
        for scale in [1e-1, 1e-13, 1e-200] {
            let problem = ReplenishableBandit::new(20, 20.0, 0.0, phases(scale)).unwrap();
            let verdict = problem.check(&Play { actions: vec![Some(1); 20] }).unwrap();
            assert!((verdict.measure("benchmark (best fixed mixture)").unwrap() / (180.0 * scale) - 1.0).abs() < 1e-12, "{scale:e}");
            assert!((verdict.measure("earned over benchmark").unwrap() * 9.0 - 1.0).abs() < 1e-12, "{scale:e}");
        }
        let nothing = ReplenishableBandit::new(20, 20.0, 0.0, phases(0.0)).unwrap();
        assert_eq!(nothing.check(&Play { actions: vec![None; 20] }).unwrap().measure("earned over benchmark"), None);
    }

    #[test]
    fn following_the_phases_may_earn_more_than_the_benchmark() {
        let phase = |rewards: [f64; 2]| Phase { rewards: rewards.to_vec(), consumption: vec![vec![1.0], vec![1.0]] };
        let phases = Outcomes::Phases(vec![phase([1.0, 0.0]), phase([0.0, 1.0])]);
        let problem = ReplenishableBandit::new(4, 4.0, 0.0, phases).unwrap();
        let verdict = problem.check(&Play { actions: vec![Some(0), Some(0), Some(1), Some(1)] }).unwrap();
        assert_eq!(verdict.measure("earned over benchmark"), Some(2.0));
        assert!(verdict.measures.iter().all(|measure| !measure.name.contains("share of")));
    }

    #[test]
    fn overspending_is_seen_in_its_round() {
        let phases = Outcomes::Phases(vec![Phase { rewards: vec![1.0], consumption: vec![vec![1.0]] }]);
        let problem = ReplenishableBandit::new(4, 2.0, 0.0, phases).unwrap();
        let verdict = problem.check(&Play { actions: vec![Some(0), Some(0), Some(0), None] }).unwrap();
        assert_eq!(verdict.violations[0].place, "round 2, resource 0");
        let verdict = problem.check(&Play { actions: vec![Some(0), None, Some(0), None] }).unwrap();
        assert!(verdict.holds());
        assert_eq!(verdict.measure("regret"), Some(0.0));
        assert!(problem.check(&Play { actions: vec![Some(1)] }).is_err());
    }
}
