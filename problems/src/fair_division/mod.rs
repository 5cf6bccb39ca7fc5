//! Fair division of indivisible items: goods, chores, and items that some like and others do not (mixed manna).
//!
//! `n` agents have additive utilities `u_a(o)` of any sign over `m` items; a solution gives every item to one agent. Utilities are exact: integers of
//! any size and decimals, which one common power of ten turns into integers. Sums never round.
//!
//! The checker decides the fairness notions of the literature under the names in [`Notion`], each with a witness when it fails. It also looks for better
//! allocations nearby, which contradict claims of (local) optimality: one item given to somebody else, or two items exchanged.

mod amount;
mod check;
mod class;
mod data;
mod decimal;
#[cfg(feature = "nalgebra")]
mod dense_matrix;
mod efficiency;
mod envy;
mod explanation;
mod fractional_pareto;
mod geometric_mean;
mod instance;
mod maximin_share;
mod names;
mod neighbour;
mod notion;
mod pareto;
mod proportionality;
mod solution;
mod view;
mod welfare;
mod wording;

pub use data::{FairDivisionData, Labels, UtilityRow};
pub use efficiency::CheckLimits;
pub use instance::{FairDivision, Utilities};
pub use notion::Notion;
pub use solution::Allocation;
pub use welfare::Welfare;

#[cfg(test)]
mod tests;
