//! What every solver family shares: the [`Solver`] trait, the [`Run`] it works under, the [`Outcome`] it returns, and the [`Registry`] that
//! command line and harness choose from.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Solver`] | a method for one problem class; its fields are its options |
//! | [`WarmStart`] | the capability of a solver to start from a given solution |
//! | [`Run`] | seed, deadline, budgets, cancel flag, threads, start, observer |
//! | [`Outcome`] | status, solution, criterion, objective, proven bound, promises, counters, trace |
//! | [`Audit`] | an outcome's claims beside the checker's verdict |
//! | [`Report`] | outcome, audit and cost in the form that documents and records share |
//! | [`Registry`] | (problem kind, solver name) to a solver whose types are erased |
//!
//! A solver in full:
//!
//! ```
//! use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
//! use fathom_opt_problems::{Problem, linear_sequence::{LinearSequence, LinearSequenceSolution}};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// Gives up at once.
//! #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields, default)]
//! struct Pessimist {}
//!
//! impl Solver<LinearSequence> for Pessimist {
//!     const NAME: &'static str = "pessimist";
//!     const SUMMARY: &'static str = "gives up at once";
//!
//!     fn solve_accepted(&self, _: &LinearSequence, _: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
//!         Ok(Outcome::new(Status::Failed("it will not work anyway".into())))
//!     }
//! }
//! ```
#![forbid(unsafe_code)]

#[cfg(feature = "argmin")]
pub mod argmin_bridge;
mod audit;
mod counters;
mod outcome;
mod progress;
mod registry;
mod report;
mod run;
mod solve_error;
mod solver;
mod status;
mod trace;
mod warm_start;

pub use audit::{Audit, BestKnown, Refuted};
pub use counters::Counters;
pub use outcome::Outcome;
pub use progress::{Observer, Progress};
pub use registry::{AnySolver, AnySolverEntry, ErasedOutcome, Registry, RegistryError};
pub use report::{Report, Seconds};
pub use run::{CancelFlag, Run};
pub use solve_error::{OptionError, SolveError};
pub use solver::Solver;
pub use status::{Limit, Status, Stop, UnknownStatus};
pub use trace::Trace;
pub use warm_start::WarmStart;
