//! A solver that stays with a simulation and gets better at its systems.

use std::ops::ControlFlow;
use std::time::Instant;

use fathom_linalg::{EisenstatCg, Ending, Goal, LevelMatrix, MatrixError, Pivots, RelaxationFactor, Solved, norm};
use fathom_problems::linear_sequence::RelativeTo;
use fathom_problems::sparse::SparseMatrix;

use crate::cost_model::CostModel;
#[cfg(feature = "cholesky")]
use crate::direct::Direct;
use crate::initial_guess::InitialGuess;
use crate::omega_prior::OmegaPrior;
use crate::portfolio::{Arm, Portfolio};
use crate::settings::{Loss, SequenceSettings};

/// How the matrix of the next system follows from the one given at the start (or to the last [`NextMatrix::Values`]).
#[derive(Debug, Clone, Copy)]
pub enum NextMatrix<'a> {
    /// All values, in row order, in the places of the first matrix.
    Values(&'a [f64]),
    /// `A + shift I`.
    Shift(f64),
    /// `A + diag(d)`.
    Diagonal(&'a [f64]),
}

/// What one solve did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolveReport {
    /// The arm that was drawn.
    pub arm: Arm,
    /// Its number.
    pub arm_index: usize,
    /// The probability it was drawn with.
    pub probability: f64,
    /// The relaxation factor, where the arm has one.
    pub omega: Option<f64>,
    /// Iterations of CG, or refinements with a factor.
    pub iterations: u64,
    /// `||b - A x||_2`, recomputed.
    pub residual: f64,
    /// The same relative to what the settings say.
    pub relative_residual: f64,
    /// How it ended.
    pub ending: Ending,
    /// Whether the drawn arm took too long and the prior arm finished.
    pub backstop: bool,
    /// What it cost, in nanoseconds (of the model machine, or measured).
    pub cost: f64,
}

/// Solves systems `A_t x_t = b_t` with one sparsity pattern, one after the other.
///
/// The pattern is analysed once, values are updated in place, buffers are reused. The relaxation factor comes from an estimate of the Jacobi radius that grows better
/// as the work goes on; other factors, incomplete factors and a sparse Cholesky factor are tried as far as the time spent so far has paid for.
///
/// ```
/// use fathom_relaxation::{SequenceSettings, SolveSequence};
///
/// // Three unknowns in a row; the middle spring grows stiffer.
/// let (starts, columns) = ([0, 2, 5, 7], [0, 1, 0, 1, 2, 1, 2]);
/// let values = |k: f64| [1.0 + k, -k, -k, 2.0 * k, -k, -k, 1.0 + k];
/// let mut sequence = SolveSequence::from_rows(3, &starts, &columns, &values(1.0), SequenceSettings::default()).unwrap();
/// let mut x = [0.0; 3];
/// for step in 1..10 {
///     let report = sequence.solve_next(&values(f64::from(step)), &[1.0, 0.0, -1.0], &mut x).unwrap();
///     assert!(report.relative_residual <= 1.01e-8);
/// }
/// ```
#[derive(Debug)]
pub struct SolveSequence {
    settings: SequenceSettings,
    matrix: LevelMatrix,
    shift: Option<f64>,
    costs: CostModel,
    cg: EisenstatCg,
    prior: OmegaPrior,
    guess: InitialGuess,
    portfolio: Portfolio,
    #[cfg(feature = "cholesky")]
    direct: Direct,
    /// All costs so far.
    spent: f64,
    backstops: u64,
}

impl SolveSequence {
    /// For matrices with these compressed rows: `n + 1` row starts, increasing columns, both triangles, symmetric, positive diagonal.
    ///
    /// # Errors
    /// Anything else; see [`MatrixError`].
    pub fn from_rows(
        dimension: usize,
        row_starts: &[u32],
        columns: &[u32],
        values: &[f64],
        settings: SequenceSettings,
    ) -> Result<Self, MatrixError> {
        let matrix = LevelMatrix::from_rows(dimension, row_starts, columns, values)?;
        let costs = CostModel::new(matrix.dimension(), matrix.nonzeros());
        let portfolio = Portfolio::new(settings.arms(), settings.stream());
        Ok(Self {
            settings,
            matrix,
            shift: Some(0.0),
            costs,
            cg: EisenstatCg::new(),
            prior: OmegaPrior::default(),
            guess: InitialGuess::default(),
            portfolio,
            #[cfg(feature = "cholesky")]
            direct: Direct::default(),
            spent: 0.0,
            backstops: 0,
        })
    }

    /// For matrices with the pattern of this one.
    ///
    /// # Errors
    /// As [`SolveSequence::from_rows`], and when the matrix is not square.
    pub fn from_sprs(matrix: &SparseMatrix, settings: SequenceSettings) -> Result<Self, MatrixError> {
        if matrix.rows() != matrix.cols() {
            return Err(MatrixError::NotSquare { rows: matrix.rows(), cols: matrix.cols() });
        }
        if !matrix.is_csr() {
            return Self::from_sprs(&matrix.to_csr(), settings);
        }
        Self::from_rows(matrix.rows(), &matrix.indptr().to_proper(), matrix.indices(), matrix.data(), settings)
    }

    /// Number of unknowns.
    pub fn dimension(&self) -> usize {
        self.matrix.dimension()
    }

    /// How often the portfolio found that the systems drifted and started to learn again.
    pub fn drift_resets(&self) -> u64 {
        self.portfolio.resets
    }

    /// How often an arm that was tried took too long or failed, and the prior arm finished.
    pub fn backstops(&self) -> u64 {
        self.backstops
    }

    /// Solves `A x = b` for the matrix with these values, in row order. `x` is the initial guess (leave the last solution there) and receives the solution.
    ///
    /// # Errors
    /// Values that are not finite or not symmetric, wrong lengths, a diagonal that is not positive. An iteration that fails is no error: see [`SolveReport::ending`].
    pub fn solve_next(&mut self, values: &[f64], b: &[f64], x: &mut [f64]) -> Result<SolveReport, MatrixError> {
        self.solve_watched(NextMatrix::Values(values), b, x, &mut |_, _| ControlFlow::Continue(()))
    }

    /// Solves `(A + shift I) x = b`, where `A` has the values last given.
    ///
    /// # Errors
    /// As [`SolveSequence::solve_next`].
    pub fn solve_shifted(&mut self, shift: f64, b: &[f64], x: &mut [f64]) -> Result<SolveReport, MatrixError> {
        self.solve_watched(NextMatrix::Shift(shift), b, x, &mut |_, _| ControlFlow::Continue(()))
    }

    /// Solves the next system; `watch` is told the number of iterations and an estimate of the residual norm before each iteration and may break.
    ///
    /// # Errors
    /// As [`SolveSequence::solve_next`].
    pub fn solve_watched(
        &mut self,
        next: NextMatrix<'_>,
        b: &[f64],
        x: &mut [f64],
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Result<SolveReport, MatrixError> {
        self.check_vectors(b, x)?;
        self.update(next)?;
        let reference = match self.settings.relative_to {
            RelativeTo::Rhs => norm(b),
            RelativeTo::InitialResidual => self.residual_norm(b, x),
        };
        self.solve_updated(b, x, reference, watch)
    }

    /// Solves the system of the matrix at hand to a residual of `tolerance * reference`.
    pub(crate) fn solve_updated(
        &mut self,
        b: &[f64],
        x: &mut [f64],
        reference: f64,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Result<SolveReport, MatrixError> {
        self.check_vectors(b, x)?;
        let started = Instant::now();
        let mut cost = 0.0;
        let (omega, gap) = self.prior.factor(&mut self.matrix, &mut self.cg, &self.costs, self.spent);
        let omega = self.settings.omega.and_then(|omega| RelaxationFactor::new(omega).ok()).unwrap_or(omega);
        if let Some(shift) = self.shift.filter(|_| self.settings.extrapolate) {
            self.guess.improve(shift, b, x);
        }
        let goal = Goal { residual: self.settings.tolerance * reference, most_iterations: self.settings.most_iterations };
        let forecast = self.forecast(gap);
        let (arm, probability) = self.portfolio.choose(forecast);
        let (mut solved, used, mut backstop) = self.play(arm, omega, forecast, b, x, &goal, &mut cost, watch);
        if backstop {
            // The work so far is charged to the arm; the prior arm goes on from where it stopped.
            let left = Goal { most_iterations: goal.most_iterations.saturating_sub(solved.iterations), ..goal };
            let before = solved.iterations;
            let mut shifted = |iterations, residual| watch(before + iterations, residual);
            solved = self.relax(Pivots::Relaxed(omega), b, x, &left, &mut cost, &mut shifted);
            solved.iterations += before;
        } else if solved.ending != Ending::Converged
            && solved.ending != Ending::Stopped
            && self.portfolio.arms[arm] != (Arm::Ssor { distance: 1.0 })
        {
            self.portfolio.retire(arm);
            backstop = true;
            let again = self.relax(Pivots::Relaxed(omega), b, x, &goal, &mut cost, watch);
            solved = Solved { iterations: solved.iterations + again.iterations, ..again };
        }
        self.backstops += u64::from(backstop);
        if self.settings.loss == Loss::Seconds {
            cost = started.elapsed().as_secs_f64() * 1e9;
        }
        self.spent += cost;
        if solved.ending == Ending::Converged {
            if solved.iterations > 0 {
                self.portfolio.observe(arm, cost, forecast);
                #[cfg(feature = "cholesky")]
                self.consider_factor(forecast, solved.iterations);
            }
            if let Some(shift) = self.shift.filter(|_| self.settings.extrapolate) {
                self.guess.remember(shift, b, x);
            }
        } else {
            self.guess.forget();
        }
        let relative_residual = if solved.residual == 0.0 { 0.0 } else { solved.residual / reference };
        Ok(SolveReport {
            arm: self.portfolio.arms[arm],
            arm_index: arm,
            probability,
            omega: used.map(RelaxationFactor::get),
            iterations: solved.iterations,
            residual: solved.residual,
            relative_residual,
            ending: solved.ending,
            backstop,
            cost,
        })
    }

    fn check_vectors(&self, b: &[f64], x: &[f64]) -> Result<(), MatrixError> {
        let expected = self.dimension();
        for (what, vector) in [("right-hand side", b), ("initial guess", x)] {
            if vector.len() != expected {
                return Err(MatrixError::WrongLength { what, found: vector.len(), expected });
            }
        }
        Ok(())
    }

    pub(crate) fn update(&mut self, next: NextMatrix<'_>) -> Result<(), MatrixError> {
        match next {
            NextMatrix::Values(values) => {
                self.matrix.set_values(values)?;
                self.prior.values_changed();
                self.guess.forget();
                self.shift = None;
            }
            NextMatrix::Shift(shift) => {
                self.matrix.set_shift(shift)?;
                self.shift = Some(shift);
            }
            NextMatrix::Diagonal(added) => {
                self.matrix.set_added_diagonal(added)?;
                self.guess.forget();
                self.shift = None;
            }
        }
        Ok(())
    }

    /// Cost of the prior arm, up to a factor that the portfolio learns: CG with SSOR takes about `(1 - rho)^(-1/4)` iterations for Jacobi radius `rho`.
    fn forecast(&self, gap: Option<f64>) -> f64 {
        let iterations = (0.5 / self.settings.tolerance).ln() * gap.map_or(1.0, |gap| gap.powf(-0.25));
        self.costs.iteration() * iterations.max(1.0)
    }

    /// Lets `arm` work; also returns its relaxation factor and whether it was stopped because it took too long.
    #[expect(clippy::too_many_arguments, reason = "one solve's state, spread over the step that uses all of it")]
    fn play(
        &mut self,
        arm: usize,
        omega: RelaxationFactor,
        forecast: f64,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        cost: &mut f64,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> (Solved, Option<RelaxationFactor>, bool) {
        let factor = |omega: f64| RelaxationFactor::new(omega.clamp(0.5, 1.995)).unwrap_or(RelaxationFactor::GAUSS_SEIDEL);
        let (pivots, used) = match self.portfolio.arms[arm] {
            Arm::Ssor { distance } => {
                let omega = if distance == 1.0 { omega } else { factor(2.0 - distance * (2.0 - omega.get())) };
                (Pivots::Relaxed(omega), Some(omega))
            }
            Arm::SsorAt { omega } => (Pivots::Relaxed(factor(omega)), Some(factor(omega))),
            Arm::Incomplete { modification } => (Pivots::Incomplete { modification }, None),
            #[cfg(feature = "cholesky")]
            Arm::Cholesky => {
                self.require_analysis();
                let solved = self.direct.solve(&self.matrix, b, x, goal, cost, &self.costs);
                return (solved, None, false);
            }
            #[cfg(not(feature = "cholesky"))]
            Arm::Cholesky => (Pivots::Relaxed(omega), Some(omega)),
        };
        let incumbent = arm == self.portfolio.incumbent();
        let patience = self.portfolio.expected().map_or(f64::INFINITY, |expected| BACKSTOP * expected * forecast);
        let most = if incumbent { f64::INFINITY } else { patience / self.costs.iteration() };
        let mut late = false;
        let mut limited = |iterations: u64, residual: f64| {
            if iterations as f64 > most {
                late = true;
                return ControlFlow::Break(());
            }
            watch(iterations, residual)
        };
        let solved = self.relax(pivots, b, x, goal, cost, &mut limited);
        (solved, used, late && solved.ending == Ending::Stopped)
    }

    fn relax(
        &mut self,
        pivots: Pivots,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        cost: &mut f64,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        self.matrix.prepare(pivots);
        let solved = self.cg.solve(&self.matrix, b, x, goal, watch);
        *cost += self.costs.preparation(matches!(pivots, Pivots::Incomplete { .. }));
        *cost += solved.iterations as f64 * self.costs.iteration() + 2.0 * self.costs.product();
        solved
    }

    /// A portfolio that starts with the factor has no iterations to compare it with.
    #[cfg(feature = "cholesky")]
    fn require_analysis(&mut self) {
        if !self.direct.is_analysed() {
            self.direct.analyse(&self.matrix, self.settings.most_factor_entries, &self.costs);
        }
    }

    /// Once iterations have cost several times what an analysis for a sparse factor would, finds out what the factor would cost.
    #[cfg(feature = "cholesky")]
    fn consider_factor(&mut self, forecast: f64, iterations: u64) {
        let Some(arm) = self.portfolio.arms.iter().position(|arm| *arm == Arm::Cholesky) else { return };
        if self.direct.is_analysed() {
            return;
        }
        let patience = if iterations >= MANY_ITERATIONS { FACTOR_AFTER } else { FACTOR_MUCH_LATER };
        if self.spent < patience * self.costs.analysis() {
            return;
        }
        match self.direct.analyse(&self.matrix, self.settings.most_factor_entries, &self.costs) {
            Some(price) => self.portfolio.inform(arm, price / forecast),
            None => self.portfolio.retire(arm),
        }
    }

    pub(crate) fn residual_norm(&mut self, b: &[f64], x: &[f64]) -> f64 {
        self.cg.residual_norm(&self.matrix, b, x)
    }
}

/// An arm that is tried out may take so many times the incumbent's expected cost.
const BACKSTOP: f64 = 1.5;

/// Iterations have to have cost so many times the analysis before a sparse factor is considered: soon where solves need many of them, late where a factor is unlikely to pay.
#[cfg(feature = "cholesky")]
const FACTOR_AFTER: f64 = 0.5;
#[cfg(feature = "cholesky")]
const FACTOR_MUCH_LATER: f64 = 25.0;
#[cfg(feature = "cholesky")]
const MANY_ITERATIONS: u64 = 50;
