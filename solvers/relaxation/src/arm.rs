//! The ways to solve a system that the portfolio chooses from.

use fathom_opt_linalg::RelaxationFactor;

/// One way to solve a system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arm {
    /// SSOR-CG; the distance of the factor from 2 is this multiple of the prior factor's.
    Ssor {
        /// 1 is the prior itself.
        distance: f64,
    },
    /// SSOR-CG with this factor.
    SsorAt {
        /// The factor.
        omega: f64,
    },
    /// CG with incomplete factors that change the diagonal only; without couplings among three unknowns these are all incomplete factors without fill.
    Incomplete {
        /// 0 is DIC, 1 is fully modified (row sums kept).
        modification: f64,
    },
    /// CG with an incomplete Cholesky factor without fill, pivots shifted where needed.
    IncompleteCholesky,
    /// A fresh sparse Cholesky factor.
    Cholesky,
    /// CG with the sparse Cholesky factor of an earlier system, renewed when a new one would have paid.
    KeptCholesky,
}

/// Arms that differ in one number, in which their cost falls and then rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    /// The relaxation factor, by the logarithm of its distance from 2.
    Relaxation,
    /// How much incomplete factors are modified.
    Modification,
    /// Nothing to vary.
    Alone(u8),
}

impl Arm {
    /// A short name.
    pub fn name(&self) -> String {
        match self {
            Self::Ssor { distance } => format!("ssor-prior-x{distance}"),
            Self::SsorAt { omega } => format!("ssor-{omega}"),
            Self::Incomplete { modification } => format!("mic-{modification}"),
            Self::IncompleteCholesky => "ic0".into(),
            Self::Cholesky => "cholesky".into(),
            Self::KeptCholesky => "cholesky-kept".into(),
        }
    }

    /// The relaxation factor, where the arm has one, for this prior factor.
    pub(crate) fn omega(&self, prior: RelaxationFactor) -> Option<RelaxationFactor> {
        match *self {
            Self::Ssor { distance: 1.0 } => Some(prior),
            Self::Ssor { distance } => Some(clamped(2.0 - distance * (2.0 - prior.get()))),
            Self::SsorAt { omega } => Some(clamped(omega)),
            _ => None,
        }
    }

    /// The chain and the place in it, for this prior factor.
    pub(crate) fn place(&self, prior: RelaxationFactor) -> (Chain, f64) {
        match self {
            Self::Ssor { .. } | Self::SsorAt { .. } => {
                (Chain::Relaxation, self.omega(prior).map_or(0.0, |omega| -(2.0 - omega.get()).ln()))
            }
            Self::Incomplete { modification } => (Chain::Modification, *modification),
            Self::IncompleteCholesky => (Chain::Alone(0), 0.0),
            Self::Cholesky => (Chain::Alone(1), 0.0),
            Self::KeptCholesky => (Chain::Alone(2), 0.0),
        }
    }

    /// Whether the arm works with a complete factor.
    pub(crate) fn is_direct(&self) -> bool {
        matches!(self, Self::Cholesky | Self::KeptCholesky)
    }
}

fn clamped(omega: f64) -> RelaxationFactor {
    RelaxationFactor::new(omega.clamp(0.5, 1.995)).unwrap_or(RelaxationFactor::GAUSS_SEIDEL)
}
