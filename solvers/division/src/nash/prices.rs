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

use std::collections::HashMap;

use super::bundle::{BundleSearch, Offer, fractional};

/// The search space of one node: which agents may still have each item, and what each agent has for sure.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    pub(crate) agents: usize,
    pub(crate) items: usize,
    /// `allowed[a * items + o]`.
    pub(crate) allowed: Vec<bool>,
    /// The agent who has the item for sure.
    pub(crate) settled: Vec<Option<usize>>,
    /// What each agent's settled items are worth to it.
    pub(crate) base: Vec<f64>,
}

/// The data of the bound that do not change.
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) agents: usize,
    pub(crate) items: usize,
    /// Utilities, row by row; none negative.
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    /// What having nothing is worth: minus infinity when all agents can have something.
    pub(crate) nothing: f64,
    /// What is added to the logarithm of a positive utility, so that more positive agents are always better.
    pub(crate) bonus: f64,
}

/// `L(p)` with the agents' bundles.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    pub(crate) bound: f64,
    /// Each agent's part of it.
    pub(crate) profits: Vec<f64>,
    /// How many agents want each item.
    pub(crate) demand: Vec<u32>,
    /// Each agent's bundle, settled items left out.
    pub(crate) bundles: Vec<Vec<usize>>,
}

impl Domain {
    /// Everybody may have everything it values.
    pub(crate) fn full(market: &Market) -> Self {
        Self {
            agents: market.agents,
            items: market.items,
            allowed: market.values.iter().map(|&value| value > 0.0).collect(),
            settled: vec![None; market.items],
            base: vec![0.0; market.agents],
        }
    }

    pub(crate) fn forbid(&mut self, a: usize, o: usize) {
        self.allowed[a * self.items + o] = false;
    }

    /// Item `o` is agent `a`'s.
    pub(crate) fn settle(&mut self, market: &Market, a: usize, o: usize) {
        self.settled[o] = Some(a);
        self.base[a] += market.values[a * self.items + o];
        for other in 0..self.agents {
            self.allowed[other * self.items + o] = other == a;
        }
    }

    pub(crate) fn candidates(&self, o: usize) -> impl Iterator<Item = usize> {
        (0..self.agents).filter(move |&a| self.allowed[a * self.items + o])
    }

    /// Pairs of agents and items that are still open.
    pub(crate) fn open_pairs(&self) -> usize {
        (0..self.items).filter(|&o| self.settled[o].is_none()).map(|o| self.candidates(o).count()).sum()
    }

    /// Settles items that only one agent may have. Items that nobody wants any more are left to anybody.
    pub(crate) fn settle_singles(&mut self, market: &Market) {
        for o in 0..self.items {
            if self.settled[o].is_none() {
                let mut candidates = self.candidates(o);
                if let (Some(only), None) = (candidates.next(), candidates.next()) {
                    drop(candidates);
                    self.settle(market, only, o);
                }
            }
        }
    }
}

impl Market {
    /// The items that agent `a` may buy, by increasing price per value; `except` and settled items left out.
    fn offers(&self, domain: &Domain, prices: &[f64], a: usize, except: usize, offers: &mut Vec<Offer>) {
        offers.clear();
        let row = &self.values[a * self.items..(a + 1) * self.items];
        for (item, (&value, &price)) in row.iter().zip(prices).enumerate() {
            if domain.allowed[a * self.items + item] && domain.settled[item].is_none() && item != except {
                offers.push(Offer { item, value, price, ratio: price / value });
            }
        }
        offers.sort_unstable_by(|x, y| x.ratio.total_cmp(&y.ratio).then(x.item.cmp(&y.item)));
    }

    /// What nothing is worth to agent `a`, in the terms of its bundle search (which does not know the bonus).
    fn nothing(&self) -> f64 {
        self.nothing - self.bonus
    }

    /// `L(p)`.
    pub(crate) fn evaluate(&self, domain: &Domain, prices: &[f64]) -> Evaluation {
        let mut offers = Vec::with_capacity(self.items);
        let mut demand = vec![0; self.items];
        let mut bundles = Vec::with_capacity(self.agents);
        let mut profits = Vec::with_capacity(self.agents);
        for a in 0..self.agents {
            self.offers(domain, prices, a, usize::MAX, &mut offers);
            let found = BundleSearch::run(self.weights[a], domain.base[a], self.nothing(), &offers);
            profits.push(found.profit + self.bonus);
            let bundle: Vec<usize> = found.bundle.iter().map(|&k| offers[k].item).collect();
            for &item in &bundle {
                demand[item] += 1;
            }
            bundles.push(bundle);
        }
        let sold: f64 = (0..self.items).filter(|&o| domain.settled[o].is_none()).map(|o| prices[o]).sum();
        Evaluation { bound: sold + profits.iter().sum::<f64>(), profits, demand, bundles }
    }

    /// Removes what cannot be part of an allocation better than `target`, given `evaluation` at `prices`; how much was removed.
    ///
    /// If agent `a`'s best bundle with item `o` (or without it) makes the bound fall to `target`, then `a` does not have `o` (or has it).
    pub(crate) fn reduce(&self, domain: &mut Domain, prices: &[f64], evaluation: &Evaluation, target: f64) -> usize {
        let gap = evaluation.bound - target;
        let mut removed = 0;
        let mut offers = Vec::with_capacity(self.items);
        for a in 0..self.agents {
            let weight = self.weights[a];
            for o in 0..self.items {
                if domain.settled[o].is_some() || !domain.allowed[a * self.items + o] {
                    continue;
                }
                let wanted = evaluation.bundles[a].contains(&o);
                let limit = evaluation.profits[a] - gap;
                self.offers(domain, prices, a, o, &mut offers);
                if wanted {
                    let without = fractional(weight, &offers, domain.base[a], 0.0).max(self.nothing());
                    let hopeless = without + self.bonus < limit || {
                        BundleSearch::run(weight, domain.base[a], self.nothing(), &offers).profit + self.bonus < limit
                    };
                    if hopeless {
                        for other in 0..self.agents {
                            if other != a && domain.allowed[other * self.items + o] {
                                domain.forbid(other, o);
                                removed += 1;
                            }
                        }
                        domain.settle(self, a, o);
                        removed += 1;
                        // The agent's profit changes with what is settled; the bound at these prices does not.
                        return removed;
                    }
                } else {
                    let (value, price) = (self.values[a * self.items + o], prices[o]);
                    let with = fractional(weight, &offers, domain.base[a] + value, 0.0) - price;
                    let hopeless = with + self.bonus < limit || {
                        BundleSearch::run(weight, domain.base[a] + value, self.nothing(), &offers).profit - price + self.bonus < limit
                    };
                    if hopeless {
                        domain.forbid(a, o);
                        removed += 1;
                    }
                }
            }
        }
        removed
    }

    /// For each item the first one that is like it: open, valued alike by every agent who may have it, and open to the same agents.
    pub(crate) fn alike(&self, domain: &Domain) -> Vec<usize> {
        let mut first: HashMap<Vec<u64>, usize> = HashMap::new();
        (0..self.items)
            .map(|o| {
                if domain.settled[o].is_some() {
                    return o;
                }
                let column = (0..self.agents).map(|a| {
                    let position = a * self.items + o;
                    if domain.allowed[position] { self.values[position].to_bits() } else { 0 }
                });
                *first.entry(column.collect()).or_insert(o)
            })
            .collect()
    }

    /// Prices near the equilibrium of the market with divisible items, by proportional response (Zhang 2011).
    pub(crate) fn equilibrium_prices(&self, rounds: usize) -> Vec<f64> {
        let (n, m) = (self.agents, self.items);
        let mut bids: Vec<f64> = vec![0.0; n * m];
        for a in 0..n {
            let row = &self.values[a * m..(a + 1) * m];
            let total: f64 = row.iter().sum();
            for (bid, value) in bids[a * m..(a + 1) * m].iter_mut().zip(row) {
                *bid = if total > 0.0 { self.weights[a] * value / total } else { 0.0 };
            }
        }
        let mut prices = vec![0.0; m];
        for _ in 0..rounds {
            prices.fill(0.0);
            for row in bids.chunks_exact(m) {
                for (price, bid) in prices.iter_mut().zip(row) {
                    *price += bid;
                }
            }
            for a in 0..n {
                let values = &self.values[a * m..(a + 1) * m];
                let row = &mut bids[a * m..(a + 1) * m];
                let mut utility = 0.0;
                for ((bid, value), price) in row.iter_mut().zip(values).zip(&prices) {
                    *bid = if *price > 0.0 { value * *bid / price } else { 0.0 };
                    utility += *bid;
                }
                if utility > 0.0 {
                    for bid in row {
                        *bid *= self.weights[a] / utility;
                    }
                }
            }
        }
        prices
    }
}
