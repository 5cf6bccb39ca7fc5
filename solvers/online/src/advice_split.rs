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
    /// Weight seen at larger densities.
    above: f64,
    /// Whether anything came at a smaller density.
    below: bool,
}

impl AdviceSplit {
    /// How much (in shares of the capacity) of an item of weight share `weight` is sold, for the advice `advice`: the smallest density in the
    /// fractional optimum.
    pub fn sell(&mut self, advice: f64, density: f64, weight: f64) -> f64 {
        let part = if density > advice * (1.0 + EQUAL) {
            self.above += weight;
            weight / (1.0 + self.at_advice)
        } else if density >= advice * (1.0 - EQUAL) {
            let counted = weight.min(1.0 - self.at_advice);
            self.at_advice += counted;
            (1.0 - self.sold) * counted / (1.0 + self.at_advice)
        } else {
            self.below = true;
            0.0
        };
        let part = part.min(1.0 - self.sold).max(0.0);
        self.sold += part;
        part
    }

    /// Why the advice is not the smallest density in the best packing of parts of the items so far, if so.
    pub fn wrong(&self) -> Option<String> {
        let (above, reached) = (self.above, self.above + self.at_advice);
        if above > 1.0 {
            return Some(format!("items denser than the advice weigh {above} of the capacity, more than all of it"));
        }
        (reached < 1.0 && self.below)
            .then(|| format!("items at least as dense as the advice weigh {reached} of the capacity, and less dense ones came"))
    }

    /// Weight seen at the advised density, at most 1: `omega` so far.
    pub fn omega(&self) -> f64 {
        self.at_advice
    }
}
