//! What updates cost in gain evaluations, on streams made to be hard. The same at full size: the example `work`.
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

use std::collections::{BTreeSet, VecDeque};

use fathom_opt_problems::submodular_stream::{Coverage, Function, Rows};
use fathom_opt_submodular::{DynamicMaximizer, Engine, FunctionOracle, Settings, Update};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// `n` random sets of 40 of 1500 items of nearly equal weight, and what each is worth alone.
fn uniform_sets(n: usize) -> (FunctionOracle, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let weights: Vec<f64> = (0..1500).map(|_| rng.random_range(0.95..1.05)).collect();
    let sets: Rows<u32> = (0..n)
        .map(|_| {
            let mut set = BTreeSet::new();
            while set.len() < 40 {
                set.insert(rng.random_range(0..1500));
            }
            set.into_iter().collect::<Vec<u32>>()
        })
        .collect();
    let function = Function::from(Coverage::new(Some(weights), sets).unwrap());
    let singles = function.gains(&[], &(0..n).collect::<Vec<_>>());
    (FunctionOracle::new(&function), singles)
}

/// Deletes the live element of largest value again and again and inserts it again 50 deletions later.
fn killer(singles: &[f64], updates: usize) -> Vec<Update> {
    let key = |element: usize| (u64::MAX - singles[element].to_bits(), element);
    let mut live: BTreeSet<(u64, usize)> = (0..singles.len()).map(key).collect();
    let (mut gone, mut stream) = (VecDeque::new(), Vec::new());
    while stream.len() < updates {
        let first = live.pop_first().unwrap();
        stream.push(Update::Delete(first.1 as u32));
        gone.push_back(first);
        if gone.len() > 50 {
            let back = gone.pop_front().unwrap();
            live.insert(back);
            stream.push(Update::Insert(back.1 as u32));
        }
    }
    stream
}

/// Evaluations per update of a killer stream, once all elements are in.
fn cost(n: usize, k: usize, engine: Engine, updates: usize, every: usize) -> f64 {
    let (oracle, singles) = uniform_sets(n);
    let settings = Settings { engine, seed: 3, polish: false, ..Settings::default() };
    let mut maximizer = DynamicMaximizer::builder(oracle).k(k).settings(settings).build().unwrap();
    let all: Vec<Update> = (0..n as u32).map(Update::Insert).collect();
    maximizer.apply(&all).unwrap();
    maximizer.solution().unwrap();
    let before = maximizer.evaluations();
    for (position, update) in killer(&singles, updates).into_iter().enumerate() {
        maximizer.update(update).unwrap();
        if position % every == 0 {
            maximizer.solution().unwrap();
        }
    }
    let each = (maximizer.evaluations() - before) as f64 / updates as f64;
    println!("{} n = {n}, k = {k}: {each:.1} evaluations per update, {} at most", engine.name(), maximizer.stats().update_work.max());
    each
}

#[test]
fn one_sample_per_level_costs_at_most_two_k_log_squared_k_per_update() {
    for k in [10, 20, 40] {
        let found = cost(1000, k, Engine::SingleSample, 800, 100);
        let logarithm = (k as f64).log2();
        let most = 2.0 * k as f64 * logarithm * logarithm;
        println!("k = {k}: {found:.1} evaluations per update, allowed {most:.0}");
        assert!(found <= most, "k = {k}: {found} evaluations per update");
    }
}

#[test]
fn work_grows_with_the_number_of_elements_for_recompute_alone() {
    let growth = |engine, updates, every| cost(2400, 20, engine, updates, every) / cost(600, 20, engine, updates, every);
    let (sample, recompute) = (growth(Engine::SingleSample, 1000, 100), growth(Engine::Recompute, 20, 1));
    println!("four times as many elements: single-sample {sample:.2} times the work, recompute {recompute:.2} times");
    assert!(sample <= 1.6 && recompute >= 2.0, "{sample} {recompute}");
    let ratio = cost(2400, 20, Engine::Recompute, 20, 1) / cost(2400, 20, Engine::LeveledBuckets, 2000, 100);
    println!("leveled-buckets: a {ratio:.0}-th of recompute's work");
    assert!(ratio >= 50.0, "{ratio}");
}
