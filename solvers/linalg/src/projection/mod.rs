//! Sketch and project: solving by random projections of the system.
//!
//! With a random matrix `S`, the iterate is moved to the nearest point that satisfies `S' A x = S' b` (Gower and Richtarik, "Randomized iterative methods for
//! linear systems", 2015). Rows of the identity make Kaczmarz steps, Gaussian columns dense ones.

mod gaussian;
mod kaczmarz;
mod small_system;

pub use gaussian::GaussianProjection;
pub use kaczmarz::{Kaczmarz, RowChoice};

/// What a projection method is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProjectionGoal {
    /// Stop when `||b - A x||_2` is at most this.
    pub residual: f64,
    /// Stop after this many projections.
    pub max_projections: u64,
}

/// How a projection method ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProjectionEnd {
    /// Projections made.
    pub projections: u64,
    /// `||b - A x||_2`, computed from the `x` that is returned.
    pub residual: f64,
}
