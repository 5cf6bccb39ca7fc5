//! The feasibility restoration: where the line search gets stuck, a point that is less infeasible is looked for.

use super::end::End;
use super::iterate::{Iterate, merit};
use super::method::{Barrier, Step};
use super::program::{Private, Proximity};
use super::system::CondensedSystem;
use super::watch::{Phase, Watch};
use crate::reduced::Reduced;

/// How a restoration ended.
pub(super) enum Restored {
    /// A point that the filter admits.
    Found(Vec<f64>),
    /// A point where no small change makes the infeasibility smaller.
    Stationary(Vec<f64>),
    Ended(End),
}

/// The price of a row's violation (Waechter and Biegler 2006, section 3.3).
const PRICE: f64 = 1000.0;
/// What is left of the infeasibility where the restoration ends.
const DECREASE: f64 = 0.9;
/// Iterations of one restoration.
const MAX_ITERATIONS: u64 = 500;

/// Minimises the sum of the rows' violations plus a small penalty for leaving the present point.
pub(super) fn restore(
    outer: &Barrier,
    nlp: &mut Reduced<'_>,
    system: &mut CondensedSystem,
    tolerance: f64,
    watch: &mut Watch<'_>,
) -> Restored {
    let (mut inner, here) = match prepare(outer, nlp) {
        Ok(ready) => ready,
        Err(end) => return Restored::Ended(end),
    };
    let size = outer.program.size();
    let mut reset = false;
    for _ in 0..MAX_ITERATIONS {
        if let Some(end) = watch.must_end() {
            return Restored::Ended(end);
        }
        if inner.at.errors(&inner.program, 0.0).largest() <= tolerance {
            return Restored::Stationary(inner.at.v[..size].to_vec());
        }
        let mu = inner.mu;
        match inner.step(nlp, system, &watch.stop()) {
            Step::Moved(made) => {
                watch.moved(&inner, &made, Phase::Restoration);
                reset = false;
            }
            Step::Blocked if !reset => {
                reset = true;
                place_violations(&mut inner, outer, nlp);
                inner.filter.clear();
            }
            Step::Blocked | Step::Stalled | Step::Indefinite => {
                return if inner.at.errors(&inner.program, 0.0).largest() <= tolerance.sqrt() {
                    Restored::Stationary(inner.at.v[..size].to_vec())
                } else {
                    Restored::Ended(End::Blocked)
                };
            }
            Step::Evaluation(error) => return Restored::Ended(End::Evaluation(error)),
            Step::Factor(error) => return Restored::Ended(End::Factor(error)),
        }
        if inner.mu < mu && inner.set_proximity(nlp, inner.mu.sqrt()).is_err() {
            return Restored::Ended(End::Blocked);
        }
        let v = &inner.at.v[..size];
        let mut g = vec![0.0; outer.program.rows()];
        if let Ok(objective) = outer.program.values(nlp, v, &mut g) {
            let found = merit(&outer.program, v, objective, &g, outer.mu);
            if found.theta <= DECREASE * here.theta && found.phi.is_finite() && outer.filter.admits(found) && found.improves(here) {
                return Restored::Found(v.to_vec());
            }
        }
    }
    Restored::Ended(End::Blocked)
}

/// The feasibility problem at the present point, and where that point stands.
fn prepare(outer: &Barrier, nlp: &mut Reduced<'_>) -> Result<(Barrier, super::filter::Merit), End> {
    let here = outer.merit();
    let largest = outer.at.g.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    let mu = outer.mu.max(largest).min(PRICE);
    let mut program = outer.program.clone();
    program.factor = 0.0;
    for private in &mut program.privates {
        (private.cost, private.curvature) = (0.0, 0.0);
    }
    let reference = outer.at.v[..program.n].to_vec();
    let scale = reference.iter().map(|x| x.abs().max(1.0).powi(-2)).collect();
    program.proximity = Some(Proximity { weight: mu.sqrt(), reference, scale });
    for row in 0..program.rows() {
        for sign in [-1.0, 1.0] {
            program.push(Private { row, sign, cost: PRICE, curvature: 0.0, lower: 0.0, upper: f64::INFINITY });
        }
    }
    let mut v = outer.at.v.clone();
    v.resize(program.size(), 1.0);
    let l = vec![0.0; program.rows()];
    let at = Iterate::new(&program, nlp, v, l, |slack| mu / slack).map_err(End::Evaluation)?;
    let mut inner = Barrier::new(program, at, mu, outer.least_mu);
    for k in 0..outer.at.v.len() {
        inner.at.lower[k] = outer.at.lower[k].min(PRICE);
        inner.at.upper[k] = outer.at.upper[k].min(PRICE);
    }
    place_violations(&mut inner, outer, nlp);
    Ok((inner, here))
}

/// Sets the violations to their best values for the present point (equations 33 and 34).
fn place_violations(inner: &mut Barrier, outer: &Barrier, nlp: &mut Reduced<'_>) {
    let size = outer.program.size();
    let mut g = vec![0.0; outer.program.rows()];
    // The values are those of the point where the method stands, so they exist.
    if outer.program.values(nlp, &inner.at.v[..size], &mut g).is_err() {
        return;
    }
    let mu = inner.mu;
    for (i, g) in g.iter().enumerate() {
        let half = (mu - PRICE * g) / (2.0 * PRICE);
        // Of the two forms of the root, the one without cancellation.
        let root = (half * half + mu * g / (2.0 * PRICE)).max(0.0).sqrt();
        let below = if half >= 0.0 { half + root } else { (mu * g / (2.0 * PRICE)) / (root - half) };
        let below = below.max(f64::MIN_POSITIVE.sqrt());
        let above = (g + below).max(f64::MIN_POSITIVE.sqrt());
        for (k, value) in [(size + 2 * i, above), (size + 2 * i + 1, below)] {
            inner.at.v[k] = value;
            inner.at.lower[k] = mu / value;
        }
    }
    // A failure shows at the next step, which evaluates the Hessian at the same point.
    let _ = inner.at.evaluate(&inner.program, nlp);
}
