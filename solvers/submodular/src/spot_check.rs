//! Looking for a proof that a function is not submodular.

use rand::RngExt;
use rand::seq::SliceRandom;

use crate::draws::Draws;
use crate::error::OracleFault;
use crate::oracle::LevelOracle;

/// Looks at gains along `chains` random chains of at most `length` elements: an element must never gain more on top of a larger set. What it finds is a proof that
/// `oracle` is not submodular (or not monotone though it says so); finding nothing proves nothing.
///
/// # Errors
/// The witness: a gain that is no number, negative though the function says it is monotone, or larger on top of a larger set.
pub fn spot_check<O: LevelOracle>(oracle: &O, chains: usize, length: usize, seed: u64) -> Result<(), OracleFault> {
    let mut oracle = oracle.clone();
    let elements = oracle.elements();
    let mut draws = Draws::new(seed, 0, 1);
    let mut order: Vec<u32> = (0..elements as u32).collect();
    for _ in 0..chains {
        oracle.truncate(0);
        order.shuffle(&mut draws.rng);
        let chain = &order[..length.min(elements)];
        for &element in chain {
            oracle.push(element as usize);
        }
        for _ in 0..chain.len().max(4) {
            if chain.len() == elements {
                break;
            }
            let element = order[draws.rng.random_range(chain.len()..elements)];
            along(&oracle, chain, element)?;
        }
        // Elements of the chain itself, up to where they come in.
        for (position, &element) in chain.iter().enumerate() {
            along(&oracle, &chain[..position], element)?;
        }
    }
    Ok(())
}

/// The gains of `element` against every prefix of `chain`, which fall if the function is submodular.
fn along<O: LevelOracle>(oracle: &O, chain: &[u32], element: u32) -> Result<(), OracleFault> {
    let scale = oracle.value().abs();
    let mut least = (f64::INFINITY, 0);
    for level in 0..=chain.len() {
        let gain = oracle.gain(element as usize, level);
        if !gain.is_finite() {
            return Err(OracleFault::NotFinite { element, gain });
        }
        if oracle.is_monotone() && gain < -1e-9 * scale {
            return Err(OracleFault::Negative { element, gain });
        }
        if gain > least.0 + 1e-9 * (scale + gain.abs()) {
            return Err(OracleFault::NotSubmodular {
                element,
                prefix: chain[..least.1].to_vec(),
                more: chain[least.1..level].to_vec(),
                smaller: least.0,
                larger: gain,
            });
        }
        if gain < least.0 {
            least = (gain, level);
        }
    }
    Ok(())
}
