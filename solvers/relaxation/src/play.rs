//! One arm at work on one system.

use std::ops::ControlFlow;

use fathom_opt_linalg::{Ending, Goal, Pivots, RelaxationFactor, Solved};

use crate::arm::Arm;
use crate::cost_model::CostModel;
#[cfg(feature = "cholesky")]
use crate::direct::Task;
use crate::pace::{Pace, Race};
use crate::solve_sequence::SolveSequence;

/// How long an arm may work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The race against the incumbent, if the arm is on trial.
    pub(crate) race: Option<Race>,
    /// What it may cost before a factor is thought of, unless it looks as if less than `alternative` were left to do.
    pub(crate) most_cost: f64,
    /// The price of the next step towards a factor.
    pub(crate) alternative: f64,
    /// The residual to reach.
    pub(crate) goal: f64,
    /// Whether its course is the one that later trials are compared with.
    pub(crate) pace: bool,
}

/// How a play ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// Solved, or stopped from outside.
    Finished,
    /// The race is lost; the arm's whole cost is estimated to be this.
    Lost(f64),
    /// It cost what it may; the arm's whole cost is estimated to be this.
    TooDear(f64),
    /// This arm cannot solve this system.
    Failed,
}

/// What an arm did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played {
    pub(crate) solved: Solved,
    /// The relaxation factor, where there is one.
    pub(crate) omega: Option<RelaxationFactor>,
    /// In nanoseconds of the model machine.
    pub(crate) cost: f64,
    pub(crate) end: End,
}

/// After this multiple of its cost an arm that was let go on is looked at again.
const SECOND_LOOK: f64 = 1.1;

/// Watches over the limits.
struct Guard<'a> {
    limits: Limits,
    pace: &'a mut Pace,
    setup: f64,
    per_iteration: f64,
    /// The residual at the start.
    first: f64,
    end: End,
}

impl<'a> Guard<'a> {
    fn new(limits: Limits, pace: &'a mut Pace, setup: f64, per_iteration: f64) -> Self {
        if limits.pace {
            pace.begin(setup, per_iteration);
        }
        Self { limits, pace, setup, per_iteration, first: f64::NAN, end: End::Finished }
    }

    /// Told before every iteration. `alternative` finds out what a factor would cost when that is due.
    fn look(&mut self, iterations: u64, residual: f64, alternative: impl FnOnce() -> Option<f64>) -> ControlFlow<()> {
        let spent = self.setup + iterations as f64 * self.per_iteration;
        if self.limits.pace {
            self.pace.note(iterations, residual);
        }
        if self.first.is_nan() {
            self.first = residual;
        }
        if let Some(race) = &mut self.limits.race
            && let Some(estimate) = race.lost(self.pace, spent, residual)
        {
            self.end = End::Lost(estimate);
        } else if spent > self.limits.most_cost {
            self.consider(spent, residual, alternative);
        }
        if self.end == End::Finished { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Whether a factor should take over. Only then the iteration stops: it would have to begin anew, since conjugate gradients lose what they have learned of the matrix.
    fn consider(&mut self, spent: f64, residual: f64, alternative: impl FnOnce() -> Option<f64>) {
        // As if it went on as it began.
        let done = (self.first / residual).ln() / (self.first / self.limits.goal).ln();
        let whole = spent / done.clamp(0.05, 1.0);
        if whole - spent <= self.limits.alternative {
            self.limits.most_cost = SECOND_LOOK * spent;
            return;
        }
        match alternative() {
            Some(price) if price <= spent => self.end = End::TooDear(whole),
            Some(price) => {
                self.limits.most_cost = price;
                self.limits.alternative = price;
            }
            None => self.limits.most_cost = f64::INFINITY,
        }
    }

    fn played(self, solved: Solved, omega: Option<RelaxationFactor>) -> Played {
        if self.limits.pace && solved.ending == Ending::Converged {
            self.pace.finish(solved.iterations);
        }
        let cost = self.setup + solved.iterations as f64 * self.per_iteration;
        // The iteration may have converged just when it was to be stopped.
        let end = match solved.ending {
            Ending::Stopped => self.end,
            _ => end(solved.ending),
        };
        Played { solved, omega, cost, end }
    }
}

/// How a play ended that nobody stopped.
fn end(ending: Ending) -> End {
    match ending {
        Ending::Converged | Ending::Capped | Ending::Stopped => End::Finished,
        Ending::Stagnated | Ending::Diverged | Ending::IndefiniteMatrix | Ending::IndefinitePreconditioner => End::Failed,
    }
}

impl SolveSequence {
    /// Lets `arm` work on the system at hand, from and into `x`; `omega` is the prior relaxation factor.
    #[expect(clippy::too_many_arguments, reason = "one system and what may be done to it")]
    pub(crate) fn play(
        &mut self,
        arm: usize,
        omega: RelaxationFactor,
        limits: Limits,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Played {
        let arm = self.portfolio.arms[arm];
        let costs = self.costs;
        let pivots = match arm {
            Arm::Ssor { .. } | Arm::SsorAt { .. } => Pivots::Relaxed(arm.omega(omega).unwrap_or(omega)),
            Arm::Incomplete { modification } => Pivots::Incomplete { modification },
            Arm::IncompleteCholesky => return self.play_incomplete(limits, b, x, goal, watch),
            #[cfg(feature = "cholesky")]
            Arm::Cholesky | Arm::KeptCholesky => return self.play_direct(arm, limits, b, x, goal, watch),
            // Without the feature there is no factor; the prior arm stands in.
            #[cfg(not(feature = "cholesky"))]
            Arm::Cholesky | Arm::KeptCholesky => Pivots::Relaxed(omega),
        };
        let setup = costs.frame() + costs.preparation(matches!(pivots, Pivots::Incomplete { .. }));
        self.matrix.prepare(pivots);
        #[cfg(feature = "cholesky")]
        let (direct, state, solves, most_entries) = (&mut self.direct, self.state, self.solves_of_state, self.settings.most_factor_entries);
        let matrix = &self.matrix;
        let mut guard = Guard::new(limits, &mut self.pace, setup, costs.iteration());
        let mut look = |iterations, residual| {
            guard.look(iterations, residual, || {
                #[cfg(feature = "cholesky")]
                {
                    if !direct.is_analysed() {
                        direct.analyse(matrix, most_entries);
                    }
                    direct.price(&costs, state, solves)
                }
                #[cfg(not(feature = "cholesky"))]
                None
            })?;
            watch(iterations, residual)
        };
        let solved = self.cg.solve(matrix, b, x, goal, &mut look);
        guard.played(solved, arm.omega(omega))
    }

    /// With a full incomplete factor.
    fn play_incomplete(
        &mut self,
        limits: Limits,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Played {
        let mut setup = self.costs.frame() + self.costs.preparation(false);
        let operations = self.incomplete.map_or_else(|| self.matrix.incomplete_operations(), |(operations, _)| operations);
        if self.incomplete.is_none_or(|(_, state)| state != self.state) {
            let attempts = self.level_cg.factor_incomplete(&self.matrix);
            setup += CostModel::incomplete_factorization(operations, attempts);
            self.incomplete = Some((operations, self.state));
        }
        let mut guard = Guard::new(limits, &mut self.pace, setup, self.costs.separate_iteration());
        let mut look = |iterations, residual| {
            guard.look(iterations, residual, || None)?;
            watch(iterations, residual)
        };
        let solved = self.level_cg.solve_incomplete(&mut self.matrix, b, x, goal, &mut look);
        guard.played(solved, None)
    }

    #[cfg(feature = "cholesky")]
    fn play_direct(
        &mut self,
        arm: Arm,
        limits: Limits,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: &mut dyn FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Played {
        // A portfolio that starts with the factor has no iterations to compare it with.
        self.analyse_factor();
        let Self { direct, level_cg, matrix, state, costs, .. } = self;
        let mut task = Task { b, x, goal, costs };
        let mut cost = 0.0;
        let (solved, lost) = if arm == Arm::KeptCholesky {
            let most_cost = limits.race.map_or(f64::INFINITY, |race| race.most_cost());
            direct.solve_kept(level_cg, matrix, *state, &mut task, &mut cost, most_cost, watch)
        } else {
            (direct.solve_fresh(matrix, *state, &mut task, &mut cost), false)
        };
        Played { solved, omega: None, cost, end: if lost { End::Lost(cost) } else { end(solved.ending) } }
    }
}
