//! How a descent went.

use fathom_opt_core::{Counters, Stop};

/// Gains below this share of the score are rounding.
pub(crate) const LEAST_GAIN: f64 = 1e-10;

/// What a descent did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    pub(crate) counters: Counters,
    /// The score after every pass, the start's first.
    pub(crate) scores: Vec<f64>,
    /// Why the last descent did not end.
    pub(crate) stopped: Option<Stop>,
    /// Why nothing more was tried after the last descent.
    pub(crate) cut_short: Option<Stop>,
    /// Whether the weights were seen to be a KKT point.
    pub(crate) stationary: bool,
}
