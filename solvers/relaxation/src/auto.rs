//! The default solver.

use std::ops::ControlFlow;

use fathom_opt_core::{Counters, OptionError, Outcome, Run, SolveError, Solver};
use fathom_opt_linalg::{MatrixError, Solved};
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution};
use fathom_opt_problems::sparse::SparseMatrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::driver::{Frame, Method, System, solve_sequence};
use crate::keep::Keep;
use crate::settings::{Loss, SequenceSettings};
use crate::solve_report::{NextMatrix, SolveReport};
use crate::solve_sequence::SolveSequence;
use crate::sor_fixed::relaxation_factor;
use crate::start_at::StartAt;

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

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let settings = SequenceSettings {
            tolerance: problem.tolerance(),
            most_iterations: self.max_iterations,
            loss: self.loss,
            omega: self.omega,
            // Between unrelated guesses there is nothing to extrapolate.
            extrapolate: self.extrapolate && !self.start.is_zero(problem.start()),
            explore: self.explore,
            seed: run.seed(),
            ..SequenceSettings::default()
        };
        let mut method =
            Systems { problem, settings, sequence: None, holds_base: false, base_pattern: false, last: None, traced: Vec::new() };
        let frame = Frame { most_iterations: self.max_iterations, start: self.start, keep: self.keep };
        solve_sequence(&mut method, frame, problem, run)
    }
}

/// Feeds the systems of a problem to a [`SolveSequence`]; a matrix with a pattern of its own starts a new one.
struct Systems<'a> {
    problem: &'a LinearSequence,
    settings: SequenceSettings,
    sequence: Option<SolveSequence>,
    /// Whether the sequence has the base matrix's pattern, and whether it holds its values.
    holds_base: bool,
    base_pattern: bool,
    last: Option<SolveReport>,
    /// The arms whose probabilities go into the trace: those of the first system.
    traced: Vec<Arm>,
}

impl Systems<'_> {
    fn start(&mut self, matrix: &SparseMatrix) -> Result<(), MatrixError> {
        self.sequence = None;
        let sequence = SolveSequence::from_sprs(matrix, self.settings.clone())?;
        if self.traced.is_empty() {
            self.traced = sequence.arms().to_vec();
        }
        self.sequence = Some(sequence);
        Ok(())
    }

    fn next(&mut self, next: NextMatrix<'_>) -> Result<(), MatrixError> {
        self.sequence.as_mut().map_or(Ok(()), |sequence| sequence.update(next))
    }
}

impl Method for Systems<'_> {
    const NAME: &'static str = Auto::NAME;

    fn advance(&mut self, index: usize) -> Result<(), MatrixError> {
        let problem = self.problem;
        let base = problem.base();
        let change = &problem.steps()[index].change;
        match change {
            Change::Matrix(matrix) => {
                self.start(matrix)?;
                self.base_pattern = false;
                self.holds_base = false;
            }
            Change::Values(values) if self.base_pattern => {
                self.holds_base = false;
                self.next(NextMatrix::Values(values))?;
            }
            Change::Values(_) => {
                self.start(&problem.matrix(index))?;
                self.base_pattern = true;
                self.holds_base = false;
            }
            Change::None | Change::Shift(_) | Change::Diagonal(_) => {
                if self.base_pattern && !self.holds_base {
                    self.next(NextMatrix::Values(base.data()))?;
                } else if !self.base_pattern && self.start(base).is_err() {
                    // The base diagonal alone is not usable: assemble this system.
                    return self.start(&problem.matrix(index));
                }
                self.base_pattern = true;
                self.holds_base = true;
                self.next(match change {
                    Change::Shift(shift) => NextMatrix::Shift(*shift),
                    Change::Diagonal(added) => NextMatrix::Diagonal(added),
                    _ => NextMatrix::Shift(0.0),
                })?;
            }
        }
        Ok(())
    }

    fn residual_norm(&mut self, rhs: &[f64], x: &[f64]) -> f64 {
        self.sequence.as_mut().map_or(f64::NAN, |sequence| sequence.residual_norm(rhs, x))
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
