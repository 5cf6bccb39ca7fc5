//! Coverage by random sets of one size.

use std::collections::BTreeSet;

use fathom_opt_problems::submodular_stream::{Constraint, Coverage, Elements, Function, Ground, Rows, SubmodularStream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::churning::{Churning, StreamKind};
use crate::generator::Generator;
use crate::parameter_error::ParameterError;

/// Every element covers the same number of random items of nearly equal weight: gains are nearly equal, and lazy evaluation helps little.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct UniformSets {
    /// Number of elements, 1 to 10^6.
    pub elements: u32,
    /// Number of items, 1 to 10^6.
    pub items: u32,
    /// How many items an element covers, 1 to the number of items and at most 1000.
    pub width: u32,
    /// Weights of items are uniform on `[1 - spread, 1 + spread]`; 0 to 1. Where it is 0, all elements are worth the same alone.
    pub spread: f64,
    /// How many elements may be chosen.
    pub k: u32,
    /// How elements come and go.
    pub stream: StreamKind,
    /// Number of elements that the stream speaks of; half of all (200 for killer and churn) without.
    pub window: Option<usize>,
    /// At most so many updates; as many as make every element come and go once without.
    pub updates: Option<usize>,
    /// A query after every so many updates.
    pub every: usize,
}

impl Default for UniformSets {
    fn default() -> Self {
        Self {
            elements: 2000,
            items: 4000,
            width: 60,
            spread: 0.05,
            k: 50,
            stream: StreamKind::Window,
            window: None,
            updates: None,
            every: 100,
        }
    }
}

impl Generator for UniformSets {
    const NAME: &'static str = "uniform-sets";
    const SUMMARY: &'static str = "coverage by random sets of one size that come and go";
    const CITATION: &'static str = "Uniform random sets, the hard case for lazy evaluation.";
    type Problem = SubmodularStream;

    fn generate(&self, rng: &mut ChaCha8Rng) -> Result<SubmodularStream, ParameterError> {
        for (name, found) in [("elements", self.elements), ("items", self.items)] {
            if !(1..=1_000_000).contains(&found) {
                return Err(ParameterError::range(name, found, "1 to 10^6"));
            }
        }
        if !(1..=self.items.min(1000)).contains(&self.width) {
            return Err(ParameterError::range("width", self.width, "1 to the number of items, at most 1000"));
        }
        if !(0.0..=1.0).contains(&self.spread) {
            return Err(ParameterError::range("spread", self.spread, "0 to 1"));
        }
        let weights: Vec<f64> = (0..self.items).map(|_| 1.0 + self.spread * rng.random_range(-1.0..=1.0)).collect();
        let mut sets: Rows<u32> = Rows::with_capacity(self.elements as usize, (self.elements * self.width) as usize);
        for _ in 0..self.elements {
            let mut set = BTreeSet::new();
            while set.len() < self.width as usize {
                set.insert(rng.random_range(0..self.items));
            }
            sets.push(set);
        }
        let function: Function = Coverage::new(Some(weights), sets)?.into();
        let ids: Vec<u64> = (0..u64::from(self.elements)).collect();
        let singles = function.gains(&[], &(0..self.elements as usize).collect::<Vec<_>>());
        let steps = Churning { kind: self.stream, window: self.window, updates: self.updates, every: self.every }.steps(&ids, &singles)?;
        let ground = Ground::new(Elements::Count(self.elements))?;
        Ok(SubmodularStream::new(function, ground, Constraint::Cardinality(self.k), &steps)?)
    }
}
