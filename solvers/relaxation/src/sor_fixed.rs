//! SOR with one relaxation factor.

use std::ops::ControlFlow;

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_linalg::{MatrixError, RelaxationFactor, ResidualNorm, Solved, Sor};
use fathom_opt_problems::linear_sequence::{LinearSequence, LinearSequenceSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::current_matrix::CurrentMatrix;
use crate::driver::{Frame, Method, System, solve_sequence};
use crate::initial_vectors::InitialVectors;
use crate::keep::Keep;
use crate::option::relaxation_factor;
use crate::requirement::Requirement;
use crate::rescaled::Rescaled;
use crate::start_at::StartAt;

/// Successive over-relaxation (Young 1954) with the same relaxation factor for every system: the fixed baseline of "Learning to Relax". The matrices need no
/// symmetry, but only for symmetric positive definite ones is convergence certain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SorFixed {
    /// Relaxation factor, above 0 and below 2. Near 2 suits fine grids; 1 (Gauss-Seidel) is safe and slow.
    pub omega: f64,
    /// Sweeps per system before giving up.
    pub max_iterations: u64,
    /// Where the iteration of each system starts.
    pub start: StartAt,
    /// Which solution vectors to return.
    pub keep: Keep,
}

impl Default for SorFixed {
    /// The cap is the paper's; 1.5 is the middle of its range of factors.
    fn default() -> Self {
        Self { omega: 1.5, max_iterations: 10_000, start: StartAt::Problem, keep: Keep::Auto }
    }
}

impl Solver<LinearSequence> for SorFixed {
    const NAME: &'static str = "sor-fixed";
    const SUMMARY: &'static str = "successive over-relaxation with one relaxation factor";

    fn validate(&self) -> Result<(), OptionError> {
        relaxation_factor("omega", self.omega).map(|_| ())
    }

    fn accepts(&self, problem: &LinearSequence) -> Result<(), SolveError> {
        Requirement::NonzeroDiagonal.check(Self::NAME, problem)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<LinearSequence>> {
        Some(&InitialVectors)
    }

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let rescaled = Rescaled::of(problem);
        let mut method =
            Fixed { matrix: CurrentMatrix::new(rescaled.problem()), omega: relaxation_factor("omega", self.omega)?, sor: Sor::new() };
        solve_sequence(&mut method, Frame { max_iterations: self.max_iterations, start: self.start, keep: self.keep }, &rescaled, run)
    }
}

struct Fixed<'a> {
    matrix: CurrentMatrix<'a>,
    omega: RelaxationFactor,
    sor: Sor,
}

impl Method for Fixed<'_> {
    const NAME: &'static str = SorFixed::NAME;

    fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        self.matrix.advance(index)
    }

    fn residual(&mut self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm> {
        self.matrix.residual(rhs, x, r)
    }

    fn solve(&mut self, system: &System, x: &mut [f64], watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>) -> Result<Solved, MatrixError> {
        let matrix = self.matrix.matrix()?;
        Ok(self.sor.solve(matrix, self.omega, system.rhs, x, &system.goal, watch))
    }

    fn columns(&self) -> Vec<String> {
        vec!["omega".into()]
    }

    fn row(&self) -> Vec<f64> {
        vec![self.omega.get()]
    }
}
