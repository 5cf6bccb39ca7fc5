//! Functions and frames for the tests of engines.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::{Coverage, FacilityLocation, Function, Rows};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::levels::Frame;
use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::oracles::FunctionOracle;

/// A random coverage function or, for odd seeds, facility location.
pub(super) fn function(n: usize, seed: u64) -> Counted<FunctionOracle> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let function: Function = if seed.is_multiple_of(2) {
        let items = 3 * n as u32;
        let sets: Rows<u32> = (0..n).map(|_| (0..items).filter(|_| rng.random_bool(0.15)).collect::<Vec<_>>()).collect();
        Coverage::new(Some(vec![1.0; items as usize]), sets).expect("a function").into()
    } else {
        let rows: Vec<Vec<f64>> = (0..n).map(|_| (0..12).map(|_| rng.random_range(0.0..1.0_f64).powi(2)).collect()).collect();
        FacilityLocation::dense(&rows).expect("a function").into()
    };
    Counted::new(&FunctionOracle::new(&function))
}

pub(super) fn frame(threshold: f64, most: usize, seed: u64) -> Arc<Frame> {
    Arc::new(Frame { guess: 3, threshold, constraint: Constraint::Cardinality(most), most, eps: 0.2, trials: 48, seed })
}

/// Insertions (true) and deletions of the elements whose value alone reaches `threshold`.
pub(super) fn stream(oracle: &mut Counted<FunctionOracle>, n: usize, threshold: f64, steps: usize, seed: u64) -> Vec<(u32, bool)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xabc);
    let relevant: Vec<u32> = (0..n as u32).filter(|&element| oracle.reaches(element, 0, threshold).expect("a gain")).collect();
    assert!(relevant.len() > n / 3);
    let mut live = vec![false; n];
    (0..steps)
        .map(|_| {
            let element = loop {
                let element = relevant[rng.random_range(0..relevant.len())];
                if !live[element as usize] || rng.random_bool(0.4) {
                    break element;
                }
            };
            live[element as usize] = !live[element as usize];
            (element, live[element as usize])
        })
        .collect()
}
