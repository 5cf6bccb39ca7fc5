//! Learning a directed acyclic graph from data: weights `W` that minimise a score of the linear (or logistic) structural equations `X = X W + noise`,
//! with `W[i, j]` the effect of `i` on `j`, such that the graph of `W` has no cycle.
//!
//! This is the problem of NOTEARS (Zheng et al. 2018) and of "Optimizing NOTEARS Objectives via Topological Swaps" (Deng, Bello, Aragam, Ravikumar,
//! ICML 2023). Columns are centred before anything is computed (not for the logistic score).
//!
//! A better solution counts as *nearby* (it contradicts a claim of local optimality) if it has the same edges with other weights, or edges that are free by
//! the KKT conditions, or if it follows from moving a single node to another place of the order, with parents and weights chosen anew.

mod certificate;
mod check;
mod class;
mod columns;
mod comparison;
mod compensated;
mod data;
#[cfg(feature = "nalgebra")]
mod dense_matrix;
mod dependence;
mod diagnostics;
mod equations;
mod graph;
mod graph_exchange;
mod instance;
mod knowledge;
mod moments;
mod observed;
mod products;
mod sample;
mod score;
mod solution;
mod sortability;
mod start;
#[cfg(test)]
mod tests;

pub use comparison::Comparison;
pub use data::{DagLearningData, KnowledgeData, Node, StartData, TableData};
pub use instance::DagLearning;
pub use knowledge::Knowledge;
pub use sample::Sample;
pub use score::{Score, ScoreKind};
pub use solution::{Edge, WeightedDag};
pub use sortability::{r2_sortability, varsortability};
pub use start::Start;
