//! When an arm has to stop working on a system.

use std::ops::ControlFlow;

use fathom_opt_linalg::{Ending, Solved};

use crate::pace::{Pace, Race};

/// How long an arm may work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The race against the incumbent, if the arm is on trial.
    pub(crate) race: Option<Race>,
    /// What it may cost before it is asked whether a sparse factor should take over.
    pub(crate) max_cost: f64,
    /// What the next step towards a factor costs. An arm that seems to need less than this to finish goes on.
    pub(crate) alternative: f64,
    /// The residual norm to reach.
    pub(crate) goal: f64,
    /// Whether the progress of this play is recorded, for later trials to be compared with.
    pub(crate) records_pace: bool,
}

/// How a play ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// Solved, or stopped from outside.
    Finished,
    /// A trial that would cost much more than the incumbent does; the number is what it would cost in all, as far as can be told.
    Lost(f64),
    /// A factor is the cheaper way to finish; the number is what the arm would cost in all, as far as can be told.
    TooDear(f64),
    /// This arm cannot solve this system.
    Failed,
}

/// An arm that was allowed to go on is looked at again when it has cost this many times as much.
const SECOND_LOOK: f64 = 1.1;

/// Follows the iterations of one play and stops it when its limits say so.
pub(crate) struct Guard<'a> {
    limits: Limits,
    pace: &'a mut Pace,
    /// What was spent before the first iteration, and what each iteration costs.
    setup: f64,
    per_iteration: f64,
    /// The residual norm at the start.
    first: f64,
    end: End,
}

impl<'a> Guard<'a> {
    /// A play begins that has cost `setup` so far.
    pub(crate) fn new(limits: Limits, pace: &'a mut Pace, setup: f64, per_iteration: f64) -> Self {
        if limits.records_pace {
            pace.begin(setup, per_iteration);
        }
        Self { limits, pace, setup, per_iteration, first: f64::NAN, end: End::Finished }
    }

    /// What an iteration is to ask before each of its steps: this guard, then `watch`. `alternative` finds out what a factor would cost; it is called when that is due.
    pub(crate) fn watching<'b>(
        &'b mut self,
        watch: &'b mut dyn FnMut(u64, f64) -> ControlFlow<()>,
        mut alternative: impl FnMut() -> Option<f64> + 'b,
    ) -> impl FnMut(u64, f64) -> ControlFlow<()> + 'b
    where
        'a: 'b,
    {
        move |iterations, residual| {
            self.look(iterations, residual, &mut alternative)?;
            watch(iterations, residual)
        }
    }

    fn look(&mut self, iterations: u64, residual: f64, alternative: &mut dyn FnMut() -> Option<f64>) -> ControlFlow<()> {
        let spent = self.setup + iterations as f64 * self.per_iteration;
        if self.limits.records_pace {
            self.pace.note(iterations, residual);
        }
        if self.first.is_nan() {
            self.first = residual;
        }
        if let Some(race) = &mut self.limits.race
            && let Some(estimate) = race.lost(self.pace, spent, residual)
        {
            self.end = End::Lost(estimate);
        } else if spent > self.limits.max_cost {
            self.consider(spent, residual, alternative);
        }
        if self.end == End::Finished { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Decides whether a factor should take over. The iteration is stopped only if so: conjugate gradients that are stopped and started again have to find their
    /// directions anew.
    fn consider(&mut self, spent: f64, residual: f64, alternative: &mut dyn FnMut() -> Option<f64>) {
        // The whole cost, if the logarithm of the residual goes on to fall as it did so far.
        let done = (self.first / residual).ln() / (self.first / self.limits.goal).ln();
        let whole = spent / done.clamp(0.05, 1.0);
        if whole - spent <= self.limits.alternative {
            self.limits.max_cost = SECOND_LOOK * spent;
            return;
        }
        match alternative() {
            Some(price) if price <= spent => self.end = End::TooDear(whole),
            Some(price) => {
                self.limits.max_cost = price;
                self.limits.alternative = price;
            }
            None => self.limits.max_cost = f64::INFINITY,
        }
    }

    /// The play is over; returns what it cost and how it ended.
    pub(crate) fn played(self, solved: &Solved) -> (f64, End) {
        if self.limits.records_pace && solved.ending == Ending::Converged {
            self.pace.finish(solved.iterations);
        }
        let cost = self.setup + solved.iterations as f64 * self.per_iteration;
        // The iteration may have converged just when it was to be stopped.
        let end = match solved.ending {
            Ending::Stopped => self.end,
            _ => end(solved.ending),
        };
        (cost, end)
    }
}

/// How a play ended that nobody stopped.
pub(crate) fn end(ending: Ending) -> End {
    match ending {
        Ending::Converged | Ending::Capped | Ending::Stopped => End::Finished,
        Ending::Stagnated
        | Ending::Diverged
        | Ending::IndefiniteMatrix
        | Ending::SingularMatrix
        | Ending::IndefinitePreconditioner
        | Ending::NoFactor => End::Failed,
    }
}
