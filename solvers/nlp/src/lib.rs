//! Nonlinear programming.
//!
//! ```
//! use fathom_opt_core::{Run, Solver, Status};
//! use fathom_opt_nlp::SketchedNewton;
//! use fathom_opt_problems::nonlinear::ClosureNlp;
//! use fathom_opt_problems::expression::Pattern;
//!
//! // The point of the unit circle that is nearest to (2, 1).
//! let mut nlp = ClosureNlp::new(vec![1.0, 0.0], |x| (x[0] - 2.0).powi(2) + (x[1] - 1.0).powi(2), |x, g| {
//!     g.copy_from_slice(&[2.0 * (x[0] - 2.0), 2.0 * (x[1] - 1.0)]);
//! })
//! .with_constraints(vec![1.0], vec![1.0], |x, c| c[0] = x[0] * x[0] + x[1] * x[1])
//! .with_jacobian(Pattern::dense(1, 2), |x, j| j.copy_from_slice(&[2.0 * x[0], 2.0 * x[1]]))
//! .with_hessian(Pattern::from_rows([&[0][..], &[1]]), |_, factor, l, h| h.fill(2.0 * factor + 2.0 * l[0]));
//! let outcome = SketchedNewton::default().solve_nlp(&mut nlp, &Run::new(1))?;
//! assert_eq!(outcome.status, Status::LocallyOptimal);
//! let x = outcome.solution.unwrap().x;
//! assert!((x[0] / x[1] - 2.0).abs() < 1e-7);
//! # Ok::<(), fathom_opt_core::SolveError>(())
//! ```
//!
//! | noun | what it is |
//! |---|---|
//! | [`SketchedNewton`] | inexact Newton steps with an exact augmented Lagrangian, for equality constraints; its systems are solved directly, by Krylov methods or by the paper's random sketches ([`LinearSolver`]) |
//! | [`ArgminSketchedNewton`], [`ArgminInteriorPoint`] | the methods as solvers of argmin, run by its `Executor` |
//! | [`AugmentedLagrangian`] | the solver `augmented-lagrangian`: multipliers and penalties for the rows, a barrier for the bounds |
//! | [`InteriorPoint`] | the solver `nlp`: bounds, equations and inequalities by a primal-dual interior point |
#![forbid(unsafe_code)]

mod argmin_interior_point;
mod attempt;
mod augmented_lagrangian;
mod barrier;
mod certificate;
mod claim;
mod evidence;
mod interior_point;
mod iterate;
mod kkt_system;
mod least_squares;
mod penalty;
mod presolve;
mod recovery;
mod reduced;
mod regularization;
mod settings;
mod sketched_newton;
mod start;

pub use argmin_interior_point::ArgminInteriorPoint;
pub use augmented_lagrangian::AugmentedLagrangian;
pub use interior_point::InteriorPoint;
pub use sketched_newton::{Accuracy, ArgminSketchedNewton, LinearSolver, Preset, Regularization, SketchedNewton};

/// Adds the family's solvers to `registry`.
pub fn register(registry: &mut fathom_opt_core::Registry) {
    registry.add::<fathom_opt_problems::nonlinear::Nonlinear, InteriorPoint>();
    registry.add::<fathom_opt_problems::nonlinear::Nonlinear, AugmentedLagrangian>();
    registry.add::<fathom_opt_problems::nonlinear::Nonlinear, SketchedNewton>();
}
