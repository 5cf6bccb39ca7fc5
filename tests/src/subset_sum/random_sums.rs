//! Random numbers and a target that some of them reach.

use fathom_opt_instances::{Generator, ParameterError};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::SubsetSum;

/// Numbers below 1000; the target is the sum of every other one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RandomSums {
    /// How many numbers, at least 1.
    pub count: usize,
}

impl Default for RandomSums {
    fn default() -> Self {
        Self { count: 20 }
    }
}

impl Generator for RandomSums {
    const NAME: &'static str = "random-sums";
    const SUMMARY: &'static str = "random numbers and a target that half of them reach";
    const CITATION: &'static str = "Made up for a test.";
    type Problem = SubsetSum;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<SubsetSum, ParameterError> {
        let numbers: Vec<u32> = (0..self.count).map(|_| rng.random_range(1..1000)).collect();
        let target = numbers.iter().step_by(2).map(|&number| u64::from(number)).sum();
        Ok(SubsetSum::new(numbers, target)?)
    }
}
