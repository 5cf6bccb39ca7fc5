//! Relaxation solvers for sequences of related sparse linear systems.
//!
//! | solver | what it does |
//! |---|---|
//! | [`SsorCgFixed`] | conjugate gradients preconditioned by SSOR with one relaxation factor |
//! | [`SorFixed`] | successive over-relaxation with one relaxation factor |
//!
//! Both are the baselines of Khodak, Chow, Balcan and Talwalkar, "Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances"
//! (ICLR 2024).
#![forbid(unsafe_code)]

mod current_matrix;
mod driver;
mod keep;
mod sor_fixed;
mod ssor_cg_fixed;
mod start_at;

pub use keep::Keep;
pub use sor_fixed::SorFixed;
pub use ssor_cg_fixed::SsorCgFixed;
pub use start_at::StartAt;

use fathom_core::Registry;
use fathom_problems::linear_sequence::LinearSequence;

/// Adds the solvers of this crate; the first is the default for linear sequences.
pub fn register(registry: &mut Registry) {
    registry.add::<LinearSequence, SsorCgFixed>();
    registry.add::<LinearSequence, SorFixed>();
}
