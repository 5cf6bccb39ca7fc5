//! Variable neighbourhood descent over orders, for dense least squares.

use fathom_core::{Counters, Run, Stop};

use crate::gains::{Insertion, all_exchanges, best_disjoint, best_insertions};
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;

/// Gains below this share of the score are rounding.
pub(crate) const LEAST_GAIN: f64 = 1e-10;

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbourhood {
    /// Whether to look at exchanges (`O(d^3)` a pass) once no insertion improves.
    pub(crate) exchanges: bool,
}

/// What a descent did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    pub(crate) counters: Counters,
    /// The score after every pass, the start's first.
    pub(crate) scores: Vec<f64>,
    pub(crate) stopped: Option<Stop>,
}

/// Descends from the factor's order until no insertion (and no exchange) improves, or the run says stop.
pub(crate) fn descend(factor: &mut OrderFactor<'_>, precedence: Option<&Precedence>, hood: Neighbourhood, run: &Run, course: &mut Course) {
    let mut score = factor.score();
    course.scores.push(score);
    loop {
        if let Some(stop) = run.should_stop(&course.counters) {
            course.stopped = Some(stop);
            return;
        }
        let least = LEAST_GAIN * score;
        let moves = best_disjoint(best_insertions(factor, precedence, least));
        let improved = if moves.is_empty() {
            hood.exchanges && exchange(factor, precedence, least, course)
        } else {
            for step in &moves {
                factor.insert(step.from, step.to);
            }
            course.counters.add("insertions", moves.len() as u64);
            true
        };
        course.counters.iterations += 1;
        let now = factor.score();
        // Rounding must not keep a descent going that no longer descends.
        if !improved || now >= score {
            return;
        }
        score = now;
        course.scores.push(score);
    }
}

/// The best disjoint exchanges; whether there were any.
fn exchange(factor: &mut OrderFactor<'_>, precedence: Option<&Precedence>, least: f64, course: &mut Course) -> bool {
    let limits = precedence.map(|precedence| precedence.ranges(factor.order()));
    let mut best: Vec<Option<Insertion>> = vec![None; factor.variables()];
    all_exchanges(factor, |first, second, gain| {
        let allowed = limits.as_ref().is_none_or(|limits| limits[second].0 <= first && limits[first].1 >= second);
        if gain > least && allowed && best[first].is_none_or(|known| gain > known.gain) {
            best[first] = Some(Insertion { from: first, to: second, gain });
        }
    });
    let chosen = best_disjoint(best.into_iter().flatten().collect());
    for step in &chosen {
        factor.exchange(step.from, step.to);
    }
    course.counters.add("exchanges", chosen.len() as u64);
    !chosen.is_empty()
}
