//! The relaxation factor that the spectrum suggests before anything is learned.

use fathom_opt_linalg::{EisenstatCg, JacobiSpectrum, Lanczos, LevelMatrix, RelaxationFactor};

use crate::cost_model::CostModel;

/// Estimates the spectrum of the Jacobi-scaled matrix by Lanczos, again with twice the steps when the time spent on solving has earned it, and follows shifts of
/// the diagonal in between.
#[derive(Debug, Clone, Default)]
pub(crate) struct OmegaPrior {
    lanczos: Lanczos,
    estimate: Option<JacobiSpectrum>,
    /// Mean diagonal entry when the estimate was made.
    mean_diagonal: f64,
    steps: usize,
    settled: bool,
    spent: f64,
    /// Whether the values changed since.
    outdated: bool,
    /// Whether diagonal entries differ so much that no single factor suits all unknowns.
    uneven: bool,
}

/// Products of the first estimate.
const FIRST_STEPS: usize = 12;
/// An estimate that moves less than this with twice the steps is kept until values change.
const SETTLED: f64 = 0.05;
/// Largest ratio of diagonal entries that counts as even.
const EVEN: f64 = 4.0;
/// The largest factor where they are not; on diffusion with contrasts of 10 to 10 000 the best one is between 1.5 and 1.9 whatever the Jacobi radius.
const UNEVEN: f64 = 1.75;
/// Without consistent ordering Young's formula misleads; this factor is at most a few percent slower than Gauss-Seidel where that is best, and a quarter
/// faster on stencils (counts on the matrices of the specification's collection).
const UNORDERED: f64 = 1.2;

impl OmegaPrior {
    /// Estimates may cost this part of what the solves cost.
    pub(crate) const SHARE: f64 = 0.03;

    /// New values: the old estimate is only a guess now. A compromise factor hardly depends on it, and a forecast that wavers is worse than one that is a little off.
    pub(crate) fn values_changed(&mut self) {
        self.settled = self.uneven;
        self.outdated = true;
        self.steps = self.steps.min(FIRST_STEPS);
    }

    /// The factor for the matrix at hand, and the estimated `1 - rho` of its Jacobi radius where that makes sense. `solving` is what solves have cost so far; the estimate
    /// is made or made better where something depends on it: the factor of a consistently ordered matrix or, where the diagonal `shifts`, the forecast.
    pub(crate) fn factor(
        &mut self,
        matrix: &mut LevelMatrix,
        workspace: &mut EisenstatCg,
        costs: &CostModel,
        solving: f64,
        shifts: bool,
    ) -> (RelaxationFactor, Option<f64>) {
        if matrix.is_consistently_ordered() || (shifts && self.steps == 0) {
            self.refine(matrix, workspace, costs, solving);
        }
        let unordered = RelaxationFactor::new(UNORDERED).unwrap_or(RelaxationFactor::GAUSS_SEIDEL);
        let Some(estimate) = self.estimate else { return (unordered, None) };
        // A shift moves every eigenvalue of the unscaled matrix alike; exact where the diagonal is constant. Other values move them otherwise.
        let mean = if self.outdated { self.mean_diagonal } else { matrix.mean_diagonal() };
        let shift = mean - self.mean_diagonal;
        let follow = |eigenvalue: f64| (eigenvalue * self.mean_diagonal + shift) / mean;
        let (lowest, highest) = (follow(estimate.lowest), follow(estimate.highest));
        let gap = (lowest > 0.0 && lowest < 1.0).then_some(lowest);
        if !matrix.is_consistently_ordered() {
            return (unordered, gap);
        }
        // The spectrum of a consistently ordered matrix is symmetric about 1, so both ends tell the radius.
        let radius = (1.0 - lowest).max(highest - 1.0).clamp(0.0, 1.0 - 1e-12);
        let optimal = RelaxationFactor::optimal(radius).unwrap_or(unordered);
        if self.uneven {
            // One factor for all unknowns has to compromise where coefficients vary.
            let compromise = RelaxationFactor::new(UNEVEN.min(optimal.get())).unwrap_or(unordered);
            return (compromise, gap);
        }
        (optimal, gap)
    }

    fn refine(&mut self, matrix: &mut LevelMatrix, workspace: &mut EisenstatCg, costs: &CostModel, solving: f64) {
        if self.settled {
            return;
        }
        let steps = if self.steps == 0 { FIRST_STEPS } else { (2 * self.steps).max(FIRST_STEPS) };
        let price = steps as f64 * costs.product();
        if self.steps > 0 && self.spent + price > Self::SHARE * solving {
            return;
        }
        self.spent += price;
        let previous = self.estimate.map(|estimate| estimate.lowest);
        // No more modes than unknowns.
        let exhausted = steps >= matrix.dimension();
        let Some(found) = self.lanczos.jacobi_spectrum(matrix, steps, workspace) else {
            self.settled = true;
            return;
        };
        self.steps = steps;
        self.uneven = matrix.diagonal_spread() > EVEN;
        self.settled =
            exhausted || self.uneven || previous.is_some_and(|previous| (previous - found.lowest).abs() <= SETTLED * previous.abs());
        self.estimate = Some(found);
        self.mean_diagonal = matrix.mean_diagonal();
        self.outdated = false;
    }
}
