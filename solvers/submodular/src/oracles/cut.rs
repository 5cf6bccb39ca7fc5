//! Cuts: every node knows the level at which it was chosen.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::Cut;

use super::NEVER;
use crate::oracle::LevelOracle;

/// The cut function of a graph, with a stack. A gain costs one pass over the node's edges, and so do the gains against all prefixes.
#[derive(Debug, Clone)]
pub struct CutOracle {
    function: Arc<Cut>,
    chosen_at: Vec<u32>,
    stack: Vec<usize>,
    values: Vec<f64>,
}

impl CutOracle {
    /// The function with an empty stack.
    pub fn new(function: impl Into<Arc<Cut>>) -> Self {
        let function = function.into();
        Self { chosen_at: vec![NEVER; function.neighbours().len()], function, stack: Vec::new(), values: Vec::new() }
    }
}

impl LevelOracle for CutOracle {
    fn elements(&self) -> usize {
        self.function.neighbours().len()
    }

    fn height(&self) -> usize {
        self.stack.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        if self.chosen_at[element] <= level as u32 {
            return 0.0;
        }
        let row = self.function.neighbours().row(element).iter();
        row.map(|&(other, weight)| if self.chosen_at[other as usize] <= level as u32 { -weight } else { weight }).sum()
    }

    fn profile(&self, element: usize, from: usize, to: usize, gains: &mut Vec<f64>) -> bool {
        let start = gains.len();
        gains.resize(start + to + 1 - from, 0.0);
        let gains = &mut gains[start..];
        let mut gain = 0.0;
        for &(other, weight) in self.function.neighbours().row(element) {
            gain += weight;
            let level = self.chosen_at[other as usize] as usize;
            if level <= to {
                gains[level.max(from) - from] -= 2.0 * weight;
            }
        }
        let own = self.chosen_at[element] as usize;
        for (position, change) in gains.iter_mut().enumerate() {
            gain += *change;
            *change = if from + position >= own { 0.0 } else { gain };
        }
        true
    }

    fn push(&mut self, element: usize) {
        let level = self.height();
        let value = self.value() + self.gain(element, level);
        if self.chosen_at[element] == NEVER {
            self.chosen_at[element] = level as u32 + 1;
        }
        self.stack.push(element);
        self.values.push(value);
    }

    fn truncate(&mut self, height: usize) {
        for &element in self.stack.get(height..).unwrap_or_default() {
            if self.chosen_at[element] as usize > height {
                self.chosen_at[element] = NEVER;
            }
        }
        self.stack.truncate(height);
        self.values.truncate(height);
    }

    fn is_monotone(&self) -> bool {
        false
    }
}
