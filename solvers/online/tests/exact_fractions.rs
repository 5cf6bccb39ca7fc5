//! The offline optimum against exact fractions, at every scale that doubles and 64-bit weights have.
//!
//! CI tries some hundred instances; `FATHOM_INSTANCES=200000 cargo test --release -p fathom-opt-online --test exact_fractions -- --nocapture` tries as many as it is
//! told.

use std::collections::BTreeMap;

use fathom_opt_core::{Run, Solver, Status};
use fathom_opt_online::KnapsackExact;
use fathom_opt_problems::Problem;
use fathom_opt_problems::online_knapsack::{OnlineKnapsack, Packing};
use num_bigint::BigUint;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A double as a multiple of 2^-1074.
fn exact(value: f64) -> BigUint {
    let (bits, fraction) = (value.to_bits(), value.to_bits() & ((1 << 52) - 1));
    match bits >> 52 {
        0 => BigUint::from(fraction),
        raw => BigUint::from(fraction | 1 << 52) << (raw - 1),
    }
}

/// The optimum over all subsets.
fn brute_force(capacity: u64, items: &[(f64, u64)]) -> BigUint {
    let values: Vec<BigUint> = items.iter().map(|item| exact(item.0)).collect();
    let mut best = BigUint::default();
    for set in 0..1_u32 << items.len() {
        let chosen = || (0..items.len()).filter(|k| set >> k & 1 == 1);
        if chosen().map(|k| u128::from(items[k].1)).sum::<u128>() <= u128::from(capacity) {
            best = best.max(chosen().map(|k| &values[k]).sum());
        }
    }
    best
}

fn random_value(rng: &mut ChaCha8Rng, scale: u32) -> f64 {
    let digits: u64 = rng.random();
    match scale {
        0 => (digits % 50) as f64,
        1 => (digits % 5000) as f64 / 100.0,
        2 => rng.random(),
        3 => f64::from_bits(digits % 9),
        4 => f64::from_bits(digits % (1 << 54)),
        5 => rng.random::<f64>() * 1e300,
        6 => 2.0_f64.powi(i32::try_from(digits % 2000).unwrap() - 1000),
        7 => (digits >> (digits % 60)) as f64,
        8 => 1.0 + (digits % 3) as f64 * f64::EPSILON,
        _ => rng.random::<f64>() * 2.0_f64.powi(i32::try_from(digits % 90).unwrap() - 45),
    }
}

fn random_instance(rng: &mut ChaCha8Rng) -> (u64, Vec<(f64, u64)>) {
    let (scale, weights, count) = (rng.random_range(0..10), rng.random_range(0..4), rng.random_range(0..9_usize));
    let weight = |rng: &mut ChaCha8Rng| -> u64 {
        let digits: u64 = rng.random();
        match weights {
            0 => digits % 30,
            1 => digits,
            2 => digits >> (digits % 64),
            _ => (1 << 62) + digits % 7,
        }
    };
    let items: Vec<(f64, u64)> = (0..count).map(|_| (random_value(rng, scale), weight(rng))).collect();
    let total: u128 = items.iter().map(|item| u128::from(item.1)).sum();
    let part: u128 = rng.random_range(50..1100);
    // In thousandths, so that no bit of the sum is lost.
    let capacity = u64::try_from(total / 1000 * part + total % 1000 * part / 1000).unwrap_or(u64::MAX).max(1);
    (capacity, items)
}

#[test]
fn the_optimum_is_that_of_exact_fractions() {
    let instances: u64 = std::env::var("FATHOM_INSTANCES").ok().and_then(|count| count.parse().ok()).unwrap_or(1500);
    let mut rng = Run::new(20_26).stream("exact-fractions");
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for _ in 0..instances {
        let (capacity, items) = random_instance(&mut rng);
        let Ok(problem) = OnlineKnapsack::single(capacity, None, items.clone()) else {
            *counts.entry("refused: values or densities beyond f64").or_default() += 1;
            continue;
        };
        let best = brute_force(capacity, &items);
        let start = rng.random::<bool>().then(|| Packing::whole(Vec::new()));
        let mut run = Run::default();
        if let Some(start) = start {
            run = run.with_start(start);
        }
        let max_nodes = [0, 3, 300_000][rng.random_range(0..3_usize)];
        let outcome = KnapsackExact { max_nodes, ..KnapsackExact::default() }.solve(&problem, &run).unwrap();
        let packing = outcome.solution.unwrap();
        let taken: BigUint = packing.accepted.iter().map(|id| exact(problem.item(*id).unwrap().value)).sum();
        let described = || format!("capacity {capacity}, items {items:?}: {packing:?} {:?} {:?}", outcome.status, outcome.bound);
        // What is claimed: the packing fits, the bound encloses the optimum.
        let verdict = problem.check(&packing).unwrap();
        assert!(verdict.holds(), "{}", described());
        assert!(taken <= best && best <= exact(outcome.bound.unwrap()), "{}", described());
        match outcome.status {
            Status::Optimal => {
                *counts.entry("optimal").or_default() += 1;
                // Exact, but for decimal numbers: those to the last bit.
                let slack = &best >> 51;
                assert!(&taken + &slack >= best, "{}", described());
                *counts.entry("optimal, exactly").or_default() += u64::from(taken == best);
                let hindsight = problem.hindsight();
                assert!(
                    !hindsight.proved || (hindsight.lower - outcome.objective.unwrap()).abs() <= 1e-9 * outcome.objective.unwrap(),
                    "{}",
                    described()
                );
            }
            Status::Feasible => *counts.entry("within its bound").or_default() += 1,
            _ => panic!("{}", described()),
        }
    }
    eprintln!("{instances} instances: {counts:?}");
    assert!(counts["optimal"] > instances / 2, "{counts:?}");
}

#[test]
fn a_start_is_never_made_worse_and_a_bad_one_is_refused() {
    let items = [(6.0, 4), (5.0, 3), (5.0, 3), (0.0, 1)];
    let problem = OnlineKnapsack::single(6, None, items).unwrap();
    let solve = |start: Packing, limit: u64| {
        KnapsackExact { max_nodes: 0, ..KnapsackExact::default() }
            .solve(&problem, &Run::default().with_iteration_limit(limit).with_start(start))
    };
    let outcome = solve(Packing::whole(vec![2, 3]), 0).unwrap();
    assert!(outcome.objective.unwrap() >= 10.0);
    assert_eq!(solve(Packing::whole(vec![1]), 1000).unwrap().objective, Some(10.0));
    for (bad, says) in [
        (Packing::whole(vec![1, 2]), "expected items that weigh at most 6"),
        (Packing::whole(vec![9]), "expected the id of an item"),
        (Packing { accepted: vec![1], shares: Some(vec![0.5]) }, "whole items alone"),
    ] {
        let error = solve(bad, 1000).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
