//! The log-determinant: a Cholesky factor that grows by a row with every level.

use std::sync::Arc;

use fathom_opt_problems::submodular_stream::LogDeterminant;

use crate::oracle::LevelOracle;

/// `ln det(I + V_S V_S')` with a stack. One forward substitution gives the gains against all prefixes: after `j` steps what is left of the diagonal entry is the
/// gain's exponential against the prefix of level `j`.
#[derive(Debug, Clone)]
pub struct LogDeterminantOracle {
    function: Arc<LogDeterminant>,
    stack: Vec<usize>,
    /// The lower triangle of the factor, by rows.
    factor: Vec<f64>,
    values: Vec<f64>,
}

impl LogDeterminantOracle {
    /// The function with an empty stack.
    pub fn new(function: impl Into<Arc<LogDeterminant>>) -> Self {
        Self { function: function.into(), stack: Vec::new(), factor: Vec::new(), values: Vec::new() }
    }

    /// The forward substitution of `element` through the first `level` rows: calls `after` with the level and what is left after each, level 0 first.
    fn substitute(&self, element: usize, level: usize, mut after: impl FnMut(usize, f64)) -> Vec<f64> {
        let vector = self.function.features(element);
        let inner = |other: usize| vector.iter().zip(self.function.features(other)).map(|(a, b)| a * b).sum::<f64>();
        let mut rest = 1.0 + inner(element);
        let mut x = Vec::with_capacity(level + 1);
        after(0, rest);
        for (row, &other) in self.stack[..level].iter().enumerate() {
            let start = row * (row + 1) / 2;
            let before: f64 = self.factor[start..start + row].iter().zip(&x).map(|(l, x)| l * x).sum();
            let entry = (inner(other) - before) / self.factor[start + row];
            x.push(entry);
            // A Schur complement of I + V V' is at least 1; rounding may put it below.
            rest = (rest - entry * entry).max(1.0);
            after(row + 1, rest);
        }
        x.push(rest.sqrt());
        x
    }

    fn place(&self, element: usize) -> usize {
        self.stack.iter().position(|&other| other == element).map_or(usize::MAX, |position| position + 1)
    }
}

impl LevelOracle for LogDeterminantOracle {
    fn elements(&self) -> usize {
        self.function.elements()
    }

    fn height(&self) -> usize {
        self.stack.len()
    }

    fn value(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    fn gain(&self, element: usize, level: usize) -> f64 {
        if self.place(element) <= level {
            return 0.0;
        }
        let mut gain = 0.0;
        self.substitute(element, level, |at, rest| {
            if at == level {
                gain = rest.ln();
            }
        });
        gain
    }

    fn profile(&self, element: usize, from: usize, to: usize, gains: &mut Vec<f64>) -> bool {
        let place = self.place(element);
        self.substitute(element, to, |at, rest| {
            if at >= from {
                gains.push(if at >= place { 0.0 } else { rest.ln() });
            }
        });
        true
    }

    fn push(&mut self, element: usize) {
        let level = self.height();
        let gain = self.gain(element, level);
        let row = self.substitute(element, level, |_, _| {});
        self.factor.extend(row);
        self.stack.push(element);
        self.values.push(self.value() + gain);
    }

    fn truncate(&mut self, height: usize) {
        self.stack.truncate(height);
        self.values.truncate(height);
        self.factor.truncate(self.stack.len() * (self.stack.len() + 1) / 2);
    }
}
