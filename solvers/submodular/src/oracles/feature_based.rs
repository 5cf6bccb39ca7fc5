//! Feature-based functions: the amount of each feature after every level.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::FeatureBased;

use super::stairs::Stairs;
use crate::oracle::LevelOracle;

/// A feature-based function with a stack. A gain costs one pass over the element's features.
#[derive(Debug, Clone)]
pub struct FeatureOracle {
    function: Arc<FeatureBased>,
    amounts: Stairs,
    stack: Vec<usize>,
    values: Vec<f64>,
}

impl FeatureOracle {
    /// The function with an empty stack.
    pub fn new(function: impl Into<Arc<FeatureBased>>) -> Self {
        let function = function.into();
        Self { amounts: Stairs::new(function.weights().len()), function, stack: Vec::new(), values: Vec::new() }
    }
}

impl LevelOracle for FeatureOracle {
    fn elements(&self) -> usize {
        self.function.features().len()
    }

    fn height(&self) -> usize {
        self.stack.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        if self.stack[..level].contains(&element) {
            return 0.0;
        }
        let (weights, shape) = (self.function.weights(), self.function.shape());
        let gain = |&(feature, amount): &(u32, f64)| {
            let before = self.amounts.at(feature, level);
            weights[feature as usize] * (shape.at(before + amount) - shape.at(before))
        };
        self.function.features().row(element).iter().map(gain).sum()
    }

    fn push(&mut self, element: usize) {
        let level = self.height();
        let value = self.value() + self.gain(element, level);
        for &(feature, amount) in self.function.features().row(element) {
            self.amounts.set(feature, self.amounts.at(feature, level) + amount);
        }
        self.amounts.end_level();
        self.stack.push(element);
        self.values.push(value);
    }

    fn truncate(&mut self, height: usize) {
        self.amounts.truncate(height);
        self.stack.truncate(height);
        self.values.truncate(height);
    }
}
