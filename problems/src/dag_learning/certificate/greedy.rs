//! BIC with a variance per node, and a greedy choice of parents under it: with many variables that can still refute.

use super::super::diagnostics::PERFECT;
use super::super::instance::DagLearning;
use super::super::moments::Moments;
use super::super::solution::Edge;
use super::all_sets::{SetCost, standing};
use super::moves::{Before, Found};
use super::parent_sets::ParentSets;
use super::regressions::Regressions;
use super::walk::{self, NodeCost, UNSURE};

/// What a set of parents costs: `n ln(var) + penalty ln(n) |parents|`, less what the node costs without any, so that units do not matter.
pub(super) struct Bic<'a> {
    regressions: &'a Regressions<'a>,
    per_edge: f64,
}

impl<'a> Bic<'a> {
    pub(super) fn new(problem: &DagLearning, regressions: &'a Regressions<'a>) -> Self {
        let moments = regressions.moments();
        Self { regressions, per_edge: problem.score().per_edge(moments.observations(), moments.variables()) }
    }

    fn moments(&self) -> &'a Moments {
        self.regressions.moments()
    }

    fn of_variance(&self, node: usize, variance: f64, parents: usize) -> f64 {
        let own = self.moments().at(node, node);
        let fit = if own > 0.0 { self.moments().observations() as f64 * (variance / own).max(PERFECT).ln() } else { 0.0 };
        fit + self.per_edge * parents as f64
    }
}

impl SetCost for Bic<'_> {
    fn of(&self, node: usize, parents: &[usize]) -> Option<f64> {
        Some(self.of_variance(node, self.regressions.residual_variance(node, parents)?, parents.len()))
    }

    fn work(&self, parents: usize) -> f64 {
        self.regressions.work(parents as f64)
    }
}

/// A good set of parents: the one that helps most joins while that pays, then those leave that do not pay for themselves.
pub(super) struct Greedy<'a> {
    bic: &'a Bic<'a>,
    sets: &'a ParentSets,
}

/// What is left of the candidates and the node once the chosen parents are regressed out.
struct Left {
    width: usize,
    entries: Vec<f64>,
    chosen: Vec<usize>,
}

impl Left {
    fn take(&mut self, a: usize) {
        let w = self.width;
        let row: Vec<f64> = self.entries[a * w..(a + 1) * w].to_vec();
        for i in 0..w {
            let factor = self.entries[i * w + a] / row[a];
            for (entry, other) in self.entries[i * w..(i + 1) * w].iter_mut().zip(&row) {
                *entry -= factor * other;
            }
        }
        self.chosen.push(a);
    }
}

impl<'a> Greedy<'a> {
    pub(super) fn new(bic: &'a Bic<'a>, sets: &'a ParentSets) -> Self {
        Self { bic, sets }
    }

    fn grown(&self, node: usize, candidates: &[usize]) -> Option<Vec<usize>> {
        let (bic, m) = (self.bic, self.bic.moments());
        let all: Vec<usize> = candidates.iter().copied().chain([node]).collect();
        let w = all.len();
        let last = w - 1;
        let entries = all.iter().flat_map(|&i| all.iter().map(move |&j| m.at(i, j))).collect();
        let mut left = Left { width: w, entries, chosen: Vec::new() };
        for parent in self.sets.required(node) {
            left.take(candidates.iter().position(|candidate| candidate == parent)?);
        }
        while left.chosen.len() < self.sets.most() {
            let own = |a: usize| left.entries[a * w + a];
            let fresh = |a: &usize| !left.chosen.contains(a) && own(*a) > 1e-10 * m.at(all[*a], all[*a]);
            let falls = |a: usize| left.entries[a * w + last].powi(2) / own(a);
            let Some(a) = (0..last).filter(fresh).max_by(|&a, &b| falls(a).total_cmp(&falls(b))) else { break };
            let variance = own(last);
            if bic.of_variance(node, variance - falls(a), 1) >= bic.of_variance(node, variance, 0) {
                break;
            }
            left.take(a);
        }
        Some(left.chosen.into_iter().map(|a| candidates[a]).collect())
    }
}

impl NodeCost for Greedy<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let mut parents = self.grown(node, &self.sets.candidates(node, before))?;
        let mut cost = self.bic.of(node, &parents)?;
        loop {
            let without = |k: usize| {
                let mut fewer = parents.clone();
                fewer.remove(k);
                self.bic.of(node, &fewer)
            };
            let removable = (0..parents.len()).filter(|&k| !self.sets.required(node).contains(&parents[k]));
            let best = removable.filter_map(|k| Some((k, without(k)?))).min_by(|a, b| a.1.total_cmp(&b.1));
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

/// The best re-insertion and the best exchange that a greedy choice of parents finds, against what every node costs with the parents that it has.
pub(super) fn moves(bic: &Bic<'_>, sets: &ParentSets, (order, edges): (&[usize], &[Edge]), before: &Before, allowed: f64) -> [Found; 2] {
    let Some(standing) = standing(bic, order, edges) else { return Found::nothing(UNSURE) };
    walk::moves(&Greedy::new(bic, sets), order, before, Some(standing), allowed)
        .map(|found| found.but_open("none was found that improves, with parents chosen greedily"))
}
