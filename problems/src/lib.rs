//! What Fathom solves: problem classes, their solutions, and one independent checker per class.
//!
//! A [`Problem`] knows its data and can [`check`](Problem::check) any proposed solution against that data alone.
//! No checker shares code with a solver, so a [`Verdict`] is evidence and not an echo.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Problem`] | a class of problems: its document form, its solutions, its checker |
//! | [`Verdict`] | what a checker found: objective, [`Violation`]s, [`Property`]s with witnesses |
//! | [`Malformed`] | data that is not an instance or a solution of the class: where, what was found, what was expected |
//! | [`AnyProblem`] | a problem whose class is known only at run time |
//! | [`Bulk`] | data that stands in the document or in a file beside it |
//!
//! Each class has a cargo feature of its own (all on by default).
#![forbid(unsafe_code)]

mod any_problem;
mod any_solution;
mod bulk;
mod malformed;
pub mod objects_only;
mod problem;
mod property;
mod sense;
mod verdict;

#[cfg(feature = "dag-learning")]
pub mod dag_learning;
#[cfg(feature = "expression")]
pub mod expression;
#[cfg(feature = "fair-division")]
pub mod fair_division;
#[cfg(feature = "linear-sequence")]
pub mod linear_sequence;
#[cfg(feature = "nonlinear")]
pub mod nonlinear;
#[cfg(feature = "online-knapsack")]
pub mod online_knapsack;
#[cfg(feature = "replenishable-bandit")]
pub mod replenishable_bandit;
#[cfg(feature = "sparse")]
pub mod sparse;
#[cfg(feature = "submodular-stream")]
pub mod submodular_stream;

pub use any_problem::{AnyProblem, CheckError};
pub use any_solution::AnySolution;
pub use bulk::{Bulk, BulkSink, BulkSource, FileReference, InlineOnly, LineWriter};
pub use malformed::{FilePlace, Malformed, Place, Segment};
pub use problem::{Criterion, Problem, Size};
pub use property::{Certainty, Property, Witness};
pub use sense::Sense;
pub use verdict::{Improvement, Measure, Objective, Verdict, Violation};
