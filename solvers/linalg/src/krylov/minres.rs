//! The minimum residual method.

use super::{KrylovEnd, KrylovGoal, dot, residual, rotation};
use crate::preconditioner::Preconditioner;

/// MINRES for symmetric matrices, definite or not (Paige and Saunders, "Solution of sparse indefinite systems of linear equations", 1975), with a positive
/// definite preconditioner. Keeps its buffers between solves.
#[derive(Debug, Clone, Default)]
pub struct Minres {
    r: Vec<f64>,
    /// Lanczos vectors, unnormalised: the last, the present, and the product.
    v: [Vec<f64>; 3],
    z: Vec<f64>,
    z_next: Vec<f64>,
    /// Directions of the last two steps.
    w: [Vec<f64>; 2],
}

/// A restart has to reduce the residual at least by this factor to be followed by another.
const WORTHWHILE: f64 = 0.5;

impl Minres {
    /// Brings `x` to `||b - A x|| <= goal.residual` if it can, going on from the `x` given. Asks `stop` at every step.
    ///
    /// Ends: each round of Lanczos steps ends by its estimate, its cap or `stop`, and a round that does not halve the recomputed residual is the last.
    pub fn solve(
        &mut self,
        multiply: &mut dyn FnMut(&[f64], &mut [f64]),
        preconditioner: &mut dyn Preconditioner,
        b: &[f64],
        x: &mut [f64],
        goal: KrylovGoal,
        stop: &mut dyn FnMut() -> bool,
    ) -> KrylovEnd {
        let n = b.len();
        for buffer in self.v.iter_mut().chain(&mut self.w).chain([&mut self.r, &mut self.z, &mut self.z_next]) {
            buffer.clear();
            buffer.resize(n, 0.0);
        }
        let mut products = 1;
        let mut norm = residual(multiply, b, x, &mut self.r);
        let mut best = x.to_vec();
        loop {
            if norm <= goal.residual || products >= goal.max_products || !norm.is_finite() {
                break;
            }
            let before = norm;
            best.copy_from_slice(x);
            // The estimate of a round is in the preconditioner's norm; relative to its start it stands for the reduction that is asked for.
            let stopped = self.round(multiply, preconditioner, x, goal.residual / norm, &mut products, goal.max_products, stop);
            norm = residual(multiply, b, x, &mut self.r);
            products += 1;
            if norm > before || !norm.is_finite() {
                // Rounding, or a preconditioner that measures otherwise: the point before was better.
                x.copy_from_slice(&best);
                norm = before;
                break;
            }
            if stopped || norm > WORTHWHILE * before {
                break;
            }
        }
        KrylovEnd { products, residual: norm }
    }

    /// Lanczos steps from the residual in `r` until its estimated norm has fallen by `reduction`. Returns whether it was stopped.
    #[allow(clippy::too_many_arguments)]
    fn round(
        &mut self,
        multiply: &mut dyn FnMut(&[f64], &mut [f64]),
        preconditioner: &mut dyn Preconditioner,
        x: &mut [f64],
        reduction: f64,
        products: &mut u64,
        max_products: u64,
        stop: &mut dyn FnMut() -> bool,
    ) -> bool {
        let Self { r, v: [v_old, v, v_new], z, z_next, w: [w_old, w] } = self;
        v_old.fill(0.0);
        w_old.fill(0.0);
        w.fill(0.0);
        v.copy_from_slice(r);
        preconditioner.apply(v, z);
        let (mut gamma_old, mut gamma) = (1.0, dot(z, v).max(0.0).sqrt());
        let first = gamma;
        let mut eta = gamma;
        let (mut c_old, mut c, mut s_old, mut s) = (1.0, 1.0, 0.0, 0.0);
        // Entries of the tridiagonal matrix below this are rounding: the Krylov space is exhausted.
        while gamma > f64::EPSILON * first && *products < max_products {
            if stop() {
                return true;
            }
            for z in z.iter_mut() {
                *z /= gamma;
            }
            multiply(z, v_new);
            *products += 1;
            let delta = dot(v_new, z);
            for ((new, v), old) in v_new.iter_mut().zip(&*v).zip(&*v_old) {
                *new -= delta / gamma * v + gamma / gamma_old * old;
            }
            preconditioner.apply(v_new, z_next);
            let gamma_new = dot(z_next, v_new).max(0.0).sqrt();
            let (a2, a3) = (s * delta + c_old * c * gamma, s_old * gamma);
            let (c_new, s_new, a1) = rotation(c * delta - c_old * s * gamma, gamma_new);
            if a1 <= f64::EPSILON * first.max(delta.abs()) && a1 <= f64::EPSILON * gamma {
                break;
            }
            // The new direction takes the place of the one before the last.
            for ((old, w), z) in w_old.iter_mut().zip(&*w).zip(&*z) {
                *old = (z - a3 * *old - a2 * w) / a1;
            }
            std::mem::swap(w_old, w);
            for (x, w) in x.iter_mut().zip(&*w) {
                *x += c_new * eta * w;
            }
            eta *= -s_new;
            std::mem::swap(v_old, v);
            std::mem::swap(v, v_new);
            std::mem::swap(z, z_next);
            (gamma_old, gamma) = (gamma, gamma_new);
            (c_old, c, s_old, s) = (c, c_new, s, s_new);
            if eta.abs() <= reduction * first {
                break;
            }
        }
        false
    }
}
