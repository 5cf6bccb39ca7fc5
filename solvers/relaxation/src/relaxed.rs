//! The iterations that a relaxation factor can belong to.

use std::fmt;

use crate::requirement::Requirement;

/// The iteration that a factor belongs to.
pub trait Relaxed: fmt::Debug + Clone + PartialEq + Send + Sync + 'static {
    /// Whether the factor is that of SSOR-preconditioned CG, otherwise of SOR itself.
    const CG: bool;
}

/// What the matrices have to be like.
pub(crate) fn requirement<M: Relaxed>() -> Requirement {
    if M::CG { Requirement::SymmetricPositiveDiagonal } else { Requirement::NonzeroDiagonal }
}

/// Successive over-relaxation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BySor;

/// Conjugate gradients preconditioned by SSOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BySsorCg;

impl Relaxed for BySor {
    const CG: bool = false;
}

impl Relaxed for BySsorCg {
    const CG: bool = true;
}
