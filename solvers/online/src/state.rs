//! The part of an engine that changes.

use fathom_opt_problems::online_knapsack::DensityBounds;
use serde::{Deserialize, Serialize};

use crate::advice_split::AdviceSplit;
use crate::forecast::Forecast;
use crate::ledger::Ledger;
use crate::rounding::ClassRounding;

/// All that an engine's later decisions and its guarantees depend on, its settings aside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EngineState {
    /// Counts, sums and extremes.
    pub ledger: Ledger,
    /// The bounds on densities now.
    pub(crate) bounds: Option<DensityBounds>,
    /// How often the bounds were widened.
    pub widened: u64,
    /// Why a widening ended the guarantee.
    pub(crate) broken: Option<String>,
    /// PP-a.
    pub(crate) split: AdviceSplit,
    /// Share sold by `zcl` beside PP-a.
    pub(crate) beside: f64,
    /// From parts to whole items.
    pub(crate) rounding: ClassRounding,
    /// How the items compare with a predicted density.
    pub(crate) forecast: Forecast,
}
