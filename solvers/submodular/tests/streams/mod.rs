//! Small random functions and streams, and their optima by brute force.
#![allow(dead_code, reason = "every test file uses its own part")]

use fathom_opt_problems::submodular_stream::{
    CascadeSpec, Coverage, Cut, FacilityLocation, FeatureBased, Function, Influence, LogDeterminant, Rows, Shape,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// The kinds of monotone functions.
pub const MONOTONE: [&str; 7] = ["coverage", "weighted-coverage", "facility", "nearest", "features", "determinant", "influence"];

/// A random function of `n` elements.
pub fn function(kind: &str, n: usize, seed: u64) -> Function {
    let mut rng = rng(seed);
    let pairs = |rng: &mut ChaCha8Rng, width: u32| -> Rows<(u32, f64)> {
        (0..n)
            .map(|_| {
                let row = (0..width).filter(|_| rng.random_bool(0.4)).collect::<Vec<_>>();
                row.into_iter().map(|column| (column, rng.random_range(0.0..3.0_f64))).collect()
            })
            .collect()
    };
    match kind {
        "coverage" | "weighted-coverage" => {
            let items = 2 * n as u32;
            let sets: Rows<u32> = (0..n).map(|_| (0..items).filter(|_| rng.random_bool(0.2)).collect::<Vec<_>>()).collect();
            let weights = (0..items).map(|_| if kind == "coverage" { 1.0 } else { rng.random_range(0.1..5.0) }).collect();
            Coverage::new(Some(weights), sets).unwrap().into()
        }
        "facility" => {
            let rows: Vec<Vec<f64>> = (0..n).map(|_| (0..9).map(|_| rng.random_range(0.0..1.0_f64).powi(3)).collect()).collect();
            FacilityLocation::dense(&rows).unwrap().into()
        }
        "nearest" => FacilityLocation::nearest(Some(8), pairs(&mut rng, 8)).unwrap().into(),
        "features" => {
            let shape = [Shape::Sqrt, Shape::Log, Shape::Saturated(2.0)][seed as usize % 3];
            FeatureBased::new(Some(vec![1.0; 6]), shape, pairs(&mut rng, 6)).unwrap().into()
        }
        "determinant" => {
            let rows: Vec<Vec<f64>> = (0..n).map(|_| (0..4).map(|_| rng.random_range(-1.5..1.5)).collect()).collect();
            LogDeterminant::new(&rows).unwrap().into()
        }
        "influence" => {
            let edges = (0..3 * n).map(|_| (rng.random_range(0..n as u32), rng.random_range(0..n as u32))).collect();
            Influence::new(n, CascadeSpec { edges, probability: 0.3, samples: 60, seed }).unwrap().into()
        }
        "cut" => {
            let mut edges = Vec::new();
            for u in 0..n as u32 {
                for v in 0..u {
                    if rng.random_bool(0.5) {
                        edges.push((u, v, rng.random_range(0.1..2.0)));
                    }
                }
            }
            Cut::new(n, edges).unwrap().into()
        }
        _ => panic!("no function {kind}"),
    }
}

/// Insertions (true) and deletions of `n` elements, `steps` of them; about two thirds of the elements are live in the long run.
pub fn stream(n: usize, steps: usize, seed: u64) -> Vec<(u32, bool)> {
    let mut rng = rng(seed ^ 0x5eed);
    let mut live = vec![false; n];
    (0..steps)
        .map(|_| {
            let element = loop {
                let element = rng.random_range(0..n);
                // Live elements are passed over now and then, so that more are live than not.
                if !live[element] || rng.random_bool(0.5) {
                    break element;
                }
            };
            live[element] = !live[element];
            (element as u32, live[element])
        })
        .collect()
}

/// The largest value of an allowed subset of `live`.
pub fn optimum(function: &Function, live: &[usize], allows: &dyn Fn(&[usize]) -> bool) -> f64 {
    fn extend(function: &Function, live: &[usize], allows: &dyn Fn(&[usize]) -> bool, chosen: &mut Vec<usize>, best: &mut f64) {
        *best = best.max(function.value(chosen));
        for (position, &element) in live.iter().enumerate() {
            chosen.push(element);
            if allows(chosen) {
                extend(function, &live[position + 1..], allows, chosen, best);
            }
            chosen.pop();
        }
    }
    let mut best = 0.0;
    extend(function, live, allows, &mut Vec::new(), &mut best);
    best
}
