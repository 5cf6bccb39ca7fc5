//! Streams of items for online knapsacks.

use std::io::{self, Write};

use fathom_opt_problems::online_knapsack::{Amounts, Arrival, DensityBounds, OnlineKnapsack, stream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::generator::{Generator, WritesInstances};
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
        Ok(OnlineKnapsack::single(self.capacity, Some(self.bounds()), self.drawn(rng)?)?)
    }
}

impl WritesInstances for OnlineItems {
    fn write(&self, rng: &mut ChaCha8Rng, out: &mut dyn Write) -> Result<io::Result<()>, ParameterError> {
        let items = self.drawn(rng)?;
        let mut header = stream::Header { bounds: Some(self.bounds()), ..stream::Header::new(Amounts::single(self.capacity)) };
        header.n = Some(self.count());
        Ok(stream::write(
            &header,
            items.zip(1..).map(|((value, weight), id)| Arrival { id, value, weight: Amounts::single(weight), group: None }),
            out,
        ))
    }
}

/// Values and weights, one item at a time.
type Items = Box<dyn Iterator<Item = (f64, u64)>>;

impl OnlineItems {
    fn bounds(&self) -> DensityBounds {
        DensityBounds { lower: 1.0, upper: self.ratio }
    }

    /// How many items there are.
    fn count(&self) -> u64 {
        let items = self.items as u64;
        if self.order == DensityOrder::WorstCase { (items + 1).saturating_mul(self.capacity) } else { items }
    }

    /// The items, drawn as they are asked for; only an order of densities needs them all at once.
    fn drawn(&self, rng: &mut ChaCha8Rng) -> Result<Items, ParameterError> {
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
        let (capacity, ratio, levels) = (self.capacity as f64, self.ratio, self.items);
        if self.order == DensityOrder::WorstCase {
            let per_level = usize::try_from(self.capacity).unwrap_or(usize::MAX);
            if per_level.saturating_mul(levels + 1) > 10_000_000 {
                return Err(ParameterError::range("capacity", self.capacity, "capacity times levels at most 10^7"));
            }
            let density = move |level: usize| ratio.powf(level as f64 / levels as f64).min(ratio);
            return Ok(Box::new((0..=levels).flat_map(move |level| std::iter::repeat_n((density(level) / capacity, 1), per_level))));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the capacity, at least 0")]
        let heaviest = ((capacity * self.max_weight) as u64).max(1);
        // All densities are drawn before the first weight: a second generator stands where the weights begin. A density takes two words of 32 bits.
        let mut of_densities = rng.clone();
        let mut of_weights = rng.clone();
        of_weights.set_word_pos(rng.get_word_pos() + 2 * self.items as u128);
        let exponents: Box<dyn Iterator<Item = f64>> = match self.order {
            DensityOrder::Random | DensityOrder::WorstCase => Box::new((0..self.items).map(move |_| of_densities.random())),
            order => {
                let mut exponents: Vec<f64> = (0..self.items).map(|_| of_densities.random()).collect();
                exponents.sort_by(|a, b| if order == DensityOrder::Ascending { a.total_cmp(b) } else { b.total_cmp(a) });
                Box::new(exponents.into_iter())
            }
        };
        Ok(Box::new(exponents.map(move |exponent| {
            let weight = of_weights.random_range(1..=heaviest);
            (ratio.powf(exponent).min(ratio) * (weight as f64 / capacity), weight)
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn an_instance_is_written_while_it_is_made_as_it_would_be_afterwards() {
        for order in [DensityOrder::Random, DensityOrder::Ascending, DensityOrder::Descending, DensityOrder::WorstCase] {
            let family = OnlineItems { items: 50, capacity: 40, order, ..OnlineItems::default() };
            let (mut whole, mut written) = (Vec::new(), Vec::new());
            family.generate(&mut ChaCha8Rng::seed_from_u64(3)).unwrap().write_stream(&mut whole).unwrap();
            family.write(&mut ChaCha8Rng::seed_from_u64(3), &mut written).unwrap().unwrap();
            assert_eq!(String::from_utf8(whole), String::from_utf8(written), "{order:?}");
        }
    }

    #[test]
    fn the_draws_are_the_same_as_ever() {
        // All densities first, then all weights, from one generator.
        let family = OnlineItems { items: 9, ..OnlineItems::default() };
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let exponents: Vec<f64> = (0..9).map(|_| rng.random()).collect();
        let weights: Vec<u64> = (0..9).map(|_| rng.random_range(1..=500)).collect();
        let made = family.generate(&mut ChaCha8Rng::seed_from_u64(7)).unwrap();
        for ((item, exponent), weight) in made.items().iter().zip(exponents).zip(weights) {
            assert_eq!((item.value, item.weight.first()), (1000_f64.powf(exponent).min(1000.0) * (weight as f64 / 10_000.0), weight));
        }
    }
}
