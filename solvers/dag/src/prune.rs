//! From an order to a graph: which of the edges that the order allows are worth having. Every result follows the order, so it is a DAG.

use fathom_opt_core::OptionError;
use fathom_opt_problems::dag_learning::{Edge, ScoreKind, WeightedDag};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::convex::lasso;
use crate::family::Criterion;
use crate::local_score::{LocalScore, PERFECT, ProblemScore};
use crate::order_factor::OrderFactor;
use crate::selection::{backward, grow_shrink};

/// How edges are chosen once the order is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prune {
    /// What the instance's score asks for: nothing is cut for `ev`, `l1` and `logistic`, edges are chosen by the criterion itself for `ev-ebic` and `nv-bic`.
    #[default]
    Auto,
    /// Nothing is cut.
    None,
    /// Extended BIC, `ln n + 2 ln d` per edge with one error variance for all nodes: backward, or by growing and shrinking from 200 variables on.
    ExtendedBic,
    /// An l1 term of weight `prune-l1`, then a refit.
    L1,
    /// Edges of absolute weight below `prune-threshold` go, then a refit.
    Threshold,
}

/// How a graph is made of an order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Pruning {
    /// Which edges stay.
    pub prune: Prune,
    /// The smallest absolute weight that stays under `prune = threshold`; 0.3 as in NOTEARS and TOPO.
    pub prune_threshold: f64,
    /// The l1 term under `prune = l1`; 0.1 as in NOTEARS.
    pub prune_l1: f64,
}

impl Default for Pruning {
    fn default() -> Self {
        Self { prune: Prune::Auto, prune_threshold: 0.3, prune_l1: 0.1 }
    }
}

/// From this many variables on, parents are grown instead of eliminated: elimination takes `O(d^4)` in all.
const GROWN: usize = 200;

impl Pruning {
    pub(crate) fn validate(&self) -> Result<(), OptionError> {
        for (name, value) in [("prune-threshold", self.prune_threshold), ("prune-l1", self.prune_l1)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(OptionError::new(name, value, "a finite number, at least 0"));
            }
        }
        Ok(())
    }

    /// Whether the result is the best graph of the order under the instance's score.
    pub(crate) fn keeps_the_score(&self, kind: ScoreKind) -> bool {
        match self.prune {
            Prune::Auto => true,
            Prune::None => !matches!(kind, ScoreKind::EvEbic | ScoreKind::NvBic),
            Prune::ExtendedBic => kind == ScoreKind::EvEbic,
            Prune::L1 | Prune::Threshold => false,
        }
    }

    /// Whether the result is the graph that the fits of all nodes make.
    pub(crate) fn keeps_the_fit(&self, kind: ScoreKind) -> bool {
        kind != ScoreKind::EvEbic && matches!(self.prune, Prune::Auto | Prune::None) || self.prune == Prune::None
    }

    /// The graph of `order` over the numbers of `score`. Nodes for which there is no time left have no parents but the required ones, at weight 0.
    pub(crate) fn graph(&self, score: &ProblemScore<'_>, clock: &Clock<'_>, order: &[usize]) -> WeightedDag {
        let prune = match (self.prune, score.kind()) {
            (Prune::Auto, ScoreKind::EvEbic) => Prune::ExtendedBic,
            (Prune::Auto, _) => Prune::None,
            (chosen, _) => chosen,
        };
        let graph = Graph { score, clock, order, candidates: candidates(score, order) };
        let parents: Vec<Vec<(usize, f64)>> = match prune {
            Prune::Auto | Prune::None => graph.fitted(),
            Prune::ExtendedBic => graph.extended_bic(),
            Prune::L1 => graph.kept(|node, candidates| {
                let weights = lasso(score.moments(), node, candidates, self.prune_l1, Some(clock)).weights;
                weights.iter().map(|weight| *weight != 0.0).collect()
            }),
            Prune::Threshold => {
                let fitted = graph.fitted();
                graph.kept(|node, candidates| {
                    let strong =
                        |parent: &usize| fitted[node].iter().any(|(other, weight)| other == parent && weight.abs() >= self.prune_threshold);
                    candidates.iter().map(strong).collect()
                })
            }
        };
        let edges: Vec<Edge> =
            order.iter().flat_map(|&node| parents[node].iter().map(move |&(parent, weight)| (parent, node, weight))).collect();
        WeightedDag { order: order.to_vec(), edges }
    }
}

/// The predecessors of every node in `order`, increasing and without its forbidden parents.
fn candidates(score: &ProblemScore<'_>, order: &[usize]) -> Vec<Vec<usize>> {
    let mut candidates = vec![Vec::new(); order.len()];
    for (k, &node) in order.iter().enumerate() {
        let mut before: Vec<usize> = score.candidates(node, &order[..k]).into_owned();
        before.sort_unstable();
        candidates[node] = before;
    }
    candidates
}

/// What the graph of an order is made of.
struct Graph<'a> {
    score: &'a ProblemScore<'a>,
    clock: &'a Clock<'a>,
    order: &'a [usize],
    candidates: Vec<Vec<usize>>,
}

impl Graph<'_> {
    /// `of(node)` for every node, or its required parents at weight 0 once the time is over.
    fn by_node(&self, of: impl Fn(usize) -> Vec<(usize, f64)> + Sync) -> Vec<Vec<(usize, f64)>> {
        let without = |node: usize| self.score.required(node).iter().map(|&parent| (parent, 0.0)).collect();
        let node = |node: usize| if self.clock.may_go_on() { of(node) } else { without(node) };
        (0..self.order.len()).into_par_iter().map(node).collect()
    }

    fn regressed(&self, node: usize, parents: Vec<usize>) -> Vec<(usize, f64)> {
        let weights = self.score.regressed(node, &parents);
        parents.into_iter().zip(weights).collect()
    }

    /// Every node with the parents that its own score takes.
    fn fitted(&self) -> Vec<Vec<(usize, f64)>> {
        let (score, order, moments) = (self.score, self.order, self.score.moments());
        let dense = matches!(score.kind(), ScoreKind::Ev | ScoreKind::EvEbic) && score.is_unlimited();
        if dense
            && moments.precise().is_none()
            && let Some(factor) = OrderFactor::within(moments, order.to_vec(), self.clock)
        {
            let mut parents = vec![Vec::new(); order.len()];
            for (k, &node) in order.iter().enumerate() {
                parents[node] = order[..k].iter().copied().zip(factor.weights(k)).collect();
            }
            return parents;
        }
        self.by_node(|node| score.fit(node, &self.candidates[node]))
    }

    /// Keeps the candidates that `keep` marks and the required ones, at most as many as knowledge allows, and refits.
    fn kept(&self, keep: impl Fn(usize, &[usize]) -> Vec<bool> + Sync) -> Vec<Vec<(usize, f64)>> {
        let most = self.score.most();
        self.by_node(|node| {
            let (candidates, required) = (&self.candidates[node], self.score.required(node));
            let marks = keep(node, candidates);
            let mut parents: Vec<usize> = candidates
                .iter()
                .zip(marks)
                .filter(|(parent, mark)| *mark || required.contains(parent))
                .map(|(&parent, _)| parent)
                .collect();
            if parents.len() > most {
                let criterion = Criterion { fit: |v| v, per_parent: 0.0, most };
                parents = backward(self.score.moments().plain(), node, &parents, required, &criterion);
            }
            self.regressed(node, parents)
        })
    }

    /// Extended BIC with one error variance: an edge stays if leaving it out would raise `n d ln(S)` by more than its price. The variance that prices are
    /// measured in is that of the dense fit first, then that of the first result.
    fn extended_bic(&self) -> Vec<Vec<(usize, f64)>> {
        let (score, moments) = (self.score, self.score.moments());
        let (n, d) = (moments.observations() as f64, moments.variables());
        let per_parent = match score.kind() {
            ScoreKind::EvEbic => score.per_edge(),
            _ => n.ln() + 2.0 * (d as f64).ln(),
        };
        let most = score.most();
        let total: f64 = (0..d).map(|j| moments.covariance(j, j)).sum();
        let dense = OrderFactor::within(moments, self.order.to_vec(), self.clock);
        let mut variance = dense.map_or(total, |factor| factor.score() * 2.0) / d as f64;
        let mut parents: Vec<Vec<(usize, f64)>> = Vec::new();
        for _ in 0..2 {
            let unit = variance.max(PERFECT * total / d as f64);
            parents = self.by_node(|node| {
                let square = moments.square(node);
                let criterion = Criterion { fit: |v: f64| n * (v * square) / unit, per_parent, most };
                let (candidates, required) = (&self.candidates[node], score.required(node));
                let chosen = if d >= GROWN {
                    grow_shrink(moments.plain(), node, candidates, required, &criterion)
                } else {
                    backward(moments.plain(), node, candidates, required, &criterion)
                };
                chosen.into_iter().map(|parent| (parent, 0.0)).collect()
            });
            let only = |parents: &[(usize, f64)]| parents.iter().map(|&(parent, _)| parent).collect::<Vec<_>>();
            let residuals: Vec<f64> =
                parents.par_iter().enumerate().map(|(node, parents)| score.variance(node, &only(parents)) * moments.square(node)).collect();
            variance = residuals.iter().sum::<f64>() / d as f64;
        }
        self.by_node(|node| self.regressed(node, parents[node].iter().map(|&(parent, _)| parent).collect()))
    }
}
