//! Maximum Nash welfare.

mod branch_and_bound;
mod bundle;
mod domain;
mod enumeration;
mod local_search;
mod market;
mod prices;
mod product;
mod product_partition;
mod solver;

pub use solver::MaxNashWelfare;
