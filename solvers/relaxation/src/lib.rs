#![doc = include_str!("../README.md")]
//!
//! Relaxation solvers for sequences of related sparse linear systems.
//!
//! | solver | what it does |
//! |---|---|
//! | [`Auto`] | the default: a portfolio of SSOR with an estimated factor, incomplete and complete factors, built on [`SolveSequence`] |
//! | [`SsorCgFixed`] | conjugate gradients preconditioned by SSOR with one relaxation factor |
//! | [`SorFixed`] | successive over-relaxation with one relaxation factor |
//! | [`OmegaBandit`] | both with a factor learned by Tsallis-INF: `ssor-cg-bandit`, `sor-bandit` |
//! | [`OmegaContextual`] | both with a factor learned as a function of the shift: `ssor-cg-contextual`, `sor-contextual` |
//!
//! The fixed ones are the baselines of Khodak, Chow, Balcan and Talwalkar, "Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances"
//! (ICLR 2024).
#![forbid(unsafe_code)]

mod arm;
mod auto;
mod cost_model;
mod current_matrix;
#[cfg(feature = "cholesky")]
mod cycle;
mod driver;
mod expansion;
#[cfg(feature = "cholesky")]
mod factor;
#[cfg(not(feature = "cholesky"))]
#[path = "factor_absent.rs"]
mod factor;
mod factor_timing;
mod guard;
mod inconsistency;
mod initial_guess;
mod initial_vectors;
mod keep;
mod learned;
mod learned_omega;
mod omega_prior;
mod option;
mod pace;
mod portfolio;
mod regret;
mod relaxed;
mod requirement;
mod rescaled;
mod settings;
mod solve_report;
mod solve_sequence;
mod sor_fixed;
mod ssor_cg_fixed;
mod start_at;
mod symmetric_pattern;
mod task;
mod workbench;

pub use arm::Arm;
pub use auto::Auto;
pub use keep::Keep;
pub use learned_omega::{ContextualLearner, Learner, OmegaBandit, OmegaContextual, Preset, Scale};
pub use relaxed::{BySor, BySsorCg, Relaxed};
pub use settings::{Loss, SequenceSettings};
pub use solve_report::{NextMatrix, SolveReport};
pub use solve_sequence::SolveSequence;
pub use sor_fixed::SorFixed;
pub use ssor_cg_fixed::SsorCgFixed;
pub use start_at::StartAt;

use fathom_opt_core::Registry;
use fathom_opt_problems::linear_sequence::LinearSequence;

/// Adds the solvers of this crate; the first is the default for linear sequences.
pub fn register(registry: &mut Registry) {
    registry.add::<LinearSequence, Auto>();
    registry.add::<LinearSequence, SsorCgFixed>();
    registry.add::<LinearSequence, OmegaContextual<BySsorCg>>();
    registry.add::<LinearSequence, OmegaBandit<BySsorCg>>();
    registry.add::<LinearSequence, SorFixed>();
    registry.add::<LinearSequence, OmegaContextual<BySor>>();
    registry.add::<LinearSequence, OmegaBandit<BySor>>();
}
