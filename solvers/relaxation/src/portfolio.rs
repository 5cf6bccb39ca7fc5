//! Which arm solves the next system.

use fathom_opt_linalg::RelaxationFactor;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::arm::{Arm, Chain};

/// What is known of an arm.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// Mean and variance of the logarithm of the ratio between what the arm cost and its price.
    mean: f64,
    variance: f64,
    /// How many observations these rest on. Below 1 the arm counts as unknown: the mean is only a guess from before a drift.
    weight: f64,
    usable: bool,
    /// A forecast of what the arm costs on the system at hand, up to a factor that is learned (its mean); nothing while the arm cannot be played.
    price: Option<f64>,
    /// The least that the arm can cost on any system.
    floor: f64,
    /// What it is expected to cost on the system at hand.
    expected: f64,
}

impl Standing {
    fn is_known(&self) -> bool {
        self.usable && self.weight >= 1.0 && self.price.is_some()
    }

    /// Computes the expected cost after a change of the mean or the price: it is compared many times per system.
    fn expect(&mut self) {
        self.expected = self.price.map_or(f64::INFINITY, |price| price * self.mean.exp());
    }
}

/// Chooses among the arms. The incumbent is the known arm with the lowest expected cost; it plays most systems.
///
/// What is learned of an arm is the ratio between its cost and a price. All iterative arms share one price, a forecast of the work that the system takes; when the incumbent
/// finds that the forecast is too high or too low, the expected costs of all iterative arms move with it.
///
/// Arms that are not known yet are tried in turn. In a [`Chain`] the cost falls up to some arm and then rises, so the neighbours of the best known arm are tried next
/// (Combes and Proutiere 2014 use such structure in the same way). Known arms are tried again with probabilities that fall with their distance to the incumbent
/// (inverse-gap weighting: Abe and Long 1999; Foster and Rakhlin 2020). A trial costs more than the incumbent would have; all trials together may cost only a small part of
/// the time spent so far.
#[derive(Debug, Clone)]
pub(crate) struct Portfolio {
    arms: Vec<Arm>,
    standings: Vec<Standing>,
    probabilities: Vec<f64>,
    /// The chain of each arm and its place in that chain, for the present prior relaxation factor.
    places: Vec<(Chain, f64)>,
    /// The arm that was the incumbent when the last arm was drawn.
    challenged: usize,
    rng: ChaCha8Rng,
    rounds: f64,
    /// Cost of all systems so far, and how much of it was more than the incumbent would have cost.
    total: f64,
    wasted: f64,
    /// By how many standard deviations the incumbent's cost has lately been above its mean; an exponentially smoothed average.
    surprise: f64,
    resets: u64,
}

/// Trials may waste this part of all costs; at the beginning, as if so many systems had been solved already.
const EXPLORATION_SHARE: f64 = 0.04;
const CREDIT: f64 = 8.0;
/// Systems that the first arm plays before anything else is tried.
const FIRST_ROUNDS: f64 = 2.0;
/// Probability of trying an unknown arm when earlier systems have paid for the trial.
const UNKNOWN: f64 = 0.8;
/// An arm's mean forgets old observations as if there were never more than so many.
const MEMORY: f64 = 12.0;
/// The inverse-gap weights concentrate on the incumbent by this factor times the square root of the number of systems.
const SHARPNESS: f64 = 20.0;
/// A smoothed surprise above this, in standard deviations, counts as drift: the systems are no longer what they were.
const DRIFT: f64 = 2.0;
/// The arms of a chain are not tried when the best known one among them costs more than this many times what the incumbent costs.
const NEAR: f64 = 1.3;
/// No iterative arm is expected to cost less than this part of the best known iterative one.
const PLAUSIBLE: f64 = 0.3;
/// Two relaxation factors count as the same when their distances from 2 differ by less than this factor.
const APART: f64 = 1.2;

impl Portfolio {
    pub(crate) fn new(arms: Vec<Arm>, rng: ChaCha8Rng) -> Self {
        let count = arms.len();
        let places = arms.iter().map(|arm| arm.place(RelaxationFactor::GAUSS_SEIDEL)).collect();
        let standing = Standing { mean: 0.0, variance: 0.0, weight: 0.0, usable: true, price: None, floor: 0.0, expected: f64::INFINITY };
        Self {
            arms,
            standings: vec![standing; count],
            probabilities: vec![0.0; count],
            places,
            challenged: 0,
            rng,
            rounds: 0.0,
            total: 0.0,
            wasted: 0.0,
            surprise: 0.0,
            resets: 0,
        }
    }

    /// The arms to choose from.
    pub(crate) fn arms(&self) -> &[Arm] {
        &self.arms
    }

    /// How often drift was found.
    pub(crate) fn resets(&self) -> u64 {
        self.resets
    }

    /// Position of an arm.
    pub(crate) fn position(&self, arm: Arm) -> Option<usize> {
        self.arms.iter().position(|known| *known == arm)
    }

    /// With which probability each arm was played on the last system.
    pub(crate) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// Never plays this arm again.
    pub(crate) fn retire(&mut self, arm: usize) {
        // The first arm stays: something has to be played.
        self.standings[arm].usable = arm == 0;
    }

    /// Sets the arm's price on the system at hand, and the least that it can cost.
    pub(crate) fn set_price(&mut self, arm: usize, price: Option<f64>, floor: f64) {
        self.standings[arm].price = price;
        self.standings[arm].floor = floor;
        self.standings[arm].expect();
    }

    /// Tells what an arm that was not played yet would cost, relative to its price; ignored once it is known.
    pub(crate) fn inform(&mut self, arm: usize, relative: f64) {
        if self.standings[arm].weight < 1.0 {
            self.standings[arm].mean = relative.max(1e-12).ln();
            self.standings[arm].variance = 0.0;
            self.standings[arm].weight = 1.0;
            self.standings[arm].expect();
        }
    }

    /// The arm with the lowest expected cost among the known ones.
    pub(crate) fn incumbent(&self) -> usize {
        let known = (0..self.arms.len()).filter(|&arm| self.standings[arm].is_known());
        known.min_by(|&a, &b| self.standings[a].expected.total_cmp(&self.standings[b].expected)).unwrap_or(0)
    }

    /// Expected cost of an arm on the system at hand, once it is known.
    pub(crate) fn expected(&self, arm: usize) -> Option<f64> {
        Some(self.standings[arm]).filter(Standing::is_known).map(|standing| standing.expected)
    }

    /// Draws an arm for the system at hand; `prior` is the relaxation factor that the prior arm would use. Returns it and its probability.
    pub(crate) fn choose(&mut self, prior: RelaxationFactor) -> (usize, f64) {
        self.probabilities.fill(0.0);
        let incumbent = self.incumbent();
        self.challenged = incumbent;
        self.probabilities[incumbent] = 1.0;
        let Some(expected) = self.expected(incumbent) else { return (incumbent, 1.0) };
        let allowance = EXPLORATION_SHARE * (self.total + CREDIT * expected) - self.wasted;
        if self.rounds < FIRST_ROUNDS || allowance < 0.0 {
            return (incumbent, 1.0);
        }
        self.place(prior);
        if let Some(arm) = self.candidate(incumbent, allowance) {
            self.probabilities[arm] = UNKNOWN;
            self.probabilities[incumbent] = 1.0 - UNKNOWN;
        } else {
            self.weigh(incumbent, expected, allowance);
        }
        let mut draw: f64 = self.rng.random();
        for (arm, &probability) in self.probabilities.iter().enumerate() {
            if draw < probability {
                return (arm, probability);
            }
            draw -= probability;
        }
        (incumbent, self.probabilities[incumbent])
    }

    /// Only factors relative to the prior one move.
    fn place(&mut self, prior: RelaxationFactor) {
        for (place, arm) in self.places.iter_mut().zip(&self.arms) {
            if matches!(arm, Arm::Ssor { .. }) {
                *place = arm.place(prior);
            }
        }
    }

    /// Inverse-gap weights of the known arms that may be tried again for what they are expected to waste.
    fn weigh(&mut self, incumbent: usize, expected: f64, allowance: f64) {
        let sharpness = SHARPNESS * self.rounds.sqrt();
        let count = self.standings.iter().filter(|standing| standing.is_known()).count() as f64;
        for (standing, probability) in self.standings.iter().zip(&mut self.probabilities) {
            let waste = standing.expected - expected;
            *probability = if standing.is_known() && waste <= allowance.min((NEAR - 1.0) * expected) {
                1.0 / (count + sharpness * (standing.expected / expected).ln().max(0.0))
            } else {
                0.0
            };
        }
        self.probabilities[incumbent] = 0.0;
        self.probabilities[incumbent] = 1.0 - self.probabilities.iter().sum::<f64>();
    }

    /// The arm to try next among those that are not known: one of a chain that nothing is known of, or a neighbour of the best known one of its chain.
    fn candidate(&self, incumbent: usize, allowance: f64) -> Option<usize> {
        let expected = self.standings[incumbent].expected;
        let iterative = (0..self.arms.len()).filter(|&arm| !self.arms[arm].is_direct() && self.standings[arm].is_known());
        let best_iterative = iterative.map(|arm| self.standings[arm].expected).min_by(f64::total_cmp);
        let hopeful = |arm: usize| {
            let standing = &self.standings[arm];
            let Some(price) = standing.price.filter(|_| standing.usable) else { return false };
            if self.arms[arm].is_direct() {
                // Its first play may make a factor, at the full price.
                return standing.floor < expected && price - expected <= allowance;
            }
            PLAUSIBLE * best_iterative.unwrap_or(0.0) < expected
        };
        if self.arms[incumbent].is_direct() {
            // Then there is a factor to keep.
            let direct = (0..self.arms.len()).find(|&arm| self.arms[arm].is_direct() && self.standings[arm].weight < 1.0 && hopeful(arm));
            if direct.is_some() {
                return direct;
            }
        }
        let mut neighbour: Option<(f64, usize)> = None;
        for arm in 0..self.arms.len() {
            if self.standings[arm].weight >= 1.0 || !hopeful(arm) {
                continue;
            }
            match self.chain_best(self.places[arm].0) {
                None => return Some(arm),
                Some(best) => {
                    let cost = self.standings[best].expected;
                    let nearer = neighbour.is_none_or(|(known, _)| cost < known);
                    if nearer && cost <= NEAR * expected && self.is_next_to(arm, best) {
                        neighbour = Some((cost, arm));
                    }
                }
            }
        }
        neighbour.map(|(_, arm)| arm)
    }

    /// The best known arm of a chain.
    fn chain_best(&self, chain: Chain) -> Option<usize> {
        (0..self.arms.len())
            .filter(|&arm| self.standings[arm].is_known() && self.places[arm].0 == chain)
            .min_by(|&a, &b| self.standings[a].expected.total_cmp(&self.standings[b].expected))
    }

    /// Whether no other arm of the chain lies between these two, and they are not practically the same.
    fn is_next_to(&self, arm: usize, best: usize) -> bool {
        let (chain, from) = self.places[best];
        let to = self.places[arm].1;
        let apart = if chain == Chain::Relaxation { APART.ln() } else { 0.0 };
        let distance = (to - from).abs();
        distance > apart
            && !(0..self.arms.len()).any(|other| {
                let (other_chain, place) = self.places[other];
                let between = (place - from) * (to - from) > 0.0 && (place - from).abs() > apart && (place - from).abs() < distance;
                other_chain == chain && self.standings[other].usable && between
            })
    }

    /// Learns that the system was solved for `cost` in all after `arm` was drawn. `own` is what the arm itself cost or, where it was given up, would have cost,
    /// if the system tells.
    pub(crate) fn observe(&mut self, arm: usize, own: Option<f64>, cost: f64) {
        // What was learned meanwhile was not known when the arm was drawn.
        let incumbent = self.challenged;
        self.rounds += 1.0;
        self.total += cost;
        let Some(price) = self.standings[arm].price else { return };
        if arm != incumbent
            && let Some(expected) = self.expected(incumbent)
        {
            self.wasted += (cost - expected).max(0.0);
        }
        let Some(own) = own else { return };
        let value = (own / price).max(1e-12).ln();
        let standing = &mut self.standings[arm];
        let deviation = value - standing.mean;
        if arm == incumbent && standing.weight >= 8.0 {
            let scale = standing.variance.sqrt().max(0.02);
            self.surprise = 0.8 * self.surprise + 0.2 * (deviation / scale).clamp(-5.0, 5.0);
        }
        let first = standing.weight < 1.0;
        standing.weight = if first { 1.0 } else { (standing.weight + 1.0).min(MEMORY) };
        let rate = standing.weight.recip();
        standing.mean += rate * deviation;
        standing.expect();
        standing.variance = if first { 0.0 } else { (1.0 - rate) * (standing.variance + rate * deviation * deviation) };
        if arm == incumbent && !first && !self.arms[arm].is_direct() {
            // The level of the forecast moved, for every arm that shares it.
            for (other, known) in self.standings.iter_mut().enumerate() {
                if other != arm && !self.arms[other].is_direct() {
                    known.mean += rate * deviation;
                    known.expect();
                }
            }
        }
        if self.surprise > DRIFT {
            self.forget();
        }
    }

    /// Drift: what is known of the other arms becomes a hint.
    fn forget(&mut self) {
        self.resets += 1;
        self.surprise = 0.0;
        self.rounds = FIRST_ROUNDS;
        let incumbent = self.incumbent();
        for (arm, standing) in self.standings.iter_mut().enumerate() {
            if !self.arms[arm].is_direct() {
                standing.weight = standing.weight.min(if arm == incumbent { 1.0 } else { 0.5 });
            }
        }
    }
}
