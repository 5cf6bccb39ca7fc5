//! The end of a search that chooses parents: descents that choose all parents anew, so that no single move is left that improves.

use fathom_opt_core::Stop;
use fathom_opt_problems::dag_learning::{Edge, ScoreKind, WeightedDag};

use crate::chains::{Chain, Method, Search};
use crate::course::Course;
use crate::local_score::{LocalScore, ProblemScore};
use crate::local_search::{Costs, descend};
use crate::parent_table::ParentTable;
use crate::sparse_descent::least_gain;

/// Up to this many variables all sets of parents are tried.
const ALL_SETS: usize = 12;

/// Up to this many variables parents are chosen anew, greedily, for every move.
const AFRESH: usize = 64;

/// Convex fits that may be made for all sets of parents.
const FITS: usize = 5_000;

/// What a last look at all moves found.
pub(crate) struct Polished {
    /// A better order with its graph, in which every node has the parents that its cost takes, and the sum of the costs.
    pub(crate) better: Option<(WeightedDag, f64)>,
    /// Whether no re-insertion improves the order that stands now, with the best parents where all sets were tried, with greedy ones otherwise.
    pub(crate) is_optimal: bool,
    pub(crate) stopped: Option<Stop>,
}

impl Polished {
    /// Nothing was looked at.
    pub(crate) fn unseen() -> Self {
        Self { better: None, is_optimal: false, stopped: None }
    }
}

/// Descends from where the chain ended with parents chosen anew for every move.
pub(crate) fn polish(search: &Search<'_>, chain: &Chain) -> Polished {
    let (score, d) = (search.score, search.moments.variables());
    if search.method == Method::Dense || score.is_exact() {
        return Polished::unseen();
    }
    let few =
        d <= ALL_SETS && (matches!(score.kind(), ScoreKind::NvBic | ScoreKind::Ev | ScoreKind::EvEbic) || fits(d, score.most()) <= FITS);
    if few {
        return match ParentTable::filled(score, search.clock) {
            Some(table) => descended(search, chain, &table),
            None => Polished { stopped: search.clock.stop(), ..Polished::unseen() },
        };
    }
    // A greedy choice is worth a claim only where a checker can do no better.
    if d > AFRESH || score.kind() != ScoreKind::NvBic {
        return Polished::unseen();
    }
    descended(search, chain, &Remembering::new(score, chain))
}

/// Costs with parents chosen greedily, or those that the search gave a node where they still come before it and cost less.
struct Remembering<'a> {
    score: &'a ProblemScore<'a>,
    /// By node: its parents, increasing, and what they cost.
    known: Vec<(Vec<usize>, f64)>,
}

impl<'a> Remembering<'a> {
    fn new(score: &'a ProblemScore<'a>, chain: &Chain) -> Self {
        let mut parents = vec![Vec::new(); score.variables()];
        for &(from, to, _) in chain.graph.iter().flat_map(|graph| &graph.edges) {
            parents[to].push(from);
        }
        let cost = |(node, mut parents): (usize, Vec<usize>)| {
            parents.sort_unstable();
            let cost = score.parent_set_cost(node, parents.iter().copied(), score.variance(node, &parents)).0;
            (parents, cost)
        };
        Self { score, known: parents.into_iter().enumerate().map(cost).collect() }
    }

    fn is_known(&self, node: usize, predecessors: &[usize]) -> bool {
        self.known[node].0.iter().all(|parent| predecessors.binary_search(parent).is_ok())
    }
}

impl LocalScore for Remembering<'_> {
    fn variables(&self) -> usize {
        self.score.variables()
    }

    fn cost(&self, node: usize, predecessors: &[usize]) -> f64 {
        let greedy = self.score.cost(node, predecessors);
        if self.is_known(node, predecessors) { greedy.min(self.known[node].1) } else { greedy }
    }

    fn fit(&self, node: usize, predecessors: &[usize]) -> Vec<(usize, f64)> {
        let (parents, cost) = &self.known[node];
        if self.is_known(node, predecessors) && *cost <= self.score.cost(node, predecessors) {
            return parents.iter().copied().zip(self.score.refit(node, parents)).collect();
        }
        self.score.fit(node, predecessors)
    }
}

/// Fits of all sets of at most `most` parents of `d` nodes.
fn fits(d: usize, most: usize) -> usize {
    let mut sets = 1_usize;
    let mut sum = 0_usize;
    for size in 0..d.min(most.saturating_add(1)) {
        sum = sum.saturating_add(sets);
        sets = sets * (d - 1 - size) / (size + 1);
    }
    sum.saturating_mul(d)
}

fn descended(search: &Search<'_>, chain: &Chain, parents: &dyn LocalScore) -> Polished {
    let score = search.score;
    let least = if score.kind() == ScoreKind::NvBic { least_gain(score) } else { 0.0 };
    let mut order = chain.order.clone();
    let mut course = Course::default();
    let value = descend(&mut Costs::new(parents, search.clock), &mut order, search.precedence, least, &mut course);
    if course.stopped.is_some() {
        return Polished { stopped: course.stopped, ..Polished::unseen() };
    }
    let better = if value < chain.score - least.max(1e-12 * chain.score.abs()) {
        let mut edges: Vec<Edge> = Vec::new();
        for (k, &node) in order.iter().enumerate() {
            let mut before = order[..k].to_vec();
            before.sort_unstable();
            edges.extend(parents.fit(node, &before).into_iter().map(|(parent, weight)| (parent, node, weight)));
        }
        Some((WeightedDag { order, edges }, value))
    } else {
        None
    };
    Polished { better, is_optimal: true, stopped: None }
}
