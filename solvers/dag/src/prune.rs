//! From an order to a graph: which of the edges that the order allows are worth having. Every result follows the order, so it is a DAG.

use fathom_opt_core::OptionError;
use fathom_opt_problems::dag_learning::{DagLearning, Edge, ScoreKind, WeightedDag};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::convex::lasso;
use crate::family::Criterion;
use crate::local_score::{LocalScore, ProblemScore};
use crate::moments::Moments;
use crate::order_factor::OrderFactor;
use crate::selection::{backward, conditional_variance, grow_shrink, regress};

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

    /// The graph of `order`.
    pub(crate) fn graph(&self, problem: &DagLearning, moments: &Moments, order: &[usize]) -> WeightedDag {
        let kind = problem.score().kind();
        let prune = match (self.prune, kind) {
            (Prune::Auto, ScoreKind::EvEbic) => Prune::ExtendedBic,
            (Prune::Auto, _) => Prune::None,
            (chosen, _) => chosen,
        };
        let score = ProblemScore::new(problem, moments);
        let parents: Vec<Vec<(usize, f64)>> = match prune {
            Prune::Auto | Prune::None => fitted(problem, moments, &score, order),
            Prune::ExtendedBic => extended_bic(problem, moments, order),
            Prune::L1 => kept(problem, moments, order, |node, candidates| {
                let (_, weights) = lasso(moments, node, candidates, self.prune_l1);
                weights.iter().map(|weight| *weight != 0.0).collect()
            }),
            Prune::Threshold => {
                let fitted = fitted(problem, moments, &score, order);
                kept(problem, moments, order, |node, candidates| {
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
fn candidates(problem: &DagLearning, order: &[usize]) -> Vec<Vec<usize>> {
    let mut candidates = vec![Vec::new(); order.len()];
    for (k, &node) in order.iter().enumerate() {
        let mut before: Vec<usize> = order[..k].to_vec();
        before.retain(|&parent| problem.knowledge().forbidden().binary_search(&(parent, node)).is_err());
        before.sort_unstable();
        candidates[node] = before;
    }
    candidates
}

fn required(problem: &DagLearning, node: usize) -> Vec<usize> {
    problem.knowledge().required().iter().filter(|&&(_, to)| to == node).map(|&(from, _)| from).collect()
}

/// Every node with the parents that its own score takes.
fn fitted(problem: &DagLearning, moments: &Moments, score: &ProblemScore<'_>, order: &[usize]) -> Vec<Vec<(usize, f64)>> {
    let dense = matches!(problem.score().kind(), ScoreKind::Ev | ScoreKind::EvEbic)
        && problem.knowledge().forbidden().is_empty()
        && problem.knowledge().max_parents().is_none();
    if dense {
        let factor = OrderFactor::new(moments, order.to_vec());
        let mut parents = vec![Vec::new(); order.len()];
        for (k, &node) in order.iter().enumerate() {
            parents[node] = order[..k].iter().copied().zip(factor.weights(k)).collect();
        }
        return parents;
    }
    candidates(problem, order).par_iter().enumerate().map(|(node, candidates)| score.fit(node, candidates)).collect()
}

/// Keeps the candidates that `keep` marks and the required ones, at most as many as knowledge allows, and refits.
fn kept(
    problem: &DagLearning,
    moments: &Moments,
    order: &[usize],
    keep: impl Fn(usize, &[usize]) -> Vec<bool> + Sync,
) -> Vec<Vec<(usize, f64)>> {
    let most = problem.knowledge().max_parents().unwrap_or(usize::MAX);
    candidates(problem, order)
        .par_iter()
        .enumerate()
        .map(|(node, candidates)| {
            let required = required(problem, node);
            let marks = keep(node, candidates);
            let mut parents: Vec<usize> = candidates
                .iter()
                .zip(marks)
                .filter(|(parent, mark)| *mark || required.contains(parent))
                .map(|(&parent, _)| parent)
                .collect();
            if parents.len() > most {
                parents = backward(moments, node, &parents, &required, &Criterion { fit: |v| v, per_parent: 0.0, most });
            }
            let weights = regress(moments, node, &parents);
            parents.into_iter().zip(weights).collect()
        })
        .collect()
}

/// Extended BIC with one error variance: an edge stays if leaving it out would raise `n d ln(S)` by more than its price. The variance that prices are
/// measured in is that of the dense fit first, then that of the first result.
fn extended_bic(problem: &DagLearning, moments: &Moments, order: &[usize]) -> Vec<Vec<(usize, f64)>> {
    let (n, d) = (moments.observations() as f64, moments.variables());
    let per_parent = match problem.score().kind() {
        ScoreKind::EvEbic => problem.score().per_edge(moments.observations(), d),
        _ => n.ln() + 2.0 * (d as f64).ln(),
    };
    let most = problem.knowledge().max_parents().unwrap_or(usize::MAX);
    let candidates = candidates(problem, order);
    let required: Vec<Vec<usize>> = (0..d).map(|node| required(problem, node)).collect();
    let total: f64 = (0..d).map(|j| moments.covariance(j, j)).sum();
    let mut variance = OrderFactor::new(moments, order.to_vec()).score() * 2.0 / d as f64;
    let mut parents: Vec<Vec<usize>> = Vec::new();
    for _ in 0..2 {
        let unit = variance.max(1e-12 * total / d as f64);
        let criterion = || Criterion { fit: |v: f64| n * v / unit, per_parent, most };
        parents = (0..d)
            .into_par_iter()
            .map(|node| {
                if d >= GROWN {
                    grow_shrink(moments, node, &candidates[node], &required[node], &criterion())
                } else {
                    backward(moments, node, &candidates[node], &required[node], &criterion())
                }
            })
            .collect();
        let residuals: Vec<f64> =
            parents.par_iter().enumerate().map(|(node, parents)| conditional_variance(moments, node, parents)).collect();
        variance = residuals.iter().sum::<f64>() / d as f64;
    }
    parents
        .into_par_iter()
        .enumerate()
        .map(|(node, parents)| {
            let weights = regress(moments, node, &parents);
            parents.into_iter().zip(weights).collect()
        })
        .collect()
}
