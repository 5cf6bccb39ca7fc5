//! Coverage: every item knows the level that first covers it.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::Coverage;

use super::NEVER;
use crate::oracle::LevelOracle;

/// Coverage with a stack. A gain costs one pass over the element's items, and so do the gains against all prefixes.
#[derive(Debug, Clone)]
pub struct CoverageOracle {
    function: Arc<Coverage>,
    /// The level that first covers each item.
    covered_at: Vec<u32>,
    /// The items that each level covers first, one level after another.
    covered: Vec<u32>,
    /// Where each level ends in `covered`, and the value there.
    ends: Vec<(usize, f64)>,
}

impl CoverageOracle {
    /// The function with an empty stack.
    pub fn new(function: impl Into<Arc<Coverage>>) -> Self {
        let function = function.into();
        let covered_at = vec![NEVER; function.weights().len()];
        Self { function, covered_at, covered: Vec::new(), ends: Vec::new() }
    }
}

impl LevelOracle for CoverageOracle {
    fn elements(&self) -> usize {
        self.function.sets().len()
    }

    fn height(&self) -> usize {
        self.ends.len()
    }

    fn value(&self) -> f64 {
        self.ends.last().map_or(0.0, |end| end.1)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        let weights = self.function.weights();
        let fresh = self.function.sets().row(element).iter().filter(|&&item| self.covered_at[item as usize] > level as u32);
        fresh.map(|&item| weights[item as usize]).sum()
    }

    fn profile(&self, element: usize, from: usize, to: usize, gains: &mut Vec<f64>) -> bool {
        // Gains against prefixes differ by what the levels between them cover: sums over levels, from the last one down.
        let start = gains.len();
        gains.resize(start + to + 1 - from, 0.0);
        let sums = &mut gains[start..];
        let weights = self.function.weights();
        for &item in self.function.sets().row(element) {
            let level = self.covered_at[item as usize] as usize;
            if level > from {
                sums[level.min(to + 1) - 1 - from] += weights[item as usize];
            }
        }
        for position in (1..sums.len()).rev() {
            sums[position - 1] += sums[position];
        }
        true
    }

    fn push(&mut self, element: usize) {
        let level = self.ends.len() as u32 + 1;
        let mut gain = 0.0;
        for &item in self.function.sets().row(element) {
            let at = &mut self.covered_at[item as usize];
            if *at == NEVER {
                *at = level;
                self.covered.push(item);
                gain += self.function.weights()[item as usize];
            }
        }
        self.ends.push((self.covered.len(), self.value() + gain));
    }

    fn truncate(&mut self, height: usize) {
        self.ends.truncate(height);
        let end = self.ends.last().map_or(0, |end| end.0);
        for &item in &self.covered[end..] {
            self.covered_at[item as usize] = NEVER;
        }
        self.covered.truncate(end);
    }
}
