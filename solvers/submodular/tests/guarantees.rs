//! Every proved share, against optima by brute force.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]

mod streams;

use fathom_opt_problems::submodular_stream::{Function, Group, Matroid};
use fathom_opt_submodular::{DynamicMaximizer, Engine, FunctionOracle, Solution};
use rand::RngExt;
use streams::{MONOTONE, function, optimum, rng, stream};

/// Whether `solution` is a feasible set of live elements with the value it says, a right bound, and the share that is guaranteed.
fn sound(function: &Function, live: &[usize], allows: &dyn Fn(&[usize]) -> bool, solution: &Solution, what: &str) -> f64 {
    let mut chosen: Vec<usize> = solution.chosen.iter().map(|&element| element as usize).collect();
    chosen.sort_unstable();
    assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]), "{what}: twice the same");
    assert!(chosen.iter().all(|element| live.contains(element)), "{what}: not live");
    assert!(allows(&chosen), "{what}: not allowed");
    let value = function.value(&chosen);
    assert!((value - solution.value).abs() <= 1e-9 * value.max(1.0), "{what}: {value} {}", solution.value);
    let best = optimum(function, live, allows);
    assert!(solution.upper_bound >= best * (1.0 - 1e-9), "{what}: bound {} below {best}", solution.upper_bound);
    if let Some(guarantee) = solution.guarantee.filter(|guarantee| guarantee.sure) {
        assert!(value >= guarantee.factor * best * (1.0 - 1e-9), "{what}: {value} of {best}, but {guarantee}");
    }
    if best > 0.0 { value / best } else { 1.0 }
}

fn live_elements<O: fathom_opt_submodular::LevelOracle>(maximizer: &DynamicMaximizer<O>, n: usize) -> Vec<usize> {
    (0..n).filter(|&element| maximizer.is_live(element as u32)).collect()
}

#[test]
fn answers_are_never_below_their_sure_share_on_brute_forced_streams() {
    let engines = [Engine::SingleSample, Engine::Auto, Engine::RepairGreedy, Engine::Recompute, Engine::Sieve];
    let mut least = [1.0_f64; 5];
    let (mut steps, mut raw_least) = (0_u32, 1.0_f64);
    for seed in 0..40 {
        for kind in MONOTONE {
            let n = 7 + seed as usize % 4;
            let k = 1 + seed as usize % 3;
            let eps = [0.1, 0.2, 0.5][seed as usize % 3];
            let f = function(kind, n, seed);
            let mut maximizers: Vec<_> = engines
                .iter()
                .map(|&engine| {
                    let polish = seed % 2 == 0;
                    let settings =
                        fathom_opt_submodular::Settings { engine, eps, seed, polish, tight_bound: seed % 4 == 0, ..Default::default() };
                    DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).settings(settings).build().unwrap()
                })
                .collect();
            for (element, insert) in stream(n, 75, seed) {
                let mut values = Vec::new();
                for (position, maximizer) in maximizers.iter_mut().enumerate() {
                    if insert {
                        maximizer.insert(element).unwrap();
                    } else {
                        maximizer.delete(element).unwrap();
                    }
                    let live = live_elements(maximizer, n);
                    let solution = maximizer.solution().unwrap();
                    let ratio = sound(&f, &live, &|set| set.len() <= k, &solution, &format!("{kind} {seed} {:?}", engines[position]));
                    least[position] = least[position].min(ratio);
                    if position == 0 && seed % 2 == 1 {
                        raw_least = raw_least.min(ratio);
                    }
                    values.push((solution.chosen, solution.value));
                }
                // Both compute the greedy solution, ties and all.
                assert_eq!(values[2], values[3], "{kind} {seed}");
                steps += 1;
            }
        }
    }
    println!(
        "{steps} steps; least share of the optimum: {:?} {least:?}; single-sample without polish {raw_least}",
        engines.map(Engine::name)
    );
    assert!(steps >= 20_000);
}

#[test]
fn matroids_and_functions_that_are_not_monotone_keep_their_sure_shares() {
    let mut least = (1.0_f64, 1.0_f64);
    for seed in 0..24_u64 {
        let n = 9;
        let mut random = rng(seed);
        let matroid = match seed % 3 {
            0 => Matroid::Partition { parts: (0..n).map(|element| element % 3).collect(), capacities: vec![1, 2, 1] },
            1 => Matroid::Laminar {
                groups: vec![
                    Group { elements: (0..6).collect(), capacity: 3 },
                    Group { elements: vec![0, 1, 2], capacity: 1 },
                    Group { elements: vec![7, 8], capacity: 1 },
                ],
            },
            _ => Matroid::Graphic { edges: (0..n).map(|_| (random.random_range(0..4), random.random_range(0..4))).collect() },
        };
        let n = n as usize;
        for kind in ["weighted-coverage", "facility", "determinant"] {
            let f = function(kind, n, seed);
            for engine in [Engine::SingleSample, Engine::Auto, Engine::RepairGreedy, Engine::Recompute] {
                for polish in [false, true] {
                    let settings = fathom_opt_submodular::Settings { engine, seed, polish, tight_bound: polish, ..Default::default() };
                    let builder = DynamicMaximizer::builder(FunctionOracle::new(&f)).matroid(matroid.clone());
                    let mut maximizer = builder.settings(settings).build().unwrap();
                    for (element, insert) in stream(n, 40, seed) {
                        if insert {
                            maximizer.insert(element).unwrap();
                        } else {
                            maximizer.delete(element).unwrap();
                        }
                        let live = live_elements(&maximizer, n);
                        let solution = maximizer.solution().unwrap();
                        assert!(solution.guarantee.is_some());
                        let ratio = sound(&f, &live, &|set| matroid.is_independent(set), &solution, &format!("{kind} {seed} {engine:?}"));
                        if engine == Engine::SingleSample {
                            least.0 = least.0.min(ratio);
                        }
                    }
                }
            }
        }
        let f = function("cut", n, seed);
        for (engine, polish) in
            [(Engine::SingleSample, false), (Engine::SingleSample, true), (Engine::Auto, true), (Engine::Recompute, true)]
        {
            let k = 1 + seed as usize % 5;
            let settings = fathom_opt_submodular::Settings { engine, seed, polish, ..Default::default() };
            let mut maximizer = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).settings(settings).build().unwrap();
            for (element, insert) in stream(n, 60, seed) {
                if insert {
                    maximizer.insert(element).unwrap();
                } else {
                    maximizer.delete(element).unwrap();
                }
                let live = live_elements(&maximizer, n);
                let solution = maximizer.solution().unwrap();
                assert_eq!(solution.guarantee.is_some(), engine != Engine::Recompute);
                let ratio = sound(&f, &live, &|set| set.len() <= k, &solution, &format!("cut {seed} {engine:?}"));
                if engine == Engine::SingleSample && !polish {
                    least.1 = least.1.min(ratio);
                }
            }
        }
    }
    println!("least share of the optimum: matroid {}, cut {}", least.0, least.1);
}

#[test]
fn leveled_buckets_keep_their_share_in_the_mean_over_seeds() {
    let seeds = 200;
    let mut least_mean = f64::INFINITY;
    let mut least = 1.0_f64;
    for (kind, instance) in [("coverage", 1), ("facility", 2), ("determinant", 3), ("features", 4)] {
        let (n, k, eps) = (10, 3, 0.2);
        let f = function(kind, n, instance);
        let updates = stream(n, 60, instance);
        let mut sums = vec![(0.0, 0.0); updates.len()];
        let mut factor = 0.0;
        for seed in 0..seeds {
            let settings =
                fathom_opt_submodular::Settings { engine: Engine::LeveledBuckets, eps, seed, polish: false, ..Default::default() };
            let mut maximizer = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).settings(settings).build().unwrap();
            for (&(element, insert), sum) in updates.iter().zip(&mut sums) {
                if insert {
                    maximizer.insert(element).unwrap();
                } else {
                    maximizer.delete(element).unwrap();
                }
                let solution = maximizer.solution().unwrap();
                sum.0 += solution.value;
                sum.1 += solution.value * solution.value;
                let guarantee = solution.guarantee.unwrap();
                assert!(!guarantee.sure);
                factor = guarantee.factor;
                if seed == 0 {
                    let live = live_elements(&maximizer, n);
                    sound(&f, &live, &|set| set.len() <= k, &solution, kind);
                }
            }
        }
        let mut live = vec![false; n];
        for (&(element, insert), sum) in updates.iter().zip(&sums) {
            live[element as usize] = insert;
            let elements: Vec<usize> = (0..n).filter(|&element| live[element]).collect();
            let best = optimum(&f, &elements, &|set| set.len() <= k);
            let mean = sum.0 / seeds as f64;
            let error = ((sum.1 / seeds as f64 - mean * mean).max(0.0) / seeds as f64).sqrt();
            assert!(mean >= factor * best, "{kind}: {mean} of {best}, proved {factor}");
            assert!(mean >= (0.5 - eps) * best - 3.0 * error, "{kind}: {mean} of {best}");
            if best > 0.0 {
                least_mean = least_mean.min(mean / best);
                least = least.min((mean - 3.0 * error) / best);
            }
        }
    }
    println!("least mean share of the optimum at a step {least_mean:.3} (three standard errors below: {least:.3})");
}

#[test]
fn deleting_what_was_returned_keeps_the_guarantee() {
    for seed in 0..12 {
        let (n, k) = (11, 3);
        let f = function(MONOTONE[seed as usize % 7], n, seed);
        for engine in [Engine::SingleSample, Engine::Auto] {
            let mut maximizer = DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).engine(engine).seed(seed).build().unwrap();
            for element in 0..n as u32 {
                maximizer.insert(element).unwrap();
            }
            for _ in 0..200 {
                let solution = maximizer.solution().unwrap();
                let live = live_elements(&maximizer, n);
                sound(&f, &live, &|set| set.len() <= k, &solution, &format!("{seed} {engine:?}"));
                for &element in &solution.chosen {
                    maximizer.delete(element).unwrap();
                }
                let dead: Vec<u32> =
                    (0..n as u32).filter(|&element| !maximizer.is_live(element) && !solution.chosen.contains(&element)).collect();
                for element in dead {
                    maximizer.insert(element).unwrap();
                }
            }
            if engine == Engine::SingleSample {
                // An update builds every kept guess anew at worst, and twice as many are kept as there are powers of 1.2 up to about 2 k.
                let guesses = 2.0 * ((1.2 * 2.2 * k as f64).ln() / 1.2_f64.ln() + 2.0);
                let worst = maximizer.stats().update_work.max() as f64;
                assert!(worst <= n as f64 * guesses * (1.0 + (k as f64).log2()), "{worst} evaluations in one update");
            }
        }
    }
}
