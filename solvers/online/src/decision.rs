//! What was decided about an item, and why.

use serde::{Deserialize, Serialize};

/// Why an item was taken or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Its density is at least the price, and it fits.
    Taken,
    /// It weighs nothing and is worth something.
    Weightless,
    /// Its density is below the price.
    Price,
    /// Its density is at least the price, but it does not fit any more.
    Room,
    /// It weighs more than the whole capacity.
    TooLarge,
    /// Its density is below the bound `L`.
    BelowBounds,
    /// Its density is outside the bounds, which are strict.
    OutsideBounds,
    /// The fractional algorithm behind it has not earned enough in its class of densities yet.
    Ahead,
}

/// The decision about one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// The share of the item that is taken, 0 to 1.
    pub share: f64,
    /// Why.
    pub reason: Reason,
    /// The price at the time, where there is one.
    pub price: Option<f64>,
}

impl Decision {
    /// Whether any of the item is taken.
    pub fn accepted(&self) -> bool {
        self.share > 0.0
    }
}
