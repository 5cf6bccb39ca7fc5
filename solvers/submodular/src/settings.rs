//! How a maximizer is to work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::MaximizeError;

/// The engine that keeps the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The greedy solution under a work budget, with the levels of the constraint and the function as a safety net.
    #[default]
    Auto,
    /// Blocks sampled from buckets of equal gains: our derivation of the ICML 2023 engine.
    LeveledBuckets,
    /// Levels of one uniform sample each (SODA 2024): a sure guarantee. Under a matroid the swapping version, for functions that are not monotone two runs.
    SingleSample,
    /// The greedy solution, repaired from where it no longer stands.
    RepairGreedy,
    /// The greedy solution from nothing at every query.
    Recompute,
    /// A comparator (`NeurIPS` 2020), without any guarantee.
    Lattanzi,
    /// A comparator (`NeurIPS` 2020), without any guarantee.
    Monemizadeh,
    /// A comparator: `SieveStreaming`, run again after a deletion from its solution.
    Sieve,
}

impl Engine {
    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::LeveledBuckets => "leveled-buckets",
            Self::SingleSample => "single-sample",
            Self::RepairGreedy => "repair-greedy",
            Self::Recompute => "recompute",
            Self::Lattanzi => "lattanzi",
            Self::Monemizadeh => "monemizadeh",
            Self::Sieve => "sieve",
        }
    }
}

/// The settings of a maximizer that do not depend on the function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The engine.
    pub engine: Engine,
    /// Guesses of the optimum are a factor `1 + eps` apart, and buckets are as wide: smaller is better and dearer. In `(0, 1]`.
    pub eps: f64,
    /// How many trials `leveled-buckets` takes to estimate how many elements it may add at once: more prove more.
    pub trials: u32,
    /// Whether answers of guessing engines are improved by a greedy pass over the choices of all guesses.
    pub polish: bool,
    /// Whether the upper bound of every answer takes a gain of every live element, instead of only what is known anyway.
    pub tight_bound: bool,
    /// The seed of every random draw.
    pub seed: u64,
    /// Threads that share the guesses; answers do not depend on it.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { engine: Engine::Auto, eps: 0.2, trials: 48, polish: true, tight_bound: false, seed: 0, threads: 1 }
    }
}

impl Settings {
    pub(crate) fn validate(&self) -> Result<(), MaximizeError> {
        let refuse = |setting, found: String, expected| Err(MaximizeError::Setting { setting, found, expected });
        if !(self.eps >= 0.001 && self.eps <= 1.0) {
            return refuse("eps", self.eps.to_string(), "a number from 0.001 to 1");
        }
        if self.trials == 0 || self.trials > 100_000 {
            return refuse("trials", self.trials.to_string(), "1 to 100000");
        }
        if self.threads == 0 {
            return refuse("threads", "0".into(), "at least 1");
        }
        Ok(())
    }
}
