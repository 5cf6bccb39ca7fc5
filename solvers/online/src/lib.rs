//! Online packing.
#![forbid(unsafe_code)]

mod advice_split;
mod curve;
mod decision;
mod engine;
mod exact;
mod guarantee;
mod lambert_w;
mod ledger;
mod rounding;

pub use advice_split::AdviceSplit;
pub use curve::{Curve, CurveKind, Plateau, ect_ratio, zcl_ratio};
pub use decision::{Decision, Reason};
pub use engine::{Acceptance, BoundsMode, Engine, EngineState, Rule, Settings};
pub use exact::KnapsackExact;
pub use guarantee::{Condition, Guarantee};
pub use lambert_w::lambert_w;
pub use ledger::{Ledger, PreciseSum};
pub use rounding::ClassRounding;
