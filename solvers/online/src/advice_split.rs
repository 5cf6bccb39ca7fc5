//! PP-a and MIX: fractional algorithms with one density of advice (Daneshvaramoli et al., "Near-Optimal Consistency-Robustness Trade-Offs for
//! Learning-Augmented Online Knapsack Problems", 2024).

use serde::{Deserialize, Serialize};

/// Densities this close to the advice, relatively, count as equal to it.
const EQUAL: f64 = 1e-12;

/// The state of PP-a: sells each item in part, so that one number of advice is enough for the ratio `1 + min(1, omega)`, where `omega` is the total
/// weight at exactly the advised density.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct AdviceSplit {
    /// Weight seen at the advised density, at most 1.
    at_advice: f64,
    /// Share sold.
    sold: f64,
}

impl AdviceSplit {
    /// How much (in shares of the capacity) of an item of weight share `weight` is sold, for the advice `advice`: the smallest density in the
    /// fractional optimum.
    pub fn sell(&mut self, advice: f64, density: f64, weight: f64) -> f64 {
        let part = if density > advice * (1.0 + EQUAL) {
            weight / (1.0 + self.at_advice)
        } else if density >= advice * (1.0 - EQUAL) {
            let counted = weight.min(1.0 - self.at_advice);
            self.at_advice += counted;
            (1.0 - self.sold) * counted / (1.0 + self.at_advice)
        } else {
            0.0
        };
        let part = part.min(1.0 - self.sold).max(0.0);
        self.sold += part;
        part
    }

    /// Weight seen at the advised density, at most 1: `omega` so far.
    pub fn omega(&self) -> f64 {
        self.at_advice
    }
}
