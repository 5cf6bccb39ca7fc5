//! A graph as the ground set of a function.

use std::collections::HashMap;

use fathom_opt_problems::Malformed;
use fathom_opt_problems::submodular_stream::{CascadeSpec, Coverage, Cut, Elements, Function, Ground, Influence, Rows};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which function a graph gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GraphFunction {
    /// An element is a node with edges that lead out of it, and covers the nodes they lead to.
    #[default]
    Coverage,
    /// The same, and every element covers itself, too.
    ClosedCoverage,
    /// An element is a node; the value is the weight of the edges with one end chosen.
    Cut,
    /// An element is a node; the value is the estimated number of nodes that an independent cascade reaches, each edge alive with probability 0.1, over 2000
    /// sampled reverse-reachable sets.
    Influence,
}

/// Nodes by position, in the order in which they first lead an edge, then those that only receive some.
#[derive(Debug, Default)]
pub(super) struct Graph {
    ids: Vec<u64>,
    positions: HashMap<u64, u32>,
    edges: Vec<(u32, u32, f64)>,
}

impl Graph {
    /// The position of the node `id`, which is new if it was not met before.
    fn node(&mut self, id: u64) -> u32 {
        let next = self.ids.len() as u32;
        let position = *self.positions.entry(id).or_insert(next);
        if position == next {
            self.ids.push(id);
        }
        position
    }

    /// Adds an edge.
    pub(super) fn edge(&mut self, from: u64, to: u64, weight: f64) {
        let edge = (self.node(from), self.node(to), weight);
        self.edges.push(edge);
    }

    /// The function and its ground set. An undirected graph's edges lead both ways.
    pub(super) fn function(self, kind: GraphFunction, directed: bool) -> Result<(Function, Ground), Malformed> {
        let n = self.ids.len();
        match kind {
            GraphFunction::Coverage | GraphFunction::ClosedCoverage => {
                let mut sets: Vec<Vec<u32>> = vec![Vec::new(); n];
                for &(u, v, _) in &self.edges {
                    sets[u as usize].push(v);
                    if !directed {
                        sets[v as usize].push(u);
                    }
                }
                // Nodes that cover nothing are no elements.
                let elements: Vec<u32> = (0..n as u32).filter(|&node| !sets[node as usize].is_empty()).collect();
                let mut rows: Rows<u32> = Rows::with_capacity(elements.len(), self.edges.len());
                for &node in &elements {
                    let set = &mut sets[node as usize];
                    if kind == GraphFunction::ClosedCoverage {
                        set.push(node);
                    }
                    set.sort_unstable();
                    set.dedup();
                    rows.push(set.iter().copied());
                }
                let ids = elements.iter().map(|&node| self.ids[node as usize]).collect();
                Ok((Coverage::new(Some(vec![1.0; n]), rows)?.into(), Ground::new(Elements::Ids(ids))?))
            }
            GraphFunction::Cut => {
                let edges = self.edges.into_iter().filter(|(u, v, _)| u != v).collect();
                Ok((Cut::new(n, edges)?.into(), Ground::new(Elements::Ids(self.ids))?))
            }
            GraphFunction::Influence => {
                let mut edges: Vec<(u32, u32)> = self.edges.iter().map(|&(u, v, _)| (u, v)).collect();
                if !directed {
                    edges.extend(self.edges.iter().map(|&(u, v, _)| (v, u)));
                }
                let spec = CascadeSpec { edges, probability: 0.1, samples: 2000, seed: 1 };
                Ok((Influence::new(n, spec)?.into(), Ground::new(Elements::Ids(self.ids))?))
            }
        }
    }
}
