//! Fair division: tables of utilities, allocations in tables, and generators.

mod allocation_table;
mod mixed_manna;
mod utilities;
mod utility_table;

use fathom_opt_problems::fair_division::FairDivision;

pub use allocation_table::AllocationTable;
pub use mixed_manna::MixedManna;
pub use utilities::{Utilities, UtilityModel};
pub use utility_table::{UtilityTable, UtilityTableOptions};

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<FairDivision>()
        .reads::<UtilityTable>()
        .writes::<UtilityTable>()
        .takes_solutions::<AllocationTable>()
        .writes_solutions::<AllocationTable>()
        .generates::<MixedManna>()
        .generates::<Utilities>()
}
