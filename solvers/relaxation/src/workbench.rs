//! The matrix at hand and the tools that work on it.

use fathom_opt_linalg::{EisenstatCg, LevelCg, LevelMatrix, MatrixError, Pivots, RelaxationFactor, ResidualNorm, Solved};

use crate::arm::Arm;
use crate::cost_model::CostModel;
use crate::factor::{Factor, Terms};
use crate::guard::{End, Guard, Limits, end};
use crate::initial_guess::{InitialGuess, Next};
use crate::omega_prior::OmegaPrior;
use crate::pace::Pace;
use crate::solve_report::NextMatrix;
use crate::task::Task;

/// Holds the matrix of the system at hand, conjugate gradients with their buffers, and the factors; plays an arm on a system.
#[derive(Debug)]
pub(crate) struct Workbench {
    matrix: LevelMatrix,
    /// Counts the matrices, and the systems solved with the present one.
    number: u64,
    solves_of_matrix: u64,
    costs: CostModel,
    cg: EisenstatCg,
    level_cg: LevelCg,
    incomplete: Option<IncompleteFactor>,
    factor: Factor,
    max_factor_entries: usize,
    /// What a step may cost that cannot be interrupted, in nanoseconds.
    max_uninterrupted: f64,
    pace: Pace,
}

/// What is known of the full incomplete factor.
#[derive(Debug, Clone, Copy)]
struct IncompleteFactor {
    /// Comparisons of one factorization.
    operations: f64,
    /// The number of the matrix that was factored last.
    factored: u64,
}

/// What an arm did for a system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played {
    pub(crate) solved: Solved,
    /// The relaxation factor, where there is one.
    pub(crate) omega: Option<RelaxationFactor>,
    /// In nanoseconds of the model machine.
    pub(crate) cost: f64,
    pub(crate) end: End,
}

impl Workbench {
    pub(crate) fn new(matrix: LevelMatrix, max_factor_entries: usize) -> Self {
        Self {
            number: 0,
            solves_of_matrix: 0,
            costs: CostModel::of(&matrix),
            matrix,
            cg: EisenstatCg::new(),
            level_cg: LevelCg::new(),
            incomplete: None,
            factor: Factor::default(),
            max_factor_entries,
            max_uninterrupted: f64::INFINITY,
            pace: Pace::default(),
        }
    }

    pub(crate) fn dimension(&self) -> usize {
        self.matrix.dimension()
    }

    pub(crate) fn costs(&self) -> &CostModel {
        &self.costs
    }

    /// How many systems were solved with the matrix at hand.
    pub(crate) fn solves_of_matrix(&self) -> u64 {
        self.solves_of_matrix
    }

    /// No step that cannot be interrupted costs more than this from now on, in nanoseconds of the model machine.
    pub(crate) fn limit_uninterrupted(&mut self, max_uninterrupted: f64) {
        self.max_uninterrupted = max_uninterrupted;
    }

    /// Goes to the next matrix; returns whether it is another one.
    pub(crate) fn update(&mut self, next: NextMatrix<'_>) -> Result<bool, MatrixError> {
        let changed = match next {
            NextMatrix::Values(values) => self.matrix.set_values(values)?,
            NextMatrix::Shift(shift) => self.matrix.set_shift(shift)?,
            NextMatrix::Diagonal(added) => self.matrix.set_added_diagonal(added)?,
        };
        if changed {
            self.number += 1;
            self.solves_of_matrix = 0;
        }
        Ok(changed)
    }

    /// A system with the matrix at hand is done.
    pub(crate) fn count_solve(&mut self) {
        self.solves_of_matrix += 1;
    }

    /// `||b - A x||_2`, to about twice the working precision.
    pub(crate) fn residual_norm(&mut self, b: &[f64], x: &[f64]) -> f64 {
        self.cg.residual_norm(&self.matrix, b, x)
    }

    /// `r = b - A x`, to about twice the working precision.
    pub(crate) fn residual(&self, b: &[f64], x: &[f64], r: &mut [f64]) -> ResidualNorm {
        self.matrix.accurate_residual(x, b, r)
    }

    /// What `prior` makes of the matrix at hand, after solves that cost `spent` so far.
    pub(crate) fn ask_prior(&mut self, prior: &mut OmegaPrior, spent: f64, shifts: bool) -> (RelaxationFactor, Option<f64>) {
        prior.factor(&mut self.matrix, &mut self.cg, &self.costs, spent.min(self.max_uninterrupted / OmegaPrior::SHARE), shifts)
    }

    /// Lets `guess` improve `x` for the next system. Returns whether a guess was made.
    pub(crate) fn improve(&self, guess: &mut InitialGuess, next: &Next<'_>, x: &mut [f64]) -> bool {
        guess.improve(next, x, |v, out| {
            self.matrix.residual(v, next.b, out);
            for (out, b) in out.iter_mut().zip(next.b) {
                *out = b - *out;
            }
        })
    }

    fn terms(&self) -> Terms {
        Terms { number: self.number, costs: self.costs, max_uninterrupted: self.max_uninterrupted }
    }

    /// Whether it is known what a sparse factor costs.
    pub(crate) fn knows_factor(&self) -> bool {
        self.factor.is_analysed()
    }

    /// Finds out what a sparse factor costs.
    pub(crate) fn analyse_factor(&mut self) {
        self.factor.analyse(&self.matrix, &self.terms(), self.max_factor_entries);
    }

    /// What a solve with a fresh sparse factor costs, where that is known and possible.
    pub(crate) fn factor_price(&self) -> Option<f64> {
        self.factor.price(&self.terms(), self.solves_of_matrix)
    }

    /// What the first solve with a factor that is then kept costs, and the least that a later one can cost.
    pub(crate) fn kept_factor_price(&self) -> (Option<f64>, Option<f64>) {
        (self.factor.price(&self.terms(), 0), self.factor.least_kept(&self.costs))
    }

    /// What a solve with a kept factor costs on average, as far as that can be foreseen.
    pub(crate) fn kept_factor_rate(&self) -> Option<f64> {
        self.factor.kept_rate()
    }

    /// Lets `arm` work on the system, within `limits`; `prior` is the prior relaxation factor.
    pub(crate) fn play(&mut self, arm: Arm, prior: RelaxationFactor, limits: Limits, task: &mut Task<'_>) -> Played {
        match arm {
            Arm::Ssor { .. } | Arm::SsorAt { .. } => {
                let omega = arm.omega(prior).unwrap_or(prior);
                Played { omega: Some(omega), ..self.play_in_place(Pivots::Relaxed(omega), limits, task) }
            }
            Arm::Incomplete { modification } => self.play_in_place(Pivots::Incomplete { modification }, limits, task),
            Arm::IncompleteCholesky => self.play_incomplete(limits, task),
            Arm::Cholesky | Arm::KeptCholesky if Factor::AVAILABLE => self.play_direct(arm, limits, task),
            // Without sparse factors the prior arm stands in.
            Arm::Cholesky | Arm::KeptCholesky => self.play_in_place(Pivots::Relaxed(prior), limits, task),
        }
    }

    /// With a preconditioner that is part of the scaled matrix.
    fn play_in_place(&mut self, pivots: Pivots, limits: Limits, task: &mut Task<'_>) -> Played {
        self.matrix.prepare(pivots);
        let setup = self.costs.frame() + self.costs.preparation(matches!(pivots, Pivots::Incomplete { .. }));
        let terms = self.terms();
        let Self { matrix, solves_of_matrix, costs, cg, factor, max_factor_entries, pace, .. } = self;
        let mut guard = Guard::new(limits, pace, setup, costs.iteration());
        let watching = guard.watching(task.watch, || {
            if !factor.is_analysed() {
                factor.analyse(matrix, &terms, *max_factor_entries);
            }
            factor.price(&terms, *solves_of_matrix)
        });
        let solved = cg.solve(matrix, task.b, task.x, &task.goal, watching);
        let (cost, end) = guard.played(&solved);
        Played { solved, omega: None, cost, end }
    }

    /// With a full incomplete factor.
    fn play_incomplete(&mut self, limits: Limits, task: &mut Task<'_>) -> Played {
        let mut setup = self.costs.frame() + self.costs.preparation(false);
        let operations = self.incomplete.map_or_else(|| self.matrix.incomplete_operations(), |known| known.operations);
        if self.incomplete.is_none_or(|known| known.factored != self.number) {
            let attempts = self.level_cg.factor_incomplete(&self.matrix);
            setup += CostModel::incomplete_factorization(operations, attempts);
            self.incomplete = Some(IncompleteFactor { operations, factored: self.number });
        }
        let mut guard = Guard::new(limits, &mut self.pace, setup, self.costs.separate_iteration());
        let watching = guard.watching(task.watch, || None);
        let solved = self.level_cg.solve_incomplete(&mut self.matrix, task.b, task.x, &task.goal, watching);
        let (cost, end) = guard.played(&solved);
        Played { solved, omega: None, cost, end }
    }

    /// With a sparse factor.
    fn play_direct(&mut self, arm: Arm, limits: Limits, task: &mut Task<'_>) -> Played {
        // A portfolio that starts with the factor has no iterations to compare it with.
        if !self.knows_factor() {
            self.analyse_factor();
        }
        let terms = self.terms();
        let Self { matrix, level_cg, factor, .. } = self;
        let direct = if arm == Arm::KeptCholesky {
            let max_cost = limits.race.map_or(f64::INFINITY, |race| race.max_cost());
            factor.solve_kept(level_cg, matrix, &terms, task, max_cost)
        } else {
            factor.solve_fresh(matrix, &terms, task)
        };
        let end = if direct.given_up { End::Lost(direct.cost) } else { end(direct.solved.ending) };
        Played { solved: direct.solved, omega: None, cost: direct.cost, end }
    }
}
