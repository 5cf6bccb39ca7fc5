//! Settings of a solve sequence.

use std::time::Duration;

use fathom_opt_core::Run;
use fathom_opt_linalg::LevelMatrix;
use fathom_opt_problems::linear_sequence::RelativeTo;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::factor::Factor;

/// What the portfolio learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// A model of the work done: the same seed gives the same choices everywhere.
    #[default]
    Flops,
    /// Measured time.
    Seconds,
}

/// Settings of a [`SolveSequence`](crate::SolveSequence).
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceSettings {
    /// Relative tolerance of every residual.
    pub tolerance: f64,
    /// What residuals are compared with; the initial residual is that of the vector handed in.
    pub relative_to: RelativeTo,
    /// Iterations per system before giving up.
    pub max_iterations: u64,
    /// What the portfolio learns from.
    pub loss: Loss,
    /// A relaxation factor to use instead of the estimated one.
    pub omega: Option<f64>,
    /// Whether to improve the initial guess from the last two solutions.
    pub extrapolate: bool,
    /// Whether to try other arms than the first one.
    pub explore: bool,
    /// The arms to choose from instead of the usual ones; the first is the one to start with and to fall back on, so one that cannot fail (SSOR) belongs there.
    pub arms: Option<Vec<Arm>>,
    /// Numbers that a sparse factor may hold.
    pub max_factor_entries: usize,
    /// Steps that cannot be interrupted, such as the analysis and the numbers of a sparse factor, are taken only if they are expected to take no longer than this (on the
    /// machine that the cost model describes).
    pub max_uninterrupted: Duration,
    /// Seed of every random draw.
    pub seed: u64,
}

impl Default for SequenceSettings {
    fn default() -> Self {
        Self {
            tolerance: 1e-8,
            relative_to: RelativeTo::Rhs,
            max_iterations: 10_000,
            loss: Loss::Flops,
            omega: None,
            extrapolate: true,
            explore: true,
            arms: None,
            max_factor_entries: 100_000_000,
            max_uninterrupted: Duration::from_secs(1),
            seed: 0,
        }
    }
}

impl SequenceSettings {
    /// The arms, the prior one first, then in the order of first trials. For M-matrices modified incomplete factors exist and are the best first guess, for others the
    /// unmodified ones; a full incomplete factor differs from these only where unknowns are coupled in triangles.
    pub(crate) fn arms(&self, matrix: &LevelMatrix) -> Vec<Arm> {
        if let Some(arms) = self.arms.as_ref().filter(|arms| !arms.is_empty()) {
            return if self.explore { arms.clone() } else { arms[..1].to_vec() };
        }
        let mut arms = vec![Arm::Ssor { distance: 1.0 }];
        if !self.explore {
            return arms;
        }
        let mut modifications = vec![0.95, 0.97, 0.9, 0.99, 1.0, 0.8, 0.5, 0.0];
        if !matrix.is_dominant_m_matrix() {
            modifications.reverse();
        }
        arms.extend(modifications.into_iter().map(|modification| Arm::Incomplete { modification }));
        if matrix.has_triangles() {
            arms.push(Arm::IncompleteCholesky);
        }
        arms.extend([0.65, 1.5].map(|distance| Arm::Ssor { distance }));
        arms.extend([0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.75, 1.85, 1.95].map(|omega| Arm::SsorAt { omega }));
        if Factor::AVAILABLE {
            arms.extend([Arm::Cholesky, Arm::KeptCholesky]);
        }
        arms
    }

    pub(crate) fn stream(&self) -> ChaCha8Rng {
        Run::new(self.seed).stream("relaxation portfolio")
    }
}
