//! What a maximizer has done so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::work::Work;

/// How often each amount of work was met.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkHistogram {
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl WorkHistogram {
    pub(crate) fn add(&mut self, evaluations: u64) {
        *self.counts.entry(evaluations).or_insert(0) += 1;
        self.total += 1;
    }

    /// How many amounts were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The mean amount; 0 where there is none.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.counts.iter().map(|(&work, &count)| work as f64 * count as f64).sum();
        sum / self.total.max(1) as f64
    }

    /// The least amount that at least this share of all do not exceed; 0 where there is none.
    pub fn quantile(&self, share: f64) -> u64 {
        let rank = (share * self.total as f64).ceil() as u64;
        let mut seen = 0;
        for (&work, &count) in &self.counts {
            seen += count;
            if seen >= rank.max(1) {
                return work;
            }
        }
        0
    }

    /// The largest amount.
    pub fn max(&self) -> u64 {
        self.counts.last_key_value().map_or(0, |(&work, _)| work)
    }
}

/// Counts since the maximizer was built.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stats {
    /// Everything that was asked of the function.
    pub work: Work,
    /// Insertions and deletions.
    pub updates: u64,
    /// Answers given.
    pub queries: u64,
    /// Gain evaluations of each update that was taken in alone.
    pub update_work: WorkHistogram,
    /// Gain evaluations of each answer.
    pub query_work: WorkHistogram,
    /// Gain evaluations of changes taken in by the batch, of loading and of rebuilding.
    pub batch_work: u64,
    /// Elements that came into the answer or left it, from each answer to the next.
    pub recourse: u64,
    /// Guesses of the optimum that are kept up to date.
    pub guesses: usize,
    /// How often `auto` turned from one engine to the other.
    pub turns: u64,
}
