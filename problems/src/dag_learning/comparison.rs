//! How far a graph is from another one.

use std::collections::HashMap;

use super::solution::Edge;
use crate::verdict::{Measure, Verdict};

/// A learned graph beside the true one, in the measures of the NOTEARS paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Structural Hamming distance (SHD): edges missing, superfluous or reversed (a reversal counts once).
    pub shd: usize,
    /// The same between the two completed partially directed graphs (equivalence classes); `None` for more than 1000 nodes.
    pub cpdag_shd: Option<usize>,
    /// Share of the true edges that are found with their direction.
    pub true_positive_rate: f64,
    /// Share of the found edges that are not there or lead the other way.
    pub false_discovery_rate: f64,
}

impl Comparison {
    /// Compares `found` with `truth`, both over `d` nodes and acyclic; weights play no role.
    pub fn new(d: usize, found: &[Edge], truth: &[Edge]) -> Self {
        let (a, b) = (directions(found), directions(truth));
        let differing = a.iter().filter(|(pair, direction)| b.get(pair) != Some(direction)).count();
        let missing = b.keys().filter(|pair| !a.contains_key(pair)).count();
        let correct = a.len() - differing;
        let rate = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        Self {
            shd: differing + missing,
            cpdag_shd: (d <= 1000).then(|| class_distance(&completed(d, found), &completed(d, truth))),
            true_positive_rate: rate(correct, b.len()),
            false_discovery_rate: rate(differing, a.len()),
        }
    }

    pub(super) fn report(&self, verdict: &mut Verdict) {
        let mut push = |name: &str, value: f64| verdict.measures.push(Measure { name: name.into(), value });
        push("structural Hamming distance", self.shd as f64);
        if let Some(distance) = self.cpdag_shd {
            push("structural Hamming distance of the CPDAGs", distance as f64);
        }
        push("true positive rate", self.true_positive_rate);
        push("false discovery rate", self.false_discovery_rate);
    }
}

/// The direction of each adjacent pair (smaller, larger): whether the edge leads from the smaller to the larger node.
fn directions(edges: &[Edge]) -> HashMap<(usize, usize), bool> {
    edges.iter().map(|&(from, to, _)| ((from.min(to), from.max(to)), from < to)).collect()
}

/// The completed partially directed graph of a DAG: for each adjacent pair (smaller, larger) its direction, or `None` where both occur in its class.
fn completed(d: usize, edges: &[Edge]) -> HashMap<(usize, usize), Option<bool>> {
    let mut parents = vec![Vec::new(); d];
    let mut adjacent = vec![std::collections::HashSet::new(); d];
    for &(from, to, _) in edges {
        parents[to].push(from);
        adjacent[from].insert(to);
        adjacent[to].insert(from);
    }
    let mut directed: std::collections::HashSet<(usize, usize)> = std::collections::HashSet::new();
    // Unshielded colliders.
    for (to, parents) in parents.iter().enumerate() {
        for (k, &a) in parents.iter().enumerate() {
            for &b in &parents[k + 1..] {
                if !adjacent[a].contains(&b) {
                    directed.insert((a, to));
                    directed.insert((b, to));
                }
            }
        }
    }
    // Meek's rules 1 to 3 until nothing changes; every direction found is that of the DAG itself.
    loop {
        let found: Vec<(usize, usize)> = edges
            .iter()
            .map(|&(from, to, _)| (from, to))
            .filter(|edge| !directed.contains(edge))
            .filter(|&(from, to)| {
                let into = |a: usize, b: usize| directed.contains(&(a, b));
                let undirected = |a: usize, b: usize| adjacent[a].contains(&b) && !into(a, b) && !into(b, a);
                let chain = parents[from].iter().any(|&a| into(a, from) && !adjacent[a].contains(&to));
                let transitive = adjacent[from].iter().any(|&a| into(from, a) && into(a, to));
                let kite = || {
                    let middle: Vec<usize> = adjacent[from].iter().copied().filter(|&a| undirected(from, a) && into(a, to)).collect();
                    middle.iter().enumerate().any(|(k, &a)| middle[k + 1..].iter().any(|b| !adjacent[a].contains(b)))
                };
                chain || transitive || kite()
            })
            .collect();
        if found.is_empty() {
            break;
        }
        directed.extend(found);
    }
    edges.iter().map(|&(from, to, _)| ((from.min(to), from.max(to)), directed.contains(&(from, to)).then_some(from < to))).collect()
}

fn class_distance(a: &HashMap<(usize, usize), Option<bool>>, b: &HashMap<(usize, usize), Option<bool>>) -> usize {
    let differing = a.iter().filter(|(pair, direction)| b.get(pair) != Some(direction)).count();
    differing + b.keys().filter(|pair| !a.contains_key(pair)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversal_counts_once() {
        let truth = [(0, 1, 1.0), (1, 2, 1.0)];
        let comparison = Comparison::new(4, &[(1, 0, 1.0), (1, 2, 1.0), (2, 3, 1.0)], &truth);
        assert_eq!(comparison.shd, 2);
        assert_eq!(comparison.true_positive_rate, 0.5);
        assert!((comparison.false_discovery_rate - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn equivalent_graphs_have_the_same_cpdag() {
        let chain = [(0, 1, 1.0), (1, 2, 1.0)];
        let fork = [(1, 0, 1.0), (1, 2, 1.0)];
        let collider = [(0, 1, 1.0), (2, 1, 1.0)];
        assert_eq!(Comparison::new(3, &fork, &chain).cpdag_shd, Some(0));
        assert_eq!(Comparison::new(3, &collider, &chain).cpdag_shd, Some(2));
        // A collider fixes what follows it.
        let followed = [(0, 1, 1.0), (2, 1, 1.0), (1, 3, 1.0)];
        assert_eq!(completed(4, &followed)[&(1, 3)], Some(true));
    }
}
