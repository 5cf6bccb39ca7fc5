//! Modular functions.

use std::sync::Arc;

use crate::oracle::LevelOracle;

/// A sum of the elements' own values, with a stack.
#[derive(Debug, Clone)]
pub struct ModularOracle {
    own: Arc<Vec<f64>>,
    stack: Vec<usize>,
    values: Vec<f64>,
}

impl ModularOracle {
    /// The elements' values, with an empty stack; negative ones are costs.
    pub fn new(own: impl Into<Arc<Vec<f64>>>) -> Self {
        Self { own: own.into(), stack: Vec::new(), values: Vec::new() }
    }
}

impl LevelOracle for ModularOracle {
    fn elements(&self) -> usize {
        self.own.len()
    }

    fn height(&self) -> usize {
        self.stack.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        if self.stack[..level].contains(&element) { 0.0 } else { self.own[element] }
    }

    fn push(&mut self, element: usize) {
        let value = self.value() + self.gain(element, self.height());
        self.stack.push(element);
        self.values.push(value);
    }

    fn truncate(&mut self, height: usize) {
        self.stack.truncate(height);
        self.values.truncate(height);
    }

    fn is_monotone(&self) -> bool {
        self.own.iter().all(|&value| value >= 0.0)
    }

    fn is_non_negative(&self) -> bool {
        self.is_monotone()
    }
}
