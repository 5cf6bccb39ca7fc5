//! Submodular streams: edge lists, temporal edge lists and matrices as graphs, and generators.

#![allow(clippy::cast_possible_truncation, reason = "nodes are counted by 32-bit numbers, as in documents")]

mod churning;
mod edge_list;
mod facility_clusters;
mod graph;
mod matrix_graph;
mod temporal_edge_list;
mod uniform_sets;

use fathom_opt_problems::submodular_stream::SubmodularStream;

pub use churning::{Churning, StreamKind};
pub use edge_list::{EdgeList, EdgeListOptions};
pub use facility_clusters::FacilityClusters;
pub use graph::GraphFunction;
pub use matrix_graph::MatrixGraph;
pub use temporal_edge_list::{TemporalEdgeList, TemporalEdgeListOptions};
pub use uniform_sets::UniformSets;

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<SubmodularStream>()
        .reads::<EdgeList>()
        .reads::<TemporalEdgeList>()
        .reads::<MatrixGraph>()
        .generates::<UniformSets>()
        .generates::<FacilityClusters>()
}
