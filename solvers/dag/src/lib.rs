#![doc = include_str!("../README.md")]
//!
//! Learning directed acyclic graphs from data by search over orders.
//!
//! Given an order of the variables, the best weights are regressions of every variable on the earlier ones; what is left is a search over orders
//! (Deng, Bello, Aragam, Ravikumar, "Optimizing NOTEARS Objectives via Topological Swaps", ICML 2023). For least squares the exact gain of every
//! re-insertion of every node comes from one Cholesky factor and its inverse in `O(d^2)`.
//!
//! | solver | what it does |
//! |---|---|
//! | [`OrderSearch`] | variable neighbourhood descent with exact gains, restarts and kicks (the default) |
//! | [`ExactOrder`] | dynamic programming over subsets, with proof |
//! | [`TopologicalSwaps`] | the published bi-level method |
//!
//! | noun | what it is |
//! |---|---|
//! | [`Moments`] | the covariance of the data |
//! | [`OrderFactor`] | an order with its Cholesky factor, kept up to date while nodes move |
//! | [`gains`] | what every move would gain |
//! | [`LocalScore`] | scores that are sums over nodes |
//! | [`Pruning`] | from an order to a graph |
#![forbid(unsafe_code)]

mod active_set;
mod candidate_sets;
mod chains;
mod clock;
mod conditioning;
mod convex;
mod course;
mod descent;
mod doubt;
mod evaluate;
mod exact_order;
mod family;
pub mod gains;
mod gram;
mod local_score;
mod local_search;
mod moments;
mod number;
mod numbering;
mod order_change;
mod order_factor;
mod order_search;
mod parent_table;
mod path_strength;
mod polish;
mod precedence;
mod precise;
mod products;
mod prune;
mod release;
mod selection;
mod sparse_descent;
mod starts;
mod subset_sweep;
mod swaps;
mod task;
mod threads;
mod topological_swaps;

pub use candidate_sets::Candidates;
pub use exact_order::ExactOrder;
pub use local_score::{LocalScore, ProblemScore};
pub use moments::Moments;
pub use order_factor::OrderFactor;
pub use order_search::OrderSearch;
pub use precedence::Precedence;
pub use prune::{Prune, Pruning};
pub use starts::StartKind;
pub use topological_swaps::TopologicalSwaps;

use fathom_opt_core::Registry;
use fathom_opt_problems::dag_learning::DagLearning;

/// Adds every solver of the family to `registry`; the first is the default.
pub fn register(registry: &mut Registry) {
    registry.add::<DagLearning, OrderSearch>();
    registry.add::<DagLearning, ExactOrder>();
    registry.add::<DagLearning, TopologicalSwaps>();
}
