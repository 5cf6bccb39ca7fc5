//! Conic and convex quadratic programs through [Clarabel](https://clarabel.org), an interior-point method.
//!
//! ```
//! use fathom_opt_backends::conic::{ConicModel, Affine};
//! use fathom_opt_core::{Run, Status};
//!
//! // The point of the plane x + y = 2 that is nearest to (3, 0): (2.5, -0.5), at distance sqrt(0.5).
//! let mut model = ConicModel::new(2);
//! model.add_square(1.0, Affine::new([(0, 1.0)], -3.0))?;
//! model.add_square(1.0, Affine::new([(1, 1.0)], 0.0))?;
//! model.add_zero(Affine::new([(0, 1.0), (1, 1.0)], -2.0))?;
//!
//! let result = model.solve(1e-8, &Run::default())?;
//! assert_eq!(result.status, Status::Optimal);
//! let point = result.values.unwrap();
//! assert!((point[0] - 2.5).abs() < 1e-6 && (point[1] + 0.5).abs() < 1e-6);
//! # Ok::<(), fathom_opt_backends::conic::ConicError>(())
//! ```
//!
//! Every model is convex by the way in which it is written: the quadratic part of the objective is a sum of squares with weights of 0 or more, so that no
//! matrix needs to be believed positive semidefinite. What Clarabel claims is claimed on only as far as this crate's own arithmetic, on the model as it was
//! given, confirms it to the tolerance; a claim of this door is a claim within a tolerance, never a proof.

mod duals;
mod error;
mod model;
mod quality;
mod result;
mod solve;
mod standard_form;

pub use duals::ConicDuals;
pub use error::ConicError;
pub use model::{Affine, ConicModel};
pub use quality::Quality;
pub use result::ConicResult;
