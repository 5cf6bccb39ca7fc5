//! What an algorithm guarantees, and under which conditions.

use serde::{Deserialize, Serialize};

/// Under which conditions a ratio is guaranteed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// In the limit of vanishing weights only.
    SmallItems,
    /// For weights up to this share of the capacity.
    MaxWeight(f64),
    /// Items are taken in parts, so any weights.
    Fractional,
    /// In expectation over the algorithm's own draws, in the limit of vanishing weights.
    Expectation,
    /// If the advice is right, items in parts.
    RightAdvice,
    /// If the prediction is the best static threshold, in the limit of vanishing weights.
    RightPrediction,
}

/// One guarantee: the best packing in hindsight is worth at most `ratio` times what was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Guarantee {
    /// The ratio; none where nothing is guaranteed.
    pub ratio: Option<f64>,
    /// The condition on the items.
    pub condition: Condition,
    /// Whether it holds for the stream so far.
    pub holds: bool,
    /// Why it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Guarantee {
    /// A guarantee that holds unless `broken` says why not.
    pub fn new(ratio: f64, condition: Condition, broken: Option<String>) -> Self {
        let finite = ratio.is_finite();
        let why = broken.or_else(|| (!finite).then(|| "no ratio is proved for this curve".to_owned()));
        Self { ratio: finite.then_some(ratio), condition, holds: why.is_none(), why }
    }
}

impl std::fmt::Display for Guarantee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ratio {
            Some(ratio) => write!(f, "ratio at most {ratio:.4} ")?,
            None => write!(f, "no ratio ")?,
        }
        match self.condition {
            Condition::SmallItems => write!(f, "for vanishing weights")?,
            Condition::MaxWeight(share) => write!(f, "for weights up to {share:.4} of the capacity")?,
            Condition::Fractional => write!(f, "for items taken in parts")?,
            Condition::Expectation => write!(f, "in expectation, for vanishing weights")?,
            Condition::RightAdvice => write!(f, "if the advice is right, for items taken in parts")?,
            Condition::RightPrediction => write!(f, "if the prediction is the best static threshold, for vanishing weights")?,
        }
        match &self.why {
            Some(why) => write!(f, ": does not hold, {why}"),
            None => Ok(()),
        }
    }
}
