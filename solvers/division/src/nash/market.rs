//! The data of the price bounds: what agents value, and how sums of logarithms are rounded.

use num_bigint::BigUint;

use super::product::NashScore;
use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// Goods, agents with weights, and the logarithmic form of what is maximised.
#[derive(Debug)]
pub(crate) struct Market<'a> {
    pub(crate) valuations: &'a Valuations<'a>,
    pub(crate) agents: usize,
    pub(crate) items: usize,
    /// Utilities, row by row; none negative. Each is rounded once.
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    /// What having nothing is worth: minus infinity when all agents can have something.
    pub(crate) nothing: f64,
    /// What is added to the logarithm of a positive utility, so that more positive agents are always better.
    pub(crate) bonus: f64,
    /// For each agent the first one with the same utilities and weight.
    pub(crate) twin: Vec<usize>,
    /// What an agent's part of the sum of logarithms is below in magnitude, the bonus included.
    pub(crate) magnitudes: Vec<f64>,
}

impl<'a> Market<'a> {
    /// The market of goods in which, if `everyone`, all agents can have positive utility at once.
    pub(crate) fn new(valuations: &'a Valuations<'a>, exponents: &[u32], everyone: bool) -> Self {
        let (n, m) = (valuations.agents(), valuations.items());
        let values: Vec<f64> = (0..n).flat_map(|a| valuations.row(a).iter().map(|&value| value as f64)).collect();
        let weights: Vec<f64> = exponents.iter().copied().map(f64::from).collect();
        let logs: Vec<f64> =
            values.chunks_exact(m).zip(&weights).map(|(row, weight)| weight * row.iter().sum::<f64>().max(1.0).ln()).collect();
        let (nothing, bonus) = if everyone { (f64::NEG_INFINITY, 0.0) } else { (0.0, logs.iter().sum::<f64>() + 1.0) };
        let magnitudes = logs.iter().zip(&weights).map(|(log, weight)| log + weight + bonus).collect();
        let twin =
            (0..n).map(|a| (0..a).find(|&b| exponents[a] == exponents[b] && valuations.row(a) == valuations.row(b)).unwrap_or(a)).collect();
        Self { valuations, agents: n, items: m, values, weights, nothing, bonus, twin, magnitudes }
    }

    /// A number that the logarithm of every better score is above for certain, the bonuses included: products are integers, so the next one is larger by
    /// 1 at least.
    pub(crate) fn next_logarithm(&self, utilities: &[i128], score: &NashScore) -> f64 {
        let step = if score.product.bits() <= 52 { 1.0 / (as_f64(&score.product) + 1.0) } else { 0.0 };
        self.logarithm(utilities) + 0.999 * step - self.sum_rounding()
    }

    /// The sum of weighted logarithms of these utilities, the bonuses included, off by less than [`sum_rounding`](Self::sum_rounding). Minus infinity when
    /// somebody has nothing although everybody can have something.
    pub(crate) fn logarithm(&self, utilities: &[i128]) -> f64 {
        let part = |(utility, weight): (&i128, &f64)| {
            if *utility > 0 { weight * (*utility as f64).ln() + self.bonus } else { self.nothing }
        };
        utilities.iter().zip(&self.weights).map(part).sum()
    }

    /// More than a sum of the agents' logarithms is off by.
    pub(crate) fn sum_rounding(&self) -> f64 {
        f64::EPSILON * (self.agents as f64 + 8.0) * self.magnitudes.iter().sum::<f64>()
    }

    /// Prices near the equilibrium of the market with divisible items, by proportional response (Zhang 2011). Any prices are valid; these make the bound
    /// small.
    pub(crate) fn equilibrium_prices(&self, rounds: usize, meter: &mut WorkMeter<'_>) -> Vec<f64> {
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
                if !meter.spends(2 * m as u64) {
                    return prices;
                }
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

/// The nearest floating-point number to an integer of at most 64 bits.
fn as_f64(product: &BigUint) -> f64 {
    u64::try_from(product).map_or(f64::INFINITY, |product| product as f64)
}
