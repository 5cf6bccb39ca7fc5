//! Fair division of goods, chores and mixed items.
//!
//! Rules for [`FairDivision`]: each takes additive utilities of any sign (or says that it does not), in
//! exact arithmetic, and lists in its outcome which fairness notions it guarantees. The checker in `fathom-opt-problems` verifies them.
//!
//! | solver | what it does | promises |
//! |---|---|---|
//! | [`DoubleRoundRobin`] | turns in one order for chores, in reverse for goods | EF1, EF1^3 |
//! | [`TwoSidedGreedy`] | large items first, goods to the poorest, chores to the richest | EFX, PO on some classes |
//! | [`RoundRobin`] | turns, also weighted | EF1 for goods or chores, WEF1 |
//! | [`EnvyCycle`] | goods to the unenvied, chores to the envy-free | EF1 |
//! | [`AdjustedWinner`] | two agents: items change sides by ratio of utilities | EF1, fPO |
//! | [`EfxSearch`] | by rule, local search or exhaustive search | EFX, or that there is none |
//! | [`MaxNashWelfare`] | local search, then branch and bound over prices | EF1, PO for goods, proven |
//! | [`MaximinShare`] | exact shares, then branch and bound | MMS, or that there is none |
//! | [`Leximin`] | branch and bound | PO, the best minimum, proven |
//! | [`Auto`] | looks at the instance | what the chosen rule promises |
//! | [`Exists`] | exhaustive search | the notions asked for, or that no allocation has them |
//!
//! ```
//! use fathom_opt_core::{Run, Solver};
//! use fathom_opt_division::DoubleRoundRobin;
//! use fathom_opt_problems::{Problem, fair_division::FairDivision};
//!
//! // Two agents, a good and three chores.
//! let problem = FairDivision::new(vec![vec![2, -3, -3, -3], vec![2, -3, -3, -3]])?;
//! let outcome = DoubleRoundRobin::default().solve(&problem, &Run::default())?;
//! let allocation = outcome.solution.expect("this rule always ends with an allocation");
//! assert_eq!(problem.check(&allocation)?.property("EF1").and_then(|property| property.holds), Some(true));
//! for line in problem.present(&allocation) {
//!     println!("{line}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Suites (`fathom bench run NAME`): `division-small`, `division-exists`, `division-scale`, `division-hard` (what there is not, each proven),
//! `division-nash`. All promises on all small instances: `cargo run --release -p fathom-opt-division --example exhaustive`. The optimal solvers against
//! brute force: `cargo run --release -p fathom-opt-division --example differential`. Beside fairpyx: `benches/peers/division/run`.
#![doc = include_str!("../COURSES.md")]
#![forbid(unsafe_code)]

mod adjusted_winner;
mod agent_order;
mod assignment;
mod auto;
mod double_round_robin;
mod efficiency;
mod efx_local_search;
mod efx_search;
mod envy_cycle;
mod envy_graph;
mod existence;
mod exists;
mod fairness;
mod floor_search;
mod instance_class;
mod kinds;
mod leximin;
mod matching;
mod maximin_share;
mod multiway_partition;
mod nash;
mod preference_queue;
mod round_robin;
mod two_sided_greedy;
mod valuations;
mod welfare;
mod work_meter;

pub use adjusted_winner::AdjustedWinner;
pub use auto::Auto;
pub use double_round_robin::{DoubleRoundRobin, Form};
pub use efx_search::EfxSearch;
pub use envy_cycle::{EnvyCycle, ItemOrder};
pub use exists::Exists;
pub use leximin::Leximin;
pub use maximin_share::MaximinShare;
pub use nash::MaxNashWelfare;
pub use round_robin::{RoundRobin, Turns};
pub use two_sided_greedy::TwoSidedGreedy;

use fathom_opt_core::Registry;
use fathom_opt_problems::fair_division::FairDivision;

/// Adds every solver of the family to `registry`; the first is the default.
pub fn register(registry: &mut Registry) {
    registry.add::<FairDivision, Auto>();
    registry.add::<FairDivision, DoubleRoundRobin>();
    registry.add::<FairDivision, TwoSidedGreedy>();
    registry.add::<FairDivision, RoundRobin>();
    registry.add::<FairDivision, EnvyCycle>();
    registry.add::<FairDivision, AdjustedWinner>();
    registry.add::<FairDivision, EfxSearch>();
    registry.add::<FairDivision, MaximinShare>();
    registry.add::<FairDivision, MaxNashWelfare>();
    registry.add::<FairDivision, Leximin>();
    registry.add::<FairDivision, Exists>();
    exists::refuse_old_names(registry);
}
