//! Moves under a score that chooses parents: with few variables every set of parents is looked at, with more a greedy choice can still refute.

use super::super::moments::Moments;
use super::super::{DagLearning, Edge};
use super::convex::residual_variance;
use super::walk::{self, NodeCost};
use super::{Before, Found};
use crate::dag_learning::diagnostics::PERFECT;

/// Up to this many variables all sets of parents are tried: `d 2^(d - 1)` regressions.
const ALL_SETS: usize = 12;

/// BIC with a variance per node, over sets of parents that knowledge allows.
struct Bic<'a> {
    moments: &'a Moments,
    per_edge: f64,
    most: usize,
    /// Per node: the parents it must have, and those it must not have.
    required: Vec<Vec<usize>>,
    forbidden: Vec<Vec<usize>>,
}

impl Bic<'_> {
    fn of_variance(&self, node: usize, variance: f64, parents: usize) -> f64 {
        let own = self.moments.at(node, node);
        let fit = if own > 0.0 { self.moments.observations() as f64 * variance.max(PERFECT * own).ln() } else { 0.0 };
        fit + self.per_edge * parents as f64
    }

    fn of(&self, node: usize, parents: &[usize]) -> f64 {
        self.of_variance(node, residual_variance(self.moments, node, parents), parents.len())
    }

    fn is_allowed(&self, node: usize, parent: usize) -> bool {
        !self.forbidden[node].contains(&parent)
    }
}

/// The cheapest set of parents within every set of nodes.
struct AllSets {
    /// `[node][set]`.
    best: Vec<Vec<f64>>,
}

impl AllSets {
    fn new(bic: &Bic<'_>) -> Self {
        let d = bic.moments.variables();
        let best = (0..d)
            .map(|node| {
                let mut best = vec![f64::INFINITY; 1 << d];
                for set in 0..1_usize << d {
                    if set >> node & 1 == 1 {
                        continue;
                    }
                    let parents: Vec<usize> = (0..d).filter(|k| set >> k & 1 == 1).collect();
                    if parents.len() <= bic.most
                        && parents.iter().all(|&parent| bic.is_allowed(node, parent))
                        && bic.required[node].iter().all(|parent| parents.contains(parent))
                    {
                        best[set] = bic.of(node, &parents);
                    }
                    for &parent in &parents {
                        best[set] = best[set].min(best[set & !(1 << parent)]);
                    }
                }
                best
            })
            .collect();
        Self { best }
    }
}

impl NodeCost for AllSets {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let set = before.iter().fold(0_usize, |set, &k| set | 1 << k);
        self.best[node].get(set).copied()
    }

    fn work(&self, before: usize) -> f64 {
        before as f64
    }
}

/// A good set of parents: the one that helps most joins while that pays, then those leave that do not pay for themselves.
struct Greedy<'a>(Bic<'a>);

impl NodeCost for Greedy<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let bic = &self.0;
        let m = bic.moments;
        let candidates: Vec<usize> = before.iter().copied().filter(|&parent| bic.is_allowed(node, parent)).collect();
        // Rows: the candidates and the node, with the chosen parents regressed out.
        let all: Vec<usize> = candidates.iter().copied().chain([node]).collect();
        let w = all.len();
        let last = w - 1;
        let mut left: Vec<f64> = all.iter().flat_map(|&i| all.iter().map(move |&j| m.at(i, j))).collect();
        let mut chosen: Vec<usize> = Vec::new();
        let mut take = |a: usize, left: &mut Vec<f64>| {
            let row: Vec<f64> = left[a * w..(a + 1) * w].to_vec();
            for i in 0..w {
                let factor = left[i * w + a] / row[a];
                for (entry, other) in left[i * w..(i + 1) * w].iter_mut().zip(&row) {
                    *entry -= factor * other;
                }
            }
            chosen.push(a);
            chosen.len()
        };
        let mut taken = vec![false; last];
        let mut count = 0;
        for parent in &bic.required[node] {
            let a = candidates.iter().position(|candidate| candidate == parent)?;
            taken[a] = true;
            count = take(a, &mut left);
        }
        while count < bic.most {
            let fresh = |a: &usize| !taken[*a] && left[a * w + a] > 1e-10 * m.at(all[*a], all[*a]);
            let falls = |a: usize| left[a * w + last].powi(2) / left[a * w + a];
            let Some(a) = (0..last).filter(fresh).max_by(|&a, &b| falls(a).total_cmp(&falls(b))) else { break };
            let variance = left[last * w + last];
            if bic.of_variance(node, variance - falls(a), 1) >= bic.of_variance(node, variance, 0) {
                break;
            }
            taken[a] = true;
            count = take(a, &mut left);
        }
        let mut parents: Vec<usize> = chosen.into_iter().map(|a| candidates[a]).collect();
        let mut cost = bic.of(node, &parents);
        loop {
            let without = |k: usize| {
                let mut fewer = parents.clone();
                fewer.remove(k);
                bic.of(node, &fewer)
            };
            let removable = (0..parents.len()).filter(|&k| !bic.required[node].contains(&parents[k]));
            let best = removable.map(|k| (k, without(k))).min_by(|a, b| a.1.total_cmp(&b.1));
            match best {
                Some((k, value)) if value < cost => {
                    parents.remove(k);
                    cost = value;
                }
                _ => return Some(cost),
            }
        }
    }

    fn work(&self, before: usize) -> f64 {
        10.0 * (before as f64).powi(2)
    }
}

impl<'a> Bic<'a> {
    fn new(problem: &DagLearning, moments: &'a Moments) -> Self {
        let d = problem.variables();
        let knowledge = problem.knowledge();
        let mut bic = Self {
            moments,
            per_edge: problem.score().per_edge(moments.observations(), d),
            most: knowledge.max_parents().unwrap_or(usize::MAX),
            required: vec![Vec::new(); d],
            forbidden: vec![Vec::new(); d],
        };
        for &(from, to) in knowledge.required() {
            bic.required[to].push(from);
        }
        for &(from, to) in knowledge.forbidden() {
            bic.forbidden[to].push(from);
        }
        bic
    }
}

/// The best re-insertion and the best exchange, against what every node costs with the parents that `edges` give it.
pub(super) fn moves(problem: &DagLearning, moments: &Moments, order: &[usize], edges: &[Edge], before: &Before) -> [Found; 2] {
    let d = order.len();
    let bic = Bic::new(problem, moments);
    let mut parents = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        parents[to].push(from);
    }
    let standing: Vec<f64> = order.iter().map(|&node| bic.of(node, &parents[node])).collect();
    if d <= ALL_SETS {
        return walk::moves(&AllSets::new(&bic), order, before, Some(&standing));
    }
    walk::moves(&Greedy(bic), order, before, Some(&standing)).map(|found| match found {
        Found::All(best) => Found::Some(best, "none was found that improves, with parents chosen greedily".into()),
        other => other,
    })
}

/// Both evaluators, for a comparison.
#[cfg(test)]
pub(super) fn both_ways<'a>(problem: &DagLearning, moments: &'a Moments) -> (impl NodeCost + 'a, impl NodeCost + 'a) {
    (AllSets::new(&Bic::new(problem, moments)), Greedy(Bic::new(problem, moments)))
}
