//! SSOR-preconditioned CG with one relaxation factor.

use std::ops::ControlFlow;

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_linalg::{ConjugateGradient, MatrixError, RelaxationFactor, ResidualNorm, Solved, Ssor};
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

/// Conjugate gradients preconditioned by symmetric SOR with the same relaxation factor for every system, for symmetric positive definite matrices.
/// The preconditioner exists for every such matrix and every factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SsorCgFixed {
    /// Relaxation factor, above 0 and below 2. 1 never does badly; discretised differential equations on fine grids gain from 1.5 to 1.9.
    pub omega: f64,
    /// Iterations per system before giving up.
    pub max_iterations: u64,
    /// Where the iteration of each system starts.
    pub start: StartAt,
    /// Which solution vectors to return.
    pub keep: Keep,
}

impl Default for SsorCgFixed {
    /// The cap is the paper's; 1.5 costs little where 1 is best and saves a third on the paper's heat equation.
    fn default() -> Self {
        Self { omega: 1.5, max_iterations: 10_000, start: StartAt::Problem, keep: Keep::Auto }
    }
}

impl Solver<LinearSequence> for SsorCgFixed {
    const NAME: &'static str = "ssor-cg-fixed";
    const SUMMARY: &'static str = "conjugate gradients preconditioned by SSOR with one relaxation factor";

    fn validate(&self) -> Result<(), OptionError> {
        relaxation_factor("omega", self.omega).map(|_| ())
    }

    fn accepts(&self, problem: &LinearSequence) -> Result<(), SolveError> {
        Requirement::SymmetricPositiveDiagonal.check(Self::NAME, problem)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<LinearSequence>> {
        Some(&InitialVectors)
    }

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let rescaled = Rescaled::of(problem);
        let mut method = Fixed {
            matrix: CurrentMatrix::new(rescaled.problem()),
            omega: relaxation_factor("omega", self.omega)?,
            cg: ConjugateGradient::new(),
        };
        solve_sequence(&mut method, Frame { max_iterations: self.max_iterations, start: self.start, keep: self.keep }, &rescaled, run)
    }
}

struct Fixed<'a> {
    matrix: CurrentMatrix<'a>,
    omega: RelaxationFactor,
    cg: ConjugateGradient,
}

impl Method for Fixed<'_> {
    const NAME: &'static str = SsorCgFixed::NAME;

    fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        self.matrix.advance(index)
    }

    fn residual(&mut self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm> {
        self.matrix.residual(rhs, x, r)
    }

    fn solve(&mut self, system: &System, x: &mut [f64], watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>) -> Result<Solved, MatrixError> {
        let matrix = self.matrix.matrix()?;
        let mut ssor = Ssor::new(matrix, self.omega)?;
        Ok(self.cg.solve(matrix, &mut ssor, system.rhs, x, &system.goal, watch))
    }

    fn columns(&self) -> Vec<String> {
        vec!["omega".into()]
    }

    fn row(&self) -> Vec<f64> {
        vec![self.omega.get()]
    }
}
