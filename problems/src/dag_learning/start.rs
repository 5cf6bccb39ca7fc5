//! Where a search may start.

use super::{Edge, WeightedDag};
use crate::malformed::{Malformed, Place};

/// An order or a graph to start from, such as the output of another tool.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// All nodes, each once.
    Order(Vec<usize>),
    /// A weighted graph; it may have cycles.
    Graph(Vec<Edge>),
    /// A graph with an order that it follows.
    Dag(WeightedDag),
}

impl Start {
    /// The graph of the `d x d` matrix `weights`, row by row; entry `(i, j)` is the effect of `i` on `j`, the diagonal is left aside.
    pub fn from_weights(weights: &[f64], d: usize) -> Self {
        let mut edges = Vec::new();
        for i in 0..d {
            for j in 0..d {
                if i != j && weights[i * d + j] != 0.0 {
                    edges.push((i, j, weights[i * d + j]));
                }
            }
        }
        Self::Graph(edges)
    }

    pub(super) fn validate(&self, d: usize) -> Result<(), Malformed> {
        let place = Place::root().field("start");
        match self {
            Self::Order(order) => is_permutation(order, d, &place.field("order")),
            Self::Graph(edges) => are_edges(edges, d, &place.field("edges")),
            Self::Dag(dag) => {
                let place = place.field("dag");
                is_permutation(&dag.order, d, &place.field("order"))?;
                are_edges(&dag.edges, d, &place.field("edges"))?;
                let mut position = vec![0; d];
                for (k, &node) in dag.order.iter().enumerate() {
                    position[node] = k;
                }
                match dag.edges.iter().position(|&(from, to, _)| position[from] > position[to]) {
                    None => Ok(()),
                    Some(k) => {
                        let found = format!("the edge {} -> {}, against the order", dag.edges[k].0, dag.edges[k].1);
                        Err(Malformed::new(place.field("edges").index(k), found, "edges from earlier to later nodes"))
                    }
                }
            }
        }
    }

    /// The edges, where the start is a graph.
    pub fn edges(&self) -> Option<&[Edge]> {
        match self {
            Self::Order(_) => None,
            Self::Graph(edges) | Self::Dag(WeightedDag { edges, .. }) => Some(edges),
        }
    }
}

/// Whether `order` holds each of `0..d` once.
pub(super) fn is_permutation(order: &[usize], d: usize, place: &Place) -> Result<(), Malformed> {
    if order.len() != d {
        return Err(Malformed::new(place.clone(), format!("{} nodes", order.len()), format!("{d} (each once)")));
    }
    let mut seen = vec![false; d];
    for (k, &node) in order.iter().enumerate() {
        match seen.get_mut(node) {
            None => return Err(Malformed::new(place.index(k), node.to_string(), format!("a node below {d}"))),
            Some(true) => return Err(Malformed::new(place.index(k), format!("{node} again"), "each node once")),
            Some(seen) => *seen = true,
        }
    }
    Ok(())
}

/// Whether `edges` connect nodes of `0..d`, none to itself, each pair at most once, with finite weights.
pub(super) fn are_edges(edges: &[Edge], d: usize, place: &Place) -> Result<(), Malformed> {
    let mut seen = std::collections::HashSet::with_capacity(edges.len());
    for (k, &(from, to, weight)) in edges.iter().enumerate() {
        let at = || place.index(k);
        if from >= d || to >= d {
            return Err(Malformed::new(at(), format!("the edge {from} -> {to}"), format!("nodes below {d}")));
        }
        if from == to {
            return Err(Malformed::new(at(), format!("the edge {from} -> {to}"), "an edge between two nodes"));
        }
        if !weight.is_finite() {
            return Err(Malformed::new(at(), format!("the weight {weight}"), "a finite number"));
        }
        if !seen.insert((from, to)) {
            return Err(Malformed::new(at(), format!("the edge {from} -> {to} again"), "each edge once"));
        }
    }
    Ok(())
}
