#![doc = include_str!("../README.md")]
//!
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
//! | [`LaEct`] | posted price at a predicted threshold | robust, `2/gamma` for a balanced prediction, `gamma`-CTIF |
//! | [`ZclRandomized`] | a posted price drawn once | `1 + ln(U/L)` in expectation, in parts |
//! | [`PpA`], [`Mix`] | one advised density, alone or beside `zcl` | in parts, `1 + min(1, omega)` if the advice is right |
//! | [`KnapsackExact`] | the offline optimum | proved |
//! | [`PrimalDual`] | bandits with replenishable knapsacks | never overspends; regret of the order `sqrt(T)` |
//!
//! Each of them but `knapsack-exact` is also a service (`fathom-opt-serve`), for live streams; [`tune()`] chooses a curve from past streams; [`PackingLog`] and
//! [`PlayLog`] say what a decision log shows.
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
//! weights is approached from above as weights shrink and is never claimed for whole items; what is printed is the ratio that is proved for the weights that
//! came (`promise.rs` has the proofs), and the size-aware curves keep it low.
#![forbid(unsafe_code)]

mod advice_split;
mod algorithms;
mod curve;
mod decision;
mod engine;
mod exact;
mod forecast;
mod guarantee;
mod hindsight;
mod lambert_w;
mod ledger;
mod packing_log;
mod picture;
mod play_log;
mod policy;
mod promise;
mod ratio;
mod replenishable;
mod rounding;
mod service;
mod settings;
mod sketch;
mod state;
mod tune;

pub use advice_split::AdviceSplit;
pub use algorithms::{Baseline, Constant, Ect, LaEct, Mix, PpA, Zcl, ZclRandomized};
pub use curve::{Curve, CurveKind, Plateau};
pub use decision::{Decision, Reason};
pub use engine::Engine;
pub use exact::KnapsackExact;
pub use guarantee::{Condition, Guarantee};
pub use hindsight::{balanced_threshold, best_static_threshold, critical_density};
pub use lambert_w::lambert_w;
pub use ledger::{Ledger, PreciseSum};
pub use packing_log::PackingLog;
pub use play_log::PlayLog;
pub use policy::{Frame, Policy};
pub use ratio::{ect_ratio, zcl_ratio};
pub use replenishable::{
    BanditLearner, BudgetFrame, Choice, FeedbackMode, PlayLedger, PrimalDual, PrimalDualMachine, PrimalDualState, RegretMeter,
    RoundFeedback, kept_share,
};
pub use rounding::ClassRounding;
pub use service::{BanditArrival, BanditService, Decided, KnapsackService, Played, Used, register_services};
pub use settings::{Acceptance, BoundsMode, Rule, Settings};
pub use sketch::{DensitySketch, SKETCH_WIDTH};
pub use state::EngineState;
pub use tune::{ItemTuner, Tuned, TunedItems, estimate_threshold, tune};

use fathom_opt_core::Registry;
use fathom_opt_problems::replenishable_bandit::ReplenishableBandit;

/// Adds every solver of the family to `registry`; the first of a class is its default.
pub fn register(registry: &mut Registry) {
    algorithms::register(registry);
    registry.add::<ReplenishableBandit, PrimalDual>();
}
