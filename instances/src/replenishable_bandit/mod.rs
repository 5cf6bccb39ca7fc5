//! Bandits with budgets that idling refills: streams of rounds, tables of rounds, and a generator.

mod replenishable;
mod round_stream;
mod round_table;

use fathom_opt_problems::replenishable_bandit::ReplenishableBandit;

pub use replenishable::{OutcomeKind, Replenishable};
pub use round_stream::RoundStream;
pub use round_table::{RoundTable, RoundTableOptions};

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<ReplenishableBandit>()
        .reads::<RoundStream>()
        .writes::<RoundStream>()
        .streams::<RoundStream>()
        .reads::<RoundTable>()
        .generates::<Replenishable>()
}
