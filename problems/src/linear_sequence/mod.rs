//! A sequence of related sparse linear systems `A_t x_t = b_t`, solved one after the other to a relative tolerance.
//!
//! All systems share the size `n`, and unless a step brings a matrix of its own they share the sparsity pattern: `A_t` is the base matrix with a
//! diagonal shift, a diagonal added, or other values in the same places. This is the setting of Khodak, Chow, Balcan and Talwalkar,
//! "Learning to Relax" (ICLR 2024), and of every implicit time stepper.

mod check;
mod class;
mod data;
mod exact_sum;
mod residual;
mod sequence;
mod solution;
mod system;
mod validation;

pub use data::{LinearSequenceData, RhsData, StepData};
pub use sequence::LinearSequence;
pub use solution::{KeptSolution, LinearSequenceSolution};
pub use system::{Change, RelativeTo, Start, System};
