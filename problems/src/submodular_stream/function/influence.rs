//! Influence in the independent-cascade model, over sampled reverse-reachable sets.

use std::sync::Arc;

use super::super::rows::Rows;
use super::coverage::Coverage;
use crate::malformed::{Malformed, Place};

/// `f(S) = nodes / samples * (number of sampled reverse-reachable sets that S meets)`: monotone and submodular.
///
/// A reverse-reachable set is what reaches a random root along edges that are each alive with the same probability; `f(S)` estimates the expected number of
/// nodes that a cascade from `S` reaches (Borgs, Brautbar, Chayes, Lucier, SODA 2014). The samples are part of the instance: they follow from the seed by
/// hashing, so anybody can repeat them. With `m` samples the estimate of one fixed set has a standard error of at most `nodes / (2 sqrt(m))`.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    spec: CascadeSpec,
    nodes: usize,
    coverage: Arc<Coverage>,
}

/// What the samples follow from.
#[derive(Debug, Clone, PartialEq)]
pub struct CascadeSpec {
    /// Directed edges (from, to).
    pub edges: Vec<(u32, u32)>,
    /// The probability that an edge is alive, in (0, 1].
    pub probability: f64,
    /// How many reverse-reachable sets are drawn, at least 1.
    pub samples: u32,
    /// The seed of the draws.
    pub seed: u64,
}

impl Influence {
    /// Draws the reverse-reachable sets of a graph of `nodes` nodes.
    ///
    /// # Errors
    /// An end out of range, a probability outside (0, 1], no samples, no nodes.
    pub fn new(nodes: usize, spec: CascadeSpec) -> Result<Self, Malformed> {
        let root = Place::root();
        if nodes == 0 {
            return Err(Malformed::new(root.field("edges"), "no nodes", "at least one element"));
        }
        if !(spec.probability > 0.0 && spec.probability <= 1.0) {
            return Err(Malformed::new(root.field("probability"), spec.probability.to_string(), "a probability above 0 and at most 1"));
        }
        if spec.samples == 0 {
            return Err(Malformed::new(root.field("samples"), "0", "at least 1"));
        }
        for (k, &(u, v)) in spec.edges.iter().enumerate() {
            if let Some(end) = [u, v].into_iter().find(|&end| end as usize >= nodes) {
                return Err(Malformed::new(root.field("edges").index(k), end.to_string(), format!("a node below {nodes}")));
            }
        }
        let coverage = Arc::new(Self::draw(nodes, &spec)?);
        Ok(Self { spec, nodes, coverage })
    }

    /// What the samples follow from.
    pub fn spec(&self) -> &CascadeSpec {
        &self.spec
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// The function as a coverage function: the items are the samples, each of weight `nodes / samples`.
    pub fn coverage(&self) -> &Arc<Coverage> {
        &self.coverage
    }

    fn draw(nodes: usize, spec: &CascadeSpec) -> Result<Coverage, Malformed> {
        let mut into: Vec<Vec<(u32, u64)>> = vec![Vec::new(); nodes];
        for (number, &(u, v)) in spec.edges.iter().enumerate() {
            into[v as usize].push((u, number as u64));
        }
        let mut sets: Vec<Vec<u32>> = vec![Vec::new(); nodes];
        let mut seen_in = vec![u32::MAX; nodes];
        let mut queue = Vec::new();
        for sample in 0..spec.samples {
            let key = mix(spec.seed ^ mix(u64::from(sample)));
            queue.clear();
            // The remainder's bias is below nodes / 2^64.
            queue.push((mix(key) % nodes as u64) as u32);
            seen_in[queue[0] as usize] = sample;
            while let Some(node) = queue.pop() {
                sets[node as usize].push(sample);
                for &(from, number) in &into[node as usize] {
                    let uniform = (mix(key ^ mix(number.wrapping_add(1))) >> 11) as f64 / (1_u64 << 53) as f64;
                    if uniform < spec.probability && seen_in[from as usize] != sample {
                        seen_in[from as usize] = sample;
                        queue.push(from);
                    }
                }
            }
        }
        let weight = nodes as f64 / f64::from(spec.samples);
        let sets: Rows<u32> = sets.into_iter().collect();
        Coverage::new(Some(vec![weight; spec.samples as usize]), sets)
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014): a bijection of 64 bits whose outputs look independent.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
