//! Conjugate gradients with a split preconditioner at the price of plain ones.

use std::ops::ControlFlow;

use crate::best_iterate::BestIterate;
use crate::compensated::ResidualNorm;
use crate::ending::{Curvature, Ending, Goal, Solved};
use crate::level_matrix::LevelMatrix;
use crate::runs::{Fixed, Long, Rows, with_rows};
use crate::vector::{dot, norm, norm_of};

/// Conjugate gradients preconditioned by `C C^T` in Eisenstat's form (Eisenstat 1981), for a [`LevelMatrix`], with buffers reused from solve to solve.
///
/// The matrix is `C + C^T - diag(e)`, so that `C^-1 A C^-T p = t + C^-1 (p - e t)` with `t = C^-T p`: two triangular sweeps and no product with the matrix. The
/// curvature `t . A t = 2 p . t - t . e t` is known after the first sweep, which lets every vector update of the iteration happen inside the two sweeps. Where the scaled
/// diagonal `2 - e` is so small that those differences would lose it, the product is formed after all.
///
/// A solve goes in rounds. The first one iterates from the given vector. What it finds is held against the residual in about twice the working precision; while that is not
/// small enough, further rounds solve for a correction (iterative refinement, Wilkinson 1963).
#[derive(Debug, Clone, Default)]
pub struct EisenstatCg {
    /// `C^-1` times the scaled residual.
    r: Vec<f64>,
    p: Vec<f64>,
    t: Vec<f64>,
    /// `S^-1 x` in level order.
    x: Vec<f64>,
    /// Products, where they are formed.
    q: Vec<f64>,
    /// What a correction is solved for, in the order of the given matrix.
    defect: Vec<f64>,
    best: BestIterate,
    /// The residual norm in plain doubles of an iterate that seemed to meet the goal.
    seemed: Option<f64>,
    /// The last measured ratio of the true residual norm to the norm that the recurrence knows.
    ratio: Option<f64>,
}

/// A residual norm in plain doubles is taken for true if its error is at most this part of it.
const PLAIN_ERROR: f64 = 1e-3;
/// And if it is above this, so that nothing in it has underflowed.
const SMALLEST_PLAIN: f64 = 1e-200;

/// How many rounds in a row may fail to halve the residual.
const MOST_STAGNANT_ROUNDS: u32 = 3;

impl EisenstatCg {
    /// Without buffers yet; the first solve makes them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Iterates until `||b - A x||_2 <= goal.residual`, from and into `x`, with the pivots that `matrix` was last prepared for. `watch` is told the number of
    /// iterations and an estimate of the residual norm before every iteration and may break. `b` and `x` have the matrix's dimension.
    pub fn solve(
        &mut self,
        matrix: &LevelMatrix,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        mut watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        for buffer in [&mut self.r, &mut self.p, &mut self.t, &mut self.x] {
            buffer.resize(matrix.dimension(), 0.0);
        }
        let order = &matrix.pattern().order;
        for ((own, &old), scale) in self.x.iter_mut().zip(order).zip(&matrix.scaling().scale) {
            *own = x[old as usize] / scale;
        }
        let start = self.restart(matrix, b);
        self.best.begin(matrix.dimension(), start);
        self.seemed = None;
        let mut iterations = 0;
        let mut broke = None;
        let mut found = ResidualNorm { norm: start, error: f64::INFINITY };
        if start <= goal.residual {
            found = self.candidate_residual(matrix, b);
        }
        if !goal.is_met_by(found) && start > goal.residual {
            if start.is_finite() {
                broke = self.iterate(matrix, b, start, goal, &mut iterations, true, &mut watch);
                found = self.first_candidate_residual(matrix, b, goal);
                if !goal.is_met_by(found) {
                    found = self.best_candidate(matrix, b, found);
                }
                if found.norm > start || found.norm.is_nan() {
                    // Nothing better than what was given.
                    for ((own, &old), t) in self.x.iter_mut().zip(order).zip(&mut self.t) {
                        *own = 0.0;
                        *t = x[old as usize];
                    }
                    found = matrix.accurate_residual_in_level_order(&self.t, b, &mut self.r);
                }
            } else {
                broke = Some(Ending::Diverged);
                for (t, &old) in self.t.iter_mut().zip(order) {
                    *t = x[old as usize];
                }
            }
        }
        for (own, &old) in self.t.iter().zip(order) {
            x[old as usize] = *own;
        }
        let ended = |found: ResidualNorm, ending| Solved { iterations, residual: found.norm, ending };
        if goal.is_met_by(found) {
            return ended(found, Ending::Converged);
        }
        match broke {
            Some(ending) => ended(found, ending),
            None => self.refine(matrix, b, x, found, goal, iterations, &mut watch),
        }
    }

    /// Rounds that solve for corrections; `self.r` is the residual of `x`, with the norm `found`.
    #[expect(clippy::too_many_arguments, reason = "the later half of solve")]
    fn refine(
        &mut self,
        matrix: &LevelMatrix,
        b: &[f64],
        x: &mut [f64],
        mut found: ResidualNorm,
        goal: &Goal,
        mut iterations: u64,
        watch: &mut impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        self.defect.resize(matrix.dimension(), 0.0);
        let order = &matrix.pattern().order;
        let mut stagnant = 0;
        loop {
            let ended = |ending| Solved { iterations, residual: found.norm, ending };
            if stagnant > MOST_STAGNANT_ROUNDS {
                return ended(Ending::Stagnated);
            }
            if !found.norm.is_finite() {
                return ended(Ending::Diverged);
            }
            for (r, &old) in self.r.iter().zip(order) {
                self.defect[old as usize] = *r;
            }
            self.x.fill(0.0);
            let defect = std::mem::take(&mut self.defect);
            let start = self.restart(matrix, &defect);
            let broke = self.iterate(matrix, &defect, start, goal, &mut iterations, false, watch);
            self.defect = defect;
            for ((t, own), (&old, scale)) in self.t.iter_mut().zip(&self.x).zip(order.iter().zip(&matrix.scaling().scale)) {
                *t = x[old as usize] + scale * own;
            }
            let next = matrix.accurate_residual_in_level_order(&self.t, b, &mut self.r);
            stagnant = if next.norm <= 0.5 * found.norm { 0 } else { stagnant + 1 };
            if next.norm < found.norm {
                for (own, &old) in self.t.iter().zip(order) {
                    x[old as usize] = *own;
                }
                found = next;
            } else {
                for (t, &old) in self.t.iter_mut().zip(order) {
                    *t = x[old as usize];
                }
                matrix.accurate_residual_in_level_order(&self.t, b, &mut self.r);
            }
            let ended = |ending| Solved { iterations, residual: found.norm, ending };
            if goal.is_met_by(found) {
                return ended(Ending::Converged);
            }
            if let Some(ending) = broke {
                return ended(ending);
            }
        }
    }

    /// Writes the iterate, unscaled, into `t` and its residual into `r`, both in level order.
    fn candidate_residual(&mut self, matrix: &LevelMatrix, b: &[f64]) -> ResidualNorm {
        for ((t, own), scale) in self.t.iter_mut().zip(&self.x).zip(&matrix.scaling().scale) {
            *t = own * scale;
        }
        matrix.accurate_residual_in_level_order(&self.t, b, &mut self.r)
    }

    /// The same for the iterate of the first round. On well-conditioned systems plain doubles are enough, and the error bound says so; `r` is not written then, and the goal is met.
    fn first_candidate_residual(&mut self, matrix: &LevelMatrix, b: &[f64], goal: &Goal) -> ResidualNorm {
        if let Some(plain) = self.seemed.take().filter(|plain| *plain > SMALLEST_PLAIN) {
            for ((t, own), scale) in self.t.iter_mut().zip(&self.x).zip(&matrix.scaling().scale) {
                *t = own * scale;
            }
            let found = ResidualNorm { norm: plain, error: matrix.plain_residual_error(norm(b), norm(&self.t)) };
            if found.error <= PLAIN_ERROR * plain && goal.is_met_by(found) {
                return found;
            }
        }
        self.candidate_residual(matrix, b)
    }

    /// The last iterate, whose residual is `last`, or an earlier one that is better, in `t` with its residual in `r`.
    fn best_candidate(&mut self, matrix: &LevelMatrix, b: &[f64], last: ResidualNorm) -> ResidualNorm {
        let Some(earlier) = self.best.better_than(last.norm) else { return last };
        self.x.swap_with_slice(earlier);
        let found = self.candidate_residual(matrix, b);
        if found.norm <= last.norm || last.norm.is_nan() {
            return found;
        }
        if let Some(last) = self.best.better_than(f64::INFINITY) {
            self.x.swap_with_slice(last);
        }
        self.candidate_residual(matrix, b)
    }

    /// `||b - A x||_2` to about twice the working precision, with one of the buffers.
    pub fn residual_norm(&mut self, matrix: &LevelMatrix, b: &[f64], x: &[f64]) -> f64 {
        self.r.resize(matrix.dimension(), 0.0);
        matrix.accurate_residual(x, b, &mut self.r).norm
    }

    /// Three of the buffers, for other work between two solves.
    pub(crate) fn borrow_vectors(&mut self, dimension: usize) -> [&mut [f64]; 3] {
        for buffer in [&mut self.r, &mut self.p, &mut self.t] {
            buffer.resize(dimension, 0.0);
        }
        [&mut self.r, &mut self.p, &mut self.t]
    }

    /// Puts `S (b - A x)` into `r` and returns `||b - A x||`.
    fn restart(&mut self, matrix: &LevelMatrix, b: &[f64]) -> f64 {
        let Self { r, t, x, .. } = self;
        matrix.multiply_scaled(x, t);
        let scale = &matrix.scaling().scale;
        let mut square = 0.0;
        let rows = r.iter_mut().zip(t.iter()).zip(&matrix.pattern().order).zip(scale);
        for (((r, product), &old), scale) in rows {
            *r = b[old as usize] - product / scale;
            square += *r * *r;
        }
        let norm = norm_of(square, r);
        for (r, scale) in r.iter_mut().zip(scale) {
            *r *= scale;
        }
        norm
    }

    /// `||b - A x|| / start`, recomputed, with `t` as scratch space.
    fn true_residual(&mut self, matrix: &LevelMatrix, b: &[f64], start: f64) -> f64 {
        let Self { t, x, .. } = self;
        matrix.multiply_scaled(x, t);
        let rows = t.iter().zip(&matrix.pattern().order).zip(&matrix.scaling().scale);
        let square: f64 = rows.map(|((product, &old), scale)| ((b[old as usize] - product / scale) / start).powi(2)).sum();
        square.sqrt()
    }

    /// Conjugate directions from the residual in `r`, whose norm is `start`. Returns nothing when the true residual should decide: it met the goal, or it no longer
    /// follows the recurrence. The first round keeps copies of good iterates.
    #[expect(clippy::too_many_arguments, reason = "the inner half of solve")]
    fn iterate(
        &mut self,
        matrix: &LevelMatrix,
        b: &[f64],
        start: f64,
        goal: &Goal,
        iterations: &mut u64,
        first_round: bool,
        watch: &mut impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Option<Ending> {
        let target = goal.residual / start;
        // In units of `start`, so that squares neither vanish nor overflow.
        let mut rho = self.begin(matrix, start.recip());
        let mut ratio = self.ratio.unwrap_or(1.0 / rho.sqrt());
        let mut last_look: Option<(f64, f64)> = None;
        let mut beta = 0.0;
        let mut curvatures = Curvature::default();
        loop {
            if rho == 0.0 {
                // Nothing is left, or it is too small to be seen: the true residual says which.
                return None;
            }
            if !rho.is_finite() {
                return Some(Ending::Diverged);
            }
            if ratio * rho.sqrt() <= target {
                let residual = self.true_residual(matrix, b, start);
                ratio = residual / rho.sqrt();
                self.ratio = Some(ratio).filter(|ratio| ratio.is_finite() && *ratio > 0.0);
                let detached = last_look.is_some_and(|(seen, rho_seen)| residual > 0.5 * seen && rho < rho_seen / 64.0);
                if residual <= target || detached || !residual.is_finite() {
                    self.seemed = (residual <= target).then_some(start * residual);
                    return None;
                }
                if last_look.is_none_or(|(_, rho_seen)| rho < rho_seen / 64.0) {
                    last_look = Some((residual, rho));
                }
            }
            let residual = start * ratio * rho.sqrt();
            if watch(*iterations, residual).is_break() {
                return Some(Ending::Stopped);
            }
            if *iterations >= goal.max_iterations {
                return Some(Ending::Capped);
            }
            curvatures.next_direction(rho, beta);
            let curvature = self.backward(matrix, beta);
            let curvature = if matrix.scaling().cancels { self.product_curvature(matrix) } else { curvature };
            if let Some(fault) = curvatures.fault(curvature) {
                return Some(fault);
            }
            if first_round {
                self.best.offer(*iterations, &self.x, residual, curvatures.is_risky(curvature));
            }
            let alpha = rho / curvature;
            let next =
                if matrix.scaling().cancels { self.forward_product(matrix, alpha, start) } else { self.forward(matrix, alpha, start) };
            *iterations += 1;
            beta = next / rho;
            rho = next;
        }
    }

    /// `r <- C^-1 r * factor`; returns `r . r`.
    fn begin(&mut self, matrix: &LevelMatrix, factor: f64) -> f64 {
        let (lower, values) = (&matrix.pattern().lower, &matrix.scaling().lower);
        let r = self.r.as_mut_slice();
        let mut square = 0.0;
        for run in &lower.runs {
            with_rows!(lower, values, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    let value = rows.minus(k, factor * r[row], r);
                    r[row] = value;
                    square += value * value;
                }
            });
        }
        self.p.fill(0.0);
        square
    }

    /// `p <- r + beta p`, `t <- C^-T p`; returns the curvature `t . A t`.
    fn backward(&mut self, matrix: &LevelMatrix, beta: f64) -> f64 {
        let (upper, values, diagonal) = (&matrix.pattern().upper, &matrix.scaling().upper, &matrix.scaling().diagonal);
        let Self { r, p, t, .. } = self;
        let (mut product, mut subtracted) = (0.0, 0.0);
        for run in upper.runs.iter().rev() {
            let range = run.row_range();
            let first = range.start;
            let (r, p, diagonal) = (&r[range.clone()], &mut p[range.clone()], &diagonal[range]);
            with_rows!(upper, values, run, rows => {
                for (k, ((p, r), entry)) in p.iter_mut().zip(r).zip(diagonal).enumerate().rev() {
                    *p = r + beta * *p;
                    let own = rows.minus(k, *p, t);
                    t[first + k] = own;
                    product += *p * own;
                    subtracted += (2.0 - entry) * own * own;
                }
            });
        }
        2.0 * product - subtracted
    }

    /// `x <- x + alpha t`, `r <- r - alpha C^-1 A C^-T p`; returns `r . r`. Uses up `t`.
    fn forward(&mut self, matrix: &LevelMatrix, alpha: f64, start: f64) -> f64 {
        let (lower, values, diagonal) = (&matrix.pattern().lower, &matrix.scaling().lower, &matrix.scaling().diagonal);
        let Self { r, p, t, x, .. } = self;
        let step = alpha * start;
        let mut square = 0.0;
        for run in &lower.runs {
            let range = run.row_range();
            let first = range.start;
            let (r, p, diagonal, x) = (&mut r[range.clone()], &p[range.clone()], &diagonal[range.clone()], &mut x[range]);
            with_rows!(lower, values, run, rows => {
                for (k, (((r, p), entry), x)) in r.iter_mut().zip(p).zip(diagonal).zip(x).enumerate() {
                    let own = t[first + k];
                    let solved = rows.minus(k, p - (2.0 - entry) * own, t);
                    t[first + k] = solved;
                    *x += step * own;
                    *r -= alpha * (own + solved);
                    square += *r * *r;
                }
            });
        }
        square
    }

    /// `q <- A t`; returns the curvature `t . A t`.
    fn product_curvature(&mut self, matrix: &LevelMatrix) -> f64 {
        self.q.resize(matrix.dimension(), 0.0);
        matrix.multiply_scaled(&self.t, &mut self.q);
        dot(&self.t, &self.q)
    }

    /// As [`EisenstatCg::forward`], with the product in `q`.
    fn forward_product(&mut self, matrix: &LevelMatrix, alpha: f64, start: f64) -> f64 {
        let (lower, values) = (&matrix.pattern().lower, &matrix.scaling().lower);
        let Self { r, t, x, q, .. } = self;
        let step = alpha * start;
        for (x, t) in x.iter_mut().zip(t.iter()) {
            *x += step * t;
        }
        let mut square = 0.0;
        for run in &lower.runs {
            with_rows!(lower, values, run, rows => {
                for (k, row) in run.row_range().enumerate() {
                    let solved = rows.minus(k, q[row], q);
                    q[row] = solved;
                    r[row] -= alpha * solved;
                    square += r[row] * r[row];
                }
            });
        }
        square
    }
}

#[cfg(test)]
mod tests;
