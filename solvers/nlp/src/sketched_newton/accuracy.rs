//! How accurately the Newton system is solved.

use super::merit::Penalties;

/// The quantities that the accuracy condition of the paper is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    /// `Psi`, an upper bound on `||A^-1||`.
    pub inverse: f64,
    /// `Upsilon`, an upper bound on `||G||` and `||H||`.
    pub derivatives: f64,
    /// `||A||_F`.
    pub matrix: f64,
}

impl Bounds {
    /// From the norms at hand: `||B||_F`, the smallest eigenvalue `s` of `G G'`, `xi_B`, `||G||_F`, `||H||_F`, `||A||_F`. The constant 20 is that of the authors' code.
    pub fn new(shifted: f64, smallest: f64, xi: f64, jacobian: f64, hessian: f64, matrix: f64) -> Self {
        Self {
            inverse: 20.0 * (shifted * shifted).max(1.0) / (smallest.min(1.0) * xi.min(1.0)),
            derivatives: jacobian.max(hessian).max(1.0),
            matrix,
        }
    }

    /// `delta_trial = (1/2 - beta) eta2 / ((1 + eta1 + eta2) Upsilon^2 Psi^2)`.
    pub fn trial(&self, penalties: Penalties, armijo: f64) -> f64 {
        (0.5 - armijo) * penalties.gradient
            / ((1.0 + penalties.constraints + penalties.gradient) * self.derivatives.powi(2) * self.inverse.powi(2))
    }

    /// The residual of the Newton system that the condition `||A||_F Psi ||r|| <= theta delta ||b||` asks for.
    pub fn residual(&self, theta: f64, delta: f64, rhs: f64) -> f64 {
        theta * delta * rhs / (self.matrix * self.inverse)
    }
}

/// `delta` never falls below this (a practical measure of the authors' code).
pub(super) const LEAST_DELTA: f64 = 1e-6;
