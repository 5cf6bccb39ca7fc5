//! Proof of maximum Nash welfare: branch and bound with price bounds.

use fathom_opt_core::Progress;

use super::local_search::LocalSearch;
use super::prices::{Domain, Evaluation, Market};
use super::product::Incumbent;
use crate::valuations::Valuations;
use crate::watch::Watch;

/// What is added to every bound: far more than the rounding errors of a sum of logarithms and prices, which stay below `1e-11` for any instance that the
/// market takes.
pub(crate) const ROUNDING: f64 = 1e-9;

/// Price updates at the root and at other nodes.
const ROOT_STEPS: usize = 400;
const NODE_STEPS: usize = 40;

/// What a search for something better than the incumbent found out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Proof {
    /// Nothing is better.
    Exact,
    /// Nothing has a larger sum of logarithms by more than [`ROUNDING`] twice; some branches were so close that floating point could not tell.
    Within,
    /// The run or the limit on nodes stopped the search; nothing has a larger sum of logarithms than this.
    Bounded(f64),
}

struct Node {
    domain: Domain,
    prices: Vec<f64>,
    bound: f64,
}

/// The best prices that were found at a node.
struct Dual {
    prices: Vec<f64>,
    evaluation: Evaluation,
    /// How often each agent wanted each item lately: an approximate fractional solution.
    shares: Vec<f64>,
}

pub(crate) struct BranchAndBound<'a> {
    valuations: &'a Valuations<'a>,
    weights: &'a [u32],
    market: &'a Market,
    /// Whether a branch was given up that might contain something better by less than rounding.
    close: std::cell::Cell<bool>,
    most_nodes: u64,
}

impl<'a> BranchAndBound<'a> {
    pub(crate) fn new(valuations: &'a Valuations<'a>, weights: &'a [u32], market: &'a Market, most_nodes: u64) -> Self {
        Self { valuations, weights, market, close: std::cell::Cell::new(false), most_nodes }
    }

    /// The logarithm that the incumbent attains.
    fn target(&self, incumbent: &Incumbent) -> f64 {
        let utilities = crate::fairness::utilities(self.valuations, &incumbent.owner);
        let part = |(utility, weight): (&i128, &f64)| {
            if *utility > 0 { weight * (*utility as f64).ln() + self.market.bonus } else { self.market.nothing.max(0.0) }
        };
        utilities.iter().zip(&self.market.weights).map(part).sum()
    }

    /// The logarithm below which nothing is better than the incumbent: products are integers, so the next one is larger by 1 at least.
    fn threshold(&self, incumbent: &Incumbent) -> f64 {
        let product = &incumbent.score.product;
        let step = if product.bits() <= 52 && self.market.bonus == 0.0 {
            u64::try_from(product).map_or(0.0, |product| 0.999 * (1.0 / product as f64).ln_1p())
        } else {
            0.0
        };
        self.target(incumbent) + step - ROUNDING
    }

    /// Whether a branch with this bound can be given up.
    fn hopeless(&self, bound: f64, incumbent: &Incumbent) -> bool {
        if bound <= self.threshold(incumbent) {
            return true;
        }
        let close = bound <= self.target(incumbent) + ROUNDING;
        self.close.set(self.close.get() || close);
        close
    }

    /// Improves the incumbent until nothing better exists.
    pub(crate) fn prove(&self, incumbent: &mut Incumbent, watch: &mut Watch<'_>) -> Proof {
        let mut domain = Domain::full(self.market);
        domain.settle_singles(self.market);
        let prices = self.market.equilibrium_prices(300);
        let mut open = vec![Node { domain, prices, bound: f64::INFINITY }];
        let mut local = LocalSearch::new(self.valuations, self.weights, &incumbent.owner);
        while let Some(mut node) = open.pop() {
            let open_bound = open.iter().map(|node| node.bound).fold(node.bound, f64::max);
            let nodes = watch.counters.others.get("nodes").copied().unwrap_or(0);
            if !watch.goes_on() || (self.most_nodes > 0 && nodes >= self.most_nodes) {
                return Proof::Bounded(open_bound);
            }
            watch.run().report(&Progress { done: watch.counters.iterations, bound: Some(open_bound), ..Progress::default() });
            watch.counters.add("nodes", 1);
            let steps = if node.bound.is_infinite() { ROOT_STEPS } else { NODE_STEPS };
            let Some(dual) = self.process(&mut node, steps, incumbent, &mut local, watch) else {
                if watch.stopped().is_some() {
                    return Proof::Bounded(open_bound);
                }
                continue;
            };
            match branching_pair(&node.domain, &dual) {
                None => {
                    let owner = self.complete(&node.domain, &dual.evaluation);
                    incumbent.offer(self.valuations, self.weights, &owner);
                }
                Some((agent, item)) => {
                    let mut without = node.domain.clone();
                    without.forbid(agent, item);
                    without.settle_singles(self.market);
                    let mut with = node.domain;
                    with.settle(self.market, agent, item);
                    let bound = dual.evaluation.bound.min(node.bound);
                    open.push(Node { domain: without, prices: dual.prices.clone(), bound });
                    open.push(Node { domain: with, prices: dual.prices, bound });
                }
            }
        }
        if self.close.get() { Proof::Within } else { Proof::Exact }
    }

    /// Lowers the bound of a node and shrinks its domain; nothing when the node cannot contain anything better (or the run was stopped).
    fn process(
        &self,
        node: &mut Node,
        steps: usize,
        incumbent: &mut Incumbent,
        local: &mut LocalSearch<'_>,
        watch: &mut Watch<'_>,
    ) -> Option<Dual> {
        let mut steps = steps;
        loop {
            let dual = self.lower(node, steps, incumbent, local, watch)?;
            node.prices.clone_from(&dual.prices);
            node.bound = node.bound.min(dual.evaluation.bound);
            let mut removed = 0;
            let mut evaluation = dual.evaluation.clone();
            loop {
                let now = self.market.reduce(&mut node.domain, &dual.prices, &evaluation, self.threshold(incumbent));
                removed += now;
                if now == 0 {
                    break;
                }
                node.domain.settle_singles(self.market);
                evaluation = self.market.evaluate(&node.domain, &dual.prices);
                if self.hopeless(evaluation.bound, incumbent) {
                    return None;
                }
            }
            watch.counters.add("removed", removed as u64);
            if removed * 20 < node.domain.open_pairs() || removed == 0 {
                return Some(Dual { evaluation, ..dual });
            }
            steps = NODE_STEPS;
        }
    }

    /// Subgradient steps on the prices (Polyak's step length towards the incumbent), with the incumbent improved from what the agents want.
    fn lower(
        &self,
        node: &Node,
        steps: usize,
        incumbent: &mut Incumbent,
        local: &mut LocalSearch<'_>,
        watch: &mut Watch<'_>,
    ) -> Option<Dual> {
        let market = self.market;
        let mut prices = node.prices.clone();
        let mut best: Option<(f64, Vec<f64>, Evaluation)> = None;
        let mut shares = vec![0.0; market.agents * market.items];
        let mut factor = 1.0;
        let mut stale = 0;
        let mut target = self.target(incumbent);
        let mut direction = vec![0.0_f64; market.items];
        let classes = market.alike(&node.domain);
        for step in 0..steps {
            if !watch.goes_on() {
                return None;
            }
            let evaluation = market.evaluate(&node.domain, &prices);
            if self.hopeless(evaluation.bound, incumbent) {
                return None;
            }
            for share in &mut shares {
                *share *= 0.9;
            }
            for (a, bundle) in evaluation.bundles.iter().enumerate() {
                for &o in bundle {
                    shares[a * market.items + o] += 0.1;
                }
            }
            let slopes = slopes(&node.domain, &evaluation, &classes);
            let mut length = 0.0;
            for (o, slope) in slopes.into_iter().enumerate() {
                // Earlier directions keep the steps from zigzagging (Camerini, Fratta, Maffioli 1975).
                direction[o] = slope + 0.6 * direction[o];
                if prices[o] <= 0.0 && direction[o] < 0.0 {
                    direction[o] = 0.0;
                }
                length += direction[o] * direction[o];
            }
            let improved = best.as_ref().is_none_or(|(bound, ..)| evaluation.bound < *bound - 1e-7);
            if step % 20 == 10 || (improved && step % 5 == 0) {
                let owner = self.complete(&node.domain, &evaluation);
                local.restart(&owner);
                local.descend(watch);
                if incumbent.offer(self.valuations, self.weights, local.owner()) {
                    watch.counters.add("improvements", 1);
                    target = self.target(incumbent);
                }
            }
            let gap = evaluation.bound - target;
            if improved {
                best = Some((evaluation.bound, prices.clone(), evaluation));
                stale = 0;
            } else {
                stale += 1;
                if stale >= 8 {
                    factor *= 0.6;
                    stale = 0;
                }
            }
            if length == 0.0 || factor < 1e-3 {
                break;
            }
            let reach = factor * gap / length;
            for (price, slope) in prices.iter_mut().zip(&direction) {
                *price = (*price + reach * slope).max(0.0);
            }
        }
        best.map(|(_, prices, evaluation)| Dual { prices, evaluation, shares })
    }

    /// An allocation near what the agents want: an item goes to the agent to whom it means most among those who want it, or among those who may have it.
    fn complete(&self, domain: &Domain, evaluation: &Evaluation) -> Vec<usize> {
        let market = self.market;
        let mut utilities = domain.base.clone();
        let mut owner = vec![usize::MAX; market.items];
        let mut open = Vec::new();
        for (o, owner) in owner.iter_mut().enumerate() {
            if let Some(agent) = domain.settled[o] {
                *owner = agent;
            } else if evaluation.demand[o] == 1
                && let Some(agent) = (0..market.agents).find(|&a| evaluation.bundles[a].contains(&o))
            {
                *owner = agent;
                utilities[agent] += market.values[agent * market.items + o];
            } else {
                open.push(o);
            }
        }
        for o in open {
            let wants = |a: &usize| evaluation.bundles[*a].contains(&o);
            let gain = |a: usize| {
                let value = market.values[a * market.items + o];
                market.weights[a] * (value / utilities[a].max(1e-9)).ln_1p()
            };
            let pick = |candidates: Vec<usize>| candidates.into_iter().max_by(|&a, &b| gain(a).total_cmp(&gain(b)));
            let chosen = pick((0..market.agents).filter(wants).collect())
                .or_else(|| pick(domain.candidates(o).collect()))
                .or_else(|| pick((0..market.agents).collect()))
                .unwrap_or(0);
            owner[o] = chosen;
            utilities[chosen] += market.values[chosen * market.items + o];
        }
        owner
    }
}

/// Demand less supply of each item, averaged over items that are alike: their prices stay equal, which loses nothing (the bound is convex) and keeps the
/// agents from chasing one item of many.
fn slopes(domain: &Domain, evaluation: &Evaluation, classes: &[usize]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); domain.items];
    for (o, &demand) in evaluation.demand.iter().enumerate() {
        if domain.settled[o].is_none() {
            let (sum, count) = &mut sums[classes[o]];
            *sum += f64::from(demand) - 1.0;
            *count += 1.0;
        }
    }
    (0..domain.items).map(|o| if domain.settled[o].is_some() { 0.0 } else { sums[classes[o]].0 / sums[classes[o]].1 }).collect()
}

/// The pair to branch on: the open item whose approximate fractional owner is least clear, with its likeliest owner.
fn branching_pair(domain: &Domain, dual: &Dual) -> Option<(usize, usize)> {
    let share = |a: usize, o: usize| dual.shares[a * domain.items + o];
    let mut best: Option<(f64, usize, usize)> = None;
    for o in (0..domain.items).filter(|&o| domain.settled[o].is_none()) {
        let Some(likeliest) = domain.candidates(o).max_by(|&a, &b| share(a, o).total_cmp(&share(b, o))) else { continue };
        let unclear = share(likeliest, o).min(1.0 - share(likeliest, o)) + 1e-3 * dual.prices[o];
        if best.is_none_or(|(most, ..)| unclear > most) {
            best = Some((unclear, likeliest, o));
        }
    }
    best.map(|(_, agent, item)| (agent, item))
}
