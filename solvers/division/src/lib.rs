//! Fair division of goods, chores and mixed items.
//!
//! Rules for [`FairDivision`](fathom_problems::fair_division::FairDivision): each takes additive utilities of any sign (or says that it does not), in
//! exact arithmetic, and lists in its outcome which fairness notions it guarantees. The checker in `fathom-problems` verifies them.
//!
//! | solver | what it does | promises |
//! |---|---|---|
//! | [`DoubleRoundRobin`] | turns in one order for chores, in reverse for goods | EF1, EF1^3 |
#![forbid(unsafe_code)]

mod agent_order;
mod assignment;
mod double_round_robin;
mod instance_class;
mod preference_queue;
mod valuations;

pub use double_round_robin::{DoubleRoundRobin, Form};

use fathom_core::Registry;
use fathom_problems::fair_division::FairDivision;

/// Adds every solver of the family to `registry`; the first is the default.
pub fn register(registry: &mut Registry) {
    registry.add::<FairDivision, DoubleRoundRobin>();
}
