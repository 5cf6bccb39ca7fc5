//! What edges make a graph, and whether it is acyclic.

use fixedbitset::FixedBitSet;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::solution::Edge;
use crate::malformed::{Malformed, Place};

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

/// For every node, the nodes that reach it: an edge from it to one of them would close a cycle. The edges follow `order`.
pub(super) fn ancestors(d: usize, order: &[usize], edges: &[Edge]) -> Vec<FixedBitSet> {
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

/// The position of every node in `order`.
pub(super) fn positions(order: &[usize]) -> Vec<usize> {
    let mut position = vec![0; order.len()];
    for (k, &node) in order.iter().enumerate() {
        position[node] = k;
    }
    position
}
