//! Depth-first search for allocations in which every agent has at least its floor, with floors that rise as better allocations are found.

use crate::valuations::Valuations;
use crate::watch::Watch;

/// What is searched for.
pub(crate) trait Goal {
    /// What every agent must have at least in an allocation that is worth finding.
    fn floors(&self) -> &[i128];
    /// A complete allocation in which everybody has its floor; the floors may rise.
    fn found(&mut self, owner: &[usize], utilities: &[i128]);
    /// Whether an allocation with at most these utilities may still be worth finding; they are at least the floors.
    fn hopeful(&self, optimistic: &[i128]) -> bool;
}

/// The weights of the sum bound are integers up to this.
const LARGEST_WEIGHT: f64 = 1_048_576.0;

/// The search. A branch ends when some agent cannot reach its floor with all that is left, when the weighted sum of utilities cannot reach that of the
/// floors with every remaining item where it weighs most, or when the goal gives up hope.
pub(crate) struct FloorSearch<'a> {
    valuations: &'a Valuations<'a>,
    /// Items of large utilities first.
    order: Vec<usize>,
    /// For each position the position before it with an identical item.
    alike: Vec<Option<usize>>,
    hopes: Vec<Vec<i128>>,
    weights: Vec<i128>,
    /// The largest weighted sum of the items at positions `k` and later.
    heaviest: Vec<i128>,
    owner: Vec<usize>,
    utilities: Vec<i128>,
    weighted: i128,
}

impl<'a> FloorSearch<'a> {
    pub(crate) fn new(valuations: &'a Valuations<'a>, floors: &[i128]) -> Self {
        let (n, m) = (valuations.agents(), valuations.items());
        let mut order: Vec<usize> = (0..m).collect();
        let magnitude = |item: usize| (0..n).map(|a| valuations.value(a, item).unsigned_abs()).max();
        let column = |item: usize| (0..n).map(move |a| valuations.value(a, item));
        order.sort_by(|&x, &y| magnitude(y).cmp(&magnitude(x)).then_with(|| column(x).cmp(column(y))).then(x.cmp(&y)));
        let alike = (0..m).map(|k| (k > 0 && column(order[k]).eq(column(order[k - 1]))).then(|| k - 1)).collect();
        let weights = weights(valuations, floors);
        let mut hopes = vec![vec![0; n]; m + 1];
        let mut heaviest = vec![0; m + 1];
        for (k, &item) in order.iter().enumerate().rev() {
            hopes[k] = (0..n).map(|a| hopes[k + 1][a] + i128::from(valuations.value(a, item).max(0))).collect();
            let most = (0..n).map(|a| weights[a] * i128::from(valuations.value(a, item))).max().unwrap_or(0);
            heaviest[k] = heaviest[k + 1] + most;
        }
        Self { valuations, order, alike, hopes, weights, heaviest, owner: vec![0; m], utilities: vec![0; n], weighted: 0 }
    }

    /// Shows the goal every allocation that is worth finding; whether the search was finished.
    pub(crate) fn run(&mut self, goal: &mut impl Goal, watch: &mut Watch<'_>) -> bool {
        self.descend(0, goal, watch)
    }

    fn descend(&mut self, k: usize, goal: &mut impl Goal, watch: &mut Watch<'_>) -> bool {
        if !watch.goes_on() {
            return false;
        }
        let floors = goal.floors();
        let optimistic: Vec<i128> = self.utilities.iter().zip(&self.hopes[k]).map(|(utility, hope)| utility + hope).collect();
        if optimistic.iter().zip(floors).any(|(most, floor)| most < floor) {
            return true;
        }
        let needed: i128 = floors.iter().zip(&self.weights).map(|(floor, weight)| floor * weight).sum();
        if self.weighted + self.heaviest[k] < needed || !goal.hopeful(&optimistic) {
            return true;
        }
        if k == self.order.len() {
            goal.found(&self.owner, &self.utilities);
            return true;
        }
        let item = self.order[k];
        let first = self.alike[k].map_or(0, |before| self.owner[self.order[before]]);
        // Where it weighs most first, to the poorer among equals.
        let mut agents: Vec<usize> = (first..self.utilities.len()).collect();
        agents.sort_by_key(|&a| (std::cmp::Reverse(self.weights[a] * i128::from(self.valuations.value(a, item))), self.utilities[a]));
        for a in agents {
            let value = i128::from(self.valuations.value(a, item));
            self.utilities[a] += value;
            self.weighted += self.weights[a] * value;
            self.owner[item] = a;
            let finished = self.descend(k + 1, goal, watch);
            self.utilities[a] -= value;
            self.weighted -= self.weights[a] * value;
            if !finished {
                return false;
            }
        }
        true
    }
}

/// Weights for which the largest weighted sum of utilities is small against that of the floors (a multiplicative subgradient method). Any weights are
/// valid.
fn weights(valuations: &Valuations<'_>, floors: &[i128]) -> Vec<i128> {
    let (n, m) = (valuations.agents(), valuations.items());
    let scale: Vec<f64> = (0..n).map(|a| valuations.row(a).iter().map(|value| value.unsigned_abs() as f64).sum::<f64>().max(1.0)).collect();
    let mut lambda: Vec<f64> = scale.iter().map(|scale| 1.0 / scale).collect();
    let mut best = (f64::INFINITY, lambda.clone());
    for round in 0..300 {
        let mut attained = vec![0.0; n];
        let mut sum = 0.0;
        for item in 0..m {
            let mut holder = 0;
            for a in 1..n {
                if lambda[a] * valuations.value(a, item) as f64 > lambda[holder] * valuations.value(holder, item) as f64 {
                    holder = a;
                }
            }
            attained[holder] += valuations.value(holder, item) as f64;
            sum += lambda[holder] * valuations.value(holder, item) as f64;
        }
        let size: f64 = lambda.iter().zip(&scale).map(|(weight, scale)| weight * scale).sum();
        let needed: f64 = lambda.iter().zip(floors).map(|(weight, &floor)| weight * floor as f64).sum();
        if (sum - needed) / size < best.0 {
            best = ((sum - needed) / size, lambda.clone());
        }
        let step = 1.0 / (2.0 + f64::from(round) / 4.0);
        for a in 0..n {
            let excess = ((attained[a] - floors[a] as f64) / scale[a]).clamp(-1.0, 1.0);
            lambda[a] *= (1.0 - step * excess).max(0.1);
        }
    }
    let largest = best.1.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    best.1.iter().map(|weight| integer((weight / largest * LARGEST_WEIGHT).round())).collect()
}

/// An integer from 1 to [`LARGEST_WEIGHT`].
#[expect(clippy::cast_possible_truncation, reason = "clamped, and NaN becomes 0")]
fn integer(weight: f64) -> i128 {
    (weight.clamp(1.0, LARGEST_WEIGHT) as i128).max(1)
}
