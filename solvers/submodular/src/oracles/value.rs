//! A function that is known by its values only.

use crate::oracle::LevelOracle;

/// A closure from sets to values as an oracle: every gain is one call for the larger set.
#[derive(Debug, Clone)]
pub struct ValueOracle<F> {
    function: F,
    elements: usize,
    monotone: bool,
    non_negative: bool,
    stack: Vec<usize>,
    values: Vec<f64>,
}

impl<F: Fn(&[usize]) -> f64 + Clone + Send + Sync> ValueOracle<F> {
    /// A monotone submodular function of sets of the elements `0..elements`, 0 on the empty set.
    pub fn monotone(elements: usize, function: F) -> Self {
        Self { function, elements, monotone: true, non_negative: true, stack: Vec::new(), values: Vec::new() }
    }

    /// A submodular function that need not be monotone; `non_negative` says whether no value is below 0 (without that nothing can be guaranteed).
    pub fn non_monotone(elements: usize, non_negative: bool, function: F) -> Self {
        Self { monotone: false, non_negative, ..Self::monotone(elements, function) }
    }
}

impl<F: Fn(&[usize]) -> f64 + Clone + Send + Sync> LevelOracle for ValueOracle<F> {
    fn elements(&self) -> usize {
        self.elements
    }

    fn height(&self) -> usize {
        self.stack.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        let prefix = &self.stack[..level];
        if prefix.contains(&element) {
            return 0.0;
        }
        let mut larger = Vec::with_capacity(level + 1);
        larger.extend_from_slice(prefix);
        larger.push(element);
        let before = if level == 0 { 0.0 } else { self.values[level - 1] };
        (self.function)(&larger) - before
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
        self.monotone
    }

    fn is_non_negative(&self) -> bool {
        self.non_negative
    }
}
