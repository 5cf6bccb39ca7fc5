//! The offline optimum: all published instances, brute force on small ones, limits.

mod shared_data;

use std::time::{Duration, Instant};

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_online::KnapsackExact;
use fathom_opt_problems::Problem;
use fathom_opt_problems::online_knapsack::OnlineKnapsack;
use proptest::prelude::*;

#[test]
fn every_published_optimum_is_found_and_proved() {
    let Some(instances) = shared_data::offline() else { return };
    assert_eq!(instances.len(), 47);
    let mut total = Duration::ZERO;
    let mut worst = (Duration::ZERO, String::new());
    for (name, capacity, items, optimum) in instances {
        let problem = OnlineKnapsack::single(capacity, None, items).unwrap();
        let started = Instant::now();
        let outcome = KnapsackExact::default().solve(&problem, &Run::default()).unwrap();
        worst = worst.max((started.elapsed(), name.clone()));
        total += started.elapsed();
        assert_eq!((outcome.objective, outcome.bound, &outcome.status), (Some(optimum), Some(optimum), &Status::Optimal), "{name}");
        let verdict = problem.check(&outcome.solution.unwrap()).unwrap();
        assert!(verdict.holds() && verdict.objective.unwrap().value == optimum, "{name}");
    }
    eprintln!("all in {total:?}, slowest: {} in {:?}", worst.1, worst.0);
}

#[test]
fn at_a_limit_the_interval_encloses_the_optimum() {
    let Some(instances) = shared_data::offline() else { return };
    for (name, capacity, items, optimum) in instances {
        let problem = OnlineKnapsack::single(capacity, None, items).unwrap();
        for most in [0, 1, 30] {
            let run = Run::default().with_iteration_limit(most);
            let outcome = KnapsackExact { max_nodes: 10, max_memory: 1 }.solve(&problem, &run).unwrap();
            let (lower, upper) = (outcome.objective.unwrap(), outcome.bound.unwrap());
            assert!(lower <= optimum && optimum <= upper, "{name}: {lower} to {upper}");
        }
    }
}

#[test]
fn fractions_that_are_decimal_numbers_are_exact() {
    let problem = OnlineKnapsack::single(10, None, [(0.1, 3), (0.2, 3), (0.3, 3), (0.25, 4), (1e-3, 0)]).unwrap();
    let outcome = KnapsackExact::default().solve(&problem, &Run::default()).unwrap();
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.solution.unwrap().accepted, [2, 3, 4, 5]);
    assert!((outcome.objective.unwrap() - 0.751).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn small_instances_agree_with_enumeration(
        items in prop::collection::vec((0_u32..40, 0_u64..30), 0..13),
        capacity in 1_u64..120,
        scale in prop::sample::select(vec![1.0, 0.01, 1.0 / 3.0]),
        nodes in prop::sample::select(vec![0, 5, 100_000]),
    ) {
        let items: Vec<(f64, u64)> = items.into_iter().map(|(value, weight)| (f64::from(value) * scale, weight)).collect();
        let problem = OnlineKnapsack::single(capacity, None, items.clone()).unwrap();
        let best = (0..1_u32 << items.len())
            .filter_map(|set| {
                let chosen = || (0..items.len()).filter(|k| set >> k & 1 == 1);
                (chosen().map(|k| items[k].1).sum::<u64>() <= capacity).then(|| chosen().map(|k| items[k].0).sum::<f64>())
            })
            .fold(0.0, f64::max);
        let outcome = KnapsackExact { max_nodes: nodes, ..KnapsackExact::default() }.solve(&problem, &Run::default()).unwrap();
        let found = outcome.objective.unwrap();
        prop_assert!((found - best).abs() <= 1e-9, "{} {}", found, best);
        prop_assert!(outcome.bound.unwrap() >= best * (1.0 - 1e-12) && outcome.bound.unwrap() <= best + 1e-9);
        prop_assert!(problem.check(&outcome.solution.unwrap()).unwrap().holds());
        let hindsight = problem.hindsight();
        prop_assert!(hindsight.proved && (hindsight.lower - best).abs() <= 1e-9);
    }
}
