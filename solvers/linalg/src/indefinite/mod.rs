//! Factors of symmetric indefinite sparse matrices.

mod dense;
mod error;
mod factor;
mod front;
mod inertia;
mod ordering;
mod pattern;
mod scaling;
mod settle;
mod solve;
mod sparse_ldl;
mod tree;

pub use error::LdlError;
pub use inertia::Inertia;
pub use pattern::SymmetricPattern;
pub use sparse_ldl::{LdlOptions, Refined, SparseLdl};
