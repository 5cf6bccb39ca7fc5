//! The exact augmented Lagrangian.

use crate::iterate::{Iterate, dot, square};
use crate::kkt_system::KktSystem;

/// The penalty parameters of the merit function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Penalties {
    /// `eta1`, the weight of the constraints.
    pub constraints: f64,
    /// `eta2`, the weight of the Lagrangian's gradient.
    pub gradient: f64,
}

impl Penalties {
    /// The differentiable exact augmented Lagrangian (Di Pillo and Grippo),
    ///
    /// ```text
    /// M(x, l) = L(x, l) + (eta1/2) ||c||^2 + (eta2/2) ||g_L||^2.
    /// ```
    pub fn merit(&self, at: &Iterate) -> f64 {
        at.objective + dot(&at.l, &at.c) + 0.5 * self.constraints * square(&at.c) + 0.5 * self.gradient * square(&at.lagrangian_gradient)
    }

    /// The slope of the merit function along `direction = (dx, dl)`, by
    ///
    /// ```text
    /// grad_x M = g_L + eta1 G' c + eta2 H g_L,     grad_l M = c + eta2 G g_L,
    /// ```
    ///
    /// with `H` the Hessian of the Lagrangian (the authors' code takes that of `f`, which is not the gradient where constraints are curved).
    pub fn slope(&self, at: &Iterate, system: &KktSystem, direction: &[f64]) -> f64 {
        let n = at.x.len();
        let (dx, dl) = direction.split_at(n);
        let mut along = vec![0.0; at.c.len()];
        at.jacobian.multiply(dx, &mut along);
        let mut curved = vec![0.0; n];
        system.hessian_times(&at.lagrangian_gradient, &mut curved);
        let mut steep = vec![0.0; at.c.len()];
        at.jacobian.multiply(&at.lagrangian_gradient, &mut steep);
        dot(&at.lagrangian_gradient, dx)
            + self.constraints * dot(&at.c, &along)
            + self.gradient * dot(&curved, dx)
            + dot(&at.c, dl)
            + self.gradient * dot(&steep, dl)
    }
}
