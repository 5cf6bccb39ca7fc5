//! Shares of the optimum that solvers promise and the checker decides.

/// A share of the optimum that an answer may be promised to have at every query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share as people write it.
    pub text: &'static str,
    /// The share as a number.
    pub factor: f64,
}

/// All shares that the checker decides, from the largest to the smallest. `1 - 1/e` is the greedy algorithm's.
pub const SHARES: [Share; 8] = [
    Share { text: "1 - 1/e", factor: 0.632_120_558_828_557_7 },
    Share { text: "1/2", factor: 0.5 },
    Share { text: "2/5", factor: 0.4 },
    Share { text: "1/3", factor: 1.0 / 3.0 },
    Share { text: "1/4", factor: 0.25 },
    Share { text: "1/5", factor: 0.2 },
    Share { text: "1/8", factor: 0.125 },
    Share { text: "1/10", factor: 0.1 },
];

impl Share {
    /// The name of the property.
    pub fn name(&self) -> String {
        format!("at least {} of the optimum at every query", self.text)
    }

    /// The largest share that a proven factor covers.
    pub fn covered_by(factor: f64) -> Option<Self> {
        SHARES.into_iter().find(|share| share.factor <= factor)
    }
}
