//! Proof of maximum Nash welfare: branch and bound with price bounds, finished in integers.

use super::domain::Domain;
use super::enumeration::Enumeration;
use super::local_search::LocalSearch;
use super::market::Market;
use super::prices::{Evaluation, evaluate, reduce};
use super::product::Incumbent;
use crate::fairness::utilities;
use crate::work_meter::WorkMeter;

/// Price updates at the root, at other nodes, and at nodes whose bound is so close to the incumbent that prices hardly help.
const ROOT_STEPS: usize = 400;
const NODE_STEPS: usize = 40;
const CLOSE_STEPS: usize = 4;

/// A bound is close to the incumbent when it is above it by a factor of at most 1 plus this.
const CLOSE: f64 = 1e-9;

/// Allocations up to which a node is finished by looking at all of them: in general, and when its bound is close.
const FEW_ALLOCATIONS: f64 = 2e4;
const FEW_CLOSE_ALLOCATIONS: f64 = 2e6;

/// Nodes with close bounds after which the proof is given up: very many allocations are then almost as good as the incumbent.
const MOST_CLOSE_NODES: u64 = 20_000;

/// What a search for something better than the incumbent found out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Proof {
    /// Nothing is better.
    Exact,
    /// Too many branches were too close to the incumbent; nothing has a larger sum of logarithms than this.
    Close(f64),
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

/// What became of a node.
enum Processed {
    /// It contains nothing better than the incumbent.
    Hopeless,
    /// It may, and these are its prices.
    Open(Dual),
    /// The run has to stop.
    Stopped,
}

pub(crate) struct BranchAndBound<'a> {
    exponents: &'a [u32],
    market: &'a Market<'a>,
    max_nodes: u64,
}

/// The incumbent with the logarithms that bounds are compared with.
struct Target {
    /// Its sum of logarithms.
    attained: f64,
    /// Everything better has a larger sum of logarithms than this.
    next: f64,
}

impl<'a> BranchAndBound<'a> {
    /// A search that takes at most `max_nodes` nodes (0: as many as it takes).
    pub(crate) fn new(exponents: &'a [u32], market: &'a Market<'a>, max_nodes: u64) -> Self {
        Self { exponents, market, max_nodes }
    }

    fn target(&self, incumbent: &Incumbent) -> Target {
        let utilities = utilities(self.market.valuations, &incumbent.owner);
        let attained = self.market.logarithm(&utilities);
        Target { attained, next: self.market.next_logarithm(&utilities, &incumbent.score) }
    }

    /// Improves the incumbent until nothing better exists. `progress` is told the incumbent and the bound at every node.
    pub(crate) fn prove(
        &self,
        incumbent: &mut Incumbent,
        meter: &mut WorkMeter<'_>,
        mut progress: impl FnMut(&Incumbent, f64, &WorkMeter<'_>),
    ) -> Proof {
        let market = self.market;
        let prices = market.equilibrium_prices(300, meter);
        let mut open = vec![Node { domain: Domain::full(market), prices, bound: f64::INFINITY }];
        let mut local = LocalSearch::new(market.valuations, self.exponents, &incumbent.owner);
        let mut close_nodes = 0;
        while let Some(mut node) = open.pop() {
            let open_bound = open.iter().map(|node| node.bound).fold(node.bound, f64::max);
            let nodes = meter.counters.others.get("nodes").copied().unwrap_or(0);
            if !meter.goes_on() || (self.max_nodes > 0 && nodes >= self.max_nodes) {
                return Proof::Bounded(open_bound);
            }
            progress(incumbent, open_bound, meter);
            meter.counters.add("nodes", 1);
            let target = self.target(incumbent);
            if node.bound <= target.next {
                continue;
            }
            let is_close = node.bound <= target.attained + CLOSE;
            close_nodes += u64::from(is_close);
            if close_nodes > MOST_CLOSE_NODES {
                return Proof::Close(open_bound);
            }
            let steps = if is_close {
                CLOSE_STEPS
            } else if node.bound.is_infinite() {
                ROOT_STEPS
            } else {
                NODE_STEPS
            };
            let dual = match self.process(&mut node, steps, incumbent, &mut local, meter) {
                Processed::Hopeless => continue,
                Processed::Stopped => return Proof::Bounded(open_bound),
                Processed::Open(dual) => dual,
            };
            let target = self.target(incumbent);
            let few = if node.bound <= target.attained + CLOSE { FEW_CLOSE_ALLOCATIONS } else { FEW_ALLOCATIONS };
            if node.domain.allocations() <= few {
                let found = utilities(market.valuations, &incumbent.owner);
                if !Enumeration::new(market, self.exponents, &node.domain, &found, target.next).run(incumbent, meter) {
                    return Proof::Bounded(open_bound);
                }
                continue;
            }
            // More than one allocation is left, so some item is open between two agents.
            let Some((agent, item)) = branching_pair(market, &node.domain, &dual) else { continue };
            let mut without = node.domain.clone();
            without.forbid_orbit(market, agent, item);
            without.settle_singles(market);
            let mut with = node.domain;
            with.settle(market, agent, item);
            let bound = dual.evaluation.bound.min(node.bound);
            open.push(Node { domain: without, prices: dual.prices.clone(), bound });
            open.push(Node { domain: with, prices: dual.prices, bound });
        }
        Proof::Exact
    }

    /// Lowers the bound of a node and shrinks its domain.
    fn process(
        &self,
        node: &mut Node,
        steps: usize,
        incumbent: &mut Incumbent,
        local: &mut LocalSearch<'_>,
        meter: &mut WorkMeter<'_>,
    ) -> Processed {
        let mut steps = steps;
        loop {
            let dual = match self.lower(node, steps, incumbent, local, meter) {
                Processed::Open(dual) => dual,
                ended => return ended,
            };
            node.prices.clone_from(&dual.prices);
            node.bound = node.bound.min(dual.evaluation.bound);
            let mut removed = 0;
            let mut evaluation = dual.evaluation.clone();
            let next = self.target(incumbent).next;
            loop {
                let Some(now) = reduce(self.market, &mut node.domain, &dual.prices, &evaluation, next, meter) else {
                    return Processed::Stopped;
                };
                removed += now;
                if now == 0 {
                    break;
                }
                node.domain.settle_singles(self.market);
                match evaluate(self.market, &node.domain, &dual.prices, meter) {
                    None => return Processed::Stopped,
                    Some(now) if now.bound <= next => return Processed::Hopeless,
                    Some(now) => evaluation = now,
                }
            }
            node.bound = node.bound.min(evaluation.bound);
            meter.counters.add("removed", removed as u64);
            if removed * 20 < node.domain.open_pairs() || removed == 0 {
                return Processed::Open(Dual { evaluation, ..dual });
            }
            steps = steps.min(NODE_STEPS);
        }
    }

    /// Subgradient steps on the prices (Polyak's step length towards the incumbent), with the incumbent improved from what the agents want.
    fn lower(
        &self,
        node: &Node,
        steps: usize,
        incumbent: &mut Incumbent,
        local: &mut LocalSearch<'_>,
        meter: &mut WorkMeter<'_>,
    ) -> Processed {
        let market = self.market;
        let mut prices = node.prices.clone();
        let mut best: Option<(f64, Vec<f64>, Evaluation)> = None;
        let mut shares = vec![0.0; market.agents * market.items];
        let mut factor = 1.0;
        let mut stale = 0;
        let mut target = self.target(incumbent);
        let mut direction = vec![0.0_f64; market.items];
        let classes = node.domain.alike(market);
        for step in 0..steps {
            if !meter.goes_on() {
                return Processed::Stopped;
            }
            let Some(evaluation) = evaluate(market, &node.domain, &prices, meter) else { return Processed::Stopped };
            if evaluation.bound <= target.next {
                return Processed::Hopeless;
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
                local.descend(meter);
                if incumbent.offer(market.valuations, self.exponents, local.owner()) {
                    meter.counters.add("improvements", 1);
                    target = self.target(incumbent);
                }
            }
            // An incumbent in which somebody has nothing, and need not, says nothing about how far the bound can fall.
            let gap = if target.attained.is_finite() { evaluation.bound - target.attained } else { 1.0 };
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
        // There is at least one step, and the first improves on nothing.
        best.map_or(Processed::Stopped, |(_, prices, evaluation)| Processed::Open(Dual { prices, evaluation, shares }))
    }

    /// An allocation near what the agents want: an item goes to the agent to whom it means most among those who want it, or among those who may have it.
    fn complete(&self, domain: &Domain, evaluation: &Evaluation) -> Vec<usize> {
        let market = self.market;
        let mut utilities: Vec<f64> = domain.base().iter().map(|&utility| utility as f64).collect();
        let mut owner = vec![usize::MAX; market.items];
        let mut open = Vec::new();
        for (o, owner) in owner.iter_mut().enumerate() {
            if let Some(agent) = domain.holder(o) {
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
    let mut sums = vec![(0.0, 0.0); classes.len()];
    for (o, &demand) in evaluation.demand.iter().enumerate() {
        if domain.is_open(o) {
            let (sum, count) = &mut sums[classes[o]];
            *sum += f64::from(demand) - 1.0;
            *count += 1.0;
        }
    }
    (0..classes.len()).map(|o| if domain.is_open(o) { sums[classes[o]].0 / sums[classes[o]].1 } else { 0.0 }).collect()
}

/// The pair to branch on: the open item whose approximate fractional owner is least clear, with its likeliest owner.
fn branching_pair(market: &Market<'_>, domain: &Domain, dual: &Dual) -> Option<(usize, usize)> {
    let share = |a: usize, o: usize| dual.shares[a * market.items + o];
    let mut best: Option<(f64, usize, usize)> = None;
    for o in (0..market.items).filter(|&o| domain.is_open(o)) {
        let Some(likeliest) = domain.candidates(o).max_by(|&a, &b| share(a, o).total_cmp(&share(b, o))) else { continue };
        let unclear = share(likeliest, o).min(1.0 - share(likeliest, o)) + 1e-3 * dual.prices[o];
        if best.is_none_or(|(most, ..)| unclear > most) {
            best = Some((unclear, likeliest, o));
        }
    }
    best.map(|(_, agent, item)| (agent, item))
}
