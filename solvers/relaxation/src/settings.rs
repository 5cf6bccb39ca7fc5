//! Settings of a solve sequence.

use fathom_core::Run;
use fathom_problems::linear_sequence::RelativeTo;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::portfolio::Arm;

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
    pub most_iterations: u64,
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
    pub most_factor_entries: usize,
    /// Seed of every random draw.
    pub seed: u64,
}

impl Default for SequenceSettings {
    fn default() -> Self {
        Self {
            tolerance: 1e-8,
            relative_to: RelativeTo::Rhs,
            most_iterations: 10_000,
            loss: Loss::Flops,
            omega: None,
            extrapolate: true,
            explore: true,
            arms: None,
            most_factor_entries: 100_000_000,
            seed: 0,
        }
    }
}

impl SequenceSettings {
    /// The arms, the prior one first.
    pub(crate) fn arms(&self) -> Vec<Arm> {
        if let Some(arms) = self.arms.as_ref().filter(|arms| !arms.is_empty()) {
            return if self.explore { arms.clone() } else { arms[..1].to_vec() };
        }
        let mut arms = vec![Arm::Ssor { distance: 1.0 }];
        if self.explore {
            // The order of first trials: what was near the best most often (heterogeneous diffusion, stencils, power networks) comes first.
            arms.extend([
                Arm::Incomplete { modification: 0.95 },
                Arm::SsorAt { omega: 1.5 },
                Arm::SsorAt { omega: 1.75 },
                Arm::Incomplete { modification: 0.0 },
                Arm::Incomplete { modification: 0.99 },
                Arm::Ssor { distance: 1.5 },
                Arm::Ssor { distance: 0.65 },
                Arm::SsorAt { omega: 1.0 },
                Arm::SsorAt { omega: 0.6 },
            ]);
            if cfg!(feature = "cholesky") {
                arms.push(Arm::Cholesky);
            }
        }
        arms
    }

    pub(crate) fn stream(&self) -> ChaCha8Rng {
        Run::new(self.seed).stream("relaxation portfolio")
    }
}
