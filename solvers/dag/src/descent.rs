//! Variable neighbourhood descent over orders, for dense least squares.

use fathom_opt_core::Run;

use crate::course::{Course, LEAST_GAIN};
use crate::gains::{best_blocks, best_disjoint, best_exchanges, best_insertions};
use crate::order_change::Gain;
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbourhood {
    /// Whether to look at exchanges (`O(d^3)` a pass) once no insertion improves.
    pub(crate) exchanges: bool,
    /// Whether to look at runs of two to five nodes (`O(d^2)` a pass) once nothing before improves.
    pub(crate) blocks: bool,
}

/// Descends from the factor's order until no insertion (no exchange, no block move) improves, or the run says stop.
pub(crate) fn descend(factor: &mut OrderFactor<'_>, precedence: Option<&Precedence>, hood: Neighbourhood, run: &Run, course: &mut Course) {
    let mut score = factor.score();
    course.scores.push(score);
    loop {
        if let Some(stop) = run.should_stop(&course.counters) {
            course.stopped = Some(stop);
            return;
        }
        let least = LEAST_GAIN * score;
        let improved = improve(factor, precedence, hood, least, course);
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

/// One pass of variable neighbourhood descent: the best disjoint moves of the first neighbourhood that has any; whether there were.
fn improve(factor: &mut OrderFactor<'_>, precedence: Option<&Precedence>, hood: Neighbourhood, least: f64, course: &mut Course) -> bool {
    let neighbourhoods: [(&'static str, bool, Moves); 3] =
        [("insertions", true, best_insertions), ("exchanges", hood.exchanges, best_exchanges), ("block moves", hood.blocks, best_blocks)];
    for (name, wanted, moves) in neighbourhoods {
        if !wanted {
            continue;
        }
        let chosen = best_disjoint(moves(factor, precedence, least));
        course.counters.add(name, chosen.len() as u64);
        if !chosen.is_empty() {
            factor.apply(&chosen);
            return true;
        }
    }
    false
}

/// The improving moves of one neighbourhood.
type Moves = fn(&OrderFactor<'_>, Option<&Precedence>, f64) -> Vec<Gain>;
