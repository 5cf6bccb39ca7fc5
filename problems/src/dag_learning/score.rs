//! What a graph is judged by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::malformed::{Malformed, Place};

/// The name of a score in documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreKind {
    /// Least squares, `1/(2n) ||X - X W||_F^2`: fit alone, for equal error variances. Its optimum is a complete graph.
    Ev,
    /// Gaussian likelihood with one error variance for all nodes and the extended Bayesian information criterion:
    /// `n d ln(S/d) + (ln n + 2 penalty ln d) |E|` with `S` the sum of the residual variances; `penalty` is 1 unless given.
    #[default]
    EvEbic,
    /// Gaussian likelihood with an error variance per node and the Bayesian information criterion:
    /// `n sum_j ln(var_j) + penalty ln(n) |E|`; `penalty` is 2 unless given, as in FLOP. Does not depend on the columns' scales.
    NvBic,
    /// Least squares with an l1 term, `1/(2n) ||X - X W||_F^2 + penalty |W|_1`; `penalty` is 0.1 unless given, as in NOTEARS.
    L1,
    /// For columns of 0 and 1: `1/n sum (ln(1 + e^(X W)) - X o X W) + penalty |W|_1`, without intercept as in NOTEARS; `penalty` is 0.01 unless given.
    Logistic,
}

impl ScoreKind {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ev => "ev",
            Self::EvEbic => "ev-ebic",
            Self::NvBic => "nv-bic",
            Self::L1 => "l1",
            Self::Logistic => "logistic",
        }
    }

    /// The kind called `name`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Ev, Self::EvEbic, Self::NvBic, Self::L1, Self::Logistic].into_iter().find(|kind| kind.name() == name)
    }

    /// The penalty where none is given.
    pub fn default_penalty(self) -> f64 {
        match self {
            Self::Ev => 0.0,
            Self::EvEbic => 1.0,
            Self::NvBic => 2.0,
            Self::L1 => 0.1,
            Self::Logistic => 0.01,
        }
    }
}

/// A score with its penalty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    kind: ScoreKind,
    penalty: f64,
}

impl Score {
    /// The score `kind` with `penalty`, or its usual one.
    ///
    /// # Errors
    /// A penalty that is negative or not finite, any for `ev`, or none at all (0) for `logistic`, whose weights could then grow without end.
    pub fn new(kind: ScoreKind, penalty: Option<f64>) -> Result<Self, Malformed> {
        let given = penalty.unwrap_or_else(|| kind.default_penalty());
        let refuse = |expected: &str| Err(Malformed::new(Place::root().field("penalty"), given.to_string(), expected));
        if !(given.is_finite() && given >= 0.0) {
            return refuse("a finite number, at least 0");
        }
        match kind {
            ScoreKind::Ev if given != 0.0 => refuse("none (the score `ev` has no penalty; `l1` and `ev-ebic` have)"),
            ScoreKind::Logistic if given == 0.0 => refuse("a number above 0 (without a penalty, separable data have no best weights)"),
            _ => Ok(Self { kind, penalty: given }),
        }
    }

    /// Which score.
    pub fn kind(self) -> ScoreKind {
        self.kind
    }

    /// Its penalty, as documents give it.
    pub fn penalty(self) -> f64 {
        self.penalty
    }

    /// What one edge costs under the information criteria, 0 for the others.
    pub fn per_edge(self, n: usize, d: usize) -> f64 {
        let (n, d) = (n as f64, d as f64);
        match self.kind {
            ScoreKind::EvEbic => n.ln() + 2.0 * self.penalty * d.ln(),
            ScoreKind::NvBic => self.penalty * n.ln(),
            ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic => 0.0,
        }
    }

    /// The factor of `|W|_1`, 0 for the scores without one.
    pub fn l1(self) -> f64 {
        if matches!(self.kind, ScoreKind::L1 | ScoreKind::Logistic) { self.penalty } else { 0.0 }
    }
}
