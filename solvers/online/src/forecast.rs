//! How the items so far compare with a predicted density: what `la-ect` promises about a good prediction depends on it.

use serde::{Deserialize, Serialize};

use crate::ledger::PreciseSum;

/// Densities this close to the prediction, relatively, count as equal to it.
const EQUAL: f64 = 1e-12;

/// What a sum of values may be off by, relatively.
const ROUNDING: f64 = 1e-10;

/// Values of the items that have a weight and could fit, by their density.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Forecast {
    /// Of those denser than the prediction.
    above: PreciseSum,
    /// Of those at least as dense.
    at_least: PreciseSum,
    /// Whether the bounds were widened so that the prediction within them became another one.
    moved: bool,
}

impl Forecast {
    /// Notes an item.
    pub fn see(&mut self, prediction: f64, density: f64, value: f64) {
        if density >= prediction * (1.0 - EQUAL) {
            self.at_least.add(value);
            if density > prediction * (1.0 + EQUAL) {
                self.above.add(value);
            }
        }
    }

    /// The prediction is another one from now on: what was seen was compared with the old one.
    pub fn forget(&mut self) {
        self.moved = true;
    }

    /// Why the prediction is not balanced: the items denser than it have to be worth at most a knapsack full at the predicted density, and those at least
    /// as dense at least as much. At `lower`, below which no density is, the second half is not needed: whoever takes all or fills the flat stretch then has
    /// enough.
    pub fn unbalanced(&self, prediction: f64, lower: f64) -> Option<String> {
        if self.moved {
            return Some("the bounds were widened, and the prediction within them is another one since".into());
        }
        let (above, at_least) = (self.above.value(), self.at_least.value());
        if above > prediction * (1.0 + ROUNDING) {
            return Some(format!("items denser than the prediction {prediction} are worth {above}, more than a knapsack full at it"));
        }
        (at_least < prediction * (1.0 - ROUNDING) && prediction > lower).then(|| {
            format!("items at least as dense as the prediction {prediction} are worth {at_least}, less than a knapsack full at it")
        })
    }
}
