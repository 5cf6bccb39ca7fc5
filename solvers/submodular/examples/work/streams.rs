//! Functions and streams that are hard for lazy evaluation.

use std::collections::{BTreeSet, VecDeque};

use fathom_opt_problems::submodular_stream::{Coverage, Rows};
use fathom_opt_submodular::{CoverageOracle, DenseFacilityOracle, LevelOracle, Update};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const ITEMS: u32 = 4000;
const WIDTH: usize = 60;

/// `n` elements that each cover 60 of 4000 items of nearly equal weight.
pub fn uniform_sets(n: usize, seed: u64) -> CoverageOracle {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights: Vec<f64> = (0..ITEMS).map(|_| rng.random_range(0.95..1.05)).collect();
    let mut sets: Rows<u32> = Rows::with_capacity(n, n * WIDTH);
    for _ in 0..n {
        let mut set = BTreeSet::new();
        while set.len() < WIDTH {
            set.insert(rng.random_range(0..ITEMS));
        }
        sets.push(set);
    }
    CoverageOracle::new(Coverage::new(Some(weights), sets).expect("a coverage function"))
}

/// `n` points of 20 Gaussian clusters in 20 dimensions; similarities of all pairs.
pub fn facility(n: usize, seed: u64) -> DenseFacilityOracle<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // A sum of twelve uniform numbers is close enough to a normal one.
    let mut normal = move || (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f32>();
    let centres: Vec<Vec<f32>> = (0..20).map(|_| (0..20).map(|_| 3.0 * normal()).collect()).collect();
    let points: Vec<Vec<f32>> = (0..n).map(|point| centres[point % 20].iter().map(|centre| centre + normal()).collect()).collect();
    let mut similarity = Vec::with_capacity(n * n);
    for a in &points {
        similarity.extend(points.iter().map(|b| {
            let square: f32 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
            (-square / 50.0).exp()
        }));
    }
    DenseFacilityOracle::new(n, similarity)
}

/// What each element is worth alone.
pub fn singles(oracle: &impl LevelOracle) -> Vec<f64> {
    (0..oracle.elements()).map(|element| oracle.gain(element, 0)).collect()
}

/// Once all elements are in: the live one of largest value goes and comes back 200 deletions later.
pub fn killer(singles: &[f64], updates: usize) -> Vec<Update> {
    let key = |element: usize| (u64::MAX - singles[element].to_bits(), element);
    let mut live: BTreeSet<(u64, usize)> = (0..singles.len()).map(key).collect();
    let mut gone = VecDeque::new();
    let mut stream = Vec::new();
    while stream.len() < updates {
        if let Some(first) = live.pop_first() {
            stream.push(Update::Delete(first.1 as u32));
            gone.push_back(first);
        }
        if gone.len() > 200
            && let Some(back) = gone.pop_front()
        {
            live.insert(back);
            stream.push(Update::Insert(back.1 as u32));
        }
    }
    stream
}

/// Once the first half is in: the next element comes, the oldest one goes.
pub fn window(n: usize, updates: usize) -> Vec<Update> {
    let pairs = (n / 2..).take(updates / 2).map(|i| [Update::Insert((i % n) as u32), Update::Delete((i - n / 2) as u32 % n as u32)]);
    pairs.flatten().collect()
}

/// Once all are in: all go, from the largest value alone to the smallest.
pub fn largest_first(singles: &[f64]) -> Vec<Update> {
    let mut order: Vec<usize> = (0..singles.len()).collect();
    order.sort_by(|&a, &b| singles[b].total_cmp(&singles[a]).then(a.cmp(&b)));
    order.into_iter().map(|element| Update::Delete(element as u32)).collect()
}

/// Once all are in: the 200 of largest value alone go and come back in turn.
pub fn churn(singles: &[f64], updates: usize) -> Vec<Update> {
    let largest = largest_first(singles).into_iter().take(200).map(Update::element).cycle();
    largest.flat_map(|element| [Update::Delete(element), Update::Insert(element)]).take(updates).collect()
}

/// Insertions of the elements below `n`.
pub fn all(n: usize) -> Vec<Update> {
    (0..n as u32).map(Update::Insert).collect()
}
