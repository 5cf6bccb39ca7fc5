//! Laplacians with random shifts: the source paper's i.i.d. experiment.

use fathom_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, Step};
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, StandardNormal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::laplacian;
use super::poisson::MOST_UNKNOWNS;
use super::{Generator, ParameterError};

/// `A + c_t I` with the five-point Laplacian `A` on `grid * grid` points, `c_t = -0.15 + 0.6 Beta(a, b)` and `b_t` standard normal with norm at most `grid`, as in Khodak,
/// Chow, Balcan and Talwalkar, "Learning to Relax" (ICLR 2024), section 3. The shifts keep `A + c_t I` positive definite up to a grid of 10.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ShiftedLaplacians {
    /// Interior points per side, 1 to 10.
    pub grid: usize,
    /// Number of systems, at least 1.
    pub systems: usize,
    /// How the shifts are distributed.
    pub variance: Variance,
    /// How they are distributed from `switch-at` on.
    pub then: Variance,
    /// The first system of the second regime; 0 for none.
    pub switch_at: usize,
    /// Relative tolerance, in (0, 1).
    pub tolerance: f64,
}

/// The two distributions of shifts in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Variance {
    /// `Beta(2, 6)`.
    #[default]
    Low,
    /// `Beta(1/2, 3/2)`.
    High,
}

impl Default for ShiftedLaplacians {
    fn default() -> Self {
        Self { grid: 10, systems: 500, variance: Variance::Low, then: Variance::High, switch_at: 0, tolerance: 1e-8 }
    }
}

impl Generator for ShiftedLaplacians {
    const NAME: &'static str = "shifted-laplacians";
    const SUMMARY: &'static str = "Laplacians with random diagonal shifts and right-hand sides, perhaps with a regime switch";
    const CITATION: &'static str = "M. Khodak, E. Chow, M.-F. Balcan, A. Talwalkar, Learning to Relax, ICLR 2024.";
    type Problem = LinearSequence;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<LinearSequence, ParameterError> {
        if self.grid == 0 || self.grid > 10 {
            return Err(ParameterError::range("grid", self.grid, "1 to 10"));
        }
        let matrix = laplacian("grid", self.grid)?;
        if self.systems == 0 || self.systems.saturating_mul(matrix.rows()) > MOST_UNKNOWNS {
            return Err(ParameterError::range("systems", self.systems, "at least 1, and at most 2^30 unknowns over all systems"));
        }
        let mut steps = Vec::with_capacity(self.systems);
        for t in 0..self.systems {
            let variance = if self.switch_at > 0 && t >= self.switch_at { self.then } else { self.variance };
            let (a, b) = match variance {
                Variance::Low => (2.0, 6.0),
                Variance::High => (0.5, 1.5),
            };
            // The parameters are constants of the distribution's own range.
            let beta = Beta::new(a, b).map_err(|_| ParameterError::range("variance", format!("Beta({a}, {b})"), "positive parameters"))?;
            let shift: f64 = -0.15 + 0.6 * beta.sample(rng);
            steps.push(Step { change: Change::Shift(shift), rhs: short_normal(matrix.rows(), rng) });
        }
        Ok(LinearSequence::new(matrix, steps, self.tolerance, RelativeTo::InitialResidual, Start::Zero)?)
    }
}

/// A standard normal vector, drawn again while it is longer than `sqrt(n)`.
fn short_normal(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    loop {
        let vector: Vec<f64> = (0..n).map(|_| StandardNormal.sample(rng)).collect();
        if vector.iter().map(|value| value * value).sum::<f64>() <= n as f64 {
            return vector;
        }
    }
}
