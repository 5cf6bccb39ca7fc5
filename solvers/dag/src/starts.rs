//! Orders to start from.

use fathom_opt_problems::dag_learning::{Edge, Start};
use rand::Rng;
use rand::seq::SliceRandom;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::moments::Moments;
use crate::number::settled;
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::products::dot;

/// Where a descent starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartKind {
    /// The instance's own start, if it has one.
    Given,
    /// Repeatedly the node of least variance given those before it (Chen, Drton, Wang 2019).
    TopDown,
    /// Repeatedly, from the end, the node of largest variance given all that are left (Ghoshal and Honorio 2018).
    BottomUp,
    /// By marginal variance (the baseline of Reisach, Seiler, Weichwald 2021).
    Variance,
    /// By the share of variance that all others explain (Reisach et al. 2023).
    R2,
}

/// In which units variances are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Units {
    /// Those of the data.
    Own,
    /// Each variable's own deviation, and what only rounding tells apart is the same: for a score that does not depend on units.
    Deviations,
}

impl StartKind {
    /// The order, if there is one: only `given` can lack it. Where the clock says stop, the rest of the nodes come in their own sequence.
    pub(crate) fn order(
        self,
        moments: &Moments,
        units: Units,
        given: Option<&Start>,
        precedence: Option<&Precedence>,
        clock: &Clock<'_>,
    ) -> Option<Vec<usize>> {
        let d = moments.variables();
        let sorted = |key: Vec<f64>| {
            let mut order: Vec<usize> = (0..d).collect();
            order.sort_by(|&a, &b| key[a].total_cmp(&key[b]));
            order
        };
        // The variance of a variable by which it is compared, for a variance in its unit.
        let compared = |j: usize, variance: f64| match units {
            Units::Own => variance * moments.square(j),
            Units::Deviations => settled(variance / moments.regular(j, j)),
        };
        let order = match self {
            Self::Given => of_start(given?, d),
            Self::TopDown => {
                let pivots = Pivots { d, entry: |i, j| moments.regular(i, j), compared };
                return Some(pivots.smallest_first(|node, placed| may_come(precedence, node, placed, d), clock));
            }
            Self::BottomUp => {
                let precision = precision(moments, clock)?;
                let inverse = |j: usize, precision: f64| match units {
                    Units::Own => precision / moments.square(j),
                    Units::Deviations => settled(precision * moments.regular(j, j)),
                };
                let pivots = Pivots { d, entry: |i, j| precision[i * d + j], compared: inverse };
                let mut order = pivots.smallest_first(|node, placed| may_end(precedence, node, placed, d), clock);
                order.reverse();
                return Some(order);
            }
            Self::Variance => sorted((0..d).map(|j| compared(j, moments.at(j, j))).collect()),
            Self::R2 => {
                let factor = OrderFactor::within(moments, (0..d).collect(), clock)?;
                let precisions = precision_diagonal(&factor);
                let key = |j: usize| -1.0 / (moments.regular(j, j) * precisions[j]);
                sorted((0..d).map(|j| if units == Units::Own { key(j) } else { settled(key(j)) }).collect())
            }
        };
        Some(precedence.map_or_else(|| order.clone(), |precedence| precedence.repair(&order)))
    }
}

/// A random order that respects the precedence.
pub(crate) fn random(d: usize, precedence: Option<&Precedence>, rng: &mut impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..d).collect();
    order.shuffle(rng);
    match precedence {
        None => order,
        Some(precedence) => precedence.repair(&order),
    }
}

/// The order of a start; of a graph, a topological order after its weakest edges on cycles are gone.
pub(crate) fn of_start(start: &Start, d: usize) -> Vec<usize> {
    match start {
        Start::Order(order) => order.clone(),
        Start::Dag(dag) => dag.order.clone(),
        Start::Graph(edges) => order_of_graph(d, edges),
    }
}

fn order_of_graph(d: usize, edges: &[Edge]) -> Vec<usize> {
    topological(d, &acyclic_part(d, edges)).unwrap_or_else(|| (0..d).collect())
}

/// The edges without the weakest ones on cycles: strongest edges first, each is kept unless it closes a cycle.
pub(crate) fn acyclic_part(d: usize, edges: &[Edge]) -> Vec<Edge> {
    if topological(d, edges).is_some() {
        return edges.to_vec();
    }
    let mut strongest: Vec<Edge> = edges.to_vec();
    strongest.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()).then((a.0, a.1).cmp(&(b.0, b.1))));
    let mut children = vec![Vec::new(); d];
    let mut kept = Vec::with_capacity(edges.len());
    for edge in strongest {
        if !reaches(&children, edge.1, edge.0) {
            children[edge.0].push(edge.1);
            kept.push(edge);
        }
    }
    kept
}

fn reaches(children: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; children.len()];
    let mut stack = vec![from];
    while let Some(node) = stack.pop() {
        if node == to {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            stack.extend(&children[node]);
        }
    }
    false
}

/// An order that the edges follow, smallest index first (Kahn's algorithm); `None` where they have a cycle.
pub(crate) fn topological(d: usize, edges: &[Edge]) -> Option<Vec<usize>> {
    let mut parents = vec![0_usize; d];
    let mut children = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        parents[to] += 1;
        children[from].push(to);
    }
    let mut ready: std::collections::BTreeSet<usize> = (0..d).filter(|&node| parents[node] == 0).collect();
    let mut order = Vec::with_capacity(d);
    while let Some(node) = ready.pop_first() {
        order.push(node);
        for &child in &children[node] {
            parents[child] -= 1;
            if parents[child] == 0 {
                ready.insert(child);
            }
        }
    }
    (order.len() == d).then_some(order)
}

fn may_come(precedence: Option<&Precedence>, node: usize, placed: &[bool], d: usize) -> bool {
    precedence.is_none_or(|precedence| (0..d).all(|other| placed[other] || !precedence.is_before(other, node)))
}

fn may_end(precedence: Option<&Precedence>, node: usize, placed: &[bool], d: usize) -> bool {
    precedence.is_none_or(|precedence| (0..d).all(|other| placed[other] || !precedence.is_before(node, other)))
}

/// A matrix whose rows Cholesky's algorithm takes by the smallest admissible pivot.
struct Pivots<E: Fn(usize, usize) -> f64, C: Fn(usize, f64) -> f64> {
    d: usize,
    entry: E,
    /// What a pivot of a row is compared by.
    compared: C,
}

impl<E: Fn(usize, usize) -> f64, C: Fn(usize, f64) -> f64> Pivots<E, C> {
    /// The sequence of the rows: `O(d^3 / 3)`.
    fn smallest_first(&self, admissible: impl Fn(usize, &[bool]) -> bool, clock: &Clock<'_>) -> Vec<usize> {
        let (d, entry) = (self.d, &self.entry);
        let mut rows = vec![0.0; d * d];
        let mut pivots: Vec<f64> = (0..d).map(|j| entry(j, j)).collect();
        let mut placed = vec![false; d];
        let mut order = Vec::with_capacity(d);
        for step in 0..d {
            let key = |j: usize| (self.compared)(j, pivots[j]);
            let allowed = (0..d).filter(|&j| !placed[j] && admissible(j, &placed));
            let best = if clock.may_go_on() { allowed.min_by(|&a, &b| key(a).total_cmp(&key(b))) } else { allowed.min() };
            let Some(next) = best else { break };
            placed[next] = true;
            order.push(next);
            if !clock.may_go_on() {
                continue;
            }
            let own: Vec<f64> = rows[next * d..next * d + step].to_vec();
            let root = pivots[next].max(f64::MIN_POSITIVE).sqrt();
            for j in (0..d).filter(|&j| !placed[j]) {
                let value = (entry(j, next) - dot(&rows[j * d..j * d + step], &own)) / root;
                rows[j * d + step] = value;
                pivots[j] -= value * value;
            }
        }
        order
    }
}

/// `Sigma^-1 = M' M` over the variables in their own sequence and units; `None` where there is no time for it.
fn precision(moments: &Moments, clock: &Clock<'_>) -> Option<Vec<f64>> {
    let d = moments.variables();
    let factor = OrderFactor::within(moments, (0..d).collect(), clock)?;
    let mut precision = vec![0.0; d * d];
    for k in 0..d {
        let row = factor.inverse_row(k);
        for (i, &a) in row.iter().enumerate() {
            for (entry, &b) in precision[i * d..].iter_mut().zip(row) {
                *entry += a * b;
            }
        }
    }
    clock.may_go_on().then_some(precision)
}

fn precision_diagonal(factor: &OrderFactor<'_>) -> Vec<f64> {
    let d = factor.variables();
    let mut diagonal = vec![0.0; d];
    for k in 0..d {
        for (sum, entry) in diagonal.iter_mut().zip(factor.inverse_row(k)) {
            *sum += entry * entry;
        }
    }
    diagonal
}
