//! The best of all sets of parents, where there are few variables.

use std::cell::Cell;

use super::super::solution::Edge;
use super::moves::{Before, Found};
use super::parent_sets::ParentSets;
use super::walk::{self, NodeCost, UNSURE};

/// What a node costs with exactly these parents.
pub(super) trait SetCost {
    /// The cost of `node` with the best weights on exactly these parents; `None` where it does not come out accurately.
    fn of(&self, node: usize, parents: &[usize]) -> Option<f64>;

    /// About how many multiply-adds that takes.
    fn work(&self, parents: usize) -> f64;
}

/// Up to this many variables all sets of parents are tried: `d 2^(d - 1)` regressions.
const MOST: usize = 12;

/// The cheapest allowed set of parents within every set of nodes.
pub(super) struct AllSets<'a> {
    cost: &'a dyn SetCost,
    /// `[node][set]`; nothing where there are too many sets.
    best: Vec<Vec<f64>>,
    /// Whether some set is left out because its cost does not come out accurately.
    unsure: Cell<bool>,
}

impl<'a> AllSets<'a> {
    /// Tries all sets if that takes no more than `allowed` multiply-adds.
    pub(super) fn new(cost: &'a dyn SetCost, sets: &ParentSets, allowed: f64) -> Self {
        let mut all = Self { cost, best: Vec::new(), unsure: Cell::new(false) };
        let d = sets.variables();
        if d > MOST || work(cost, d, sets.most()) > allowed {
            return all;
        }
        all.best = (0..d).map(|node| all.of_node(node, sets)).collect();
        all
    }

    fn of_node(&self, node: usize, sets: &ParentSets) -> Vec<f64> {
        let d = sets.variables();
        let mut best = vec![f64::INFINITY; 1 << d];
        for set in (0..1_usize << d).filter(|set| set >> node & 1 == 0) {
            let parents: Vec<usize> = (0..d).filter(|k| set >> k & 1 == 1).collect();
            if sets.allow(node, &parents) {
                match self.cost.of(node, &parents) {
                    Some(cost) => best[set] = cost,
                    None => self.unsure.set(true),
                }
            }
            for &parent in &parents {
                best[set] = best[set].min(best[set & !(1 << parent)]);
            }
        }
        best
    }

    /// Whether there were few enough sets to try them all.
    pub(super) fn is_complete(&self) -> bool {
        !self.best.is_empty()
    }
}

/// The work of all sets of at most `most` parents of `d` nodes.
fn work(cost: &dyn SetCost, d: usize, most: usize) -> f64 {
    let mut sets = 1.0;
    let mut sum = 0.0;
    for size in 0..d.min(most.saturating_add(1)) {
        sum += sets * cost.work(size);
        sets *= (d - 1 - size) as f64 / (size + 1) as f64;
    }
    sum * d as f64
}

impl NodeCost for AllSets<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let set = before.iter().fold(0_usize, |set, &k| set | 1 << k);
        self.best[node].get(set).copied()
    }

    fn work(&self, before: usize) -> f64 {
        before as f64
    }
}

/// The parents that the edges give every node.
pub(super) fn parents_of(edges: &[Edge], d: usize) -> Vec<Vec<usize>> {
    let mut parents = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        parents[to].push(from);
    }
    parents
}

/// What every node costs with the parents that the edges give it, in the order's sequence.
pub(super) fn standing(cost: &dyn SetCost, order: &[usize], edges: &[Edge]) -> Option<Vec<f64>> {
    let parents = parents_of(edges, order.len());
    order.iter().map(|&node| cost.of(node, &parents[node])).collect()
}

/// The best re-insertion and the best exchange, against what every node costs with the parents that the edges give it.
pub(super) fn moves(all: &AllSets<'_>, (order, edges): (&[usize], &[Edge]), before: &Before, allowed: f64) -> [Found; 2] {
    if !all.is_complete() {
        return Found::nothing("not decided under a limit on parents for so many variables");
    }
    let Some(standing) = standing(all.cost, order, edges) else { return Found::nothing(UNSURE) };
    let found = walk::moves(all, order, before, Some(standing), allowed);
    if all.unsure.get() { found.map(|found| found.but_open(UNSURE)) } else { found }
}
