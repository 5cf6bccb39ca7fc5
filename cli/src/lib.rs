//! Fathom: combinatorial and constrained optimization with independent checks.
//!
//! This crate is the front door: it re-exports the rest, offers all built-in solvers as one [`registry`], and holds the [`command_line`].
//!
//! ```
//! use fathom::core::Run;
//! use fathom::problems::fair_division::FairDivision;
//! use fathom::problems::Problem;
//! use fathom::core::Solver;
//! use fathom::division::DoubleRoundRobin;
//!
//! // Two agents, three items: a good for both, a chore for both, and one they disagree about.
//! let problem = FairDivision::new(vec![vec![5, -3, 2], vec![4, -4, -1]])?;
//! let outcome = DoubleRoundRobin::default().solve(&problem, &Run::default())?;
//! let verdict = problem.check(&outcome.solution.expect("double round robin always allocates"))?;
//! assert_eq!(verdict.property("EF1").and_then(|ef1| ef1.holds), Some(true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod command_line;

pub use fathom_opt_bench as bench;
pub use fathom_opt_core as core;
pub use fathom_opt_dag as dag;
pub use fathom_opt_division as division;
pub use fathom_opt_instances as instances;
pub use fathom_opt_online as online;
pub use fathom_opt_problems as problems;
pub use fathom_opt_relaxation as relaxation;

/// All built-in solvers.
pub fn registry() -> core::Registry {
    let mut registry = core::Registry::new();
    division::register(&mut registry);
    relaxation::register(&mut registry);
    online::register(&mut registry);
    dag::register(&mut registry);
    registry
}
