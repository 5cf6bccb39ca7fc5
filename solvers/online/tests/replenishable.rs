//! Bandits with replenishable knapsacks: regret, budgets, and the share kept against an adversary.

use fathom_core::{Run, Solver};
use fathom_online::{FeedbackMode, PrimalDual};
use fathom_problems::Problem;
use fathom_problems::replenishable_bandit::{Outcomes, Phase, ReplenishableBandit};

fn published(rho: f64, beta: f64, rounds: u64, seed: u64) -> ReplenishableBandit {
    let outcomes = Outcomes::Drawn {
        rewards: vec![0.269, 0.389, 0.841, 0.666, 0.275],
        consumption: vec![vec![0.22, 0.275], vec![-0.108, 0.581], vec![-0.164, 0.169], vec![0.32, 0.217], vec![0.404, 0.585]],
        seed,
    };
    ReplenishableBandit::new(rounds, rho * rounds as f64, beta, outcomes).unwrap()
}

const SETTINGS: [(f64, f64); 4] = [(0.1, 0.0), (0.3, 0.0), (0.02, 0.2), (0.1, 0.2)];

/// Mean regret over sqrt(T), and the share of rounds in which a low budget forced idling. Budgets are checked at all times.
fn mean_regret(feedback: FeedbackMode, setting: (f64, f64), rounds: u64, seeds: u64) -> (f64, f64) {
    let (mut regret, mut forced) = (0.0, 0);
    for seed in 0..seeds {
        let problem = published(setting.0, setting.1, rounds, seed);
        let outcome = PrimalDual { feedback, replenishment: None }.solve(&problem, &Run::new(seed)).unwrap();
        let verdict = problem.check(&outcome.solution.unwrap()).unwrap();
        assert!(verdict.holds(), "{:?}", verdict.violations);
        assert!((verdict.objective.as_ref().unwrap().value - outcome.objective.unwrap()).abs() < 1e-6);
        regret += verdict.measure("regret per sqrt(T)").unwrap();
        forced += outcome.counters.others["forced-idle"];
    }
    (regret / seeds as f64, forced as f64 / (rounds * seeds) as f64)
}

#[test]
fn regret_and_budgets_are_as_measured_in_the_specification() {
    for (feedback, most) in [(FeedbackMode::Full, [12.0, 4.0, 4.0, 4.0]), (FeedbackMode::Bandit, [90.0, 40.0, 40.0, 40.0])] {
        for (setting, most) in SETTINGS.into_iter().zip(most) {
            let (regret, forced) = mean_regret(feedback, setting, 100_000, 20);
            eprintln!("{feedback:?} {setting:?}: regret/sqrt(T) {regret:.2}, forced idle {:.3} %", 100.0 * forced);
            assert!(regret <= most, "{feedback:?} {setting:?}: {regret}");
            // Below 2 % with full feedback; 2.1 % with bandit feedback in the tightest setting.
            let most_forced = if feedback == FeedbackMode::Full { 0.02 } else { 0.023 };
            assert!(forced < most_forced, "{feedback:?} {setting:?}: {forced}");
        }
    }
}

#[test]
fn regret_grows_like_the_root_of_the_horizon() {
    for feedback in [FeedbackMode::Full, FeedbackMode::Bandit] {
        for setting in SETTINGS {
            let (short, _) = mean_regret(feedback, setting, 100_000, 3);
            let (long, _) = mean_regret(feedback, setting, 1_000_000, 1);
            eprintln!("{feedback:?} {setting:?}: {short:.2} at 1e5, {long:.2} at 1e6");
            assert!(long <= 1.5 * short.max(1.0), "{feedback:?} {setting:?}: {long} after {short}");
        }
    }
}

#[test]
fn a_share_of_the_benchmark_is_kept_against_an_adversary() {
    let phase = |rewards: [f64; 2]| Phase { rewards: rewards.to_vec(), consumption: vec![vec![1.0], vec![1.0]] };
    for phases in [[[0.4, 0.0], [0.0, 0.0]], [[0.4, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.2]]] {
        for feedback in [FeedbackMode::Full, FeedbackMode::Bandit] {
            let outcomes = Outcomes::Phases(phases.map(phase).to_vec());
            let problem = ReplenishableBandit::new(100_000, 25_000.0, 0.0, outcomes).unwrap();
            let outcome = PrimalDual { feedback, replenishment: None }.solve(&problem, &Run::new(1)).unwrap();
            let verdict = problem.check(&outcome.solution.unwrap()).unwrap();
            let share = verdict.measure("share of the benchmark").unwrap();
            eprintln!("{feedback:?} {phases:?}: {share:.3}");
            assert!(verdict.holds() && share >= 0.65, "{feedback:?} {phases:?}: {share}");
        }
    }
}
