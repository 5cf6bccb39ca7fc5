//! Upper bounds on Nash welfare from prices.
//!
//! For prices `p >= 0`, no allocation has a larger sum of weighted logarithms than
//!
//! ```text
//! L(p) = sum_o p_o + sum_a max_S ( w_a ln u_a(S) - p(S) ),
//! ```
//!
//! because every item is sold once at most. With divisible items this is the dual of Eisenberg and Gale's program; keeping the bundles `S` whole makes it
//! the Lagrangian dual of the bundle formulation, which is much tighter when agents have few items each.

use super::bundle::{BundleSearch, Offer, PROFIT_TOLERANCE, fractional};
use super::domain::Domain;
use super::market::Market;
use crate::work_meter::WorkMeter;

/// `L(p)` with the agents' bundles.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    /// `L(p)`, rounded up by more than all rounding errors together.
    pub(crate) bound: f64,
    /// Each agent's part of it.
    pub(crate) profits: Vec<f64>,
    /// How many agents want each item.
    pub(crate) demand: Vec<u32>,
    /// Each agent's bundle, settled items left out.
    pub(crate) bundles: Vec<Vec<usize>>,
}

/// What nothing is worth to an agent, in the terms of its bundle search (which does not know the bonus).
fn nothing(market: &Market<'_>) -> f64 {
    market.nothing - market.bonus
}

/// The items that agent `a` may buy, by increasing price per value; `except` and settled items left out.
fn offers(market: &Market<'_>, domain: &Domain, prices: &[f64], a: usize, except: usize, offers: &mut Vec<Offer>) {
    offers.clear();
    let row = &market.values[a * market.items..(a + 1) * market.items];
    for (item, (&value, &price)) in row.iter().zip(prices).enumerate() {
        if domain.allows(a, item) && domain.is_open(item) && item != except {
            offers.push(Offer { item, value, price, ratio: price / value });
        }
    }
    offers.sort_unstable_by(|x, y| x.ratio.total_cmp(&y.ratio).then(x.item.cmp(&y.item)));
}

/// `L(p)`; nothing when the run has to stop.
pub(crate) fn evaluate(market: &Market<'_>, domain: &Domain, prices: &[f64], meter: &mut WorkMeter<'_>) -> Option<Evaluation> {
    let mut offered = Vec::with_capacity(market.items);
    let mut demand = vec![0; market.items];
    let mut bundles = Vec::with_capacity(market.agents);
    let mut profits = Vec::with_capacity(market.agents);
    for a in 0..market.agents {
        if !meter.spends(4 * market.items as u64) {
            return None;
        }
        offers(market, domain, prices, a, usize::MAX, &mut offered);
        let found = BundleSearch::run(market.weights[a], domain.base()[a] as f64, nothing(market), &offered);
        profits.push(found.profit + market.bonus);
        let bundle: Vec<usize> = found.bundle.iter().map(|&k| offered[k].item).collect();
        for &item in &bundle {
            demand[item] += 1;
        }
        bundles.push(bundle);
    }
    let sold: f64 = (0..market.items).filter(|&o| domain.is_open(o)).map(|o| prices[o]).sum();
    let sum = sold + profits.iter().sum::<f64>();
    // An agent who cannot have anything at all: the node is empty.
    let bound = if sum == f64::NEG_INFINITY { sum } else { sum + rounding(market, &profits, sold) };
    Some(Evaluation { bound, profits, demand, bundles })
}

/// More than `L(p)` is off by: a bundle's value and price are sums of up to `m` rounded terms, its price is below its logarithm less the profit, and
/// the whole is a sum of `n + m` terms.
fn rounding(market: &Market<'_>, profits: &[f64], sold: f64) -> f64 {
    let (n, m) = (market.agents as f64, market.items as f64);
    let sizes: f64 = profits.iter().zip(&market.magnitudes).map(|(profit, magnitude)| profit.abs() + magnitude).sum();
    f64::EPSILON * ((2.0 * m + n + 8.0) * sizes + (n + m + 8.0) * sold) + n * PROFIT_TOLERANCE
}

/// Removes what cannot be part of an allocation whose sum of logarithms is above `target`, given `evaluation` at `prices`; how much was removed, or
/// nothing when the run has to stop.
///
/// If agent `a`'s best bundle with item `o` (or without it) makes the bound fall to `target`, then `a` does not have `o` (or has it).
pub(crate) fn reduce(
    market: &Market<'_>,
    domain: &mut Domain,
    prices: &[f64],
    evaluation: &Evaluation,
    target: f64,
    meter: &mut WorkMeter<'_>,
) -> Option<usize> {
    let gap = evaluation.bound - target;
    let mut removed = 0;
    let mut offered = Vec::with_capacity(market.items);
    for a in 0..market.agents {
        let weight = market.weights[a];
        for o in 0..market.items {
            if !domain.is_open(o) || !domain.allows(a, o) {
                continue;
            }
            if !meter.spends(4 * market.items as u64) {
                return None;
            }
            let wanted = evaluation.bundles[a].contains(&o);
            let limit = evaluation.profits[a] - gap;
            let base = domain.base()[a] as f64;
            offers(market, domain, prices, a, o, &mut offered);
            if wanted {
                let without = fractional(weight, &offered, base, 0.0).max(nothing(market));
                let hopeless = without + market.bonus < limit
                    || BundleSearch::run(weight, base, nothing(market), &offered).profit + market.bonus < limit;
                if hopeless {
                    for other in 0..market.agents {
                        if other != a && domain.allows(other, o) {
                            domain.forbid(other, o);
                            removed += 1;
                        }
                    }
                    domain.settle(market, a, o);
                    removed += 1;
                    // The agent's profit changes with what is settled; the bound at these prices does not.
                    return Some(removed);
                }
            } else {
                let (value, price) = (market.values[a * market.items + o], prices[o]);
                let with = fractional(weight, &offered, base + value, 0.0) - price;
                let hopeless = with + market.bonus < limit
                    || BundleSearch::run(weight, base + value, nothing(market), &offered).profit - price + market.bonus < limit;
                if hopeless {
                    domain.forbid(a, o);
                    removed += 1;
                }
            }
        }
    }
    Some(removed)
}
