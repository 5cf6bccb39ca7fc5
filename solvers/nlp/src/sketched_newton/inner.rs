//! The solver of the Newton system.

use fathom_opt_core::Run;
use fathom_opt_linalg::{GaussianProjection, Gmres, Kaczmarz, KrylovGoal, Minres, Preconditioner, ProjectionGoal, RowChoice};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kkt_system::KktSystem;

/// How the Newton system is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinearSolver {
    /// A sparse factor with refinement: exact to rounding, the fastest wherever the factor fits into memory.
    #[default]
    Direct,
    /// Minimum residuals, a Krylov method for symmetric matrices.
    Minres,
    /// Generalised minimum residuals, restarted.
    Gmres,
    /// Randomised Kaczmarz (RK in the paper): a projection onto one row, each as likely as any other.
    Kaczmarz,
    /// Randomised Kaczmarz with rows drawn in proportion to the squares of their norms.
    KaczmarzByNorm,
    /// Projections onto `block-size` rows.
    BlockKaczmarz,
    /// Projections along Gaussian vectors (GV in the paper).
    Gaussian,
    /// Projections along `block-size` Gaussian vectors.
    BlockGaussian,
}

/// Vectors that restarted GMRES keeps.
const RESTART: usize = 60;

/// How far one call came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inner {
    /// Products with the matrix, projections, or one for a solve with the factor.
    pub steps: u64,
    /// `||b - A d||_2` of the `d` that is returned.
    pub residual: f64,
}

/// A solver of the Newton system, with what it keeps from one call to the next.
pub(super) enum InnerSolver {
    Direct,
    Minres(Minres),
    Gmres(Gmres),
    Rows(Kaczmarz),
    Gaussian(GaussianProjection),
}

impl InnerSolver {
    pub fn new(kind: LinearSolver, block: usize) -> Self {
        match kind {
            LinearSolver::Direct => Self::Direct,
            LinearSolver::Minres => Self::Minres(Minres::default()),
            LinearSolver::Gmres => Self::Gmres(Gmres::new(RESTART)),
            LinearSolver::Kaczmarz => Self::Rows(Kaczmarz::new(RowChoice::Uniform, 1)),
            LinearSolver::KaczmarzByNorm => Self::Rows(Kaczmarz::new(RowChoice::ByNorm, 1)),
            LinearSolver::BlockKaczmarz => Self::Rows(Kaczmarz::new(RowChoice::Uniform, block)),
            LinearSolver::Gaussian => Self::Gaussian(GaussianProjection::new(1)),
            LinearSolver::BlockGaussian => Self::Gaussian(GaussianProjection::new(block)),
        }
    }

    /// Whether the residual asked for does not matter: the solve is as exact as it gets.
    pub fn is_direct(&self) -> bool {
        matches!(self, Self::Direct)
    }

    /// Makes the matrix of `system` the one that is solved with.
    pub fn prepare(&mut self, system: &KktSystem) {
        if let Self::Rows(kaczmarz) = self {
            kaczmarz.prepare(&system.rows);
        }
    }

    /// Goes on from `d` until `||b - A d|| <= residual`, at most `max_steps` steps.
    #[allow(clippy::too_many_arguments)]
    pub fn solve(
        &mut self,
        system: &KktSystem,
        preconditioner: &mut dyn Preconditioner,
        b: &[f64],
        d: &mut [f64],
        residual: f64,
        max_steps: u64,
        rng: &mut ChaCha8Rng,
        run: &Run,
    ) -> Inner {
        let spent = fathom_opt_core::Counters::default();
        let mut stop = || run.should_stop(&spent).is_some();
        let mut multiply = |x: &[f64], y: &mut [f64]| system.rows.multiply(x, y);
        match self {
            Self::Direct => {
                let backward = system.solve(b, d);
                let mut r = vec![0.0; b.len()];
                multiply(d, &mut r);
                let residual = r.iter().zip(b).map(|(r, b)| (b - r) * (b - r)).sum::<f64>().sqrt();
                Inner { steps: u64::from(backward.is_some()), residual }
            }
            Self::Minres(minres) => {
                let end = minres.solve(&mut multiply, preconditioner, b, d, KrylovGoal { residual, max_products: max_steps }, &mut stop);
                Inner { steps: end.products, residual: end.residual }
            }
            Self::Gmres(gmres) => {
                let end = gmres.solve(&mut multiply, b, d, KrylovGoal { residual, max_products: max_steps }, &mut stop);
                Inner { steps: end.products, residual: end.residual }
            }
            Self::Rows(kaczmarz) => {
                let goal = ProjectionGoal { residual, max_projections: max_steps };
                let end = kaczmarz.solve(&system.rows, b, d, goal, rng, &mut stop);
                Inner { steps: end.projections, residual: end.residual }
            }
            Self::Gaussian(gaussian) => {
                let goal = ProjectionGoal { residual, max_projections: max_steps };
                let end = gaussian.solve(&system.rows, b, d, goal, rng, &mut stop);
                Inner { steps: end.projections, residual: end.residual }
            }
        }
    }
}
