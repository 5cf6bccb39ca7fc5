//! The greedy solution of the live elements, computed lazily and kept from query to query as far as it still stands.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::error::OracleFault;
use crate::live::{Descending, Live};
use crate::oracle::LevelOracle;
use crate::work::Work;

/// The greedy algorithm over the live elements: always the element of largest gain, of several the one of smallest number, until nothing fits or gains.
///
/// Gains are looked at lazily (Minoux 1978): a gain found against an earlier prefix bounds all later ones. The live elements stand in the order of their values
/// alone, and that order is merged with the heap of those looked at, so that nothing is touched that cannot win. `keeps_prefix` tells whether what still stands of
/// the last solution is kept, with all bounds found against its prefixes; otherwise every query starts from nothing.
pub(crate) struct Greedy<O> {
    oracle: Counted<O>,
    constraint: Constraint,
    most: usize,
    keeps_prefix: bool,
    chosen: Vec<u32>,
    /// The gain of each chosen element when it was chosen.
    gains: Vec<f64>,
    /// A number for the prefix of each level that no other prefix ever had.
    prefixes: Vec<u64>,
    next_prefix: u64,
    bounds: Vec<Bound>,
    /// Elements that came since the last query.
    newcomers: Vec<u32>,
    /// Whether no live element but newcomers gains anything on top of the chosen ones.
    exhausted: bool,
}

/// The last gain found of an element, and against which prefix.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bound {
    gain: f64,
    level: u32,
    prefix: u64,
}

const UNKNOWN: Bound = Bound { gain: 0.0, level: 0, prefix: u64::MAX };

/// What is saved of [`Greedy`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GreedyState {
    chosen: Vec<u32>,
    gains: Vec<f64>,
    prefixes: Vec<u64>,
    next_prefix: u64,
    bounds: Vec<(u32, Bound)>,
    newcomers: Vec<u32>,
    exhausted: bool,
    work: Work,
}

impl<O: LevelOracle> Greedy<O> {
    pub(crate) fn new(oracle: &Counted<O>, constraint: Constraint, keeps_prefix: bool) -> Self {
        Self {
            oracle: oracle.fresh(),
            most: constraint.most(oracle.oracle().elements()),
            constraint,
            keeps_prefix,
            chosen: Vec::new(),
            gains: Vec::new(),
            prefixes: vec![0],
            next_prefix: 1,
            bounds: Vec::new(),
            newcomers: Vec::new(),
            exhausted: false,
        }
    }

    pub(crate) fn insert(&mut self, element: u32) {
        self.newcomers.push(element);
    }

    pub(crate) fn delete(&mut self, element: u32) {
        if let Some(position) = self.chosen.iter().position(|&chosen| chosen == element) {
            self.truncate(position);
        }
    }

    /// Forgets the solution and all that was found on the way to it.
    pub(crate) fn forget(&mut self) {
        self.truncate(0);
        self.newcomers.clear();
        self.prefixes[0] = self.next_prefix;
        self.next_prefix += 1;
    }

    pub(crate) fn work(&self) -> Work {
        self.oracle.work()
    }

    /// The greedy solution, its value, and an upper bound on the optimum of a monotone function.
    pub(crate) fn solve(&mut self, live: &Live) -> Result<(&[u32], f64, f64), OracleFault> {
        if self.keeps_prefix {
            let mut newcomers = std::mem::take(&mut self.newcomers);
            newcomers.sort_unstable();
            newcomers.dedup();
            for element in newcomers {
                if live.is_live(element) {
                    self.admit(element, live)?;
                }
            }
        } else {
            self.forget();
        }
        if !self.exhausted {
            self.complete(live)?;
        }
        let value = self.oracle.value();
        Ok((&self.chosen, value, value + self.most_gain(live)))
    }

    /// Cuts the solution where `element`, which is new, would have been chosen before what was.
    fn admit(&mut self, element: u32, live: &Live) -> Result<(), OracleFault> {
        // A gain found once bounds those against all longer prefixes, and greedy gains fall: whole stretches are skipped.
        let mut gain = live.single(element);
        let mut level = 0;
        loop {
            let rank = (Descending::of(gain), element);
            level = self.first_beaten(rank, level);
            if level == self.chosen.len() {
                break;
            }
            if level > 0 {
                gain = self.look(element, level)?;
            }
            if (Descending::of(gain), element) < (Descending::of(self.gains[level]), self.chosen[level]) {
                // What does not fit beside these fits beside no more of them.
                if self.constraint.can_add(&self.chosen[..level], element) {
                    self.truncate(level);
                }
                return Ok(());
            }
        }
        // It comes behind all that were chosen, if at all.
        if self.exhausted && self.chosen.len() < self.most && gain > 0.0 {
            self.exhausted = false;
        }
        Ok(())
    }

    /// The first position from `level` on whose element ranks behind `rank`. Ranks fall along the solution, also under a matroid: who fits later fitted before.
    fn first_beaten(&self, rank: (Descending, u32), level: usize) -> usize {
        let (mut low, mut high) = (level, self.chosen.len());
        while low < high {
            let middle = low.midpoint(high);
            if rank < (Descending::of(self.gains[middle]), self.chosen[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Chooses until nothing fits or gains.
    fn complete(&mut self, live: &Live) -> Result<(), OracleFault> {
        let chosen: std::collections::HashSet<u32> = self.chosen.iter().copied().collect();
        let mut alone = live.descending().filter(|element| !chosen.contains(element)).peekable();
        // Gain or bound, element, and the level it was found at.
        let mut heap: BinaryHeap<(Reverse<(Descending, u32)>, usize)> = BinaryHeap::new();
        while self.chosen.len() < self.most {
            let top = heap.peek().map(|&(Reverse(rank), _)| rank);
            if let Some(&element) = alone.peek()
                && top.is_none_or(|top| (Descending::of(live.single(element)), element) < top)
            {
                alone.next();
                let (bound, level) = self.bound(element, live);
                heap.push((Reverse((Descending::of(bound), element)), level));
                continue;
            }
            let Some((Reverse((rank, element)), level)) = heap.pop() else { break };
            if rank >= Descending::of(0.0) {
                break;
            }
            let height = self.chosen.len();
            if !self.constraint.can_add(&self.chosen, element) {
                // Nor will it fit beside more.
                continue;
            }
            if level == height {
                self.choose(element, live);
            } else {
                let gain = self.look(element, height)?;
                heap.push((Reverse((Descending::of(gain), element)), height));
            }
        }
        self.exhausted = true;
        Ok(())
    }

    /// The tightest known bound on the gain of `element` on top of all chosen, and the level of the prefix it was found against.
    fn bound(&self, element: u32, live: &Live) -> (f64, usize) {
        let known = self.bounds.get(element as usize).copied().unwrap_or(UNKNOWN);
        let level = known.level as usize;
        if self.prefixes.get(level) == Some(&known.prefix) && level > 0 { (known.gain, level) } else { (live.single(element), 0) }
    }

    /// The gain of `element` against the prefix of `level`, remembered.
    fn look(&mut self, element: u32, level: usize) -> Result<f64, OracleFault> {
        let gain = self.oracle.gain(element, level)?;
        let index = element as usize;
        if self.bounds.len() <= index {
            self.bounds.resize(index + 1, UNKNOWN);
        }
        self.bounds[index] = Bound { gain, level: level as u32, prefix: self.prefixes[level] };
        Ok(gain)
    }

    fn choose(&mut self, element: u32, live: &Live) {
        let height = self.chosen.len();
        let gain = self.bound(element, live).0;
        self.oracle.push(element);
        self.chosen.push(element);
        self.gains.push(gain);
        self.prefixes.truncate(height + 1);
        self.prefixes.push(self.next_prefix);
        self.next_prefix += 1;
    }

    fn truncate(&mut self, height: usize) {
        self.oracle.truncate(height);
        self.chosen.truncate(height);
        self.gains.truncate(height);
        self.prefixes.truncate(height + 1);
        self.exhausted = false;
    }

    /// A bound on what any feasible set gains on top of the chosen ones: the largest known bounds of single gains, as many as may be chosen. No gain is evaluated.
    fn most_gain(&self, live: &Live) -> f64 {
        let mut largest: BinaryHeap<Reverse<Descending>> = BinaryHeap::new();
        let mut sum: Vec<f64> = Vec::new();
        let chosen: std::collections::HashSet<u32> = self.chosen.iter().copied().collect();
        for element in live.descending() {
            let single = live.single(element);
            // The heap's top is the key of the least of the largest bounds: keys of larger values are smaller.
            if largest.len() == self.most && largest.peek().is_some_and(|&Reverse(least)| Descending::of(single) >= least) || single <= 0.0
            {
                break;
            }
            if chosen.contains(&element) {
                continue;
            }
            let bound = self.bound(element, live).0.max(0.0);
            largest.push(Reverse(Descending::of(bound)));
            sum.push(bound);
            if largest.len() > self.most {
                largest.pop();
            }
        }
        sum.sort_by(|a, b| b.total_cmp(a));
        sum.iter().take(self.most).sum()
    }

    pub(crate) fn save(&self) -> GreedyState {
        let valid = |bound: &Bound| self.prefixes.get(bound.level as usize) == Some(&bound.prefix);
        let bounds = (0_u32..).zip(&self.bounds).filter(|(_, bound)| valid(bound)).map(|(element, bound)| (element, *bound)).collect();
        GreedyState {
            chosen: self.chosen.clone(),
            gains: self.gains.clone(),
            prefixes: self.prefixes.clone(),
            next_prefix: self.next_prefix,
            bounds,
            newcomers: self.newcomers.clone(),
            exhausted: self.exhausted,
            work: self.oracle.work(),
        }
    }

    /// Continues from a saved state; `None` where it is damaged.
    pub(crate) fn restore(&mut self, state: GreedyState) -> Option<()> {
        let elements = self.oracle.oracle().elements();
        let whole =
            state.gains.len() == state.chosen.len() && state.prefixes.len() == state.chosen.len() + 1 && state.chosen.len() <= self.most;
        let inside = |element: &u32| (*element as usize) < elements;
        if !whole || !state.chosen.iter().all(inside) || !state.newcomers.iter().all(inside) {
            return None;
        }
        self.oracle.truncate(0);
        for &element in &state.chosen {
            self.oracle.push(element);
        }
        self.oracle.set_work(state.work);
        self.bounds = vec![UNKNOWN; elements];
        for (element, bound) in state.bounds {
            *self.bounds.get_mut(element as usize)? = bound;
        }
        (self.chosen, self.gains, self.prefixes) = (state.chosen, state.gains, state.prefixes);
        (self.next_prefix, self.newcomers, self.exhausted) = (state.next_prefix, state.newcomers, state.exhausted);
        Some(())
    }
}

/// The greedy algorithm over `pool`, distinct live elements, from nothing, as far as `budget` evaluations take it: the set and its value.
pub(crate) fn greedy_over<O: LevelOracle>(
    oracle: &mut Counted<O>,
    constraint: &Constraint,
    pool: &[u32],
    live: &Live,
    budget: u64,
) -> Result<(Vec<u32>, f64), OracleFault> {
    oracle.truncate(0);
    let last = oracle.work().evaluations.saturating_add(budget);
    let most = constraint.most(oracle.oracle().elements());
    let mut chosen: Vec<u32> = Vec::new();
    let mut heap: BinaryHeap<(Reverse<(Descending, u32)>, usize)> =
        pool.iter().map(|&element| (Reverse((Descending::of(live.single(element)), element)), 0)).collect();
    while chosen.len() < most
        && oracle.work().evaluations < last
        && let Some((Reverse((rank, element)), level)) = heap.pop()
        && rank < Descending::of(0.0)
    {
        if !constraint.can_add(&chosen, element) {
            continue;
        }
        if level == chosen.len() {
            oracle.push(element);
            chosen.push(element);
        } else {
            let gain = oracle.gain(element, chosen.len())?;
            heap.push((Reverse((Descending::of(gain), element)), chosen.len()));
        }
    }
    let value = oracle.value();
    oracle.truncate(0);
    Ok((chosen, value))
}
