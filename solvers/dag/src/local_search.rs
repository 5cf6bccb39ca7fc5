//! Descent over orders for any score that splits into node costs: best re-insertion of one node after another.

use std::collections::HashMap;

use fathom_opt_core::Stop;
use fixedbitset::FixedBitSet;

use crate::clock::Clock;
use crate::course::{Course, LEAST_GAIN};
use crate::local_score::LocalScore;
use crate::precedence::Precedence;

/// Costs remembered over all nodes; beyond this the memory starts anew.
const REMEMBERED: usize = 1 << 20;

/// Node costs, remembered by node and set of predecessors.
pub(crate) struct Costs<'a> {
    score: &'a dyn LocalScore,
    clock: &'a Clock<'a>,
    known: Vec<HashMap<FixedBitSet, f64>>,
    size: usize,
    pub(crate) evaluations: u64,
}

impl<'a> Costs<'a> {
    pub(crate) fn new(score: &'a dyn LocalScore, clock: &'a Clock<'a>) -> Self {
        Self { score, clock, known: vec![HashMap::new(); score.variables()], size: 0, evaluations: 0 }
    }

    /// The cost of `node` after these; `None` where the clock said stop before it was known.
    pub(crate) fn of(&mut self, node: usize, predecessors: &FixedBitSet) -> Option<f64> {
        if let Some(&cost) = self.known[node].get(predecessors) {
            return Some(cost);
        }
        let list: Vec<usize> = predecessors.ones().collect();
        let cost = self.score.cost(node, &list);
        if !self.clock.may_go_on() {
            // A fit that was cut short is no cost to remember.
            return None;
        }
        self.evaluations += 1;
        if self.size >= REMEMBERED {
            self.known.iter_mut().for_each(HashMap::clear);
            self.size = 0;
        }
        self.size += 1;
        self.known[node].insert(predecessors.clone(), cost);
        Some(cost)
    }

    /// The cost of a whole order.
    pub(crate) fn of_order(&mut self, order: &[usize]) -> Option<f64> {
        let mut before = FixedBitSet::with_capacity(order.len());
        let mut sum = 0.0;
        for &node in order {
            sum += self.of(node, &before)?;
            before.insert(node);
        }
        Some(sum)
    }

    pub(crate) fn clock(&self) -> &'a Clock<'a> {
        self.clock
    }
}

/// What counts as a gain on a score of this size: `least` or the share of it that is beyond rounding.
fn least_gain(score: f64, least: f64) -> f64 {
    least.max(LEAST_GAIN * score.abs().max(1e-300))
}

/// Descends from `order` until no re-insertion improves by more than `least`, or the run says stop; the score of where it ends, infinite where there was no
/// time to compute any.
pub(crate) fn descend(
    costs: &mut Costs<'_>,
    order: &mut Vec<usize>,
    precedence: Option<&Precedence>,
    least: f64,
    course: &mut Course,
) -> f64 {
    let Some(mut score) = costs.of_order(order) else {
        course.stopped = costs.clock().stop();
        return f64::INFINITY;
    };
    course.scores.push(score);
    match try_to_descend(costs, order, &mut score, precedence, least, course) {
        Ok(()) => {}
        Err(stop) => course.stopped = Some(stop),
    }
    score
}

fn try_to_descend(
    costs: &mut Costs<'_>,
    order: &mut Vec<usize>,
    score: &mut f64,
    precedence: Option<&Precedence>,
    least: f64,
    course: &mut Course,
) -> Result<(), Stop> {
    let d = order.len();
    loop {
        let mut improved = false;
        for node in 0..d {
            course.counters.oracle_calls += std::mem::take(&mut costs.evaluations);
            if let Some(stop) = costs.clock().run().should_stop(&course.counters) {
                return Err(stop);
            }
            let Some(from) = order.iter().position(|&other| other == node) else { continue };
            let (lowest, highest) = precedence.map_or((0, d - 1), |precedence| precedence.range(order, from));
            let Some((to, gain)) = best_target(costs, order, from, lowest, highest) else {
                return costs.clock().stop().map_or(Ok(()), Err);
            };
            if gain > least_gain(*score, least) {
                let node = order.remove(from);
                order.insert(to, node);
                *score -= gain;
                improved = true;
                course.counters.add("insertions", 1);
                course.scores.push(*score);
            }
        }
        course.counters.iterations += 1;
        if !improved {
            course.counters.oracle_calls += std::mem::take(&mut costs.evaluations);
            *score = costs.of_order(order).unwrap_or(*score);
            return Ok(());
        }
    }
}

/// Whether no re-insertion improves by more than `least`; `None` where there was no time to see.
pub(crate) fn is_insertion_optimal(costs: &mut Costs<'_>, order: &[usize], precedence: Option<&Precedence>, least: f64) -> Option<bool> {
    let score = costs.of_order(order)?;
    for from in 0..order.len() {
        let (lowest, highest) = precedence.map_or((0, order.len() - 1), |precedence| precedence.range(order, from));
        if best_target(costs, order, from, lowest, highest)?.1 > least_gain(score, least) {
            return Some(false);
        }
    }
    Some(true)
}

/// The best position for the node at `from`, and what it gains (0 where it stands); `None` where there was no time to see.
fn best_target(costs: &mut Costs<'_>, order: &[usize], from: usize, lowest: usize, highest: usize) -> Option<(usize, f64)> {
    let d = order.len();
    let moved = order[from];
    let mut start = FixedBitSet::with_capacity(d);
    start.extend(order[..from].iter().copied());
    let own = costs.of(moved, &start)?;
    let mut best = (from, 0.0);
    // To the left: a passed node gains a predecessor, the moved one loses it.
    let mut before = start.clone();
    let mut passed = 0.0;
    for k in (lowest..from).rev() {
        let node = order[k];
        before.remove(node);
        let old = costs.of(node, &before)?;
        before.insert(moved);
        passed += old - costs.of(node, &before)?;
        before.remove(moved);
        let gain = passed + own - costs.of(moved, &before)?;
        if gain > best.1 {
            best = (k, gain);
        }
    }
    // To the right: the other way round.
    let mut before = start;
    let mut passed = 0.0;
    for (k, &node) in order.iter().enumerate().take(highest + 1).skip(from + 1) {
        before.insert(moved);
        let old = costs.of(node, &before)?;
        before.remove(moved);
        passed += old - costs.of(node, &before)?;
        before.insert(node);
        let gain = passed + own - costs.of(moved, &before)?;
        if gain > best.1 {
            best = (k, gain);
        }
    }
    Some(best)
}
