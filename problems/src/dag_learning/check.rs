//! The independent checker: the graph by petgraph, the score and its gradient from the data, column by column.

use fixedbitset::FixedBitSet;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use serde_json::json;

use super::certificate::Certificate;
use super::comparison::Comparison;
use super::diagnostics::PERFECT;
use super::moments::Moments;
use super::sample::{Sample, mean};
use super::start::{are_edges, is_permutation};
use super::{DagLearning, Edge, ScoreKind, WeightedDag, sortability};
use crate::malformed::{Malformed, Place};
use crate::problem::Sense;
use crate::verdict::{Certainty, Measure, Objective, Property, Verdict, Violation, Witness};

/// Gradients up to this size, relative to the scale of the two columns, count as zero: inner convex solvers stop there.
const GRADIENT: f64 = 1e-6;

/// Work (multiply-adds) that the checker spends on a property before it leaves it undecided.
const WORK: usize = 10_000_000_000;

pub(super) fn check(problem: &DagLearning, solution: &WeightedDag) -> Result<Verdict, Malformed> {
    let d = problem.variables();
    are_edges(&solution.edges, d, &Place::root().field("edges"))?;
    if !solution.order.is_empty() {
        is_permutation(&solution.order, d, &Place::root().field("order"))?;
    }
    let mut verdict = Verdict::default();
    let order = acyclic(problem, solution, &mut verdict);
    knowledge(problem, solution, &mut verdict);
    let columns = Columns::of(problem, &solution.edges);
    let blocked = order.as_ref().map(|order| ancestors(d, order, &solution.edges));
    let (value, gradient) = columns.score(blocked.as_deref());
    verdict.objective = Some(Objective { name: score_name(problem), value, exact: None, sense: Sense::Minimize });
    verdict.properties.push(gradient);
    if let Some(order) = &order {
        let moments = Moments::of(problem);
        Certificate::of(problem, order, &solution.edges, value, moments.as_ref()).report(problem, &mut verdict);
        verdict.measures.extend(sortability::measures(problem, &solution.edges, "", moments.as_ref()));
        if let Some(truth) = problem.truth() {
            verdict.measures.extend(sortability::measures(problem, truth, " of the truth", moments.as_ref()));
        }
    }
    verdict.measures.push(Measure { name: "edges".into(), value: solution.edges.len() as f64 });
    if let Some(truth) = problem.truth() {
        Comparison::new(d, &solution.edges, truth).report(&mut verdict);
    }
    Ok(verdict)
}

fn score_name(problem: &DagLearning) -> String {
    match problem.score.kind() {
        ScoreKind::Ev => "least squares".into(),
        ScoreKind::EvEbic => "extended BIC (equal variances)".into(),
        ScoreKind::NvBic => "BIC (a variance per node)".into(),
        ScoreKind::L1 => "l1-penalised least squares".into(),
        ScoreKind::Logistic => "l1-penalised logistic loss".into(),
    }
}

/// A topological order of the graph of `edges`, or the nodes of one of its strongly connected components.
pub(super) fn topological_order(d: usize, edges: &[Edge]) -> Result<Vec<usize>, Vec<usize>> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(d, edges.len());
    for _ in 0..d {
        graph.add_node(());
    }
    for &(from, to, _) in edges {
        graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
    }
    if let Ok(order) = toposort(&graph, None) {
        return Ok(order.into_iter().map(NodeIndex::index).collect());
    }
    let component = tarjan_scc(&graph).into_iter().find(|component| component.len() > 1).unwrap_or_default();
    Err(component.into_iter().map(NodeIndex::index).collect())
}

/// Decides acyclicity, and whether the edges follow the order; the order to judge moves by, if there is one.
fn acyclic(problem: &DagLearning, solution: &WeightedDag, verdict: &mut Verdict) -> Option<Vec<usize>> {
    let d = problem.variables();
    let own = topological_order(d, &solution.edges);
    if let Err(component) = &own {
        let mut component = component.clone();
        component.sort_unstable();
        let shown: Vec<&str> = component.iter().take(12).map(|&node| problem.names[node].as_str()).collect();
        let text = format!("{} nodes reach each other: {}", component.len(), shown.join(", "));
        verdict.violations.push(Violation { what: "no cycle".into(), place: shown.join(", "), amount: 1.0 });
        verdict.properties.push(Property::fails("acyclic", Certainty::Exact, Witness::new(text, json!(component))));
    }
    let own = own.ok()?;
    verdict.properties.push(Property::holds("acyclic", Certainty::Exact));
    if solution.order.is_empty() {
        return Some(own);
    }
    let mut position = vec![0; d];
    for (k, &node) in solution.order.iter().enumerate() {
        position[node] = k;
    }
    for &(from, to, _) in solution.edges.iter().filter(|&&(from, to, _)| position[from] > position[to]) {
        let place = arrow(problem, from, to);
        verdict.violations.push(Violation { what: "edges follow the order".into(), place, amount: (position[from] - position[to]) as f64 });
    }
    Some(solution.order.clone())
}

fn arrow(problem: &DagLearning, from: usize, to: usize) -> String {
    format!("{} -> {}", problem.names[from], problem.names[to])
}

fn knowledge(problem: &DagLearning, solution: &WeightedDag, verdict: &mut Verdict) {
    let knowledge = problem.knowledge();
    if knowledge.is_empty() {
        return;
    }
    let before = verdict.violations.len();
    let d = problem.variables();
    let present: std::collections::HashSet<(usize, usize)> = solution.edges.iter().map(|&(from, to, _)| (from, to)).collect();
    let tier_of = knowledge.tier_of(d);
    let mut broken = |what: &str, place: String| verdict.violations.push(Violation { what: what.into(), place, amount: 1.0 });
    for &(from, to) in knowledge.required().iter().filter(|edge| !present.contains(edge)) {
        broken("required edges are there", arrow(problem, from, to));
    }
    for &(from, to) in knowledge.forbidden().iter().filter(|edge| present.contains(edge)) {
        broken("forbidden edges are not there", arrow(problem, from, to));
    }
    let mut parents = vec![0_usize; d];
    for &(from, to, _) in &solution.edges {
        parents[to] += 1;
        if let (Some(early), Some(late)) = (tier_of[from], tier_of[to])
            && early > late
        {
            broken("no edge leads to an earlier tier", arrow(problem, from, to));
        }
    }
    if let Some(most) = knowledge.max_parents() {
        for node in (0..d).filter(|&node| parents[node] > most) {
            broken(&format!("at most {most} parents"), problem.names[node].clone());
        }
    }
    verdict.properties.push(match verdict.violations.get(before) {
        None => Property::holds("knowledge", Certainty::Exact),
        Some(first) => {
            let text = format!("{}: {} is broken", first.place, first.what);
            Property::fails("knowledge", Certainty::Exact, Witness::new(text, serde_json::Value::Null))
        }
    });
}

/// For every node, the nodes that reach it: an edge from it to one of them would close a cycle.
fn ancestors(d: usize, order: &[usize], edges: &[Edge]) -> Vec<FixedBitSet> {
    let mut parents = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        parents[to].push(from);
    }
    let mut reach = vec![FixedBitSet::with_capacity(d); d];
    for &node in order {
        let mut own = FixedBitSet::with_capacity(d);
        for &parent in &parents[node] {
            own.insert(parent);
            own.union_with(&reach[parent]);
        }
        reach[node] = own;
    }
    reach
}

/// The data and the graph, seen one target column at a time.
struct Columns<'a> {
    problem: &'a DagLearning,
    /// Parents and weights of each node.
    parents: Vec<Vec<(usize, f64)>>,
    /// The columns that residuals and gradients are taken with; empty when only a covariance is there.
    vectors: Vec<Vec<f64>>,
    /// Standard deviation of each column, or 1 where it does not vary.
    deviations: Vec<f64>,
    /// The tier of each node, if it is in one.
    tier_of: Vec<Option<usize>>,
}

impl<'a> Columns<'a> {
    fn of(problem: &'a DagLearning, edges: &[Edge]) -> Self {
        let mut parents = vec![Vec::new(); problem.variables()];
        for &(from, to, weight) in edges {
            parents[to].push((from, weight));
        }
        let centred = problem.score.kind() != ScoreKind::Logistic;
        let vectors = match &problem.sample {
            Sample::Covariance { .. } => Vec::new(),
            Sample::Table { columns } if centred => columns
                .iter()
                .map(|column| {
                    let mean = mean(column);
                    column.iter().map(|value| value - mean).collect()
                })
                .collect(),
            Sample::Table { columns } => columns.clone(),
        };
        let deviations = problem.sample.variances().iter().map(|&variance| if variance > 0.0 { variance.sqrt() } else { 1.0 }).collect();
        Self { problem, parents, vectors, deviations, tier_of: problem.knowledge().tier_of(problem.variables()) }
    }

    /// The score of the graph, and whether it is stationary; `blocked[i]` are the nodes `j` for which the edge `i -> j` would close a cycle.
    fn score(&self, blocked: Option<&[FixedBitSet]>) -> (f64, Property) {
        let d = self.problem.variables();
        let n = self.problem.sample.observations();
        let score = self.problem.score;
        let edges: usize = self.parents.iter().map(Vec::len).sum();
        let affordable = n.saturating_mul(d).saturating_mul(d) <= WORK;
        let mut worst = Worst::default();
        let (mut fit, mut logs, mut l1) = (0.0, 0.0, 0.0);
        for node in 0..d {
            let (value, probe) = self.column(node);
            fit += value;
            if score.kind() == ScoreKind::NvBic {
                logs += self.log_variance(node, value);
            }
            l1 += self.parents[node].iter().map(|(_, weight)| weight.abs()).sum::<f64>();
            if let Some(blocked) = blocked
                && affordable
            {
                self.residuals_of(node, &probe, blocked, &mut worst);
            }
        }
        let per_edge = score.per_edge(n, d) * edges as f64;
        let value = match score.kind() {
            ScoreKind::Ev => 0.5 * fit,
            ScoreKind::EvEbic => (n * d) as f64 * (fit.max(self.floor()) / d as f64).ln() + per_edge,
            ScoreKind::NvBic => n as f64 * logs + per_edge,
            ScoreKind::L1 => 0.5 * fit + score.l1() * l1,
            ScoreKind::Logistic => fit + score.l1() * l1,
        };
        (value, self.property(blocked.is_some(), affordable, &worst))
    }

    /// The information criteria see no residual variance below this share of the total: logarithms stay finite when a fit is perfect.
    fn floor(&self) -> f64 {
        PERFECT * self.problem.sample.variances().iter().sum::<f64>()
    }

    fn log_variance(&self, node: usize, residual: f64) -> f64 {
        // A column that does not vary tells nothing about any graph.
        let own = self.problem.sample.variances()[node];
        if own > 0.0 { residual.max(PERFECT * own).ln() } else { 0.0 }
    }

    /// The loss of one node (mean squared residual, or mean logistic loss) and what its gradient is made of.
    fn column(&self, node: usize) -> (f64, Vec<f64>) {
        if let Sample::Covariance { matrix, .. } = &self.problem.sample {
            let d = self.problem.variables();
            let mut probe: Vec<f64> = matrix[node * d..(node + 1) * d].to_vec();
            for &(parent, weight) in &self.parents[node] {
                for (value, entry) in probe.iter_mut().zip(&matrix[parent * d..(parent + 1) * d]) {
                    *value -= weight * entry;
                }
            }
            let residual = probe[node] - self.parents[node].iter().map(|&(parent, weight)| weight * probe[parent]).sum::<f64>();
            return (residual.max(0.0), probe);
        }
        let n = self.problem.sample.observations() as f64;
        let own = &self.vectors[node];
        if self.problem.score.kind() == ScoreKind::Logistic {
            let mut mixed = vec![0.0; own.len()];
            for &(parent, weight) in &self.parents[node] {
                add_scaled(&mut mixed, weight, &self.vectors[parent]);
            }
            let loss: f64 = mixed.iter().zip(own).map(|(&m, &x)| m.max(0.0) + (-m.abs()).exp().ln_1p() - x * m).sum();
            // x - sigmoid(m): the negative derivative by m.
            for (m, &x) in mixed.iter_mut().zip(own) {
                *m = x - 1.0 / (1.0 + (-*m).exp());
            }
            return (loss / n, mixed);
        }
        let mut residual = own.clone();
        for &(parent, weight) in &self.parents[node] {
            add_scaled(&mut residual, -weight, &self.vectors[parent]);
        }
        (dot(&residual, &residual) / n, residual)
    }

    /// `-dQ/dW[from, node]` of the smooth part.
    fn pull(&self, from: usize, probe: &[f64]) -> f64 {
        match &self.problem.sample {
            Sample::Covariance { .. } => probe[from],
            Sample::Table { columns } => dot(&self.vectors[from], probe) / columns[from].len() as f64,
        }
    }

    /// Adds the KKT residuals of every pair (from, node) that matters.
    fn residuals_of(&self, node: usize, probe: &[f64], blocked: &[FixedBitSet], worst: &mut Worst) {
        let d = self.problem.variables();
        let score = self.problem.score;
        let knowledge = self.problem.knowledge();
        let support_only = self.support_only();
        let mut weight_of = vec![None; d];
        for &(parent, weight) in &self.parents[node] {
            weight_of[parent] = Some(weight);
        }
        let scale_of = |from: usize| match score.kind() {
            ScoreKind::Logistic => 1.0,
            _ => self.deviations[from] * self.deviations[node],
        };
        for from in (0..d).filter(|&from| from != node) {
            let against_time = matches!((self.tier_of[from], self.tier_of[node]), (Some(late), Some(early)) if late > early);
            let forbidden = against_time || knowledge.forbidden().binary_search(&(from, node)).is_ok();
            let free = !blocked[from].contains(node) && !support_only && !forbidden;
            if !free && weight_of[from].is_none() {
                continue;
            }
            let pull = self.pull(from, probe);
            // Subdifferential of lambda |w|: everything up to lambda at 0, lambda times the sign elsewhere.
            let violation = match weight_of[from] {
                Some(weight) if weight != 0.0 => (pull - score.l1() * weight.signum()).abs(),
                _ => pull.abs() - score.l1(),
            };
            worst.see(violation.max(0.0) / scale_of(from), from, node);
        }
    }

    /// Whether only the edges that are there are asked: the information criteria leave edges out on purpose, and so does a limit on parents.
    fn support_only(&self) -> bool {
        matches!(self.problem.score.kind(), ScoreKind::EvEbic | ScoreKind::NvBic) || self.problem.knowledge().max_parents().is_some()
    }

    fn property(&self, has_order: bool, affordable: bool, worst: &Worst) -> Property {
        let name = if self.support_only() { "stationary-on-edges" } else { "stationary" };
        if !has_order {
            return Property::undecided(name, Witness::new("the graph has a cycle", serde_json::Value::Null));
        }
        if !affordable {
            return Property::undecided(name, Witness::new("the gradient takes too long for data of this size", serde_json::Value::Null));
        }
        let text = format!("largest KKT residual {:.3e}, at {}", worst.size, arrow(self.problem, worst.from, worst.to));
        let witness = Witness::new(text, json!({ "residual": worst.size, "pair": [worst.from, worst.to] }));
        if worst.size <= GRADIENT {
            Property::holds_by(name, Certainty::Within(GRADIENT), witness)
        } else {
            Property::fails(name, Certainty::Within(GRADIENT), witness)
        }
    }
}

/// The largest residual seen.
#[derive(Default)]
struct Worst {
    size: f64,
    from: usize,
    to: usize,
}

impl Worst {
    fn see(&mut self, size: f64, from: usize, to: usize) {
        if size > self.size {
            *self = Self { size, from, to };
        }
    }
}

fn add_scaled(target: &mut [f64], factor: f64, source: &[f64]) {
    for (value, entry) in target.iter_mut().zip(source) {
        *value += factor * entry;
    }
}

/// Eight sums side by side, so that the compiler can use vector instructions.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}
