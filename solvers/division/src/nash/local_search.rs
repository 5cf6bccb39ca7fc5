//! Local search for maximum Nash welfare: transfers, swaps and chains of two transfers, restarted from small perturbations.

use rand::RngExt;

use super::product::Incumbent;
use crate::valuations::Valuations;
use crate::watch::Watch;

/// What an agent without positive utility loses against any that has some; above every sum of logarithms.
const NOTHING: f64 = 1e6;

/// Moves gain at least this, so that rounding makes none go round in circles.
const LEAST_GAIN: f64 = 1e-11;

/// The state of a search.
pub(crate) struct LocalSearch<'a> {
    valuations: &'a Valuations<'a>,
    weights: Vec<f64>,
    scale: Vec<f64>,
    owner: Vec<usize>,
    utilities: Vec<i128>,
    bundles: Vec<Vec<usize>>,
    /// How much it counts how far an agent is from positive utility: guidance while agents are won over, a hindrance once some cannot be.
    guidance: f64,
}

impl<'a> LocalSearch<'a> {
    pub(crate) fn new(valuations: &'a Valuations<'a>, weights: &[u32], owner: &[usize]) -> Self {
        let scale = (0..valuations.agents())
            .map(|a| valuations.row(a).iter().map(|value| value.unsigned_abs() as f64).sum::<f64>().max(1.0))
            .collect();
        let mut search = Self {
            valuations,
            weights: weights.iter().copied().map(f64::from).collect(),
            scale,
            owner: Vec::new(),
            utilities: Vec::new(),
            bundles: Vec::new(),
            guidance: NOTHING,
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
    }

    /// The logarithm of an agent's part of the product.
    fn log(&self, agent: usize, utility: i128) -> f64 {
        if utility > 0 { self.weights[agent] * (utility as f64).ln() } else { utility as f64 / self.scale[agent] * self.guidance - NOTHING }
    }

    fn value(&self, agent: usize, item: usize) -> i128 {
        i128::from(self.valuations.value(agent, item))
    }

    /// What it means to an agent to gain `gained` and lose `lost`.
    fn change(&self, agent: usize, gained: i128, lost: i128) -> f64 {
        self.log(agent, self.utilities[agent] + gained - lost) - self.log(agent, self.utilities[agent])
    }

    fn hand_over(&mut self, item: usize, to: usize) {
        let from = self.owner[item];
        self.utilities[from] -= self.value(from, item);
        self.utilities[to] += self.value(to, item);
        self.bundles[from].retain(|&other| other != item);
        self.bundles[to].push(item);
        self.owner[item] = to;
    }

    /// Improves until none of the moves does.
    pub(crate) fn descend(&mut self, watch: &mut Watch<'_>) {
        while watch.goes_on() && (self.transfer(watch) || self.swap(watch) || self.chain(watch)) {}
    }

    /// The best receiver of each item in turn.
    fn transfer(&mut self, watch: &mut Watch<'_>) -> bool {
        let mut improved = false;
        for item in 0..self.owner.len() {
            if !watch.goes_on() {
                break;
            }
            let from = self.owner[item];
            let loss = self.change(from, 0, self.value(from, item));
            let best = (0..self.utilities.len())
                .filter(|&to| to != from)
                .map(|to| (loss + self.change(to, self.value(to, item), 0), to))
                .max_by(|x, y| x.0.total_cmp(&y.0));
            if let Some((gain, to)) = best
                && gain > LEAST_GAIN
            {
                self.hand_over(item, to);
                improved = true;
            }
        }
        improved
    }

    /// Two items of two agents for each other.
    fn swap(&mut self, watch: &mut Watch<'_>) -> bool {
        let mut improved = false;
        for item in 0..self.owner.len() {
            if !watch.goes_on() {
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
                if self.change(a, for_a, 0) + self.change(b, for_b, 0) > LEAST_GAIN {
                    self.hand_over(item, b);
                    self.hand_over(other, a);
                    improved = true;
                }
            }
        }
        improved
    }

    /// An item from `a` to `b`, and one from `b` to `c`.
    fn chain(&mut self, watch: &mut Watch<'_>) -> bool {
        let agents = self.utilities.len();
        let gain = |c: usize, item: usize| self.change(c, self.value(c, item), 0);
        // What an item can bring at best, whoever gets it.
        let most: Vec<f64> =
            (0..self.owner.len()).map(|item| (0..agents).map(|c| gain(c, item)).fold(f64::NEG_INFINITY, f64::max)).collect();
        for item in 0..self.owner.len() {
            if !watch.goes_on() {
                break;
            }
            let a = self.owner[item];
            let loss = self.change(a, 0, self.value(a, item));
            for b in (0..agents).filter(|&b| b != a) {
                for &other in &self.bundles[b] {
                    let passed = loss + self.change(b, self.value(b, item), self.value(b, other));
                    if passed + most[other] <= LEAST_GAIN {
                        continue;
                    }
                    if let Some(c) = (0..agents).find(|&c| c != a && c != b && passed + gain(c, other) > LEAST_GAIN) {
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

    /// Iterated local search from the incumbent, for `rounds` perturbations.
    pub(crate) fn iterate(&mut self, incumbent: &mut Incumbent, weights: &[u32], rounds: u32, watch: &mut Watch<'_>) {
        let mut random = watch.run().stream("nash-local-search");
        self.restart(&incumbent.owner.clone());
        self.descend(watch);
        incumbent.offer(self.valuations, weights, &self.owner);
        for round in 0..rounds {
            if !watch.goes_on() {
                return;
            }
            self.guidance = if round % 2 == 0 { 0.0 } else { NOTHING };
            self.perturb(&mut random);
            self.descend(watch);
            if !incumbent.offer(self.valuations, weights, &self.owner) {
                self.restart(&incumbent.owner.clone());
            }
        }
    }
}
