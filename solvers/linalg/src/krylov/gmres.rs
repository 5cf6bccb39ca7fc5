//! The generalised minimal residual method.

use super::{KrylovEnd, KrylovGoal, dot, norm, residual, rotation};

/// Restarted GMRES for any square matrix (Saad and Schultz, "GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear systems", 1986),
/// with modified Gram-Schmidt.
#[derive(Debug, Clone)]
pub struct Gmres {
    restart: usize,
    basis: Vec<Vec<f64>>,
}

impl Gmres {
    /// GMRES that restarts after so many steps (at least one): each keeps a vector of the matrix's dimension.
    pub fn new(restart: usize) -> Self {
        Self { restart: restart.max(1), basis: Vec::new() }
    }

    /// Brings `x` to `||b - A x|| <= goal.residual` if it can, going on from the `x` given. Asks `stop` at every step.
    ///
    /// Ends: by the cap on products, `stop`, or two rounds in turn that hardly reduce the recomputed residual.
    pub fn solve(
        &mut self,
        multiply: &mut dyn FnMut(&[f64], &mut [f64]),
        b: &[f64],
        x: &mut [f64],
        goal: KrylovGoal,
        stop: &mut dyn FnMut() -> bool,
    ) -> KrylovEnd {
        let mut r = vec![0.0; b.len()];
        let mut products = 1;
        let mut beta = residual(multiply, b, x, &mut r);
        let mut idle = 0;
        while beta > goal.residual && products < goal.max_products && beta.is_finite() {
            let before = beta;
            let kept = x.to_vec();
            let stopped = self.round(multiply, x, &r, beta, goal, &mut products, stop);
            beta = residual(multiply, b, x, &mut r);
            products += 1;
            if beta > before || !beta.is_finite() {
                x.copy_from_slice(&kept);
                beta = before;
                break;
            }
            idle = if beta > 0.9 * before { idle + 1 } else { 0 };
            if stopped || idle == 2 {
                break;
            }
        }
        KrylovEnd { products, residual: beta }
    }

    #[allow(clippy::too_many_arguments)]
    fn round(
        &mut self,
        multiply: &mut dyn FnMut(&[f64], &mut [f64]),
        x: &mut [f64],
        r: &[f64],
        beta: f64,
        goal: KrylovGoal,
        products: &mut u64,
        stop: &mut dyn FnMut() -> bool,
    ) -> bool {
        self.basis.clear();
        self.basis.push(r.iter().map(|r| r / beta).collect());
        // Columns of the triangular factor, and the rotated right-hand side.
        let mut triangle: Vec<Vec<f64>> = Vec::new();
        let mut rotations: Vec<(f64, f64)> = Vec::new();
        let mut rhs = vec![beta];
        let mut stopped = false;
        while triangle.len() < self.restart && *products < goal.max_products {
            stopped = stop();
            if stopped {
                break;
            }
            let k = triangle.len();
            let mut next = vec![0.0; r.len()];
            multiply(&self.basis[k], &mut next);
            *products += 1;
            let size = norm(&next);
            let mut column = Vec::with_capacity(k + 2);
            for v in &self.basis {
                let h = dot(v, &next);
                column.push(h);
                next.iter_mut().zip(v).for_each(|(next, v)| *next -= h * v);
            }
            let height = norm(&next);
            for (i, &(c, s)) in rotations.iter().enumerate() {
                (column[i], column[i + 1]) = (c * column[i] + s * column[i + 1], c * column[i + 1] - s * column[i]);
            }
            let (c, s, diagonal) = rotation(column[k], height);
            // A column of rounding adds nothing: the space is exhausted and the matrix singular on it.
            if diagonal <= f64::EPSILON * size || !diagonal.is_finite() {
                break;
            }
            column[k] = diagonal;
            rotations.push((c, s));
            rhs.push(-s * rhs[k]);
            rhs[k] *= c;
            triangle.push(column);
            if rhs[k + 1].abs() <= goal.residual || height <= f64::EPSILON * size {
                break;
            }
            for next in &mut next {
                *next /= height;
            }
            self.basis.push(next);
        }
        let steps = triangle.len();
        let mut y = rhs;
        for i in (0..steps).rev() {
            y[i] /= triangle[i][i];
            let value = y[i];
            for (row, y) in y.iter_mut().enumerate().take(i) {
                *y -= triangle[i][row] * value;
            }
        }
        for (v, &factor) in self.basis.iter().zip(&y[..steps]) {
            for (x, v) in x.iter_mut().zip(v) {
                *x += factor * v;
            }
        }
        stopped
    }
}
