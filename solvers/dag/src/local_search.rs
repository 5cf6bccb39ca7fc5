//! Descent over orders for any score that splits into node costs: best re-insertion of one node after another.

use std::collections::HashMap;

use fathom_opt_core::Run;
use fixedbitset::FixedBitSet;

use crate::descent::{Course, LEAST_GAIN};
use crate::local_score::LocalScore;
use crate::precedence::Precedence;

/// Costs remembered over all nodes; beyond this the memory starts anew.
const REMEMBERED: usize = 1 << 20;

/// Node costs, remembered by node and set of predecessors.
pub(crate) struct Costs<'a> {
    score: &'a dyn LocalScore,
    known: Vec<HashMap<FixedBitSet, f64>>,
    size: usize,
    pub(crate) evaluations: u64,
}

impl<'a> Costs<'a> {
    pub(crate) fn new(score: &'a dyn LocalScore) -> Self {
        Self { score, known: vec![HashMap::new(); score.variables()], size: 0, evaluations: 0 }
    }

    pub(crate) fn of(&mut self, node: usize, predecessors: &FixedBitSet) -> f64 {
        if let Some(&cost) = self.known[node].get(predecessors) {
            return cost;
        }
        let list: Vec<usize> = predecessors.ones().collect();
        let cost = self.score.cost(node, &list);
        self.evaluations += 1;
        if self.size >= REMEMBERED {
            self.known.iter_mut().for_each(HashMap::clear);
            self.size = 0;
        }
        self.size += 1;
        self.known[node].insert(predecessors.clone(), cost);
        cost
    }

    /// The cost of a whole order.
    pub(crate) fn of_order(&mut self, order: &[usize]) -> f64 {
        let mut before = FixedBitSet::with_capacity(order.len());
        let mut sum = 0.0;
        for &node in order {
            sum += self.of(node, &before);
            before.insert(node);
        }
        sum
    }
}

/// Descends from `order` until no re-insertion improves, or the run says stop; the score of where it ends.
pub(crate) fn descend(
    costs: &mut Costs<'_>,
    order: &mut Vec<usize>,
    precedence: Option<&Precedence>,
    run: &Run,
    course: &mut Course,
) -> f64 {
    let d = order.len();
    let mut score = costs.of_order(order);
    course.scores.push(score);
    loop {
        let mut improved = false;
        for node in 0..d {
            course.counters.oracle_calls += std::mem::take(&mut costs.evaluations);
            if let Some(stop) = run.should_stop(&course.counters) {
                course.stopped = Some(stop);
                return score;
            }
            let Some(from) = order.iter().position(|&other| other == node) else { continue };
            let (lowest, highest) = precedence.map_or((0, d - 1), |precedence| precedence.range(order, from));
            let (to, gain) = best_target(costs, order, from, lowest, highest);
            if gain > LEAST_GAIN * score.abs().max(1e-300) {
                let node = order.remove(from);
                order.insert(to, node);
                score -= gain;
                improved = true;
                course.counters.add("insertions", 1);
                course.scores.push(score);
            }
        }
        course.counters.iterations += 1;
        if !improved {
            course.counters.oracle_calls += std::mem::take(&mut costs.evaluations);
            return costs.of_order(order);
        }
    }
}

/// The best position for the node at `from`, and what it gains (0 where it stands).
fn best_target(costs: &mut Costs<'_>, order: &[usize], from: usize, lowest: usize, highest: usize) -> (usize, f64) {
    let d = order.len();
    let moved = order[from];
    let mut start = FixedBitSet::with_capacity(d);
    start.extend(order[..from].iter().copied());
    let own = costs.of(moved, &start);
    let mut best = (from, 0.0);
    // To the left: a passed node gains a predecessor, the moved one loses it.
    let mut before = start.clone();
    let mut passed = 0.0;
    for k in (lowest..from).rev() {
        let node = order[k];
        before.remove(node);
        let old = costs.of(node, &before);
        before.insert(moved);
        passed += old - costs.of(node, &before);
        before.remove(moved);
        let gain = passed + own - costs.of(moved, &before);
        if gain > best.1 {
            best = (k, gain);
        }
    }
    // To the right: the other way round.
    let mut before = start;
    let mut passed = 0.0;
    for (k, &node) in order.iter().enumerate().take(highest + 1).skip(from + 1) {
        before.insert(moved);
        let old = costs.of(node, &before);
        before.remove(moved);
        passed += old - costs.of(node, &before);
        before.insert(node);
        let gain = passed + own - costs.of(moved, &before);
        if gain > best.1 {
            best = (k, gain);
        }
    }
    best
}
