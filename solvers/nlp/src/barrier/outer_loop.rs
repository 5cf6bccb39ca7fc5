//! The loop around the steps: when to stop, when to ask for more, when to restore feasibility.

use fathom_opt_linalg::LdlError;

use super::end::End;
use super::method::{Barrier, MoveError, Step};
use super::restoration::{Restored, restore};
use super::system::CondensedSystem;
use super::watch::{Phase, Watch};
use crate::reduced::Reduced;

/// Iterates and objectives beyond this are taken for infinite.
const INFINITE: f64 = 1e20;
/// So many iterations in a row with errors below `ACCEPTABLE` end the method where the point is confirmed.
const ACCEPTABLE_ITERATIONS: u32 = 15;
const ACCEPTABLE: f64 = 1e-6;
/// A point that meets the tolerance and is not confirmed asks for one that is smaller by this, as long as it is above the least.
const TIGHTENING: f64 = 0.1;
const LEAST_TOLERANCE: f64 = 1e-14;
/// The least barrier parameter beside the tolerance.
pub(crate) const BARRIER_SHARE: f64 = 1.0 / 11.0;
/// Restorations that end at points as feasible as can be and go on from there.
const MAX_RETURNS: u32 = 3;

/// What is remembered from one iteration to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OuterLoop {
    tolerance: f64,
    /// Iterations in a row with acceptable errors.
    acceptable: u32,
    /// Restorations that ended at points as feasible as can be.
    returns: u32,
    /// Whether the relaxation of bounds was taken back.
    tight: bool,
}

/// Runs `barrier` until its errors are at most `tolerance` and `confirm` agrees, or until it ends otherwise.
pub(crate) fn run(
    barrier: &mut Barrier,
    nlp: &mut Reduced<'_>,
    system: &mut CondensedSystem,
    tolerance: f64,
    watch: &mut Watch<'_>,
    confirm: &mut dyn FnMut(&Barrier, &mut Reduced<'_>) -> bool,
) -> End {
    let mut outer = OuterLoop::new(tolerance);
    // Ends: `watch` ends it after the largest number of iterations, and every pass that makes none ends it or is counted.
    loop {
        if let Some(end) = outer.advance(barrier, nlp, system, watch, confirm) {
            return end;
        }
    }
}

impl OuterLoop {
    /// A loop that asks for errors up to `tolerance`.
    pub fn new(tolerance: f64) -> Self {
        Self { tolerance, acceptable: 0, returns: 0, tight: false }
    }

    /// One iteration, or one restoration; says how the method ended once it has.
    pub fn advance(
        &mut self,
        barrier: &mut Barrier,
        nlp: &mut Reduced<'_>,
        system: &mut CondensedSystem,
        watch: &mut Watch<'_>,
        confirm: &mut dyn FnMut(&Barrier, &mut Reduced<'_>) -> bool,
    ) -> Option<End> {
        let errors = barrier.at.errors(&barrier.program, 0.0);
        if let Some(end) = self.judge(errors.largest(), barrier, nlp, confirm) {
            return Some(end);
        }
        if let Some(end) = watch.must_end() {
            return Some(end);
        }
        if barrier.at.objective < -INFINITE && errors.primal <= ACCEPTABLE || barrier.at.v.iter().any(|v| v.abs() > INFINITE) {
            return Some(End::Diverging);
        }
        match barrier.step(nlp, system, &watch.stop()) {
            Step::Moved(made) => {
                watch.moved(barrier, &made, Phase::Optimality);
                None
            }
            Step::Stalled => Some(End::Stalled),
            Step::Evaluation(error) => Some(End::Evaluation(error)),
            Step::Factor(error) => Some(factor_end(error, watch)),
            Step::Blocked => self.restore(End::Blocked, barrier, nlp, system, watch),
            Step::Indefinite => self.restore(End::Indefinite, barrier, nlp, system, watch),
        }
    }

    /// Whether a point with this error ends the loop; where it is good enough and not confirmed, more is asked for.
    fn judge(
        &mut self,
        error: f64,
        barrier: &mut Barrier,
        nlp: &mut Reduced<'_>,
        confirm: &mut dyn FnMut(&Barrier, &mut Reduced<'_>) -> bool,
    ) -> Option<End> {
        if error <= self.tolerance {
            if confirm(barrier, nlp) {
                return Some(End::Converged);
            }
            if self.tight {
                self.tolerance *= TIGHTENING;
            } else if let Err(error) = barrier.tighten(nlp) {
                return Some(End::Evaluation(error));
            }
            self.tight = true;
            if self.tolerance < LEAST_TOLERANCE {
                return Some(End::Stalled);
            }
            barrier.least_mu = barrier.least_mu.min(BARRIER_SHARE * self.tolerance);
        }
        self.acceptable = if error <= ACCEPTABLE { self.acceptable + 1 } else { 0 };
        if self.acceptable >= ACCEPTABLE_ITERATIONS {
            if confirm(barrier, nlp) {
                return Some(End::Converged);
            }
            self.acceptable = 0;
        }
        None
    }

    /// Goes on from a less infeasible point where no step is admitted; `stuck` is the end where there is none.
    fn restore(
        &mut self,
        stuck: End,
        barrier: &mut Barrier,
        nlp: &mut Reduced<'_>,
        system: &mut CondensedSystem,
        watch: &mut Watch<'_>,
    ) -> Option<End> {
        let restorable = barrier.program.privates.iter().all(|private| private.curvature == 0.0);
        let infeasibility = barrier.at.errors(&barrier.program, 0.0).primal;
        if !restorable || barrier.program.rows() == 0 || infeasibility <= 1e-2 * self.tolerance {
            return Some(stuck);
        }
        barrier.filter.add(barrier.merit());
        let (v, stationary) = match restore(barrier, nlp, system, self.tolerance, watch) {
            Restored::Found(v) => (v, false),
            Restored::Stationary(v) => (v, true),
            Restored::Ended(end) => return Some(end),
        };
        match barrier.move_to(nlp, &v, system, &watch.stop()) {
            Ok(()) => {}
            Err(MoveError::Evaluation(error)) => return Some(End::Evaluation(error)),
            Err(MoveError::Factor(error)) => return Some(factor_end(error, watch)),
        }
        if stationary {
            self.returns += 1;
            if barrier.at.errors(&barrier.program, 0.0).primal > ACCEPTABLE {
                return Some(End::LocallyInfeasible);
            }
            if self.returns > MAX_RETURNS {
                return Some(stuck);
            }
            barrier.filter.clear();
        }
        None
    }
}

fn factor_end(error: LdlError, watch: &Watch<'_>) -> End {
    match (error, watch.must_end()) {
        (LdlError::Interrupted, Some(end)) => end,
        (error, _) => End::Factor(error),
    }
}
