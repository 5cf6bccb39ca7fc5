//! Poisson's equation on a square, perhaps with shifts.

use fathom_opt_problems::linear_sequence::{Change, LinearSequence, RelativeTo, Start, System};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::laplacian;
use super::size_limit::MOST_UNKNOWNS;
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// `A x = (1, ..., 1)` with the five-point Laplacian `A` (4 on the diagonal) on `grid * grid` interior points; several systems differ by
/// diagonal shifts that grow linearly from `shift-from` to `shift-to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Poisson {
    /// Interior points per side, 1 to 4096.
    pub grid: usize,
    /// Number of systems, at least 1.
    pub systems: usize,
    /// Shift of the first system.
    pub shift_from: f64,
    /// Shift of the last system.
    pub shift_to: f64,
    /// Relative tolerance, in (0, 1).
    pub tolerance: f64,
    /// What residuals are compared with.
    pub relative_to: RelativeTo,
}

impl Default for Poisson {
    fn default() -> Self {
        Self { grid: 31, systems: 1, shift_from: 0.0, shift_to: 0.0, tolerance: 1e-8, relative_to: RelativeTo::InitialResidual }
    }
}

impl Generator for Poisson {
    const NAME: &'static str = "poisson";
    const SUMMARY: &'static str = "five-point Laplacian on a square, right-hand side of ones, with optional diagonal shifts";
    const CITATION: &'static str = "Model problem of D. M. Young, Iterative Solution of Large Linear Systems (1971).";
    type Problem = LinearSequence;

    fn generate(&self, _rng: &mut ChaCha8Rng) -> Result<LinearSequence, ParameterError> {
        let matrix = laplacian("grid", self.grid)?;
        if self.systems == 0 || self.systems.saturating_mul(matrix.rows()) > MOST_UNKNOWNS {
            return Err(ParameterError::range("systems", self.systems, "at least 1, and at most 2^30 unknowns over all systems"));
        }
        let last = (self.systems - 1).max(1) as f64;
        let steps = (0..self.systems).map(|t| {
            let shift = self.shift_from + (self.shift_to - self.shift_from) * t as f64 / last;
            let change = if shift == 0.0 { Change::None } else { Change::Shift(shift) };
            System { change, rhs: vec![1.0; matrix.rows()] }
        });
        Ok(LinearSequence::new(matrix.clone(), steps.collect(), self.tolerance, self.relative_to, Start::Zero)?)
    }
}
