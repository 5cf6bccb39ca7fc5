//! Streams of items for online knapsacks.

use fathom_opt_problems::online_knapsack::{DensityBounds, OnlineKnapsack};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// In which order the densities come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DensityOrder {
    /// Independently, uniform on a logarithmic scale.
    #[default]
    Random,
    /// The same, sorted upwards: bad for whoever sells early.
    Ascending,
    /// The same, sorted downwards.
    Descending,
    /// The prefix family that every price curve is measured by: all densities `L R^(k/K)` upwards, a full knapsack of each.
    WorstCase,
}

/// Items with densities between 1 and `ratio` and weights up to a share of the capacity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OnlineItems {
    /// Number of items (for `worst-case`: of levels `K`), 1 to 10^7.
    pub items: usize,
    /// Capacity (for `worst-case`: items of weight 1 per level), 1 to 10^12.
    pub capacity: u64,
    /// `U / L`, at least 1.
    pub ratio: f64,
    /// Largest weight as a share of the capacity, above 0, at most 1.
    pub max_weight: f64,
    /// Order of the densities.
    pub order: DensityOrder,
}

impl Default for OnlineItems {
    fn default() -> Self {
        Self { items: 2000, capacity: 10_000, ratio: 1000.0, max_weight: 0.05, order: DensityOrder::Random }
    }
}

impl Generator for OnlineItems {
    const NAME: &'static str = "online-items";
    const SUMMARY: &'static str = "items with log-uniform densities, in random, sorted or worst-case order";
    const CITATION: &'static str = "Log-uniform densities between L = 1 and U, uniform weights; `worst-case` is the prefix family behind the lower bound of Zhou, Chakrabarty and Lukose (WINE 2008).";
    type Problem = OnlineKnapsack;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<OnlineKnapsack, ParameterError> {
        if !(1..=10_000_000).contains(&self.items) {
            return Err(ParameterError::range("items", self.items, "1 to 10^7"));
        }
        if !(1..=1_000_000_000_000).contains(&self.capacity) {
            return Err(ParameterError::range("capacity", self.capacity, "1 to 10^12"));
        }
        if !(self.ratio >= 1.0 && self.ratio.is_finite()) {
            return Err(ParameterError::range("ratio", self.ratio, "a finite number, at least 1"));
        }
        if !(self.max_weight > 0.0 && self.max_weight <= 1.0) {
            return Err(ParameterError::range("max-weight", self.max_weight, "above 0, at most 1"));
        }
        let bounds = Some(DensityBounds { lower: 1.0, upper: self.ratio });
        let capacity = self.capacity as f64;
        if self.order == DensityOrder::WorstCase {
            let per_level = usize::try_from(self.capacity).unwrap_or(usize::MAX);
            if per_level.saturating_mul(self.items + 1) > 10_000_000 {
                return Err(ParameterError::range("capacity", self.capacity, "capacity times levels at most 10^7"));
            }
            let density = |level: usize| self.ratio.powf(level as f64 / self.items as f64).min(self.ratio);
            let items = (0..=self.items).flat_map(|level| std::iter::repeat_n((density(level) / capacity, 1), per_level));
            return Ok(OnlineKnapsack::single(self.capacity, bounds, items)?);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the capacity, at least 0")]
        let heaviest = ((capacity * self.max_weight) as u64).max(1);
        let mut exponents: Vec<f64> = (0..self.items).map(|_| rng.random()).collect();
        match self.order {
            DensityOrder::Ascending => exponents.sort_by(f64::total_cmp),
            DensityOrder::Descending => exponents.sort_by(|a, b| b.total_cmp(a)),
            DensityOrder::Random | DensityOrder::WorstCase => {}
        }
        let items: Vec<(f64, u64)> = exponents
            .into_iter()
            .map(|exponent| {
                let weight = rng.random_range(1..=heaviest);
                (self.ratio.powf(exponent).min(self.ratio) * (weight as f64 / capacity), weight)
            })
            .collect();
        Ok(OnlineKnapsack::single(self.capacity, bounds, items)?)
    }
}
