//! Where a search may start.

use super::graph::{are_edges, is_permutation, positions};
use super::solution::{Edge, WeightedDag};
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

    /// The start that a solution is: its order where it has no edges, its graph where it has no order.
    pub fn from_solution(solution: WeightedDag) -> Self {
        match (solution.order.is_empty(), solution.edges.is_empty()) {
            (true, _) => Self::Graph(solution.edges),
            (false, true) => Self::Order(solution.order),
            (false, false) => Self::Dag(solution),
        }
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
                let position = positions(&dag.order);
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
