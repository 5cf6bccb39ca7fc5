//! The best parents of every node within every set of nodes.

use std::ops::ControlFlow;

use crate::clock::Clock;
use crate::local_score::{LocalScore, ProblemScore};
use crate::number::Number as _;
use crate::subset_sweep::sweep;
use fathom_opt_problems::dag_learning::ScoreKind;

/// The nodes in the bit mask `subset`, increasing.
pub(crate) fn nodes(subset: usize) -> impl Iterator<Item = usize> {
    let mut left = subset;
    std::iter::from_fn(move || {
        (left != 0).then(|| {
            let node = left.trailing_zeros() as usize;
            left &= left - 1;
            node
        })
    })
}

/// `g(j, S)`: the cost of `j` with the best parents within `S`, exactly: `g(j, S) = min(cost of exactly S, min_i g(j, S \ i))`.
pub(crate) struct ParentTable<'a> {
    score: &'a ProblemScore<'a>,
    d: usize,
    /// `[j * 2^d + S]`.
    costs: Vec<f64>,
    /// How far the true costs may lie below.
    gap: f64,
    /// Costs that differ by less are the same: the smaller set stays.
    least: f64,
}

impl<'a> ParentTable<'a> {
    /// A table in which nothing has been chosen yet.
    pub(crate) fn new(score: &'a ProblemScore<'a>) -> Self {
        let d = score.variables();
        let least = if score.kind() == ScoreKind::NvBic { 1e-11 * score.moments().observations() as f64 } else { 0.0 };
        Self { score, d, costs: vec![f64::INFINITY; d << d], gap: 0.0, least }
    }

    /// The whole table; `None` where there is no time for it.
    pub(crate) fn filled(score: &'a ProblemScore<'a>, clock: &Clock<'_>) -> Option<Self> {
        let mut table = Self::new(score);
        let all = (1_usize << table.d) - 1;
        let mut visit = |subset: usize, variance: &dyn Fn(usize) -> f64| {
            for node in nodes(all & !subset) {
                table.choose(node, subset, variance(node));
            }
            if clock.may_go_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let ended = match score.moments().precise() {
            Some(gram) => sweep(gram, &mut |subset, variances| visit(subset, &|node| variances[node].value())),
            None => sweep(score.moments().plain(), &mut |subset, variances| visit(subset, &|node| variances[node])),
        };
        ended.is_continue().then_some(table)
    }

    /// Fills `g(node, subset)`, after all smaller sets; `variance` is that of the node given the subset, in its unit.
    pub(crate) fn choose(&mut self, node: usize, subset: usize, variance: f64) {
        let at = node << self.d;
        let mut value = f64::INFINITY;
        for other in nodes(subset) {
            value = value.min(self.costs[at + (subset & !(1 << other))]);
        }
        if self.score.allows(node, subset) {
            let (exact, gap) = self.score.parent_set_cost(node, nodes(subset), variance);
            self.gap = self.gap.max(gap);
            if exact < value - self.least || value == f64::INFINITY {
                value = exact;
            }
        }
        self.costs[at + subset] = value;
    }

    /// `g(node, subset)`.
    pub(crate) fn cost(&self, node: usize, subset: usize) -> f64 {
        self.costs[(node << self.d) + subset]
    }

    /// How far the true cost of a node may lie below the one in the table.
    pub(crate) fn gap(&self) -> f64 {
        self.gap + self.least
    }

    /// The parents that attain `g(node, subset)`, increasing: nodes leave while the value stays.
    pub(crate) fn parents(&self, node: usize, subset: usize) -> Vec<usize> {
        let mut subset = subset;
        while let Some(other) = nodes(subset).find(|other| self.cost(node, subset & !(1 << other)) == self.cost(node, subset)) {
            subset &= !(1 << other);
        }
        nodes(subset).collect()
    }
}

impl LocalScore for ParentTable<'_> {
    fn variables(&self) -> usize {
        self.d
    }

    fn cost(&self, node: usize, predecessors: &[usize]) -> f64 {
        Self::cost(self, node, predecessors.iter().fold(0, |set, &k| set | 1 << k))
    }

    fn fit(&self, node: usize, predecessors: &[usize]) -> Vec<(usize, f64)> {
        let parents = self.parents(node, predecessors.iter().fold(0, |set, &k| set | 1 << k));
        let weights = self.score.refit(node, &parents);
        parents.into_iter().zip(weights).collect()
    }
}
