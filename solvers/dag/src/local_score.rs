//! Scores that are sums over nodes: what a node costs when its parents may be chosen among given predecessors.

use std::borrow::Cow;

use fathom_opt_problems::dag_learning::{DagLearning, Sample, ScoreKind};

use crate::convex::{lasso, logistic, logistic_residual};
use crate::family::{Criterion, Family};
use crate::moments::{Moments, dot};
use crate::selection::{conditional_variance, grow_shrink, regress};

/// A score that splits into a cost per node. A search over orders needs nothing else; other scores join by implementing this.
pub trait LocalScore: Sync {
    /// Number of nodes.
    fn variables(&self) -> usize;

    /// The cost of `node` with the best parents among `predecessors` (increasing, without `node`).
    fn cost(&self, node: usize, predecessors: &[usize]) -> f64;

    /// The parents and weights of that cost, by increasing parent. Required parents are listed even at weight 0.
    fn fit(&self, node: usize, predecessors: &[usize]) -> Vec<(usize, f64)>;
}

/// The scores of the problem class that split, under the problem's knowledge. Sums are in the units of the problem's score, except that
/// `ev-ebic` (which does not split) is searched by its fit alone: half the sum of the residual variances.
pub struct ProblemScore<'a> {
    moments: Cow<'a, Moments>,
    kind: ScoreKind,
    /// The data, for the logistic score.
    columns: &'a [Vec<f64>],
    lambda: f64,
    per_edge: f64,
    /// Per node: which parents it may not have, and which it must have (increasing).
    forbidden: Vec<Vec<usize>>,
    required: Vec<Vec<usize>>,
    most: usize,
}

impl<'a> ProblemScore<'a> {
    /// The score of `problem`, with the moments of its sample.
    pub fn new(problem: &'a DagLearning, moments: &'a Moments) -> Self {
        let d = problem.variables();
        let mut forbidden = vec![Vec::new(); d];
        for &(from, to) in problem.knowledge().forbidden() {
            forbidden[to].push(from);
        }
        let mut required = vec![Vec::new(); d];
        for &(from, to) in problem.knowledge().required() {
            required[to].push(from);
        }
        Self {
            moments: Cow::Borrowed(moments),
            kind: problem.score().kind(),
            columns: match problem.sample() {
                Sample::Table { columns } => columns,
                Sample::Covariance { .. } => &[],
            },
            lambda: problem.score().l1(),
            per_edge: problem.score().per_edge(moments.observations(), d),
            forbidden,
            required,
            most: problem.knowledge().max_parents().unwrap_or(usize::MAX),
        }
    }

    fn candidates<'p>(&self, node: usize, predecessors: &'p [usize]) -> Cow<'p, [usize]> {
        if self.forbidden[node].is_empty() {
            return Cow::Borrowed(predecessors);
        }
        predecessors.iter().copied().filter(|parent| self.forbidden[node].binary_search(parent).is_err()).collect()
    }

    /// What a set of parents of `node` costs under BIC with a variance per node.
    fn bic(&self, node: usize) -> Criterion<impl Fn(f64) -> f64> {
        Criterion { fit: move |variance| self.log_cost(node, variance), per_parent: self.per_edge, most: self.most }
    }

    /// The node with those parents that it must have.
    pub(crate) fn family(&self, node: usize) -> Family {
        let mut family = Family::new(&self.moments, node);
        for &parent in &self.required[node] {
            family.add(&self.moments, parent);
        }
        family
    }

    /// The cost of a family under BIC.
    pub(crate) fn family_cost(&self, family: &Family) -> f64 {
        self.log_cost(family.node(), family.variance()) + self.per_edge * family.parents().len() as f64
    }

    /// Whether the family's cost would fall with this parent more.
    pub(crate) fn wants(&self, family: &Family, parent: usize) -> bool {
        self.forbidden[family.node()].binary_search(&parent).is_err() && family.wants(&self.moments, parent, &self.bic(family.node()))
    }

    /// Adds one parent.
    pub(crate) fn add_parent(&self, family: &mut Family, parent: usize) {
        family.add(&self.moments, parent);
    }

    /// Takes one parent out; whether it was there.
    pub(crate) fn remove_parent(&self, family: &mut Family, parent: usize) -> bool {
        let place = family.parents().iter().position(|&other| other == parent);
        if let Some(place) = place {
            family.remove(&self.moments, place);
        }
        place.is_some()
    }

    /// Parents join and leave while the family's cost falls.
    pub(crate) fn improve_family(&self, family: &mut Family, candidates: impl Iterator<Item = usize> + Clone) {
        let node = family.node();
        let forbidden = &self.forbidden[node];
        let allowed = candidates.filter(|parent| forbidden.is_empty() || forbidden.binary_search(parent).is_err());
        family.improve(&self.moments, &allowed, &self.required[node], &self.bic(node));
    }

    /// `-dQ/dW[i, node]` of the smooth part of the score, for every `i`, with these parents and weights of `node`.
    pub(crate) fn pulls(&self, node: usize, parents: &[(usize, f64)]) -> Vec<f64> {
        let d = self.moments.variables();
        if self.kind == ScoreKind::Logistic {
            let residual = logistic_residual(self.columns, node, parents);
            return self.columns.iter().map(|column| dot(column, &residual) / residual.len() as f64).collect();
        }
        let mut pulls: Vec<f64> = (0..d).map(|i| self.moments.covariance(node, i)).collect();
        for &(parent, weight) in parents {
            for (i, pull) in pulls.iter_mut().enumerate() {
                *pull -= weight * self.moments.covariance(parent, i);
            }
        }
        pulls
    }

    /// Number of observations.
    pub(crate) fn observations(&self) -> usize {
        self.moments.observations()
    }

    /// The factor of `|W|_1`.
    pub(crate) fn lambda(&self) -> f64 {
        self.lambda
    }

    /// The size that a gradient in the entry (i, j) is measured against.
    pub(crate) fn gradient_scale(&self, i: usize, j: usize) -> f64 {
        let deviation = |k: usize| match self.moments.covariance(k, k) {
            own if own > 0.0 => own.sqrt(),
            _ => 1.0,
        };
        if self.kind == ScoreKind::Logistic { 1.0 } else { deviation(i) * deviation(j) }
    }

    /// Whether knowledge forbids the edge.
    pub(crate) fn is_forbidden(&self, from: usize, to: usize) -> bool {
        self.forbidden[to].binary_search(&from).is_ok()
    }

    /// The best weights of `node` on exactly these parents.
    pub(crate) fn refit(&self, node: usize, parents: &[usize]) -> Vec<f64> {
        match self.kind {
            ScoreKind::L1 | ScoreKind::Logistic => self.penalised(node, parents).1,
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => regress(&self.moments, node, parents),
        }
    }

    /// The parents that this node takes among the candidates.
    fn parents(&self, node: usize, candidates: &[usize]) -> Vec<usize> {
        let moments = self.moments.as_ref();
        if self.kind == ScoreKind::NvBic {
            grow_shrink(moments, node, candidates, &self.required[node], &self.bic(node))
        } else if candidates.len() > self.most {
            let criterion = Criterion { fit: |variance| variance, per_parent: 0.0, most: self.most };
            grow_shrink(moments, node, candidates, &self.required[node], &criterion)
        } else {
            candidates.to_vec()
        }
    }

    /// The cost of `node` with exactly the parents in the bit mask `subset`, given its variance; infinite where knowledge forbids them.
    pub(crate) fn parent_set_cost(&self, node: usize, subset: usize, variance: f64) -> f64 {
        let size = subset.count_ones() as usize;
        let has = |&parent: &usize| subset >> parent & 1 == 1;
        if size > self.most || self.forbidden[node].iter().any(has) || !self.required[node].iter().all(has) {
            return f64::INFINITY;
        }
        match self.kind {
            ScoreKind::NvBic => self.log_cost(node, variance) + self.per_edge * size as f64,
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::L1 | ScoreKind::Logistic => 0.5 * variance,
        }
    }

    /// `n ln(variance)`, with the floor that the problem class sets on a perfect fit.
    fn log_cost(&self, node: usize, variance: f64) -> f64 {
        let own = self.moments.covariance(node, node);
        if own > 0.0 { self.moments.observations() as f64 * variance.max(1e-12 * own).ln() } else { 0.0 }
    }

    fn penalised(&self, node: usize, parents: &[usize]) -> (f64, Vec<f64>) {
        if self.kind == ScoreKind::Logistic {
            logistic(self.columns, node, parents, self.lambda)
        } else {
            lasso(&self.moments, node, parents, self.lambda)
        }
    }

    /// The strongest so many parents of a penalised fit.
    fn strongest(&self, node: usize, candidates: &[usize]) -> Vec<usize> {
        let (_, weights) = self.penalised(node, candidates);
        let mut ranked: Vec<usize> = (0..candidates.len()).collect();
        let size = |k: usize| weights[k].abs() * self.moments.covariance(candidates[k], candidates[k]).sqrt();
        let is_required = |k: usize| self.required[node].binary_search(&candidates[k]).is_ok();
        ranked.sort_by(|&a, &b| is_required(b).cmp(&is_required(a)).then(size(b).total_cmp(&size(a))));
        let mut parents: Vec<usize> = ranked.into_iter().take(self.most).map(|k| candidates[k]).collect();
        parents.sort_unstable();
        parents
    }

    fn penalised_parents<'p>(&self, node: usize, candidates: &'p [usize]) -> Cow<'p, [usize]> {
        if candidates.len() > self.most { Cow::Owned(self.strongest(node, candidates)) } else { Cow::Borrowed(candidates) }
    }
}

impl LocalScore for ProblemScore<'_> {
    fn variables(&self) -> usize {
        self.moments.variables()
    }

    fn cost(&self, node: usize, predecessors: &[usize]) -> f64 {
        let candidates = self.candidates(node, predecessors);
        match self.kind {
            ScoreKind::L1 | ScoreKind::Logistic => self.penalised(node, &self.penalised_parents(node, &candidates)).0,
            ScoreKind::NvBic => {
                let parents = self.parents(node, &candidates);
                self.log_cost(node, conditional_variance(&self.moments, node, &parents)) + self.per_edge * parents.len() as f64
            }
            ScoreKind::Ev | ScoreKind::EvEbic => 0.5 * conditional_variance(&self.moments, node, &self.parents(node, &candidates)),
        }
    }

    fn fit(&self, node: usize, predecessors: &[usize]) -> Vec<(usize, f64)> {
        let candidates = self.candidates(node, predecessors);
        match self.kind {
            ScoreKind::L1 | ScoreKind::Logistic => {
                let parents = self.penalised_parents(node, &candidates);
                let (_, weights) = self.penalised(node, &parents);
                let is_required = |parent: &usize| self.required[node].binary_search(parent).is_ok();
                parents.iter().copied().zip(weights).filter(|(parent, weight)| *weight != 0.0 || is_required(parent)).collect()
            }
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => {
                let parents = self.parents(node, &candidates);
                let weights = regress(&self.moments, node, &parents);
                parents.into_iter().zip(weights).collect()
            }
        }
    }
}
