//! A problem class from outside: its data and checker, a file format, a generator and a solver, none of which any other crate knows.
//!
//! Everything that adding a class takes is here: what stands in `class.rs` would be its folder in `problems`, `sum_file.rs` and `random_sums.rs` its folder in
//! `instances`, `greedy.rs` its family crate; [`class`] and [`register`] are the lines in the lists.

mod class;
mod greedy;
mod random_sums;
mod sum_file;

use fathom_opt_core::Registry;
use fathom_opt_instances::Class;

pub use class::{Chosen, SubsetSum};
pub use greedy::LargestFirst;
pub use random_sums::RandomSums;
pub use sum_file::SumFile;

/// The class, for the list of classes.
pub fn class() -> Class {
    Class::of::<SubsetSum>().reads::<SumFile>().writes::<SumFile>().takes_solutions::<SumFile>().generates::<RandomSums>()
}

/// The solver, for the list of solvers.
pub fn register(registry: &mut Registry) {
    registry.add::<SubsetSum, LargestFirst>();
}
