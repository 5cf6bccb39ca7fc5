//! What an algorithm guarantees, and under which conditions.

use serde::{Deserialize, Serialize};

/// Under which conditions a ratio is guaranteed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// For weights up to this share of the capacity.
    MaxWeight(f64),
    /// Items are taken in parts, so any weights.
    Fractional,
    /// In expectation over the algorithm's own draws, for the weights that came.
    Expectation,
    /// Items in parts, and the advice is the smallest density in the best packing of parts of items.
    RightAdvice,
    /// The items denser than the prediction are worth at most a knapsack full at the predicted density, and those at least as dense at least as much.
    BalancedPrediction,
}

/// One guarantee: the best packing in hindsight is worth at most `ratio` times what was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Guarantee {
    /// The ratio; none where nothing is guaranteed for the stream so far.
    pub ratio: Option<f64>,
    /// The condition, which the stream so far meets where there is a ratio.
    pub condition: Condition,
    /// Whether there is a ratio.
    pub holds: bool,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What rounding may add to a ratio, relatively.
const ROUNDING: f64 = 1e-9;

impl Guarantee {
    /// A guarantee that holds, raised by what rounding may add, unless `broken` says why not or nothing is proved.
    pub fn new(ratio: f64, condition: Condition, broken: Option<String>) -> Self {
        match broken {
            Some(why) => Self::none(condition, why),
            None if ratio.is_finite() => Self { ratio: Some(ratio * (1.0 + ROUNDING)), condition, holds: true, why: None },
            None => Self::none(condition, "no ratio is proved for this curve and these weights"),
        }
    }

    /// No guarantee, and why.
    pub fn none(condition: Condition, why: impl Into<String>) -> Self {
        Self { ratio: None, condition, holds: false, why: Some(why.into()) }
    }
}

impl std::fmt::Display for Guarantee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ratio {
            // Four places, never below the ratio itself.
            Some(ratio) if ratio < 1e9 => write!(f, "ratio at most {:.4} ", (ratio * 1e4).ceil() / 1e4)?,
            Some(ratio) => write!(f, "ratio at most {:e} ", ratio * (1.0 + 1e-6))?,
            None => write!(f, "no ratio is guaranteed ")?,
        }
        match self.condition {
            Condition::MaxWeight(share) => write!(f, "for weights up to {share:.4} of the capacity")?,
            Condition::Fractional => write!(f, "for items taken in parts")?,
            Condition::Expectation => write!(f, "in expectation over the price drawn")?,
            Condition::RightAdvice => write!(f, "for right advice, items taken in parts")?,
            Condition::BalancedPrediction => write!(f, "for a balanced prediction")?,
        }
        match &self.why {
            Some(why) => write!(f, ": {why}"),
            None => Ok(()),
        }
    }
}
