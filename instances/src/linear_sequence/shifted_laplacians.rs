//! Laplacians with random shifts: the source paper's i.i.d. experiment.

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, StandardNormal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::laplacian;
use super::size_limit::MOST_UNKNOWNS;
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// `A + c_t I` with the five-point Laplacian `A` on `grid * grid` points, `c_t = -0.15 + 0.6 Beta(a, b)` and `b_t` standard normal with norm at most `grid`, as in Khodak,
/// Chow, Balcan and Talwalkar, "Learning to Relax" (ICLR 2024), section 3, on 10 x 10 points. On larger grids the smallest eigenvalue of `A` is smaller, and the -0.15 are
/// scaled with it, so that every `A + c_t I` is positive definite and as close to singular as in the paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ShiftedLaplacians {
    /// Interior points per side, 1 to 4096.
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
        let matrix = laplacian("grid", self.grid)?;
        if self.systems == 0 || self.systems.saturating_mul(matrix.rows()) > MOST_UNKNOWNS {
            return Err(ParameterError::range("systems", self.systems, "at least 1, and at most 2^30 unknowns over all systems"));
        }
        let least = -0.15 * (smallest_eigenvalue(self.grid) / smallest_eigenvalue(PAPER_GRID)).min(1.0);
        let mut steps = Vec::with_capacity(self.systems);
        for t in 0..self.systems {
            let variance = if self.switch_at > 0 && t >= self.switch_at { self.then } else { self.variance };
            let (a, b) = match variance {
                Variance::Low => (2.0, 6.0),
                Variance::High => (0.5, 1.5),
            };
            // The parameters are constants of the distribution's own range.
            let beta = Beta::new(a, b).map_err(|_| ParameterError::range("variance", format!("Beta({a}, {b})"), "positive parameters"))?;
            let shift: f64 = least + 0.6 * beta.sample(rng);
            steps.push(System { change: Change::Shift(shift), rhs: short_normal(matrix.rows(), rng) });
        }
        Ok(LinearSequence::new(matrix, steps, self.tolerance, RelativeTo::InitialResidual, Start::Zero)?)
    }
}

/// Interior points per side in the paper.
const PAPER_GRID: usize = 10;

/// Of the five-point Laplacian with diagonal 4.
fn smallest_eigenvalue(grid: usize) -> f64 {
    8.0 * (std::f64::consts::FRAC_PI_2 / (grid as f64 + 1.0)).sin().powi(2)
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

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn shifts_keep_the_matrix_positive_definite_on_every_grid() {
        for grid in [1, 4, 10, 11, 40] {
            let generator = ShiftedLaplacians { grid, systems: 300, variance: Variance::High, ..ShiftedLaplacians::default() };
            let problem = generator.generate(&mut ChaCha8Rng::seed_from_u64(1)).unwrap();
            let least = problem.steps().iter().map(|step| match step.change {
                Change::Shift(shift) => shift,
                _ => f64::NAN,
            });
            let least = least.fold(f64::INFINITY, f64::min);
            // 0.162 - 0.15 on the paper's grid, and the same part of the smallest eigenvalue on larger ones.
            assert!(smallest_eigenvalue(grid) + least > 0.05 * smallest_eigenvalue(grid), "{grid}: {least}");
        }
        assert!((smallest_eigenvalue(10) - 0.162).abs() < 1e-3);
    }
}
