//! The score of a graph and its gradient, one target column at a time.

use fixedbitset::FixedBitSet;
use serde_json::json;

use super::diagnostics::PERFECT;
use super::instance::DagLearning;
use super::moments::Moments;
use super::observed::Observed;
use super::products::{add_scaled, dot};
use super::sample::Sample;
use super::score::ScoreKind;
use super::solution::Edge;
use crate::verdict::{Certainty, Property, Witness};

/// Gradients up to this size, relative to the scale of the two columns, count as zero: inner convex solvers stop there.
const GRADIENT: f64 = 1e-6;

/// Multiply-adds that the checker spends on the gradient before it leaves it undecided.
const WORK: usize = 10_000_000_000;

/// Weights that add up to more than this cancel too many digits for a gradient from the covariances.
const LARGE: f64 = 1e6;

/// The data and the graph, seen one target column at a time.
pub(super) struct Columns<'a> {
    problem: &'a DagLearning,
    observed: &'a Observed<'a>,
    moments: Option<&'a Moments>,
    /// Parents and weights of each node.
    parents: Vec<Vec<(usize, f64)>>,
    /// Mean square of each centred column, in its unit.
    variances: Vec<f64>,
}

/// The score of a graph, or the node whose share of it is not a finite number.
pub(super) type Value = Result<f64, usize>;

/// What the columns say about a graph.
pub(super) struct Seen {
    pub(super) value: Value,
    /// Whether no weight wants to change.
    pub(super) gradient: Property,
    /// By how much the change of a single weight is seen to improve the score.
    pub(super) gain: f64,
}

/// What the score is made of.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// The losses of all nodes.
    fit: f64,
    /// The logarithms of their residual variances.
    logs: f64,
    /// The sum of all `|W|`.
    l1: f64,
    edges: f64,
}

impl<'a> Columns<'a> {
    pub(super) fn of(problem: &'a DagLearning, observed: &'a Observed<'a>, moments: Option<&'a Moments>, edges: &[Edge]) -> Self {
        let mut parents = vec![Vec::new(); problem.variables()];
        for &(from, to, weight) in edges {
            parents[to].push((from, weight));
        }
        let variances = observed.vectors().iter().map(|vector| dot(vector, vector) / observed.divisor()).collect();
        Self { problem, observed, moments, parents, variances }
    }

    /// The score of the graph, and whether it is stationary; `blocked[i]` are the nodes `j` for which the edge `i -> j` would close a cycle.
    pub(super) fn score(&self, blocked: Option<&[FixedBitSet]>) -> Seen {
        let (n, d) = (self.problem.sample().observations(), self.problem.variables());
        let forbidden = self.problem.knowledge().forbidden_parents(d);
        let affordable = self.moments.is_some() || n.saturating_mul(d).saturating_mul(d) <= WORK;
        let mut worst = Worst::default();
        let mut sums = Sums { edges: self.parents.iter().map(Vec::len).sum::<usize>() as f64, ..Sums::default() };
        let mut not_finite = None;
        for (node, forbidden) in forbidden.iter().enumerate() {
            let (value, probe) = self.column(node, &self.parents[node]);
            let own: f64 = value * self.square(node);
            sums.fit += own;
            sums.logs += self.log_variance(node, value);
            let weights: f64 = self.parents[node].iter().map(|(_, weight)| weight.abs()).sum();
            sums.l1 += weights;
            if !(own.is_finite() && weights.is_finite()) {
                not_finite = not_finite.or(Some(node));
            }
            if let Some(blocked) = blocked
                && affordable
            {
                self.residuals_of(node, &probe, blocked, forbidden, &mut worst);
            }
        }
        let value = match (not_finite, self.total(sums)) {
            (None, value) if value.is_finite() => Ok(value),
            (node, _) => Err(node.unwrap_or(0)),
        };
        let gradient = self.property(blocked.is_some(), affordable, &worst);
        let gain = if gradient.holds == Some(false) { worst.step.map_or(0.0, |step| self.gain(sums, &step)) } else { 0.0 };
        Seen { value, gradient, gain }
    }

    fn total(&self, sums: Sums) -> f64 {
        let (n, d, score) = (self.problem.sample().observations(), self.problem.variables(), self.problem.score());
        let per_edge = score.per_edge(n, d) * sums.edges;
        match score.kind() {
            ScoreKind::Ev => 0.5 * sums.fit,
            ScoreKind::EvEbic => (n * d) as f64 * (sums.fit.max(self.floor()) / d as f64).ln() + per_edge,
            ScoreKind::NvBic => n as f64 * sums.logs + per_edge,
            ScoreKind::L1 => 0.5 * sums.fit + score.l1() * sums.l1,
            ScoreKind::Logistic => sums.fit + score.l1() * sums.l1,
        }
    }

    /// By how much the score falls with this step, recomputed from the data: what changes is compared by itself, so that nodes in large units hide nothing.
    fn gain(&self, sums: Sums, step: &Step) -> f64 {
        let (node, old) = (step.node, &self.parents[step.node]);
        let mut new: Vec<(usize, f64)> = old.iter().copied().filter(|&(parent, _)| parent != step.from).collect();
        let before: f64 = old.iter().filter(|(parent, _)| *parent == step.from).map(|(_, weight)| weight).sum();
        new.push((step.from, step.weight));
        let (was, is) = (self.column(node, old).0, self.column(node, &new).0);
        let fit = (was - is) * self.square(node);
        let l1 = self.problem.score().l1() * (before.abs() - step.weight.abs());
        match self.problem.score().kind() {
            ScoreKind::Ev | ScoreKind::L1 => 0.5 * fit + l1,
            ScoreKind::Logistic => fit + l1,
            ScoreKind::NvBic => self.problem.sample().observations() as f64 * (self.log_variance(node, was) - self.log_variance(node, is)),
            ScoreKind::EvEbic => self.total(sums) - self.total(Sums { fit: sums.fit - fit, ..sums }),
        }
    }

    /// The square of the unit that the loss of a node is in.
    fn square(&self, node: usize) -> f64 {
        if self.is_logistic() { 1.0 } else { self.observed.units()[node].powi(2) }
    }

    fn is_logistic(&self) -> bool {
        self.problem.score().kind() == ScoreKind::Logistic
    }

    /// The information criteria see no residual variance below this share of the total: logarithms stay finite when a fit is perfect.
    fn floor(&self) -> f64 {
        PERFECT * self.variances.iter().enumerate().map(|(node, variance)| variance * self.square(node)).sum::<f64>()
    }

    fn log_variance(&self, node: usize, residual: f64) -> f64 {
        // A column that does not vary tells nothing about any graph.
        let own = self.variances[node];
        if own > 0.0 { residual.max(PERFECT * own).ln() + 2.0 * self.observed.units()[node].ln() } else { 0.0 }
    }

    /// The loss of one node (mean squared residual in its unit, or mean logistic loss) and the vector that its gradient is made of.
    fn column(&self, node: usize, parents: &[(usize, f64)]) -> (f64, Vec<f64>) {
        if let (true, Sample::Table { columns }) = (self.is_logistic(), self.problem.sample()) {
            return Self::logistic_column(columns, node, parents);
        }
        let residual = self.observed.residual(node, parents);
        (self.observed.residual_variance(node, parents, &residual), residual)
    }

    fn logistic_column(columns: &[Vec<f64>], node: usize, parents: &[(usize, f64)]) -> (f64, Vec<f64>) {
        let own = &columns[node];
        let mut mixed = vec![0.0; own.len()];
        for &(parent, weight) in parents {
            add_scaled(&mut mixed, weight, &columns[parent]);
        }
        let loss: f64 = mixed.iter().zip(own).map(|(&m, &x)| m.max(0.0) + (-m.abs()).exp().ln_1p() - x * m).sum();
        // x - sigmoid(m): the negative derivative by m.
        for (m, &x) in mixed.iter_mut().zip(own) {
            *m = x - 1.0 / (1.0 + (-*m).exp());
        }
        (loss / own.len() as f64, mixed)
    }

    /// The unit of `-dQ/dW[from, node]`, and its size as a share of the two columns' scale.
    fn scales(&self, from: usize, node: usize) -> (f64, f64) {
        if self.is_logistic() {
            return (1.0, 1.0);
        }
        let deviation = |k: usize| if self.variances[k] > 0.0 { self.variances[k].sqrt() } else { 1.0 };
        (self.observed.units()[from] * self.observed.units()[node], deviation(from) * deviation(node))
    }

    /// `-dQ/dW[from, node]` of the smooth part for every `from`, in the units of the two columns.
    fn pulls(&self, node: usize, probe: &[f64]) -> Vec<f64> {
        let d = self.problem.variables();
        if let (true, Sample::Table { columns }) = (self.is_logistic(), self.problem.sample()) {
            return columns.iter().map(|column| dot(column, probe) / probe.len() as f64).collect();
        }
        let (units, parents) = (self.observed.units(), &self.parents[node]);
        let size: f64 = parents.iter().map(|&(parent, weight)| (weight * units[parent] / units[node]).abs()).sum();
        if let Some(moments) = self.moments
            && size <= LARGE
            && parents.len() < probe.len()
        {
            let mut pulls: Vec<f64> = (0..d).map(|from| moments.at(from, node)).collect();
            for &(parent, weight) in parents {
                let weight = weight * units[parent] / units[node];
                for (from, pull) in pulls.iter_mut().enumerate() {
                    *pull -= weight * moments.at(parent, from);
                }
            }
            return pulls;
        }
        self.observed.vectors().iter().map(|vector| dot(vector, probe) / self.observed.divisor()).collect()
    }

    /// Adds the KKT residuals of every pair (from, node) that matters.
    fn residuals_of(&self, node: usize, probe: &[f64], blocked: &[FixedBitSet], forbidden: &[usize], worst: &mut Worst) {
        let d = self.problem.variables();
        let l1 = self.problem.score().l1();
        let support_only = self.support_only();
        let mut weight_of = vec![None; d];
        for &(parent, weight) in &self.parents[node] {
            weight_of[parent] = Some(weight);
        }
        let pulls = self.pulls(node, probe);
        for from in (0..d).filter(|&from| from != node) {
            let free = !blocked[from].contains(node) && !support_only && forbidden.binary_search(&from).is_err();
            if !free && weight_of[from].is_none() {
                continue;
            }
            let (unit, scale) = self.scales(from, node);
            let (pull, l1) = (pulls[from], l1 / unit);
            // Subdifferential of lambda |w|: everything up to lambda at 0, lambda times the sign elsewhere.
            let residual = match weight_of[from] {
                Some(weight) if weight != 0.0 => (pull - l1 * weight.signum()).abs(),
                _ => pull.abs() - l1,
            };
            worst.see(residual / scale, from, node);
            // The loss curves along one weight by the parent's variance, the logistic one by at most a quarter of its mean square, which is at most 1.
            let curvature = if self.is_logistic() { 0.25 } else { self.variances[from] };
            let ratio = if self.is_logistic() { 1.0 } else { self.observed.units()[from] / self.observed.units()[node] };
            let weight = weight_of[from].unwrap_or(0.0) * ratio;
            let best = shrunk(pull + curvature * weight, l1) / curvature;
            let step = best - weight;
            let gain = (pull - 0.5 * curvature * step) * step - l1 * (best.abs() - weight.abs());
            worst.offer(Step { gain: gain * self.square(node), from, node, weight: best / ratio });
        }
    }

    /// Whether only the edges that are there are asked: the information criteria leave edges out on purpose, and so does a limit on parents.
    fn support_only(&self) -> bool {
        matches!(self.problem.score().kind(), ScoreKind::EvEbic | ScoreKind::NvBic) || self.problem.knowledge().max_parents().is_some()
    }

    fn property(&self, has_order: bool, affordable: bool, worst: &Worst) -> Property {
        let name = if self.support_only() { "stationary-on-edges" } else { "stationary" };
        let undecided = |why: &str| Property::undecided(name, Witness::new(why, serde_json::Value::Null));
        if !has_order {
            return undecided("the graph has a cycle");
        }
        if !affordable {
            return undecided("the gradient takes too long for data of this size");
        }
        if worst.undefined {
            return undecided("the gradient is not a finite number");
        }
        let names = self.problem.names();
        let text = format!("largest KKT residual {:.3e}, at {} -> {}", worst.size, names[worst.from], names[worst.to]);
        let witness = Witness::new(text, json!({ "residual": worst.size, "pair": [worst.from, worst.to] }));
        if worst.size <= GRADIENT {
            Property::holds_by(name, Certainty::Within(GRADIENT), witness)
        } else {
            Property::fails(name, Certainty::Within(GRADIENT), witness)
        }
    }
}

/// The value nearest to 0 that lies no further than `threshold` from `value`.
fn shrunk(value: f64, threshold: f64) -> f64 {
    value.signum() * (value.abs() - threshold).max(0.0)
}

/// A single weight that may change for the better.
#[derive(Clone, Copy)]
struct Step {
    /// By about how much, in the squared unit of the data.
    gain: f64,
    from: usize,
    node: usize,
    /// The weight it should have.
    weight: f64,
}

/// The largest residual seen.
#[derive(Default)]
struct Worst {
    size: f64,
    from: usize,
    to: usize,
    /// Whether one of them was no finite number, so that nothing can be said.
    undefined: bool,
    /// The step that seems to gain most.
    step: Option<Step>,
}

impl Worst {
    fn offer(&mut self, step: Step) {
        if step.gain.is_finite() && step.weight.is_finite() && step.gain > self.step.map_or(0.0, |best| best.gain) {
            self.step = Some(step);
        }
    }

    fn see(&mut self, size: f64, from: usize, to: usize) {
        // A residual of minus infinity comes from an l1 term beyond all numbers: no gradient reaches it.
        self.undefined |= size.is_nan() || size == f64::INFINITY;
        if size > self.size {
            (self.size, self.from, self.to) = (size, from, to);
        }
    }
}
