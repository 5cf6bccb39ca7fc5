//! Thin doors to other people's solvers.
//!
//! **MILP and LP** through [HiGHS](https://highs.dev): a [`Model`] is plain data (columns, rows, costs, bounds, integrality) that any
//! thread may build and solve; a [`LiveModel`] keeps a model beside the solver's own copy of it, so that rows and columns added later
//! are solved from the last basis (linear programs) or the last solution (mixed-integer programs); a [`SolveResult`] has the status, the
//! incumbent, the objective, the *proven* bound and, for linear programs, the dual values.
//!
//! ```
//! use fathom_opt_backends::{Model, Sense, Settings};
//! use fathom_opt_core::{Run, Status};
//!
//! // max 9 a + 6 b + 4 c, 3 a + 2 b + 2 c <= 4, binary
//! let mut model = Model::new(Sense::Maximize);
//! let (a, b, c) = (model.add_binary(9.0)?, model.add_binary(6.0)?, model.add_binary(4.0)?);
//! model.add_row(f64::NEG_INFINITY, 4.0, [(a, 3.0), (b, 2.0), (c, 2.0)])?;
//!
//! let result = model.solve(&Settings::default(), &Run::default())?;
//! assert_eq!(result.status, Status::Optimal);
//! assert_eq!((result.objective, result.bound), (Some(10.0), Some(10.0)));
//! assert_eq!(result.values, Some(vec![0.0, 1.0, 1.0]));
//! # Ok::<(), fathom_opt_backends::Error>(())
//! ```
//!
//! A solve takes the [`Run`](fathom_opt_core::Run): its deadline, threads, seed and cancel flag hold for HiGHS, too.
//!
//! Models written with [`good_lp`]'s expressions come in through [`expressions`].
//!
//! **Conic and convex quadratic programs** through Clarabel: module `conic`.
//!
//! Features, each of which compiles its own solver and nothing of the other's: `highs` (on by default) is the door to HiGHS, `clarabel` the one to Clarabel.
#![cfg_attr(not(feature = "highs"), allow(rustdoc::broken_intra_doc_links))]

#[cfg(feature = "clarabel")]
pub mod conic;

#[cfg(feature = "highs")]
mod allowance;
#[cfg(feature = "highs")]
mod engine;
#[cfg(feature = "highs")]
mod error;
#[cfg(feature = "highs")]
pub mod expressions;
#[cfg(feature = "highs")]
mod interrupt;
#[cfg(feature = "highs")]
mod lagrangian_bound;
#[cfg(feature = "highs")]
mod live_model;
#[cfg(feature = "highs")]
mod model;
#[cfg(feature = "highs")]
mod result;
#[cfg(feature = "highs")]
mod settings;
#[cfg(feature = "highs")]
mod solve;

#[cfg(feature = "highs")]
pub use {
    error::{Error, ModelPlace},
    fathom_opt_problems::Sense,
    live_model::LiveModel,
    model::{Column, Integrality, Model, Row, Violation},
    result::{Duals, SolveResult},
    settings::Settings,
};
