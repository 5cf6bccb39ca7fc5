//! The allocations of a small domain, one by one, compared exactly.

use super::domain::Domain;
use super::market::Market;
use super::product::{Incumbent, NashScore};
use crate::work_meter::WorkMeter;

/// An item that somebody may have.
struct OpenItem {
    item: usize,
    /// The likeliest first.
    owners: Vec<PossibleOwner>,
}

/// Who may have an item.
#[derive(Debug, Clone, Copy)]
struct PossibleOwner {
    agent: usize,
    value: i128,
    /// What the item adds to the tangent.
    slope: f64,
}

/// A depth-first walk through all allocations of a domain that may be better than the incumbent.
///
/// Branches end by the tangent of the logarithm at the incumbent's utilities `v`: `sum_a w_a ln u_a <= sum_a w_a (ln v_a - 1 + u_a / v_a)`, whose right
/// side is a sum over items, so that its largest value over what is still open is known beforehand. What remains is compared in integers.
pub(crate) struct Enumeration<'a> {
    exponents: &'a [u32],
    /// The open items that somebody may have.
    items: Vec<OpenItem>,
    /// The largest value of the tangent over the items at positions `k` and later.
    largest: Vec<f64>,
    /// What a better allocation's tangent is above; minus infinity when some agent of the incumbent has nothing.
    target: f64,
    utilities: Vec<i128>,
    owner: Vec<usize>,
}

impl<'a> Enumeration<'a> {
    /// A walk through `domain`; what nobody may have goes to agent 0.
    pub(crate) fn new(market: &Market<'_>, exponents: &'a [u32], domain: &Domain, incumbent: &[i128], target: f64) -> Self {
        let slopes: Vec<f64> = incumbent.iter().zip(&market.weights).map(|(&utility, weight)| weight / (utility.max(1) as f64)).collect();
        let mut items: Vec<OpenItem> = Vec::new();
        let mut owner = vec![0; market.items];
        for (o, owner) in owner.iter_mut().enumerate() {
            if let Some(agent) = domain.holder(o) {
                *owner = agent;
                continue;
            }
            let mut owners: Vec<PossibleOwner> = domain
                .candidates(o)
                .map(|a| {
                    let value = i128::from(market.valuations.value(a, o));
                    PossibleOwner { agent: a, value, slope: slopes[a] * value as f64 }
                })
                .collect();
            // The likeliest owner first; equal ones by index.
            owners.sort_by(|x, y| y.slope.total_cmp(&x.slope).then(x.agent.cmp(&y.agent)));
            if !owners.is_empty() {
                items.push(OpenItem { item: o, owners });
            }
        }
        // Large items first: they decide most.
        items.sort_by(|x, y| y.owners[0].slope.total_cmp(&x.owners[0].slope).then(x.item.cmp(&y.item)));
        let mut largest = vec![0.0; items.len() + 1];
        for (k, open) in items.iter().enumerate().rev() {
            largest[k] = largest[k + 1] + open.owners[0].slope;
        }
        let utilities = domain.base().to_vec();
        let target = if incumbent.iter().all(|&utility| utility > 0) {
            let constant: f64 =
                incumbent.iter().zip(&market.weights).map(|(&utility, weight)| weight * ((utility as f64).ln() - 1.0)).sum();
            let settled: f64 = utilities.iter().zip(&slopes).map(|(&utility, slope)| slope * utility as f64).sum();
            // Every number here is below the sum of magnitudes and rounded once per item.
            let magnitude: f64 = market.magnitudes.iter().sum::<f64>() + settled + largest[0] + constant.abs();
            target - constant - settled - f64::EPSILON * (2.0 * market.items as f64 + market.agents as f64 + 16.0) * magnitude
        } else {
            f64::NEG_INFINITY
        };
        Self { exponents, items, largest, target, utilities, owner }
    }

    /// Improves the incumbent to the best allocation of the domain, if that is better; whether the walk was finished.
    pub(crate) fn run(&mut self, incumbent: &mut Incumbent, meter: &mut WorkMeter<'_>) -> bool {
        self.descend(0, 0.0, incumbent, meter)
    }

    fn descend(&mut self, k: usize, tangent: f64, incumbent: &mut Incumbent, meter: &mut WorkMeter<'_>) -> bool {
        if tangent + self.largest[k] < self.target {
            return true;
        }
        if k == self.items.len() {
            let score = NashScore::of_utilities(&self.utilities, self.exponents);
            if score > incumbent.score {
                *incumbent = Incumbent { owner: self.owner.clone(), score };
            }
            return meter.spends(8 * self.utilities.len() as u64);
        }
        if !meter.spends(8) {
            return false;
        }
        for choice in 0..self.items[k].owners.len() {
            let item = self.items[k].item;
            let PossibleOwner { agent, value, slope } = self.items[k].owners[choice];
            self.utilities[agent] += value;
            self.owner[item] = agent;
            let finished = self.descend(k + 1, tangent + slope, incumbent, meter);
            self.utilities[agent] -= value;
            if !finished {
                return false;
            }
        }
        true
    }
}
