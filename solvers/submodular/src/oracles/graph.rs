//! Functions of petgraph graphs.

use fathom_opt_problems::Malformed;
use fathom_opt_problems::submodular_stream::{Coverage, Cut, Rows};
use petgraph::visit::{EdgeRef, IntoEdgeReferences, IntoNeighbors, IntoNodeIdentifiers, NodeCount, NodeIndexable};

use super::{CoverageOracle, CutOracle};

/// Coverage of neighbourhoods: an element is a node by its index, and covers its (out-)neighbours, and itself where `closed`.
///
/// # Errors
/// A graph of more nodes than 32 bits count.
pub fn neighbourhoods<G: IntoNeighbors + IntoNodeIdentifiers + NodeIndexable>(graph: G, closed: bool) -> Result<CoverageOracle, Malformed> {
    let mut sets: Vec<Vec<u32>> = vec![Vec::new(); graph.node_bound()];
    for node in graph.node_identifiers() {
        let index = graph.to_index(node);
        let set = &mut sets[index];
        set.extend(graph.neighbors(node).map(|other| graph.to_index(other) as u32));
        if closed {
            set.push(index as u32);
        }
        set.sort_unstable();
        set.dedup();
    }
    let items = graph.node_bound();
    let sets: Rows<u32> = sets.into_iter().collect();
    Ok(CoverageOracle::new(Coverage::new(Some(vec![1.0; items]), sets)?))
}

/// The cut function of a graph whose edges have these weights; directions and loops are left out of account.
///
/// # Errors
/// A weight that is negative or not finite.
pub fn undirected_cut<G>(graph: G, mut weight: impl FnMut(G::EdgeRef) -> f64) -> Result<CutOracle, Malformed>
where
    G: IntoEdgeReferences + NodeIndexable + NodeCount,
{
    let ends = |edge: &G::EdgeRef| (graph.to_index(edge.source()) as u32, graph.to_index(edge.target()) as u32);
    let edges = graph.edge_references().map(|edge| {
        let (u, v) = ends(&edge);
        (u, v, weight(edge))
    });
    let edges = edges.filter(|(u, v, _)| u != v).collect();
    Ok(CutOracle::new(Cut::new(graph.node_bound(), edges)?))
}
