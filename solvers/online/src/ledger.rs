//! What an algorithm has done and seen so far: all that its guarantees depend on.

use serde::{Deserialize, Serialize};

/// A sum with its rounding error kept beside it (Neumaier), so that a million small values do not drift.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PreciseSum {
    sum: f64,
    error: f64,
}

impl PreciseSum {
    /// Adds `term`.
    pub fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.error += if self.sum.abs() >= term.abs() { (self.sum - next) + term } else { (term - next) + self.sum };
        self.sum = next;
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        self.sum + self.error
    }
}

/// Counts and extremes of a stream so far. Constant size, however long the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ledger {
    /// Weight of the items taken whole, in the stream's unit.
    pub used: u64,
    /// Share of the capacity in use, where items are taken in parts.
    pub sold: f64,
    /// Value taken.
    pub value: PreciseSum,
    /// Items offered.
    pub offered: u64,
    /// Items taken, in whole or in part.
    pub accepted: u64,
    /// Items that the price would have taken and that did not fit any more.
    pub no_room: u64,
    /// Items of weight above the capacity, which nobody could take.
    pub too_large: u64,
    /// Smallest density of an item that could fit.
    pub lowest: Option<f64>,
    /// Largest density of an item that could fit and has a weight.
    pub highest: Option<f64>,
    /// Largest weight of an item that could fit.
    pub heaviest: u64,
    /// Largest density that was refused by its price.
    pub dearest_refused: f64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            used: 0,
            sold: 0.0,
            value: PreciseSum::default(),
            offered: 0,
            accepted: 0,
            no_room: 0,
            too_large: 0,
            lowest: None,
            highest: None,
            heaviest: 0,
            dearest_refused: 0.0,
        }
    }
}

impl Ledger {
    /// Notes an item that could fit into the empty knapsack. One without value matters to no packing.
    pub(crate) fn see(&mut self, density: f64, weight: u64) {
        if density <= 0.0 {
            return;
        }
        if self.lowest.is_none_or(|lowest| density < lowest) {
            self.lowest = Some(density);
        }
        if weight > 0 && self.highest.is_none_or(|highest| density > highest) {
            self.highest = Some(density);
        }
        self.heaviest = self.heaviest.max(weight);
    }
}
