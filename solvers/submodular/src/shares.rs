//! How good the answers of a stream were.

use crate::solution::Solution;

/// Sum, least and number of some shares.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    sum: f64,
    least: Option<f64>,
    count: u32,
}

impl Tally {
    /// Nothing of nothing is all of it.
    fn add(&mut self, value: f64, whole: f64) {
        let share = if whole > 0.0 { value / whole } else { 1.0 };
        self.sum += share;
        self.least = Some(self.least.map_or(share, |least| least.min(share)));
        self.count += 1;
    }

    fn note(&self, name: &str) -> Option<String> {
        let least = self.least?;
        Some(format!("{name}: {:.4} on average, {least:.4} at least, over {} queries", self.sum / f64::from(self.count), self.count))
    }
}

/// Answers beside their own upper bounds, and beside greedy solutions where those were computed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shares {
    certified: Tally,
    of_greedy: Tally,
}

impl Shares {
    /// Takes in an answer and the value of the greedy solution beside it.
    pub(crate) fn add(&mut self, solution: &Solution, greedy: Option<f64>) {
        self.certified.add(solution.value, solution.upper_bound);
        if let Some(greedy) = greedy {
            self.of_greedy.add(solution.value, greedy);
        }
    }

    /// A line for each that was computed.
    pub(crate) fn notes(&self) -> Vec<String> {
        let notes = [self.certified.note("certified ratio"), self.of_greedy.note("ratio to greedy")];
        notes.into_iter().flatten().collect()
    }
}
