//! Descent over orders for BIC with a variance per node: every node keeps its parents, and a step of one node past another touches these two alone.
//!
//! When `v` steps over `u` to the left, `u` may take `v` as a parent and `v` loses `u` if it had it; otherwise nothing changes. So a walk of one node
//! through the whole order costs little more than one test per step (the idea of FLOP; Wienoebst, Henckel, Weichwald 2025).

use fathom_opt_problems::dag_learning::{Edge, WeightedDag};

use crate::clock::Clock;
use crate::course::{Course, LEAST_GAIN};
use crate::family::Family;
use crate::gram::Gram;
use crate::local_score::ProblemScore;
use crate::number::Number;
use crate::precedence::Precedence;

/// An order with parents for every node.
#[derive(Clone)]
pub(crate) struct SparseOrder<'a, N> {
    score: &'a ProblemScore<'a>,
    gram: Gram<'a, N>,
    clock: &'a Clock<'a>,
    order: Vec<usize>,
    /// By node, with what each costs.
    families: Vec<(Family<N>, f64)>,
    calls: u64,
    /// Gains up to this are rounding. It must not depend on the columns' scales, as the score itself does.
    least: f64,
}

/// The best place that a walk found.
struct Walk<N> {
    to: usize,
    gain: f64,
    /// The walker's parents there.
    own: (Family<N>, f64),
    /// How many of the passed nodes have changed by then.
    count: usize,
}

/// The best place of a walk, and the families that changed on the way, nearest first.
type Walked<N> = (Walk<N>, Vec<(Family<N>, f64)>);

/// Gains up to this are rounding under BIC with a variance per node.
pub(crate) fn least_gain(score: &ProblemScore<'_>) -> f64 {
    let moments = score.moments();
    // A checker that allows a billionth per observation must find nothing that was left.
    moments.observations() as f64 * (LEAST_GAIN * moments.variables() as f64).min(5.0 * LEAST_GAIN)
}

impl<'a, N: Number> SparseOrder<'a, N> {
    /// The families that nodes find for themselves in this order.
    pub(crate) fn new(score: &'a ProblemScore<'a>, gram: Gram<'a, N>, clock: &'a Clock<'a>, order: Vec<usize>) -> Self {
        let families = (0..order.len())
            .map(|node| {
                let family = score.family(gram, node);
                let cost = score.family_cost(&family);
                (family, cost)
            })
            .collect();
        let mut sparse = Self { score, gram, clock, order, families, calls: 0, least: least_gain(score) };
        sparse.choose_all();
        sparse
    }

    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Gains up to this are rounding.
    pub(crate) fn least(&self) -> f64 {
        self.least
    }

    pub(crate) fn score(&self) -> f64 {
        self.order.iter().map(|&node| self.families[node].1).sum()
    }

    /// The graph with its best weights.
    pub(crate) fn graph(&self) -> WeightedDag {
        let edges: Vec<Edge> = self
            .order
            .iter()
            .flat_map(|&node| {
                let mut parents = self.families[node].0.parents().to_vec();
                parents.sort_unstable();
                let weights = self.score.refit(node, &parents);
                parents.into_iter().zip(weights).map(move |(parent, weight)| (parent, node, weight))
            })
            .collect();
        WeightedDag { order: self.order.clone(), edges }
    }

    /// Another order; parents that still come before stay.
    pub(crate) fn rearrange(&mut self, order: Vec<usize>) {
        let mut position = vec![0; order.len()];
        for (k, &node) in order.iter().enumerate() {
            position[node] = k;
        }
        for (family, cost) in &mut self.families {
            let here = position[family.node()];
            let lost: Vec<usize> = family.parents().iter().copied().filter(|&parent| position[parent] > here).collect();
            for parent in lost {
                ProblemScore::remove_parent(self.gram, family, parent);
            }
            *cost = self.score.family_cost(family);
        }
        self.order = order;
        self.choose_all();
    }

    /// Every node improves its parents, while there is time.
    fn choose_all(&mut self) {
        for (k, &node) in self.order.iter().enumerate() {
            if !self.clock.may_go_on() {
                return;
            }
            let (family, cost) = &mut self.families[node];
            self.score.improve_family(self.gram, family, self.order[..k].iter().copied());
            *cost = self.score.family_cost(family);
        }
        self.calls += self.order.len() as u64;
    }

    /// Every node once more from nothing: what it found step by step need not be the best that it can find.
    fn choose_afresh(&mut self) {
        for (k, &node) in self.order.iter().enumerate() {
            if !self.clock.may_go_on() {
                return;
            }
            let mut family = self.score.family(self.gram, node);
            self.score.improve_family(self.gram, &mut family, self.order[..k].iter().copied());
            let cost = self.score.family_cost(&family);
            if cost < self.families[node].1 - self.least {
                self.families[node] = (family, cost);
            }
        }
        self.calls += self.order.len() as u64;
    }

    /// Parents join and leave among `candidates`.
    fn improved(&mut self, mut family: Family<N>, candidates: impl Iterator<Item = usize> + Clone) -> (Family<N>, f64) {
        self.calls += 1;
        self.score.improve_family(self.gram, &mut family, candidates);
        let cost = self.score.family_cost(&family);
        (family, cost)
    }

    /// The best place to the left for the node at `from`.
    fn walk_left(&mut self, from: usize, lowest: usize) -> Option<Walked<N>> {
        let order = std::mem::take(&mut self.order);
        let moved = order[from];
        let mut own = self.families[moved].clone();
        let base = own.1;
        let (mut passed, mut changed) = (0.0, Vec::new());
        let mut best: Option<Walk<N>> = None;
        for k in (lowest..from).rev() {
            let node = order[k];
            if self.score.wants(self.gram, &self.families[node].0, moved) {
                let mut family = self.families[node].0.clone();
                family.add(self.gram, moved);
                let with = self.improved(family, order[..k].iter().copied().chain([moved]));
                passed += self.families[node].1 - with.1;
                changed.push(with);
            }
            if ProblemScore::remove_parent(self.gram, &mut own.0, node) {
                own = self.improved(own.0, order[..k].iter().copied());
            }
            take_note(&mut best, k, passed + base - own.1, &own, changed.len(), self.least);
        }
        self.order = order;
        best.map(|best| (best, changed))
    }

    /// The best place to the right for the node at `from`.
    fn walk_right(&mut self, from: usize, highest: usize) -> Option<Walked<N>> {
        let order = std::mem::take(&mut self.order);
        let moved = order[from];
        let mut own = self.families[moved].clone();
        let base = own.1;
        let (mut passed, mut changed) = (0.0, Vec::new());
        let mut best: Option<Walk<N>> = None;
        for k in from + 1..=highest {
            let node = order[k];
            if self.families[node].0.parents().contains(&moved) {
                let mut family = self.families[node].0.clone();
                ProblemScore::remove_parent(self.gram, &mut family, moved);
                let without = self.improved(family, order[..k].iter().copied().filter(|&other| other != moved));
                passed += self.families[node].1 - without.1;
                changed.push(without);
            }
            if self.score.wants(self.gram, &own.0, node) {
                own.0.add(self.gram, node);
                own = self.improved(own.0, order[..=k].iter().copied().filter(|&other| other != moved));
            }
            take_note(&mut best, k, passed + base - own.1, &own, changed.len(), self.least);
        }
        self.order = order;
        best.map(|best| (best, changed))
    }

    fn take(&mut self, from: usize, walk: Walk<N>, changed: Vec<(Family<N>, f64)>) {
        let node = self.order.remove(from);
        self.order.insert(walk.to, node);
        for (family, cost) in changed.into_iter().take(walk.count).chain([walk.own]) {
            let node = family.node();
            self.families[node] = (family, cost);
        }
    }

    /// Descends until no re-insertion improves, or the run says stop.
    pub(crate) fn descend(&mut self, precedence: Option<&Precedence>, course: &mut Course) {
        let run = self.clock.run();
        let d = self.order.len();
        let mut score = self.score();
        course.scores.push(score);
        loop {
            let mut improved = false;
            for node in 0..d {
                course.counters.oracle_calls += std::mem::take(&mut self.calls);
                if let Some(stop) = run.should_stop(&course.counters) {
                    course.stopped = Some(stop);
                    return;
                }
                let Some(from) = self.order.iter().position(|&other| other == node) else { continue };
                let (lowest, highest) = precedence.map_or((0, d - 1), |precedence| precedence.range(&self.order, from));
                let left = self.walk_left(from, lowest);
                let right = self.walk_right(from, highest);
                let least = self.least;
                let best = left.into_iter().chain(right).reduce(|a, b| if b.0.gain > a.0.gain + least { b } else { a });
                let Some((walk, changed)) = best.filter(|(walk, _)| walk.gain > self.least) else { continue };
                self.take(from, walk, changed);
                score = self.score();
                improved = true;
                course.counters.add("insertions", 1);
                course.scores.push(score);
            }
            course.counters.iterations += 1;
            if !improved {
                self.choose_afresh();
                let now = self.score();
                if now >= score - self.least {
                    course.counters.oracle_calls += std::mem::take(&mut self.calls);
                    return;
                }
                score = now;
                course.scores.push(score);
            }
        }
    }
}

/// The first of the best places counts: `least` more has to be gained by another one.
fn take_note<N: Number>(best: &mut Option<Walk<N>>, to: usize, gain: f64, own: &(Family<N>, f64), count: usize, least: f64) {
    if gain > best.as_ref().map_or(0.0, |best| best.gain) + least {
        *best = Some(Walk { to, gain, own: own.clone(), count });
    }
}
