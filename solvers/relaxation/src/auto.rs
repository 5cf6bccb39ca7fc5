//! The default solver.

use std::ops::ControlFlow;
use std::time::Duration;

use fathom_opt_core::{Counters, OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_linalg::{Added, MatrixError, ResidualNorm, Solved};
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution};
use fathom_opt_problems::sparse::SparseMatrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::current_matrix::added;
use crate::driver::{Frame, Method, System, solve_sequence};
use crate::initial_vectors::InitialVectors;
use crate::keep::Keep;
use crate::option::relaxation_factor;
use crate::requirement::Requirement;
use crate::rescaled::Rescaled;
use crate::settings::{Loss, SequenceSettings};
use crate::solve_report::{NextMatrix, SolveReport};
use crate::solve_sequence::SolveSequence;
use crate::start_at::StartAt;
use crate::symmetric_pattern::with_symmetric_pattern;

/// SSOR-CG whose relaxation factor follows from an estimate of the Jacobi radius, with a portfolio of other preconditioners and a sparse Cholesky factor beside it that is
/// explored as far as the time spent has paid for. For symmetric positive definite matrices. Built on [`SolveSequence`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Auto {
    /// A relaxation factor to use instead of the estimated one.
    pub omega: Option<f64>,
    /// Iterations per system before giving up.
    pub max_iterations: u64,
    /// What the portfolio learns from: a model of the work (reproducible) or measured time.
    pub loss: Loss,
    /// Whether to try other arms than the prior one.
    pub explore: bool,
    /// Whether to improve warm starts from the last two solutions.
    pub extrapolate: bool,
    /// Where the iteration of each system starts.
    pub start: StartAt,
    /// Which solution vectors to return.
    pub keep: Keep,
}

impl Default for Auto {
    fn default() -> Self {
        Self {
            omega: None,
            max_iterations: 10_000,
            loss: Loss::Flops,
            explore: true,
            extrapolate: true,
            start: StartAt::Problem,
            keep: Keep::Auto,
        }
    }
}

impl Solver<LinearSequence> for Auto {
    const NAME: &'static str = "auto";
    const SUMMARY: &'static str = "SSOR-CG with an estimated factor, and a learned portfolio of preconditioners and factors";

    fn validate(&self) -> Result<(), OptionError> {
        self.omega.map_or(Ok(()), |omega| relaxation_factor("omega", omega).map(|_| ()))
    }

    fn accepts(&self, problem: &LinearSequence) -> Result<(), SolveError> {
        Requirement::SymmetricPositiveDiagonal.check(Self::NAME, problem)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<LinearSequence>> {
        Some(&InitialVectors)
    }

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let settings = SequenceSettings {
            tolerance: problem.tolerance(),
            max_iterations: self.max_iterations,
            loss: self.loss,
            omega: self.omega,
            // Between unrelated guesses there is nothing to extrapolate.
            extrapolate: self.extrapolate && !self.start.is_zero(problem.start()),
            explore: self.explore,
            seed: run.seed(),
            ..SequenceSettings::default()
        };
        let rescaled = Rescaled::of(problem);
        let mut method =
            Systems { problem: rescaled.problem(), settings, sequence: None, holds: Holds::Other, last: None, traced: Vec::new() };
        let frame = Frame { max_iterations: self.max_iterations, start: self.start, keep: self.keep };
        solve_sequence(&mut method, frame, &rescaled, run)
    }
}

/// Feeds the systems of a problem to a [`SolveSequence`]; a matrix with a pattern of its own starts a new one.
struct Systems<'a> {
    problem: &'a LinearSequence,
    settings: SequenceSettings,
    sequence: Option<SolveSequence>,
    holds: Holds,
    last: Option<SolveReport>,
    /// The arms whose probabilities go into the trace: those of the first system.
    traced: Vec<Arm>,
}

/// What the sequence was last given values from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    /// The base matrix, perhaps with another diagonal.
    Base,
    /// Other values in the base pattern.
    Values,
    /// A matrix with a pattern of its own, or one whose pattern had to be made symmetric.
    Other,
}

impl Systems<'_> {
    fn begin(&mut self, matrix: &SparseMatrix, added: Added<'_>, holds: Holds) -> Result<(), MatrixError> {
        self.sequence = None;
        let symmetric = with_symmetric_pattern(matrix);
        self.holds = if symmetric.nnz() == matrix.nnz() { holds } else { Holds::Other };
        let sequence = SolveSequence::from_sprs_with_added(&symmetric, added, self.settings.clone())?;
        if self.traced.is_empty() {
            self.traced = sequence.arms().to_vec();
        }
        self.sequence = Some(sequence);
        Ok(())
    }

    fn go_on(&mut self, next: NextMatrix<'_>, holds: Holds) -> Result<(), MatrixError> {
        self.holds = holds;
        self.sequence.as_mut().map_or(Ok(()), |sequence| sequence.update(next))
    }
}

impl Method for Systems<'_> {
    const NAME: &'static str = Auto::NAME;

    fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        let problem = self.problem;
        let base = problem.base();
        let change = &problem.steps()[index].change;
        match (change, self.holds) {
            (Change::Matrix(matrix), _) => self.begin(matrix, Added::Nothing, Holds::Other),
            (Change::Values(values), Holds::Base | Holds::Values) => self.go_on(NextMatrix::Values(values), Holds::Values),
            (Change::Values(_), Holds::Other) => self.begin(&problem.matrix(index), Added::Nothing, Holds::Values),
            (Change::None | Change::Shift(_) | Change::Diagonal(_), Holds::Other) => self.begin(base, added(change), Holds::Base),
            (Change::None | Change::Shift(_) | Change::Diagonal(_), Holds::Base | Holds::Values) => {
                // The base matrix need not have a positive diagonal by itself.
                if self.holds == Holds::Values && self.go_on(NextMatrix::Values(base.data()), Holds::Base).is_err() {
                    return self.begin(base, added(change), Holds::Base);
                }
                let next = match change {
                    Change::Shift(shift) => NextMatrix::Shift(*shift),
                    Change::Diagonal(diagonal) => NextMatrix::Diagonal(diagonal),
                    _ => NextMatrix::Shift(0.0),
                };
                self.go_on(next, Holds::Base)
            }
        }
    }

    fn residual(&mut self, rhs: &[f64], x: &[f64], r: &mut [f64]) -> Option<ResidualNorm> {
        self.sequence.as_ref().map(|sequence| sequence.residual(rhs, x, r))
    }

    fn limit_uninterrupted(&mut self, max_uninterrupted: Duration) {
        if let Some(sequence) = &mut self.sequence {
            sequence.limit_uninterrupted(max_uninterrupted);
        }
    }

    fn solve(&mut self, system: &System, x: &mut [f64], watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>) -> Result<Solved, MatrixError> {
        let Some(sequence) = self.sequence.as_mut() else { return Err(MatrixError::WrongLength { what: "matrix", found: 0, expected: 1 }) };
        let report = sequence.solve_updated(system.rhs, x, system.reference, watch)?;
        self.last = Some(report);
        Ok(Solved { iterations: report.iterations, residual: report.residual, ending: report.ending })
    }

    /// The last ones are the probabilities of the arms that the first system had.
    fn columns(&self) -> Vec<String> {
        let own = ["arm", "probability", "omega", "cost"].map(String::from);
        own.into_iter().chain(self.traced.iter().map(|arm| format!("p:{}", arm.name()))).collect()
    }

    fn row(&self) -> Vec<f64> {
        let Some(report) = self.last else { return Vec::new() };
        let mut row = vec![report.arm_index as f64, report.probability, report.omega.unwrap_or(f64::NAN), report.cost];
        let probability = |arm: &Arm| {
            let sequence = self.sequence.as_ref()?;
            let position = sequence.arms().iter().position(|known| known == arm)?;
            sequence.probabilities().get(position).copied()
        };
        row.extend(self.traced.iter().map(|arm| probability(arm).unwrap_or(0.0)));
        row
    }

    fn count(&self, counters: &mut Counters) {
        if let Some(sequence) = &self.sequence {
            counters.add("drift-resets", sequence.drift_resets());
            counters.add("backstops", sequence.backstops());
        }
    }
}
