//! Cuts of an undirected graph.

use super::super::rows::{Rows, amount};
use crate::malformed::{Malformed, Place};

/// `f(S) = total weight of the edges with exactly one end in S`: submodular and non-negative, not monotone. The elements are the nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    edges: Vec<(u32, u32, f64)>,
    neighbours: Rows<(u32, f64)>,
}

impl Cut {
    /// A graph of `nodes` nodes with these edges (end, end, weight); parallel edges add up.
    ///
    /// # Errors
    /// An end out of range, a loop, a weight that is negative or not finite.
    pub fn new(nodes: usize, edges: Vec<(u32, u32, f64)>) -> Result<Self, Malformed> {
        let mut degrees = vec![0_usize; nodes];
        for (k, &(u, v, weight)) in edges.iter().enumerate() {
            let place = || Place::root().field("edges").index(k);
            for (position, end) in [u, v].into_iter().enumerate() {
                match degrees.get_mut(end as usize) {
                    Some(degree) => *degree += 1,
                    None => return Err(Malformed::new(place().index(position), end.to_string(), format!("a node below {nodes}"))),
                }
            }
            if u == v {
                return Err(Malformed::new(place(), format!("an edge from {u} to itself"), "two different ends"));
            }
            amount(weight, || place().index(2))?;
        }
        let mut lists: Vec<Vec<(u32, f64)>> = degrees.into_iter().map(Vec::with_capacity).collect();
        for &(u, v, weight) in &edges {
            lists[u as usize].push((v, weight));
            lists[v as usize].push((u, weight));
        }
        Ok(Self { edges, neighbours: lists.into_iter().collect() })
    }

    /// The edges as they were given.
    pub fn edges(&self) -> &[(u32, u32, f64)] {
        &self.edges
    }

    /// Other end and weight of the edges at each node.
    pub fn neighbours(&self) -> &Rows<(u32, f64)> {
        &self.neighbours
    }

    pub(super) fn value(&self, chosen: &[usize]) -> f64 {
        let inside = self.inside(chosen);
        let crosses = |&&(u, v, _): &&(u32, u32, f64)| inside[u as usize] != inside[v as usize];
        self.edges.iter().filter(crosses).map(|&(_, _, weight)| weight).sum()
    }

    pub(super) fn gains(&self, chosen: &[usize], candidates: &[usize]) -> Vec<f64> {
        let inside = self.inside(chosen);
        let gain = |&node: &usize| {
            if inside[node] {
                return 0.0;
            }
            let row = self.neighbours.row(node).iter();
            row.map(|&(other, weight)| if inside[other as usize] { -weight } else { weight }).sum()
        };
        candidates.iter().map(gain).collect()
    }

    fn inside(&self, chosen: &[usize]) -> Vec<bool> {
        let mut inside = vec![false; self.neighbours.len()];
        for &node in chosen {
            inside[node] = true;
        }
        inside
    }
}
