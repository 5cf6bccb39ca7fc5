//! What a solve cost, in units that do not depend on the machine.

use std::collections::BTreeMap;

use serde::Serialize;

/// Iterations, oracle calls and whatever else a method counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    /// Iterations of the main loop.
    pub iterations: u64,
    /// Calls of the problem's oracle (function values, marginal gains, sub-problems).
    #[serde(rename = "oracle-calls", skip_serializing_if = "is_zero")]
    pub oracle_calls: u64,
    /// The method's own counts by name (`factorizations`, `backtracks`, ...).
    #[serde(flatten)]
    pub others: BTreeMap<&'static str, u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counters {
    /// Adds `amount` to the count called `name`.
    pub fn add(&mut self, name: &'static str, amount: u64) {
        *self.others.entry(name).or_insert(0) += amount;
    }
}
