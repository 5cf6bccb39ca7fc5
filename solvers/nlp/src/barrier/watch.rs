//! What a barrier method reports while it runs, and what may end it.

use fathom_opt_core::{Counters, Progress, Run, Trace};

use super::end::End;
use super::method::{Barrier, Move};

/// Which problem an iteration worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The given one.
    Optimality,
    /// The sum of its violations.
    Restoration,
}

/// Counts iterations, keeps the trace and knows the limits.
pub(crate) struct Watch<'a> {
    run: &'a Run,
    max_iterations: u64,
    /// What a scaled objective is divided by, with the sign of the declared sense.
    unit: f64,
    pub counters: Counters,
    pub trace: Trace,
}

impl<'a> Watch<'a> {
    /// A watch under the limits of `run` and `max_iterations`.
    pub fn new(run: &'a Run, max_iterations: u64) -> Self {
        Self {
            run,
            max_iterations,
            unit: 1.0,
            counters: Counters::default(),
            trace: Trace::new([
                "iteration",
                "objective",
                "infeasibility",
                "dual-infeasibility",
                "complementarity",
                "barrier",
                "regularization",
                "step",
                "dual-step",
                "trials",
                "restoration",
            ]),
        }
    }

    /// Objectives are reported divided by `unit`.
    pub fn set_unit(&mut self, unit: f64) {
        self.unit = unit;
    }

    /// Whether the method has to end now.
    pub fn must_end(&self) -> Option<End> {
        if let Some(stop) = self.run.should_stop(&self.counters) {
            return Some(End::Stopped(stop));
        }
        (self.counters.iterations >= self.max_iterations).then_some(End::Iterations)
    }

    /// Whether work within an iteration has to be broken off.
    pub fn stop(&self) -> impl Fn() -> bool + use<'a> {
        let run = self.run;
        let spent = Counters::default();
        move || run.should_stop(&spent).is_some()
    }

    /// An iteration was made.
    pub fn moved(&mut self, barrier: &Barrier, made: &Move, phase: Phase) {
        self.counters.iterations += 1;
        self.counters.oracle_calls += made.trials;
        let errors = barrier.at.errors(&barrier.program, 0.0);
        let objective = if phase == Phase::Optimality { barrier.at.objective / self.unit } else { f64::NAN };
        self.trace.push(&[
            self.counters.iterations as f64,
            objective,
            errors.primal,
            errors.dual,
            errors.complementarity,
            barrier.mu,
            made.shift,
            made.primal,
            made.dual,
            made.trials as f64,
            f64::from(u8::from(phase == Phase::Restoration)),
        ]);
        let objective = objective.is_finite().then_some(objective);
        self.run.report(&Progress { done: self.counters.iterations, total: None, objective, bound: None });
    }
}
