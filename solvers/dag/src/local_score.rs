//! Scores that are sums over nodes: what a node costs when its parents may be chosen among given predecessors.

use std::borrow::Cow;

use fathom_opt_problems::dag_learning::{DagLearning, Knowledge, Sample, ScoreKind};

use crate::clock::Clock;
use crate::convex::{Fit, lasso, logistic, logistic_residual};
use crate::family::{Criterion, Family};
use crate::gram::Gram;
use crate::moments::Moments;
use crate::number::Number;
use crate::numbering::Numbering;
use crate::products::dot;
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
/// `ev-ebic` (which does not split) is searched by its fit alone, half the sum of the residual variances, and that under `nv-bic` a node costs
/// `n ln(share) + penalty ln(n) |parents|` with the share of its variance that its parents leave, so that units play no role: what all nodes cost without
/// parents is left out.
pub struct ProblemScore<'a> {
    moments: &'a Moments,
    kind: ScoreKind,
    /// The data, for the logistic score.
    columns: &'a [Vec<f64>],
    lambda: f64,
    per_edge: f64,
    /// Per node: which parents it may not have, and which it must have (increasing).
    forbidden: Vec<Vec<usize>>,
    required: Vec<Vec<usize>>,
    most: usize,
    clock: Option<&'a Clock<'a>>,
}

/// A fit is perfect, up to rounding, when it leaves less than this share of the variance: the floor that the problem class sets.
pub(crate) const PERFECT: f64 = 1e-12;

/// Whether knowledge keeps some node from having every predecessor as a parent. Tiers that hold every node do not: orders take one after another.
pub(crate) fn is_limited(knowledge: &Knowledge, d: usize) -> bool {
    !knowledge.forbidden().is_empty() || knowledge.max_parents().is_some() || (knowledge.tiers().len() > 1 && !knowledge.is_layered(d))
}

impl<'a> ProblemScore<'a> {
    /// The score of `problem`, with the moments of its sample.
    pub fn new(problem: &'a DagLearning, moments: &'a Moments) -> Self {
        Self::numbered(problem, moments, None, None)
    }

    /// The same with the variables numbered as those of `moments` are, within a time.
    pub(crate) fn numbered(
        problem: &'a DagLearning,
        moments: &'a Moments,
        numbering: Option<&Numbering>,
        clock: Option<&'a Clock<'a>>,
    ) -> Self {
        let (d, knowledge) = (problem.variables(), problem.knowledge());
        let number = |variable: usize| numbering.map_or(variable, |numbering| numbering.number(variable));
        let mut forbidden = vec![Vec::new(); d];
        if knowledge.is_layered(d) {
            for &(from, to) in knowledge.forbidden() {
                forbidden[number(to)].push(number(from));
            }
        } else {
            for (to, parents) in knowledge.forbidden_parents(d).iter().enumerate() {
                forbidden[number(to)] = parents.iter().map(|&from| number(from)).collect();
            }
        }
        let mut required = vec![Vec::new(); d];
        for &(from, to) in knowledge.required() {
            required[number(to)].push(number(from));
        }
        forbidden.iter_mut().chain(&mut required).for_each(|parents| parents.sort_unstable());
        Self {
            moments,
            kind: problem.score().kind(),
            columns: match problem.sample() {
                Sample::Table { columns } => columns,
                Sample::Covariance { .. } => &[],
            },
            lambda: problem.score().l1(),
            per_edge: problem.score().per_edge(moments.observations(), d),
            forbidden,
            required,
            most: knowledge.max_parents().unwrap_or(usize::MAX),
            clock,
        }
    }

    pub(crate) fn kind(&self) -> ScoreKind {
        self.kind
    }

    pub(crate) fn moments(&self) -> &'a Moments {
        self.moments
    }

    /// What the problem's score has beyond the costs of the nodes, whatever the graph.
    pub(crate) fn offset(&self) -> f64 {
        if self.kind != ScoreKind::NvBic {
            return 0.0;
        }
        let own = (0..self.variables()).map(|j| self.moments.covariance(j, j));
        self.moments.observations() as f64 * own.filter(|&own| own > 0.0).map(f64::ln).sum::<f64>()
    }

    /// What one edge costs under the information criteria.
    pub(crate) fn per_edge(&self) -> f64 {
        self.per_edge
    }

    /// The predecessors that `node` may have as parents.
    pub(crate) fn candidates<'p>(&self, node: usize, predecessors: &'p [usize]) -> Cow<'p, [usize]> {
        if self.forbidden[node].is_empty() {
            return Cow::Borrowed(predecessors);
        }
        predecessors.iter().copied().filter(|parent| self.forbidden[node].binary_search(parent).is_err()).collect()
    }

    /// The parents that `node` must have, increasing.
    pub(crate) fn required(&self, node: usize) -> &[usize] {
        &self.required[node]
    }

    /// The largest number of parents.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Whether a node may have every predecessor as a parent.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.most == usize::MAX && self.forbidden.iter().all(Vec::is_empty)
    }

    /// Whether a node's cost is the least of all sets of parents: otherwise sets are chosen greedily.
    pub(crate) fn is_exact(&self) -> bool {
        self.kind != ScoreKind::NvBic && self.most == usize::MAX
    }

    /// What a set of parents of `node` costs under BIC with a variance per node.
    fn bic(&self, node: usize) -> Criterion<impl Fn(f64) -> f64> {
        Criterion { fit: move |variance| self.log_cost(node, variance), per_parent: self.per_edge, most: self.most }
    }

    /// The node with those parents that it must have.
    pub(crate) fn family<N: Number>(&self, gram: Gram<'_, N>, node: usize) -> Family<N> {
        let mut family = Family::new(gram, node);
        for &parent in &self.required[node] {
            family.add(gram, parent);
        }
        family
    }

    /// The cost of a family under BIC.
    pub(crate) fn family_cost<N: Number>(&self, family: &Family<N>) -> f64 {
        self.log_cost(family.node(), family.variance()) + self.per_edge * family.parents().len() as f64
    }

    /// Whether the family's cost would fall with this parent more.
    pub(crate) fn wants<N: Number>(&self, gram: Gram<'_, N>, family: &Family<N>, parent: usize) -> bool {
        self.forbidden[family.node()].binary_search(&parent).is_err() && family.wants(gram, parent, &self.bic(family.node()))
    }

    /// Takes one parent out; whether it was there.
    pub(crate) fn remove_parent<N: Number>(gram: Gram<'_, N>, family: &mut Family<N>, parent: usize) -> bool {
        let place = family.parents().iter().position(|&other| other == parent);
        if let Some(place) = place {
            family.remove(gram, place);
        }
        place.is_some()
    }

    /// Parents join and leave while the family's cost falls.
    pub(crate) fn improve_family<N: Number>(
        &self,
        gram: Gram<'_, N>,
        family: &mut Family<N>,
        candidates: impl Iterator<Item = usize> + Clone,
    ) {
        let node = family.node();
        let forbidden = &self.forbidden[node];
        let allowed = candidates.filter(|parent| forbidden.is_empty() || forbidden.binary_search(parent).is_err());
        family.improve(gram, &allowed, &self.required[node], &self.bic(node));
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

    /// The variance of `node` given `parents`, in its unit.
    pub(crate) fn variance(&self, node: usize, parents: &[usize]) -> f64 {
        match self.moments.precise() {
            Some(gram) => conditional_variance(gram, node, parents),
            None => conditional_variance(self.moments.plain(), node, parents),
        }
    }

    /// The least-squares weights of `node` on `parents`.
    pub(crate) fn regressed(&self, node: usize, parents: &[usize]) -> Vec<f64> {
        let weights = match self.moments.precise() {
            Some(gram) => regress(gram, node, parents),
            None => regress(self.moments.plain(), node, parents),
        };
        let unit = self.moments.unit(node);
        weights.into_iter().zip(parents).map(|(weight, &parent)| weight * (unit / self.moments.unit(parent))).collect()
    }

    /// The best weights of `node` on exactly these parents.
    pub(crate) fn refit(&self, node: usize, parents: &[usize]) -> Vec<f64> {
        match self.kind {
            ScoreKind::L1 | ScoreKind::Logistic => self.penalised(node, parents).weights,
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => self.regressed(node, parents),
        }
    }

    fn grown<F: Fn(f64) -> f64>(&self, node: usize, candidates: &[usize], criterion: &Criterion<F>) -> Vec<usize> {
        match self.moments.precise() {
            Some(gram) => grow_shrink(gram, node, candidates, &self.required[node], criterion),
            None => grow_shrink(self.moments.plain(), node, candidates, &self.required[node], criterion),
        }
    }

    /// The parents that this node takes among the candidates.
    fn parents(&self, node: usize, candidates: &[usize]) -> Vec<usize> {
        if self.kind == ScoreKind::NvBic {
            self.grown(node, candidates, &self.bic(node))
        } else if candidates.len() > self.most {
            self.grown(node, candidates, &Criterion { fit: |variance| variance, per_parent: 0.0, most: self.most })
        } else {
            candidates.to_vec()
        }
    }

    /// Whether `node` may have exactly the parents in the bit mask `subset`.
    pub(crate) fn allows(&self, node: usize, subset: usize) -> bool {
        let has = |&parent: &usize| subset >> parent & 1 == 1;
        subset.count_ones() as usize <= self.most && !self.forbidden[node].iter().any(has) && self.required[node].iter().all(has)
    }

    /// The cost of `node` with exactly these parents, which leave `variance` of it in its unit, and how far the true cost may lie below.
    pub(crate) fn parent_set_cost(&self, node: usize, parents: impl Iterator<Item = usize>, variance: f64) -> (f64, f64) {
        match self.kind {
            ScoreKind::NvBic => (self.log_cost(node, variance) + self.per_edge * parents.count() as f64, 0.0),
            ScoreKind::Ev | ScoreKind::EvEbic => (0.5 * (variance * self.moments.square(node)), 0.0),
            ScoreKind::L1 | ScoreKind::Logistic => {
                let fit = self.penalised(node, &parents.collect::<Vec<_>>());
                (fit.value, fit.gap)
            }
        }
    }

    /// The cost of `node` after these predecessors where it is a convex fit, and how far the true cost may lie below.
    pub(crate) fn fitted_cost(&self, node: usize, predecessors: &[usize]) -> (f64, f64) {
        let fit = self.penalised(node, &self.candidates(node, predecessors));
        (fit.value, fit.gap)
    }

    /// `n ln(share)`, with the floor that the problem class sets on a perfect fit.
    fn log_cost(&self, node: usize, variance: f64) -> f64 {
        let own = self.moments.at(node, node);
        if own > 0.0 { self.moments.observations() as f64 * (variance / own).max(PERFECT).ln() } else { 0.0 }
    }

    fn penalised(&self, node: usize, parents: &[usize]) -> Fit {
        if self.kind == ScoreKind::Logistic {
            logistic(self.columns, node, parents, self.lambda, self.clock)
        } else {
            lasso(self.moments, node, parents, self.lambda, self.clock)
        }
    }

    /// The strongest so many parents of a penalised fit.
    fn strongest(&self, node: usize, candidates: &[usize]) -> Vec<usize> {
        let weights = self.penalised(node, candidates).weights;
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
            ScoreKind::L1 | ScoreKind::Logistic => self.penalised(node, &self.penalised_parents(node, &candidates)).value,
            ScoreKind::NvBic => {
                let parents = self.parents(node, &candidates);
                self.log_cost(node, self.variance(node, &parents)) + self.per_edge * parents.len() as f64
            }
            ScoreKind::Ev | ScoreKind::EvEbic => 0.5 * (self.variance(node, &self.parents(node, &candidates)) * self.moments.square(node)),
        }
    }

    fn fit(&self, node: usize, predecessors: &[usize]) -> Vec<(usize, f64)> {
        let candidates = self.candidates(node, predecessors);
        match self.kind {
            ScoreKind::L1 | ScoreKind::Logistic => {
                let parents = self.penalised_parents(node, &candidates);
                let weights = self.penalised(node, &parents).weights;
                let is_required = |parent: &usize| self.required[node].binary_search(parent).is_ok();
                parents.iter().copied().zip(weights).filter(|(parent, weight)| *weight != 0.0 || is_required(parent)).collect()
            }
            ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::NvBic => {
                let parents = self.parents(node, &candidates);
                let weights = self.regressed(node, &parents);
                parents.into_iter().zip(weights).collect()
            }
        }
    }
}
