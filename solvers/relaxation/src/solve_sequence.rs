//! A solver that stays with a simulation and gets better at its systems.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use fathom_opt_linalg::{Added, Ending, Goal, LevelMatrix, MatrixError, RelaxationFactor, ResidualNorm, norm};
use fathom_opt_problems::linear_sequence::RelativeTo;
use fathom_opt_problems::sparse::SparseMatrix;

use crate::arm::Arm;
use crate::factor_timing::FactorTiming;
use crate::guard::{End, Limits};
use crate::initial_guess::{InitialGuess, Next};
use crate::omega_prior::OmegaPrior;
use crate::pace::Race;
use crate::portfolio::Portfolio;
use crate::settings::{Loss, SequenceSettings};
use crate::solve_report::{NextMatrix, SolveReport};
use crate::task::Task;
use crate::workbench::{Played, Workbench};

/// Solves systems `A_t x_t = b_t` with one sparsity pattern, one after the other.
///
/// The pattern is analysed once, values are updated in place, buffers are reused. The relaxation factor comes from an estimate of the Jacobi radius that grows better
/// as the work goes on; other factors, incomplete factors and a sparse Cholesky factor are tried as far as the time spent so far has paid for.
///
/// ```
/// use fathom_opt_relaxation::{SequenceSettings, SolveSequence};
///
/// // Three unknowns in a row; the middle spring grows stiffer.
/// let (starts, columns) = ([0, 2, 5, 7], [0, 1, 0, 1, 2, 1, 2]);
/// let values = |k: f64| [1.0 + k, -k, -k, 2.0 * k, -k, -k, 1.0 + k];
/// let mut sequence = SolveSequence::from_rows(3, &starts, &columns, &values(1.0), SequenceSettings::default()).unwrap();
/// let mut x = [0.0; 3];
/// for step in 1..10 {
///     let report = sequence.solve_next(&values(f64::from(step)), &[1.0, 0.0, -1.0], &mut x).unwrap();
///     assert!(report.relative_residual <= 1e-8);
/// }
/// ```
#[derive(Debug)]
pub struct SolveSequence {
    settings: SequenceSettings,
    bench: Workbench,
    portfolio: Portfolio,
    timing: FactorTiming,
    prior: OmegaPrior,
    guess: InitialGuess,
    /// What the diagonal was last shifted by, against the values last given.
    shift: f64,
    /// Whether the diagonal has been shifted at all.
    shifts: bool,
    /// Whether the diagonal holds something other than a shift.
    diagonal_added: bool,
    /// Iterations on the system before.
    last_iterations: u64,
    /// All costs so far.
    spent: f64,
    backstops: u64,
}

impl SolveSequence {
    /// For matrices with these compressed rows: `n + 1` row starts, increasing columns, both triangles, symmetric but for rounding, positive diagonal.
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
        Ok(Self::of(LevelMatrix::from_rows(dimension, row_starts, columns, values)?, settings))
    }

    /// For matrices with the pattern of this one.
    ///
    /// # Errors
    /// As [`SolveSequence::from_rows`], and when the matrix is not square.
    pub fn from_sprs(matrix: &SparseMatrix, settings: SequenceSettings) -> Result<Self, MatrixError> {
        Self::from_sprs_with_added(matrix, Added::Nothing, settings)
    }

    /// For matrices with the pattern of this one, beginning with it and this added to its diagonal, which need not be positive without that.
    ///
    /// # Errors
    /// As [`SolveSequence::from_sprs`].
    pub fn from_sprs_with_added(matrix: &SparseMatrix, added: Added<'_>, settings: SequenceSettings) -> Result<Self, MatrixError> {
        if matrix.rows() != matrix.cols() {
            return Err(MatrixError::NotSquare { rows: matrix.rows(), cols: matrix.cols() });
        }
        if !matrix.is_csr() {
            return Self::from_sprs_with_added(&matrix.to_csr(), added, settings);
        }
        let starts = matrix.indptr();
        let level = LevelMatrix::with_added(matrix.rows(), &starts.to_proper(), matrix.indices(), matrix.data(), added)?;
        Ok(Self::of(level, settings))
    }

    fn of(matrix: LevelMatrix, settings: SequenceSettings) -> Self {
        let portfolio = Portfolio::new(settings.arms(&matrix), settings.stream());
        let mut bench = Workbench::new(matrix, settings.max_factor_entries);
        bench.limit_uninterrupted(nanoseconds(settings.max_uninterrupted));
        Self {
            settings,
            bench,
            portfolio,
            timing: FactorTiming::default(),
            prior: OmegaPrior::default(),
            guess: InitialGuess::default(),
            shift: 0.0,
            shifts: false,
            diagonal_added: false,
            last_iterations: 0,
            spent: 0.0,
            backstops: 0,
        }
    }

    /// Number of unknowns.
    pub fn dimension(&self) -> usize {
        self.bench.dimension()
    }

    /// The arms to choose from.
    pub fn arms(&self) -> &[Arm] {
        self.portfolio.arms()
    }

    /// With which probability each arm was drawn for the last system.
    pub fn probabilities(&self) -> &[f64] {
        self.portfolio.probabilities()
    }

    /// How often the portfolio found that the systems drifted and started to learn again.
    pub fn drift_resets(&self) -> u64 {
        self.portfolio.resets()
    }

    /// How often an arm took too long or failed, and another one finished.
    pub fn backstops(&self) -> u64 {
        self.backstops
    }

    /// Allows steps that cannot be interrupted, such as factorizations, only if they are expected to take no longer than this; at most what the settings say.
    pub fn limit_uninterrupted(&mut self, max_uninterrupted: Duration) {
        self.bench.limit_uninterrupted(nanoseconds(max_uninterrupted.min(self.settings.max_uninterrupted)));
    }

    /// Solves `A x = b` for the matrix with these values, in row order. `x` is the initial guess (leave the last solution there) and receives the solution; where there is
    /// none, the best vector that was met with.
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
            RelativeTo::InitialResidual => self.bench.residual_norm(b, x),
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
        self.timing.consider_at_leisure(&mut self.bench, &mut self.portfolio, self.spent, self.last_iterations);
        let (omega, gap) = self.bench.ask_prior(&mut self.prior, self.spent, self.shifts);
        let omega = self.settings.omega.and_then(|omega| RelaxationFactor::new(omega).ok()).unwrap_or(omega);
        self.set_prices(gap);
        let mut cost = self.guess(b, x);
        let goal = Goal { residual: self.settings.tolerance * reference, max_iterations: self.settings.max_iterations };
        let (arm, probability) = self.portfolio.choose(omega);
        let mut ledger = Ledger { drawn: arm, own: 0.0, estimate: None, tried: Vec::new() };
        let mut current = arm;
        let mut iterations = 0;
        let mut used = None;
        let solved = loop {
            let goal = Goal { max_iterations: goal.max_iterations.saturating_sub(iterations), ..goal };
            let before = iterations;
            let mut shifted = |own, residual| watch(before + own, residual);
            let limits = self.limits(current, &ledger, goal.residual, cost);
            let mut task = Task { b, x: &mut *x, goal, watch: &mut shifted };
            let played = self.bench.play(self.portfolio.arms()[current], omega, limits, &mut task);
            iterations += played.solved.iterations;
            cost += played.cost;
            if current == arm {
                ledger.own += played.cost;
                used = played.omega;
            }
            match self.next_arm(current, &played, &mut ledger) {
                Some(next) => current = next,
                None => break played.solved,
            }
        };
        let backstop = current != arm;
        self.backstops += u64::from(backstop);
        let model = cost;
        if self.settings.loss == Loss::Seconds {
            cost = started.elapsed().as_secs_f64() * 1e9;
        }
        self.spent += cost;
        self.bench.count_solve();
        self.last_iterations = iterations;
        if solved.ending == Ending::Converged {
            if iterations > 0 {
                self.portfolio.observe(arm, self.own_cost(&ledger).map(|own| own * cost / model), cost);
            }
            if self.settings.extrapolate {
                self.guess.remember(self.shift, b, x);
            }
        } else {
            self.guess.forget();
        }
        let relative_residual = if solved.residual == 0.0 { 0.0 } else { solved.residual / reference };
        Ok(SolveReport {
            arm: self.portfolio.arms()[arm],
            arm_index: arm,
            probability,
            omega: used.map(RelaxationFactor::get),
            iterations,
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
        if self.bench.update(next)? {
            let only_shifted = matches!(next, NextMatrix::Shift(_)) && !self.diagonal_added;
            if only_shifted {
                self.shifts = true;
            } else {
                self.guess.matrix_changed();
            }
            if matches!(next, NextMatrix::Values(_)) {
                self.prior.values_changed();
            }
        }
        // Values count as shifted by nothing from now on.
        self.shift = if let NextMatrix::Shift(shift) = next { shift } else { 0.0 };
        self.diagonal_added = matches!(next, NextMatrix::Diagonal(_));
        Ok(())
    }

    /// `r = b - A x` for the matrix at hand, to about twice the working precision.
    pub(crate) fn residual(&self, b: &[f64], x: &[f64], r: &mut [f64]) -> ResidualNorm {
        self.bench.residual(b, x, r)
    }

    /// Improves the initial guess; returns what that cost.
    fn guess(&mut self, b: &[f64], x: &mut [f64]) -> f64 {
        if !self.settings.extrapolate {
            return 0.0;
        }
        let costs = self.bench.costs();
        let products = if self.guess.needs_products() { 2.0 * PLAIN_PRODUCT * costs.product() } else { 0.0 };
        let price = products + GUESS * costs.unknowns();
        // A reduction of the residual saves its share of the logarithm of the tolerance.
        let solve = self.portfolio.expected(self.portfolio.incumbent()).unwrap_or(f64::INFINITY);
        let worthwhile = self.settings.tolerance.powf((price / solve).min(1.0));
        let next = Next { shift: self.shift, b, worthwhile };
        if self.bench.improve(&mut self.guess, &next, x) { price } else { 0.0 }
    }

    /// What each arm costs on the system at hand, up to a factor that the portfolio learns. CG with SSOR takes about `(1 - rho)^(-1/4)` iterations for Jacobi radius
    /// `rho`; other preconditioners without fill are not far from that.
    fn set_prices(&mut self, gap: Option<f64>) {
        let iterations = (0.5 / self.settings.tolerance).ln() * gap.map_or(1.0, |gap| gap.powf(-0.25));
        let forecast = self.bench.costs().iteration() * iterations.max(1.0);
        for arm in 0..self.portfolio.arms().len() {
            let (price, floor) = match self.portfolio.arms()[arm] {
                Arm::Cholesky => (self.bench.factor_price(), 0.0),
                Arm::KeptCholesky => {
                    let (price, least) = self.bench.kept_factor_price();
                    (price, least.unwrap_or(0.0))
                }
                _ => (Some(forecast), 0.0),
            };
            self.portfolio.set_price(arm, price, floor);
        }
    }

    /// How long `arm` may work, after `cost` in this solve.
    fn limits(&self, arm: usize, ledger: &Ledger, goal: f64, cost: f64) -> Limits {
        let incumbent = self.portfolio.incumbent();
        let alone = Limits { race: None, max_cost: f64::INFINITY, alternative: 0.0, goal, records_pace: false };
        if arm == ledger.drawn
            && arm != incumbent
            && let Some(expected) = self.portfolio.expected(incumbent)
        {
            return Limits { race: Some(Race { expected, goal, first: f64::NAN }), ..alone };
        }
        if self.portfolio.arms()[arm].is_direct() {
            return alone;
        }
        let first_play = ledger.own == 0.0;
        let (max_cost, alternative) = FactorTiming::ski_rental_limit(&self.bench, &self.portfolio, arm, cost, self.spent);
        Limits { max_cost, alternative, records_pace: arm == incumbent && first_play, ..alone }
    }

    /// What the arm itself cost on this system or, where it was given up, would have cost. A kept factor's first system tells nothing of what it is worth later.
    fn own_cost(&self, ledger: &Ledger) -> Option<f64> {
        if self.portfolio.arms()[ledger.drawn] == Arm::KeptCholesky {
            return self.bench.kept_factor_rate();
        }
        Some(ledger.estimate.unwrap_or(0.0).max(ledger.own))
    }

    /// Which arm goes on after this play, if any.
    fn next_arm(&mut self, arm: usize, played: &Played, ledger: &mut Ledger) -> Option<usize> {
        let cholesky = self.portfolio.position(Arm::Cholesky);
        self.timing.announce(&self.bench, &mut self.portfolio);
        match played.end {
            End::Finished => {
                if arm == ledger.drawn {
                    // It did it by itself after all.
                    ledger.estimate = None;
                }
                None
            }
            End::Lost(estimate) => {
                ledger.estimate = Some(estimate);
                Some(self.portfolio.incumbent())
            }
            End::TooDear(estimate) => {
                ledger.estimate = Some(estimate);
                cholesky
            }
            End::Failed => {
                // One breakdown is enough; the prior arm cannot break down, and a complete factor reaches what rounding lets it.
                ledger.tried.push(arm);
                if arm != 0 {
                    self.portfolio.retire(arm);
                }
                if played.solved.ending == Ending::Stagnated {
                    self.timing.analyse(&mut self.bench, &mut self.portfolio);
                }
                let factor = cholesky.filter(|&arm| self.portfolio.expected(arm).is_some());
                [Some(0), factor].into_iter().flatten().find(|next| !ledger.tried.contains(next))
            }
        }
    }
}

/// What the arm that was drawn for a system has done for it.
#[derive(Debug)]
struct Ledger {
    drawn: usize,
    own: f64,
    /// What it would have cost, where it was given up.
    estimate: Option<f64>,
    /// Arms that failed.
    tried: Vec<usize>,
}

/// Inner products and passes over vectors of one guess, in nanoseconds per unknown of the model machine.
const GUESS: f64 = 8.0;
/// A product in the given order costs this many times one in level order.
const PLAIN_PRODUCT: f64 = 1.5;

fn nanoseconds(duration: Duration) -> f64 {
    1e9 * duration.as_secs_f64()
}
