//! Online packing: items come one at a time and each is taken or left for good.
//!
//! One [`Engine`], many [`Curve`]s: a price over the used share of the knapsack decides, and each algorithm says what it guarantees and when that stops
//! to hold. The same state machine runs over a stored stream (`fathom solve`) and a live one (`fathom online`).
//!
//! | solver | what it does | guarantee |
//! |---|---|---|
//! | [`Zcl`] | exponential price | `1 + ln(U/L)`, the best for small items |
//! | [`Constant`] | one posted price | `U/L`, as fair as can be |
//! | [`Ect`] | posted price for a share `alpha`, then exponential | `W(R (1-alpha)/alpha)/(1-alpha)`, `alpha`-CTIF |
//! | [`Baseline`] | the curve that `ect` improves on | its own, larger ratio |
//! | [`LaEct`] | posted price at a predicted threshold | robust and consistent, `gamma`-CTIF |
//! | [`ZclRandomized`] | a posted price drawn once | `1 + ln(U/L)` in expectation |
//! | [`PpA`], [`Mix`] | one advised density, alone or beside `zcl` | `1 + min(1, omega)` if the advice is right |
//! | [`KnapsackExact`] | the offline optimum | proved |
//! | [`PrimalDual`] | bandits with replenishable knapsacks | never overspends; regret of the order `sqrt(T)` |
//!
//! [`serve::Session`] is a served stream of either class, from lines to lines; [`tune()`] chooses a curve from past streams; [`DecisionLog`] audits what was
//! decided.
//!
//! # Reproduction
//!
//! Those that read recorded data skip, and say so, where the data folder is not beside the repository. All tests print what they found beside what is
//! published.
//!
//! | table | command |
//! |---|---|
//! | exact worst cases, equalised prefixes | `cargo test --release -p fathom-opt-online --test worst_case` |
//! | cluster traces: 86 reference rows, means and order on all 8,600 shuffled streams, advice of every error, order of arrival, sorted streams, envy; Bitcoin series, right and late advice | `cargo test --release -p fathom-opt-online --test google -- --nocapture` |
//! | 47 offline optima | `cargo test --release -p fathom-opt-online --test exact -- --nocapture` |
//! | guarantees against hill climbing, 100,000 steps per curve | `cargo test --release -p fathom-opt-online --test adversary -- --nocapture` |
//! | regret, forced idling, horizons and adversaries with replenishable knapsacks | `cargo test --release -p fathom-opt-online --test replenishable -- --nocapture` |
//! | kills and resumes of served streams, every line at fault | `cargo test -p fathom-tests --test online` |
//! | items and lines per second, latency | `cargo run --release -p fathom-opt-online --example throughput` |
//! | a million items through a pipe | `fathom generate online-items --items 1000000 --output - \| fathom online zcl --quiet \| fathom audit -` |
//! | beside OR-Tools | `benches/peers/online/run ARCHIVE` |
//! | suites | `fathom bench run online-knapsack online-bandits --data FOLDER` |
//!
//! # What the promises mean
//!
//! A posted price (`alpha` of `ect`, `gamma` of `la-ect`) is a promise about equals while the use of the capacity lies in one interval: whoever comes then
//! with the same density is treated alike. It is no promise about envy afterwards, which on recorded streams even rises with `alpha`. A ratio for vanishing
//! weights is approached from above as weights shrink; for weights that are known to be at most a share of the capacity, the finite ratio is the one that
//! holds, and the size-aware curves keep it low.
#![forbid(unsafe_code)]

mod advice_split;
mod algorithms;
mod audit;
mod curve;
mod decision;
mod engine;
mod exact;
mod guarantee;
mod hindsight;
mod lambert_w;
mod ledger;
mod picture;
mod policy;
mod replenishable;
mod rounding;
pub mod serve;
mod sketch;
mod tune;

pub use advice_split::AdviceSplit;
pub use algorithms::{Baseline, Constant, Ect, LaEct, Mix, PpA, Zcl, ZclRandomized, algorithms};
pub use audit::{AuditReport, DecisionLog, LogError};
pub use curve::{Curve, CurveKind, Plateau, ect_ratio, zcl_ratio};
pub use decision::{Decision, Reason};
pub use engine::{Acceptance, BoundsMode, Engine, EngineState, Rule, Settings};
pub use exact::KnapsackExact;
pub use guarantee::{Condition, Guarantee};
pub use hindsight::{best_static_threshold, critical_density};
pub use lambert_w::lambert_w;
pub use ledger::{Ledger, PreciseSum};
pub use policy::{Algorithm, Frame, Policy};
pub use replenishable::{
    BanditLearner, BudgetFrame, Choice, FeedbackMode, PlayLedger, PrimalDual, PrimalDualMachine, PrimalDualState, RegretMeter,
    RoundFeedback,
};
pub use rounding::ClassRounding;
pub use sketch::{DensitySketch, SKETCH_WIDTH};
pub use tune::{Tuned, Tuning, estimate_threshold, tune};

use fathom_opt_core::Registry;
use fathom_opt_problems::replenishable_bandit::ReplenishableBandit;

/// Adds every solver of the family to `registry`; the first of a class is its default.
pub fn register(registry: &mut Registry) {
    algorithms::register(registry);
    registry.add::<ReplenishableBandit, PrimalDual>();
}
