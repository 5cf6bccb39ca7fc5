//! Shares of the optimum against brute force, at length: what the tests of the crate do in a bounded way.
//!
//! ```text
//! cargo run --release -p fathom-opt-submodular --example shares -- 200      streams per kind of function, 60 updates each
//! ```
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers")]

#[path = "../tests/streams/mod.rs"]
mod streams;

use std::process::ExitCode;

use fathom_opt_submodular::{DynamicMaximizer, Engine, FunctionOracle, Settings};
use streams::{MONOTONE, function, optimum, stream};

/// An engine, and the share that it may never fall below; leveled buckets are held to theirs in the mean only (see the tests).
const ENGINES: [(Engine, f64); 5] = [
    (Engine::SingleSample, 1.0),
    (Engine::Auto, 1.0),
    (Engine::RepairGreedy, 1.0),
    (Engine::Recompute, 1.0),
    (Engine::LeveledBuckets, 0.0),
];

fn main() -> ExitCode {
    let count: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    let mut failed = 0_u64;
    for kind in MONOTONE.into_iter().chain(["cut"]) {
        let (mut steps, mut least, mut mean) = (0_u64, [f64::INFINITY; 5], [0.0; 5]);
        for seed in 0..count {
            let (n, k, eps) = (8 + seed as usize % 7, 1 + seed as usize % 5, [0.1, 0.2, 0.5][seed as usize % 3]);
            let f = function(kind, n, seed);
            let build = |engine| {
                let settings = Settings { engine, eps, seed, polish: false, ..Settings::default() };
                DynamicMaximizer::builder(FunctionOracle::new(&f)).k(k).settings(settings).build().ok()
            };
            let mut maximizers = ENGINES.map(|(engine, _)| build(engine));
            let mut live = vec![false; n];
            for (element, insert) in stream(n, 60, seed) {
                live[element as usize] = insert;
                let elements: Vec<usize> = (0..n).filter(|&element| live[element]).collect();
                let best = optimum(&f, &elements, &|set| set.len() <= k);
                steps += 1;
                for (position, maximizer) in maximizers.iter_mut().enumerate() {
                    let Some(maximizer) = maximizer else { continue };
                    let taken = if insert { maximizer.insert(element) } else { maximizer.delete(element) };
                    let Ok(solution) = taken.and_then(|()| maximizer.solution()) else {
                        failed += 1;
                        continue;
                    };
                    let share = if best > 0.0 { solution.value / best } else { 1.0 };
                    least[position] = least[position].min(share);
                    mean[position] += share;
                    let proved = solution.guarantee.filter(|guarantee| guarantee.sure).map_or(0.0, |guarantee| guarantee.factor);
                    let below = share < ENGINES[position].1 * proved * (1.0 - 1e-9);
                    if below || solution.upper_bound < best * (1.0 - 1e-9) {
                        println!("{kind} {seed} {:?}: {share} of the optimum {best}, bound {}", ENGINES[position].0, solution.upper_bound);
                        failed += 1;
                    }
                }
            }
        }
        print!("{kind:<18} {steps:>7} steps, least (mean) share:");
        for ((engine, _), (least, mean)) in ENGINES.iter().zip(least.iter().zip(mean)).filter(|(_, (least, _))| least.is_finite()) {
            print!("  {} {least:.3} ({:.3})", engine.name(), mean / steps as f64);
        }
        println!();
    }
    println!("{failed} answers below their proved share, bounds below the optimum, or errors");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
