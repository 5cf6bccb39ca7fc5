//! What is proved about an answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whom a guarantee holds against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adversary {
    /// Whoever fixes the stream in advance, without having seen answers.
    Oblivious,
    /// Anybody, also who chooses updates by the answers seen.
    Adaptive,
}

/// What is proved about the value of an answer, up to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Guarantee {
    /// The value is at least this share of the optimum of the moment.
    pub factor: f64,
    /// Whether that is sure at every query; otherwise it is so in expectation over the engine's random draws.
    pub sure: bool,
    /// Whom it holds against.
    pub adversary: Adversary,
    /// The factor as a formula.
    pub formula: Formula,
}

/// A factor as a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Formula {
    /// `1/(2 + eps)`.
    #[serde(rename = "1/(2 + eps)")]
    Thresholds,
    /// `(1 - eps/2)/4`.
    #[serde(rename = "(1 - eps/2)/4")]
    Swaps,
    /// `1/(7 + 2 eps)`.
    #[serde(rename = "1/(7 + 2 eps)")]
    TwoRuns,
    /// `(1 - eps - beta - delta)/(2 (1 + eps))`, with the error of the estimates.
    #[serde(rename = "(1 - eps - beta - delta)/(2 (1 + eps))")]
    Blocks,
    /// `1 - (1 - 1/k)^k`.
    #[serde(rename = "1 - (1 - 1/k)^k")]
    Greedy,
    /// `1/2`.
    #[serde(rename = "1/2")]
    GreedyUnderMatroid,
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Thresholds => "1/(2 + eps)",
            Self::Swaps => "(1 - eps/2)/4",
            Self::TwoRuns => "1/(7 + 2 eps)",
            Self::Blocks => "(1 - eps - beta - delta)/(2 (1 + eps))",
            Self::Greedy => "1 - (1 - 1/k)^k",
            Self::GreedyUnderMatroid => "1/2",
        })
    }
}

impl Guarantee {
    /// A guarantee at every query, against anybody.
    pub(crate) fn sure(factor: f64, formula: Formula) -> Self {
        Self { factor, sure: true, adversary: Adversary::Adaptive, formula }
    }

    /// A guarantee in expectation, against whoever fixes the stream in advance.
    pub(crate) fn in_expectation(factor: f64, formula: Formula) -> Self {
        Self { factor, sure: false, adversary: Adversary::Oblivious, formula }
    }

    /// The greedy algorithm's under a cardinality constraint of `most` (Nemhauser, Wolsey, Fisher 1978): `1 - (1 - 1/k)^k`, at least `1 - 1/e`.
    pub(crate) fn greedy(most: usize) -> Self {
        Self::sure(1.0 - (1.0 - 1.0 / most as f64).powf(most as f64), Formula::Greedy)
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.sure { "surely" } else { "in expectation" };
        let whom = match self.adversary {
            Adversary::Adaptive => "against any adversary",
            Adversary::Oblivious => "against an oblivious adversary",
        };
        write!(f, "at least {:.4} of the optimum at every query ({}), {how}, {whom}", self.factor, self.formula)
    }
}
