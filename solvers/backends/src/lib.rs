//! Thin doors to other people's solvers.
//!
//! **MILP and LP** through [HiGHS](https://highs.dev): a [`Model`] is plain data (columns, rows, costs, bounds, integrality) that any
//! thread may build and solve; a [`Session`] keeps a model beside the solver's own copy of it, so that rows and columns added later
//! are solved from the last basis (linear programs) or the last solution (mixed-integer programs); a [`SolveResult`] has the status, the
//! incumbent, the objective, the *proven* bound and, for linear programs, the dual values.
//!
//! ```
//! use fathom_opt_backends::{Model, Sense, Settings, Status};
//!
//! // max 9 a + 6 b + 4 c, 3 a + 2 b + 2 c <= 4, binary
//! let mut model = Model::new(Sense::Maximize);
//! let (a, b, c) = (model.add_binary(9.0)?, model.add_binary(6.0)?, model.add_binary(4.0)?);
//! model.add_row(f64::NEG_INFINITY, 4.0, [(a, 3.0), (b, 2.0), (c, 2.0)])?;
//!
//! let result = model.solve(&Settings::default())?;
//! assert_eq!(result.status, Status::Optimal);
//! assert_eq!((result.objective, result.bound), (Some(10.0), Some(10.0)));
//! assert_eq!(result.values, Some(vec![0.0, 1.0, 1.0]));
//! # Ok::<(), fathom_opt_backends::Error>(())
//! ```
//!
//! Models written with [`good_lp`]'s expressions come in through [`expressions`].
#![forbid(unsafe_code)]

mod engine;
mod error;
pub mod expressions;
mod model;
mod result;
mod session;
mod settings;
mod status;

pub use error::{Error, Place};
pub use model::{Column, Integrality, Model, Row, Sense, Violation};
pub use result::{Duals, SolveResult};
pub use session::Session;
pub use settings::Settings;
pub use status::Status;
