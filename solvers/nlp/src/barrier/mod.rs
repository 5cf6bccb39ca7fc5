//! The primal-dual barrier method: subproblems, steps, restoration, and the loop around them.

mod end;
mod filter;
mod iterate;
mod method;
mod newton;
mod program;
mod restoration;
mod system;
mod watch;

pub(crate) use end::End;
pub(crate) use iterate::Iterate;
pub(crate) use method::Barrier;
pub(crate) use program::{Private, Program, inside};
pub(crate) use system::CondensedSystem;
use watch::Phase;
pub(crate) use watch::Watch;

use fathom_opt_linalg::LdlError;

use crate::reduced::Reduced;
use method::{MoveError, Step};
use restoration::{Restored, restore};

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

/// Runs `barrier` until its errors are at most `tolerance` and `confirm` agrees, or until it ends otherwise.
pub(crate) fn run(
    barrier: &mut Barrier,
    nlp: &mut Reduced<'_>,
    system: &mut CondensedSystem,
    mut tolerance: f64,
    watch: &mut Watch<'_>,
    confirm: &mut dyn FnMut(&Barrier, &mut Reduced<'_>) -> bool,
) -> End {
    let restorable = barrier.program.privates.iter().all(|private| private.curvature == 0.0);
    let (mut acceptable, mut returns, mut tight) = (0, 0, false);
    // Ends: `watch` ends it after the largest number of iterations, and every pass that makes none ends it or is counted.
    loop {
        let error = barrier.at.errors(&barrier.program, 0.0).largest();
        if error <= tolerance {
            if confirm(barrier, nlp) {
                return End::Converged;
            }
            if tight {
                tolerance *= TIGHTENING;
            } else if let Err(error) = barrier.tighten(nlp) {
                return End::Evaluation(error);
            }
            tight = true;
            if tolerance < LEAST_TOLERANCE {
                return End::Stalled;
            }
            barrier.least_mu = barrier.least_mu.min(BARRIER_SHARE * tolerance);
        }
        acceptable = if error <= ACCEPTABLE { acceptable + 1 } else { 0 };
        if acceptable >= ACCEPTABLE_ITERATIONS {
            if confirm(barrier, nlp) {
                return End::Converged;
            }
            acceptable = 0;
        }
        if let Some(end) = watch.must_end() {
            return end;
        }
        let feasible = || barrier.at.errors(&barrier.program, 0.0).primal <= ACCEPTABLE;
        if barrier.at.objective < -INFINITE && feasible() || barrier.at.v.iter().any(|v| v.abs() > INFINITE) {
            return End::Diverging;
        }
        match barrier.step(nlp, system, &watch.stop()) {
            Step::Moved(made) => watch.moved(barrier, &made, Phase::Optimality),
            Step::Stalled => return End::Stalled,
            Step::Evaluation(error) => return End::Evaluation(error),
            Step::Factor(error) => return factor_end(error, watch),
            blocked @ (Step::Blocked | Step::Indefinite) => {
                let stuck = if blocked == Step::Blocked { End::Blocked } else { End::Indefinite };
                if !restorable || barrier.program.rows() == 0 || barrier.at.errors(&barrier.program, 0.0).primal <= 1e-2 * tolerance {
                    return stuck;
                }
                barrier.filter.add(barrier.merit());
                let (v, stationary) = match restore(barrier, nlp, system, tolerance, watch) {
                    Restored::Found(v) => (v, false),
                    Restored::Stationary(v) => (v, true),
                    Restored::Ended(end) => return end,
                };
                match barrier.move_to(nlp, &v, system, &watch.stop()) {
                    Ok(()) => {}
                    Err(MoveError::Evaluation(error)) => return End::Evaluation(error),
                    Err(MoveError::Factor(error)) => return factor_end(error, watch),
                }
                if stationary {
                    returns += 1;
                    if barrier.at.errors(&barrier.program, 0.0).primal > ACCEPTABLE {
                        return End::LocallyInfeasible;
                    }
                    if returns > MAX_RETURNS {
                        return stuck;
                    }
                    barrier.filter.clear();
                }
            }
        }
    }
}

fn factor_end(error: LdlError, watch: &Watch<'_>) -> End {
    match (error, watch.must_end()) {
        (LdlError::Interrupted, Some(end)) => end,
        (error, _) => End::Factor(error),
    }
}
