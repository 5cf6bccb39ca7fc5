//! AMPL's `.nl` models, text and binary, and `.sol` solutions.
//!
//! The formats are described in D. M. Gay, "Writing .nl files" (Sandia, 2005) and "Hooking your solver to AMPL" (1997).

mod expression;
mod frame;
mod header;
mod layout;
mod model;
mod operator;
mod read;
mod sink;
mod sol;
mod source;
#[cfg(test)]
mod tests;
mod write;

pub use frame::StubFrame;
pub use model::{NlModel, Suffix, SuffixOf};
pub use read::{NlNames, read};
pub use sol::{SolFile, read_sol};
pub use write::write;
