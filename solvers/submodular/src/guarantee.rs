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

/// A factor as a formula. `OPT` is the optimum of the moment, `k` the most that may be chosen, `G` a choice, `t` a threshold; guesses of `t` are a factor `1 + eps`
/// apart, so that one of them lies in any interval `[a, (1 + eps) a)`.
///
/// All of it holds up to rounding: a gain reaches a threshold when it is at least `1 - 1e-12` of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Formula {
    /// `1/(2 + eps)`, for thresholds. Take the guess with `k t` in `[OPT/(2 + eps), (1 + eps) OPT/(2 + eps))`. Every chosen element gained `t`, so a full choice is worth
    /// `k t`, which is enough. If there is room left, every live element gains less than `t` on top of `G`, and by submodularity and monotonicity
    /// `OPT <= f(G) + k t`, so `f(G) >= OPT (1 - (1 + eps)/(2 + eps)) = OPT/(2 + eps)`. No draw of random numbers enters: it is sure, against anybody.
    #[serde(rename = "1/(2 + eps)")]
    Thresholds,
    /// `(1 - eps/2)/4`, for swaps under a matroid: an element is swapped in when it gains twice what the lightest element in its way did when that one was chosen.
    /// Sure, against anybody.
    #[serde(rename = "(1 - eps/2)/4")]
    Swaps,
    /// `1/(7 + 2 eps)`, for two runs with a function that is not monotone: `OPT <= 5 best + 2 k t` with `k t` in `[OPT/(7 + 2 eps), (1 + eps) OPT/(7 + 2 eps))`.
    /// Sure, against anybody.
    #[serde(rename = "1/(7 + 2 eps)")]
    TwoRuns,
    /// `(1 - eps - beta - delta)/(2 (1 + eps))`, for blocks sampled from buckets. A block `S_i` of `m_i` elements comes from a bucket of gains between `low_i` and
    /// `(1 + eps) low_i`; let `V` be the sum of `m_i low_i`, so that `f(G) <= (1 + eps) V`. With `k t` in `[OPT/(2 (1 + eps)), OPT/2)` a full choice has `V >= k t`, and
    /// otherwise `OPT <= f(G) + k t` gives `V >= OPT/(2 (1 + eps))`. Fewer than an eps share of a bucket is dead, and `S_i` is uniform in it, so an element of
    /// `S_i` is dead with probability below `eps`. It missed its `low_i` when it was added with probability at most `beta + delta`: `delta` is the chance that an
    /// estimate accepts a block after which fewer than `1 - beta` of its bucket keep their gains, a binomial tail of the number of trials; the best `beta` is
    /// taken. Alive elements gain no less when dead ones are left out, so `E f(alive) >= (1 - eps - beta - delta) V`. It holds in expectation, and against whoever
    /// fixed the stream in advance: whether a level is rebuilt never depends on what was drawn for it.
    #[serde(rename = "(1 - eps - beta - delta)/(2 (1 + eps))")]
    Blocks,
    /// `1 - (1 - 1/k)^k`, of the greedy algorithm (Nemhauser, Wolsey, Fisher 1978): each step closes a `k`-th of what is missing. Sure, against anybody.
    #[serde(rename = "1 - (1 - 1/k)^k")]
    Greedy,
    /// `1/2`, of the greedy algorithm under a matroid (Fisher, Nemhauser, Wolsey 1978). Sure, against anybody.
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
