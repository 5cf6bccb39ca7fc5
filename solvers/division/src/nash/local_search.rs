//! Local search for maximum Nash welfare: transfers, swaps and chains of two transfers, restarted from small perturbations.
//!
//! Every move that is made raises a number of the whole allocation for certain: the pair of positive agents and product, compared in integers where
//! logarithms are too close to tell, or an integer potential. There are finitely many allocations, so every descent ends.

use std::cmp::Ordering;

use rand::RngExt;

use super::product::{Incumbent, compare_products};
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// What is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Criterion {
    /// First the number of agents with positive utility, then the product of their utilities.
    Product,
    /// The sum over the agents of an integer: the logarithm of a positive utility, or how far the agent is from one. It leads to allocations in which
    /// more agents have positive utility, past others whose product is smaller.
    Potential,
}

/// An agent without positive utility is worth this much less than one with some, in units of logarithms; above every sum of three logarithms.
const NOTHING: f64 = 1e6;

/// What the potential makes of one unit of logarithms.
const POTENTIAL_UNIT: f64 = 1_048_576.0;

/// How good something is for an agent, or how much better a move makes things: by the first number, then by the second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gain {
    /// Agents with positive utility, or the potential.
    first: i64,
    /// Logarithm of the product, or 0.
    log: f64,
}

impl Gain {
    fn plus(self, other: Self) -> Self {
        Self { first: self.first + other.first, log: self.log + other.log }
    }

    fn minus(self, other: Self) -> Self {
        Self { first: self.first - other.first, log: self.log - other.log }
    }

    fn total_cmp(&self, other: &Self) -> Ordering {
        self.first.cmp(&other.first).then(self.log.total_cmp(&other.log))
    }
}

/// An agent and what its utility becomes by a move.
type Change = (usize, i128);

/// The state of a search.
pub(crate) struct LocalSearch<'a> {
    valuations: &'a Valuations<'a>,
    weights: Vec<u32>,
    scale: Vec<f64>,
    /// Sums of a move's logarithms are off by less than this.
    rounding: f64,
    /// Whether some utility is negative; otherwise the potential leads nowhere that the product does not.
    guided: bool,
    criterion: Criterion,
    owner: Vec<usize>,
    utilities: Vec<i128>,
    /// What each agent's utility is worth by the criterion.
    standings: Vec<Gain>,
    bundles: Vec<Vec<usize>>,
}

impl<'a> LocalSearch<'a> {
    pub(crate) fn new(valuations: &'a Valuations<'a>, weights: &[u32], owner: &[usize]) -> Self {
        let rows = || (0..valuations.agents()).map(|a| valuations.row(a));
        let scale: Vec<f64> = rows().map(|row| row.iter().map(|value| value.unsigned_abs() as f64).sum::<f64>().max(1.0)).collect();
        let largest_log = weights.iter().zip(&scale).map(|(&weight, scale)| f64::from(weight) * (1.0 + scale.ln())).fold(1.0, f64::max);
        let mut search = Self {
            valuations,
            weights: weights.to_vec(),
            scale,
            // Up to six logarithms and as many additions, with every utility rounded once.
            rounding: 32.0 * f64::EPSILON * largest_log,
            guided: rows().flatten().any(|&value| value < 0),
            criterion: Criterion::Product,
            owner: Vec::new(),
            utilities: Vec::new(),
            standings: Vec::new(),
            bundles: Vec::new(),
        };
        search.restart(owner);
        search
    }

    /// Who has each item now.
    pub(crate) fn owner(&self) -> &[usize] {
        &self.owner
    }

    /// Starts again from `owner`.
    pub(crate) fn restart(&mut self, owner: &[usize]) {
        self.owner = owner.to_vec();
        self.utilities = crate::fairness::utilities(self.valuations, owner);
        self.bundles = vec![Vec::new(); self.valuations.agents()];
        for (item, &agent) in owner.iter().enumerate() {
            self.bundles[agent].push(item);
        }
        self.judge_by(self.criterion);
    }

    fn judge_by(&mut self, criterion: Criterion) {
        self.criterion = criterion;
        self.standings = self.utilities.iter().enumerate().map(|(agent, &utility)| self.standing(agent, utility)).collect();
    }

    /// What a utility is worth to an agent by the criterion.
    fn standing(&self, agent: usize, utility: i128) -> Gain {
        let log = |utility: i128| f64::from(self.weights[agent]) * rounded(utility).ln();
        match self.criterion {
            Criterion::Product if utility > 0 => Gain { first: 1, log: log(utility) },
            Criterion::Product => Gain { first: 0, log: 0.0 },
            Criterion::Potential => {
                let worth = if utility > 0 { log(utility) } else { rounded(utility) / self.scale[agent] * NOTHING - NOTHING };
                Gain { first: integer(worth * POTENTIAL_UNIT), log: 0.0 }
            }
        }
    }

    fn value(&self, agent: usize, item: usize) -> i128 {
        i128::from(self.valuations.value(agent, item))
    }

    /// What it means to an agent to gain `gained`.
    fn change(&self, agent: usize, gained: i128) -> Gain {
        self.standing(agent, self.utilities[agent] + gained).minus(self.standings[agent])
    }

    /// Whether a move with this gain is an improvement, looking at the exact products when logarithms cannot tell.
    fn improves(&self, gain: Gain, changes: &[Change]) -> bool {
        match gain.first.cmp(&0) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if self.criterion == Criterion::Potential || gain.log < -self.rounding => false,
            Ordering::Equal if gain.log > self.rounding => true,
            Ordering::Equal => {
                let weighed = |(agent, utility)| (utility, self.weights[agent]);
                let new: Vec<(i128, u32)> = changes.iter().copied().map(weighed).collect();
                let old: Vec<(i128, u32)> = changes.iter().map(|&(agent, _)| weighed((agent, self.utilities[agent]))).collect();
                compare_products(&new, &old) == Ordering::Greater
            }
        }
    }

    /// Whether a move with at most this gain can be an improvement.
    fn may_improve(&self, gain: Gain) -> bool {
        gain.first > 0 || (gain.first == 0 && gain.log >= -self.rounding && self.criterion == Criterion::Product)
    }

    fn hand_over(&mut self, item: usize, to: usize) {
        let from = self.owner[item];
        self.utilities[from] -= self.value(from, item);
        self.utilities[to] += self.value(to, item);
        for agent in [from, to] {
            self.standings[agent] = self.standing(agent, self.utilities[agent]);
        }
        self.bundles[from].retain(|&other| other != item);
        self.bundles[to].push(item);
        self.owner[item] = to;
    }

    /// Improves until none of the moves does.
    pub(crate) fn descend(&mut self, meter: &mut WorkMeter<'_>) {
        while meter.goes_on() && (self.transfer(meter) || self.swap(meter) || self.chain(meter)) {}
    }

    /// As [`descend`](Self::descend), by way of the potential.
    fn descend_guided(&mut self, meter: &mut WorkMeter<'_>) {
        if self.guided {
            self.judge_by(Criterion::Potential);
            self.descend(meter);
            self.judge_by(Criterion::Product);
        }
        self.descend(meter);
    }

    /// The best receiver of each item in turn.
    fn transfer(&mut self, meter: &mut WorkMeter<'_>) -> bool {
        let mut improved = false;
        let mut gains: Vec<(Gain, usize)> = Vec::with_capacity(self.utilities.len());
        for item in 0..self.owner.len() {
            if !meter.goes_on_after(8 * self.utilities.len() as u64) {
                break;
            }
            let from = self.owner[item];
            let loss = self.change(from, -self.value(from, item));
            gains.clear();
            gains.extend(
                (0..self.utilities.len()).filter(|&to| to != from).map(|to| (loss.plus(self.change(to, self.value(to, item))), to)),
            );
            let Some(&(best, _)) = gains.iter().max_by(|x, y| x.0.total_cmp(&y.0)) else { continue };
            if !self.may_improve(best) {
                continue;
            }
            // The last of the best, or of those that rounding does not tell from it.
            let improving = gains.iter().rev().copied().find(|&(gain, to)| {
                gain.first == best.first && gain.log >= best.log - 2.0 * self.rounding && {
                    let left = (from, self.utilities[from] - self.value(from, item));
                    self.improves(gain, &[left, (to, self.utilities[to] + self.value(to, item))])
                }
            });
            if let Some((_, to)) = improving {
                self.hand_over(item, to);
                improved = true;
            }
        }
        improved
    }

    /// Two items of two agents for each other.
    fn swap(&mut self, meter: &mut WorkMeter<'_>) -> bool {
        let mut improved = false;
        for item in 0..self.owner.len() {
            if !meter.goes_on_after(8 * item as u64) {
                break;
            }
            for other in 0..item {
                let (a, b) = (self.owner[item], self.owner[other]);
                if a == b {
                    continue;
                }
                let (for_a, for_b) = (self.value(a, other) - self.value(a, item), self.value(b, item) - self.value(b, other));
                if for_a <= 0 && for_b <= 0 {
                    continue;
                }
                let gain = self.change(a, for_a).plus(self.change(b, for_b));
                if self.improves(gain, &[(a, self.utilities[a] + for_a), (b, self.utilities[b] + for_b)]) {
                    self.hand_over(item, b);
                    self.hand_over(other, a);
                    improved = true;
                }
            }
        }
        improved
    }

    /// An item from `a` to `b`, and one from `b` to `c`.
    fn chain(&mut self, meter: &mut WorkMeter<'_>) -> bool {
        let agents = self.utilities.len();
        // What an item can bring at best, whoever gets it.
        let mut most = Vec::with_capacity(self.owner.len());
        for item in 0..self.owner.len() {
            if !meter.goes_on_after(8 * agents as u64) {
                return false;
            }
            let gains = (0..agents).map(|c| self.change(c, self.value(c, item)));
            most.push(
                gains.reduce(|best, gain| if gain.total_cmp(&best).is_gt() { gain } else { best }).unwrap_or(Gain { first: 0, log: 0.0 }),
            );
        }
        for item in 0..self.owner.len() {
            if !meter.goes_on_after(8 * self.owner.len() as u64) {
                break;
            }
            let a = self.owner[item];
            let for_a = -self.value(a, item);
            let loss = self.change(a, for_a);
            for b in (0..agents).filter(|&b| b != a) {
                for &other in &self.bundles[b] {
                    let for_b = self.value(b, item) - self.value(b, other);
                    let passed = loss.plus(self.change(b, for_b));
                    if !self.may_improve(passed.plus(most[other])) {
                        continue;
                    }
                    let receiver = (0..agents).filter(|&c| c != a && c != b).find(|&c| {
                        let for_c = self.value(c, other);
                        let changes = [(a, for_a), (b, for_b), (c, for_c)].map(|(agent, change)| (agent, self.utilities[agent] + change));
                        self.improves(passed.plus(self.change(c, for_c)), &changes)
                    });
                    if let Some(c) = receiver {
                        self.hand_over(item, b);
                        self.hand_over(other, c);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Gives a few random items to random agents.
    fn perturb(&mut self, random: &mut impl rand::Rng) {
        let moves = random.random_range(2..6);
        for _ in 0..moves {
            let item = random.random_range(0..self.owner.len());
            let to = random.random_range(0..self.utilities.len());
            self.hand_over(item, to);
        }
    }

    /// Iterated local search from the incumbent, for `rounds` perturbations; `found` is told of every better allocation.
    pub(crate) fn iterate(
        &mut self,
        incumbent: &mut Incumbent,
        rounds: u32,
        meter: &mut WorkMeter<'_>,
        mut found: impl FnMut(&Incumbent, &WorkMeter<'_>),
    ) {
        let weights = self.weights.clone();
        let mut random = meter.run().stream("nash-local-search");
        self.restart(&incumbent.owner.clone());
        self.descend_guided(meter);
        incumbent.offer(self.valuations, &weights, &self.owner);
        found(incumbent, meter);
        for round in 0..rounds {
            if !meter.goes_on() {
                return;
            }
            self.perturb(&mut random);
            if round % 2 == 0 {
                self.descend(meter);
            } else {
                self.descend_guided(meter);
            }
            if incumbent.offer(self.valuations, &weights, &self.owner) {
                found(incumbent, meter);
            } else {
                self.restart(&incumbent.owner.clone());
            }
        }
    }
}

/// The nearest floating-point number; machine integers are converted much faster than wider ones.
fn rounded(utility: i128) -> f64 {
    i64::try_from(utility).map_or(utility as f64, |utility| utility as f64)
}

/// The nearest integer.
#[expect(clippy::cast_possible_truncation, reason = "far within 64 bits, and NaN becomes 0")]
fn integer(worth: f64) -> i64 {
    worth.round() as i64
}

#[cfg(test)]
mod tests {
    use fathom_opt_core::Run;

    use super::*;

    /// Descends by one criterion and requires that every move raises it: the loop of `descend`, move by move.
    fn moves_until_the_end(rows: &[Vec<i64>], owner: &[usize]) -> usize {
        let valuations = Valuations::from_rows(rows);
        let weights = vec![1; rows.len()];
        let run = Run::default();
        let mut meter = WorkMeter::new(&run);
        let mut search = LocalSearch::new(&valuations, &weights, owner);
        search.descend_guided(&mut meter);
        meter.counters.iterations.try_into().unwrap()
    }

    #[test]
    fn a_descent_ends_where_logarithms_cannot_tell_a_gain_from_rounding() {
        // Three agents for two items: an agent without anything takes part in every comparison.
        assert!(moves_until_the_end(&[vec![4, 2], vec![4, 2], vec![4, 2]], &[0, 0]) < 100);
        assert!(moves_until_the_end(&[vec![63, 44], vec![63, 44], vec![63, 44]], &[2, 2]) < 100);
        // Utilities whose logarithms differ by less than a rounding error, and mixed ones.
        let large = 1_i64 << 60;
        assert!(moves_until_the_end(&[vec![large, large + 1, large + 2], vec![large + 1, large, large - 1]], &[0, 0, 0]) < 200);
        assert!(moves_until_the_end(&[vec![large, -1, -large], vec![-large, 1, 3], vec![5, -7, 1]], &[2, 0, 0]) < 300);
    }

    #[test]
    fn a_gain_below_the_resolution_of_logarithms_is_taken() {
        // 2^40 (2^40 + 2) against (2^40 + 1)^2: the logarithms agree to 1e-24.
        let base = 1_i64 << 40;
        let rows = vec![vec![base - 1, base, 1, 1, 1]; 2];
        let valuations = Valuations::from_rows(&rows);
        let run = Run::default();
        let mut search = LocalSearch::new(&valuations, &[1, 1], &[0, 1, 0, 1, 1]);
        search.descend(&mut WorkMeter::new(&run));
        let utilities = crate::fairness::utilities(&valuations, search.owner());
        assert_eq!(utilities, [i128::from(base) + 1; 2]);
    }
}
