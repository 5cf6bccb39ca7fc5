//! Depth-first search for allocations in which every agent has at least its floor, with floors that rise as better allocations are found.

use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// What is searched for.
pub(crate) trait Goal {
    /// What every agent must have at least in an allocation that is worth finding. Agents with the same utilities have the same floor.
    fn floors(&self) -> &[i128];
    /// A complete allocation in which everybody has its floor; the floors may rise.
    fn found(&mut self, owner: &[usize], utilities: &[i128], meter: &WorkMeter<'_>);
    /// Whether an allocation with at most these utilities may still be worth finding; they are at least the floors.
    fn hopeful(&self, optimistic: &[i128]) -> bool;
}

/// The weights of the sum bound are integers up to this when they count.
const LARGEST_WEIGHT: f64 = 1_048_576.0;

/// Steps that improve the weights at the root and at other nodes.
const ROOT_STEPS: u32 = 300;
const NODE_STEPS: u32 = 8;

/// The search. A branch ends when some agent cannot reach its floor with all that is left, when the weighted sum of utilities cannot reach that of the
/// floors with every remaining item where it weighs most (for any weights: they are adapted at every node), or when the goal gives up hope.
///
/// Of allocations that differ only in the names of identical items or identical agents, the one with the first owner sequence in the alphabet is among
/// those that are visited.
pub(crate) struct FloorSearch<'a> {
    valuations: &'a Valuations<'a>,
    /// Items of large utilities first.
    order: Vec<usize>,
    /// For each position the position before it with an identical item.
    alike: Vec<Option<usize>>,
    /// For each agent the agent before it with the same utilities.
    twin: Vec<Option<usize>>,
    hopes: Vec<Vec<i128>>,
    /// Utilities in the order of the search, item by item.
    columns: Vec<f64>,
    scale: Vec<f64>,
    weights: Vec<f64>,
    owner: Vec<usize>,
    utilities: Vec<i128>,
    /// How many items each agent has.
    counts: Vec<usize>,
}

impl<'a> FloorSearch<'a> {
    pub(crate) fn new(valuations: &'a Valuations<'a>, floors: &[i128]) -> Self {
        let (n, m) = (valuations.agents(), valuations.items());
        let mut order: Vec<usize> = (0..m).collect();
        let magnitude = |item: usize| (0..n).map(|a| valuations.value(a, item).unsigned_abs()).max();
        let column = |item: usize| (0..n).map(move |a| valuations.value(a, item));
        order.sort_by(|&x, &y| magnitude(y).cmp(&magnitude(x)).then_with(|| column(x).cmp(column(y))).then(x.cmp(&y)));
        let alike = (0..m).map(|k| (k > 0 && column(order[k]).eq(column(order[k - 1]))).then(|| k - 1)).collect();
        let twin = (0..n).map(|a| (0..a).rev().find(|&b| valuations.row(a) == valuations.row(b))).collect();
        let mut hopes = vec![vec![0; n]; m + 1];
        for (k, &item) in order.iter().enumerate().rev() {
            hopes[k] = (0..n).map(|a| hopes[k + 1][a] + i128::from(valuations.value(a, item).max(0))).collect();
        }
        let columns = order.iter().flat_map(|&item| column(item)).map(|value| value as f64).collect();
        let scale: Vec<f64> =
            (0..n).map(|a| valuations.row(a).iter().map(|value| value.unsigned_abs() as f64).sum::<f64>().max(1.0)).collect();
        let weights = scale.iter().map(|scale| 1.0 / scale).collect();
        let mut search = Self {
            valuations,
            order,
            alike,
            twin,
            hopes,
            columns,
            scale,
            weights,
            owner: vec![0; m],
            utilities: vec![0; n],
            counts: vec![0; n],
        };
        search.weights = search.adapted(0, floors, &search.weights.clone(), ROOT_STEPS).0;
        search
    }

    /// No allocation gives everybody more than this: the least utility is at most a weighted average, here by the weights at the root.
    pub(crate) fn least_utility_at_most(&self) -> i128 {
        let weights = integers(&self.weights);
        self.heaviest(0, &weights).div_euclid(weights.iter().sum())
    }

    /// Shows the goal every allocation that is worth finding; whether the search was finished.
    pub(crate) fn run(&mut self, goal: &mut impl Goal, meter: &mut WorkMeter<'_>) -> bool {
        let weights = self.weights.clone();
        self.descend(0, &weights, goal, meter)
    }

    fn descend(&mut self, k: usize, weights: &[f64], goal: &mut impl Goal, meter: &mut WorkMeter<'_>) -> bool {
        let n = self.utilities.len();
        if !meter.goes_on_after((n * (1 + 2 * (self.order.len() - k))) as u64) {
            return false;
        }
        let floors = goal.floors();
        let optimistic: Vec<i128> = self.utilities.iter().zip(&self.hopes[k]).map(|(utility, hope)| utility + hope).collect();
        if optimistic.iter().zip(floors).any(|(most, floor)| most < floor) || !goal.hopeful(&optimistic) {
            return true;
        }
        if k == self.order.len() {
            goal.found(&self.owner, &self.utilities, meter);
            return true;
        }
        let (weights, refuted) = self.adapted(k, floors, weights, NODE_STEPS);
        if refuted {
            return true;
        }
        let item = self.order[k];
        let first = self.alike[k].map_or(0, |before| self.owner[self.order[before]]);
        // Where it weighs most first, to the poorer among equals.
        let mut agents: Vec<usize> =
            (first..n).filter(|&a| self.counts[a] > 0 || self.twin[a].is_none_or(|twin| self.counts[twin] > 0)).collect();
        let weighed = |a: usize| weights[a] * self.columns[k * n + a];
        agents.sort_by(|&a, &b| weighed(b).total_cmp(&weighed(a)).then(self.utilities[a].cmp(&self.utilities[b])).then(a.cmp(&b)));
        for a in agents {
            let value = i128::from(self.valuations.value(a, item));
            self.utilities[a] += value;
            self.counts[a] += 1;
            self.owner[item] = a;
            let finished = self.descend(k + 1, &weights, goal, meter);
            self.utilities[a] -= value;
            self.counts[a] -= 1;
            if !finished {
                return false;
            }
        }
        true
    }

    /// Weights for which the largest weighted sum that the items from position `k` on can bring is small against what the agents lack (a multiplicative
    /// subgradient method), and whether it is too small: then, decided in integers, not everybody can reach its floor.
    fn adapted(&self, k: usize, floors: &[i128], weights: &[f64], steps: u32) -> (Vec<f64>, bool) {
        let n = self.utilities.len();
        let lacking: Vec<f64> = floors.iter().zip(&self.utilities).map(|(floor, utility)| (floor - utility) as f64).collect();
        let mut weights = weights.to_vec();
        let mut best = (f64::INFINITY, weights.clone());
        let mut attained = vec![0.0; n];
        for round in 0..steps {
            attained.fill(0.0);
            let mut sum = 0.0;
            for column in self.columns[k * n..].chunks_exact(n) {
                let mut holder = 0;
                for a in 1..n {
                    if weights[a] * column[a] > weights[holder] * column[holder] {
                        holder = a;
                    }
                }
                attained[holder] += column[holder];
                sum += weights[holder] * column[holder];
            }
            let size: f64 = weights.iter().zip(&self.scale).map(|(weight, scale)| weight * scale).sum();
            let needed: f64 = weights.iter().zip(&lacking).map(|(weight, lack)| weight * lack).sum();
            let gap = (sum - needed) / size;
            if gap < best.0 {
                best = (gap, weights.clone());
            }
            if gap < 0.0 && self.refutes(k, floors, &weights) {
                return (weights, true);
            }
            if attained.iter().zip(&lacking).all(|(has, lack)| has >= lack) {
                // Even without sharing items everybody reaches its floor, as far as these weights can tell.
                break;
            }
            let step = 1.0 / (2.0 + f64::from(round) / 4.0);
            for a in 0..n {
                let excess = ((attained[a] - lacking[a]) / self.scale[a]).clamp(-1.0, 1.0);
                weights[a] *= (1.0 - step * excess).max(0.1);
            }
        }
        (best.1, false)
    }

    /// Whether, by these weights rounded to integers, the items from position `k` on cannot bring what the agents lack.
    fn refutes(&self, k: usize, floors: &[i128], weights: &[f64]) -> bool {
        let weights = integers(weights);
        let needed: i128 =
            floors.iter().zip(&self.utilities).zip(&weights).map(|((floor, utility), weight)| (floor - utility) * weight).sum();
        self.heaviest(k, &weights) < needed
    }

    /// The largest weighted sum of the items from position `k` on.
    fn heaviest(&self, k: usize, weights: &[i128]) -> i128 {
        let most = |&item: &usize| {
            weights.iter().enumerate().map(|(a, weight)| weight * i128::from(self.valuations.value(a, item))).max().unwrap_or(0)
        };
        self.order[k..].iter().map(most).sum()
    }
}

/// Positive integers in proportion to the weights, the largest [`LARGEST_WEIGHT`]. Any positive integers are valid.
#[expect(clippy::cast_possible_truncation, reason = "clamped, and NaN becomes 0")]
fn integers(weights: &[f64]) -> Vec<i128> {
    let largest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    weights.iter().map(|weight| ((weight / largest * LARGEST_WEIGHT).round().clamp(1.0, LARGEST_WEIGHT) as i128).max(1)).collect()
}
