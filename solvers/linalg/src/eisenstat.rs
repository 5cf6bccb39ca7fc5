//! Conjugate gradients with a split preconditioner at the price of plain ones.

use std::ops::ControlFlow;

use crate::ending::{Ending, Goal, Solved};
use crate::level_matrix::LevelMatrix;
use crate::runs::{Fixed, Long, Rows, with_rows};
use crate::vector::norm_of;

/// Conjugate gradients preconditioned by `C C^T` in Eisenstat's form (Eisenstat 1981), for a [`LevelMatrix`], with buffers reused from solve to solve.
///
/// The matrix is `C + C^T - diag(e)`, so that `C^-1 A C^-T p = t + C^-1 (p - e t)` with `t = C^-T p`: two triangular sweeps and no product with the matrix. The
/// curvature `t . A t = 2 p . t - t . e t` is known after the first sweep, which lets every vector update of the iteration happen inside the two sweeps.
#[derive(Debug, Clone, Default)]
pub struct EisenstatCg {
    /// `C^-1` times the scaled residual.
    r: Vec<f64>,
    p: Vec<f64>,
    t: Vec<f64>,
    /// `S^-1 x` in level order.
    x: Vec<f64>,
    /// The last measured ratio of the true residual norm to the norm that the recurrence knows.
    ratio: Option<f64>,
}

/// How often the recurrence may be started again from the recomputed residual without halving it.
const STAGNANT_RESTARTS: u32 = 3;

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
        for ((own, &old), scale) in self.x.iter_mut().zip(&matrix.order).zip(&matrix.scale) {
            *own = x[old as usize] / scale;
        }
        let mut iterations = 0;
        let mut broke: Option<Ending> = None;
        let mut best = f64::INFINITY;
        let mut stagnant = 0;
        let solved = loop {
            let start = self.restart(matrix, b);
            let ended = |ending| Solved { iterations, residual: start, ending };
            if start <= goal.residual || (iterations > 0 && goal.confirmed_by(start)) {
                break ended(Ending::Converged);
            }
            if !start.is_finite() {
                break ended(Ending::Diverged);
            }
            if let Some(ending) = broke {
                break ended(ending);
            }
            if iterations >= goal.most_iterations {
                break ended(Ending::Capped);
            }
            stagnant = if start > 0.5 * best { stagnant + 1 } else { 0 };
            best = best.min(start);
            if stagnant > STAGNANT_RESTARTS {
                break ended(Ending::Stagnated);
            }
            broke = self.iterate(matrix, b, start, goal, &mut iterations, &mut watch);
        };
        for ((own, &old), scale) in self.x.iter().zip(&matrix.order).zip(&matrix.scale) {
            x[old as usize] = own * scale;
        }
        solved
    }

    /// `||b - A x||_2`, with one of the buffers.
    pub fn residual_norm(&mut self, matrix: &LevelMatrix, b: &[f64], x: &[f64]) -> f64 {
        self.r.resize(matrix.dimension(), 0.0);
        norm_of(matrix.residual(x, b, &mut self.r), &self.r)
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
        let mut square = 0.0;
        let rows = r.iter_mut().zip(t.iter()).zip(&matrix.order).zip(&matrix.scale);
        for (((r, product), &old), scale) in rows {
            *r = b[old as usize] - product / scale;
            square += *r * *r;
        }
        let norm = norm_of(square, r);
        for (r, scale) in r.iter_mut().zip(&matrix.scale) {
            *r *= scale;
        }
        norm
    }

    /// `||b - A x|| / start`, recomputed, with `t` as scratch space.
    fn true_residual(&mut self, matrix: &LevelMatrix, b: &[f64], start: f64) -> f64 {
        let Self { t, x, .. } = self;
        matrix.multiply_scaled(x, t);
        let rows = t.iter().zip(&matrix.order).zip(&matrix.scale);
        let square: f64 = rows.map(|((product, &old), scale)| ((b[old as usize] - product / scale) / start).powi(2)).sum();
        square.sqrt()
    }

    /// Conjugate directions from the residual in `r`, whose norm is `start`. Returns nothing when the true residual should decide: it met the goal, or it no longer
    /// follows the recurrence.
    fn iterate(
        &mut self,
        matrix: &LevelMatrix,
        b: &[f64],
        start: f64,
        goal: &Goal,
        iterations: &mut u64,
        watch: &mut impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Option<Ending> {
        let target = goal.residual / start;
        // In units of `start`, so that squares neither vanish nor overflow.
        let mut rho = self.begin(matrix, start.recip());
        let mut ratio = self.ratio.unwrap_or(1.0 / rho.sqrt());
        let mut last_look: Option<(f64, f64)> = None;
        let mut beta = 0.0;
        loop {
            if !rho.is_finite() || rho <= 0.0 {
                return Some(Ending::Diverged);
            }
            if ratio * rho.sqrt() <= target {
                let residual = self.true_residual(matrix, b, start);
                ratio = residual / rho.sqrt();
                self.ratio = Some(ratio).filter(|ratio| ratio.is_finite() && *ratio > 0.0);
                let detached = last_look.is_some_and(|(seen, rho_seen)| residual > 0.5 * seen && rho < rho_seen / 64.0);
                if residual <= target || detached || !residual.is_finite() {
                    return None;
                }
                if last_look.is_none_or(|(_, rho_seen)| rho < rho_seen / 64.0) {
                    last_look = Some((residual, rho));
                }
            }
            if watch(*iterations, start * ratio * rho.sqrt()).is_break() {
                return Some(Ending::Stopped);
            }
            if *iterations >= goal.most_iterations {
                return Some(Ending::Capped);
            }
            let curvature = self.backward(matrix, beta);
            if curvature <= 0.0 {
                return Some(Ending::IndefiniteMatrix);
            }
            let next = self.forward(matrix, rho / curvature, start);
            *iterations += 1;
            beta = next / rho;
            rho = next;
        }
    }

    /// `r <- C^-1 r * factor`; returns `r . r`.
    fn begin(&mut self, matrix: &LevelMatrix, factor: f64) -> f64 {
        let r = self.r.as_mut_slice();
        let mut square = 0.0;
        for run in &matrix.lower.runs {
            with_rows!(matrix.lower, run, rows => {
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
        let Self { r, p, t, .. } = self;
        let (mut product, mut subtracted) = (0.0, 0.0);
        for run in matrix.upper.runs.iter().rev() {
            let range = run.row_range();
            let first = range.start;
            let (r, p, e) = (&r[range.clone()], &mut p[range.clone()], &matrix.excess[range]);
            with_rows!(matrix.upper, run, rows => {
                for (k, ((p, r), e)) in p.iter_mut().zip(r).zip(e).enumerate().rev() {
                    *p = r + beta * *p;
                    let value = rows.minus(k, *p, t);
                    t[first + k] = value;
                    product += *p * value;
                    subtracted += e * value * value;
                }
            });
        }
        2.0 * product - subtracted
    }

    /// `x <- x + alpha t`, `r <- r - alpha C^-1 A C^-T p`; returns `r . r`. Uses up `t`.
    fn forward(&mut self, matrix: &LevelMatrix, alpha: f64, start: f64) -> f64 {
        let Self { r, p, t, x, .. } = self;
        let step = alpha * start;
        let mut square = 0.0;
        for run in &matrix.lower.runs {
            let range = run.row_range();
            let first = range.start;
            let (r, p, e, x) = (&mut r[range.clone()], &p[range.clone()], &matrix.excess[range.clone()], &mut x[range]);
            with_rows!(matrix.lower, run, rows => {
                for (k, (((r, p), e), x)) in r.iter_mut().zip(p).zip(e).zip(x).enumerate() {
                    let own = t[first + k];
                    let solved = rows.minus(k, p - e * own, t);
                    t[first + k] = solved;
                    *x += step * own;
                    *r -= alpha * (own + solved);
                    square += *r * *r;
                }
            });
        }
        square
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conjugate_gradient::ConjugateGradient;
    use crate::level_matrix::Pivots;
    use crate::preconditioner::Ssor;
    use crate::relaxation_factor::RelaxationFactor;
    use crate::split_matrix::SplitMatrix;
    use crate::vector::norm;
    use proptest::prelude::*;

    type Compressed = (Vec<u32>, Vec<u32>, Vec<f64>);

    /// A random symmetric matrix, diagonally dominant.
    fn dominant(n: usize, edges: &[(usize, usize, f64)]) -> Compressed {
        let mut dense = vec![vec![0.0; n]; n];
        for &(i, j, value) in edges {
            if i != j {
                dense[i][j] = value;
                dense[j][i] = value;
            }
        }
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for (i, row) in dense.iter().enumerate() {
            let sum: f64 = row.iter().map(|value| value.abs()).sum();
            for (j, &value) in row.iter().enumerate() {
                if i == j || value != 0.0 {
                    columns.push(u32::try_from(j).unwrap());
                    values.push(if i == j { 1.05 * sum + 0.1 } else { value });
                }
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        (starts, columns, values)
    }

    fn edges(n: usize) -> impl Strategy<Value = Vec<(usize, usize, f64)>> {
        proptest::collection::vec((0..n, 0..n, -1.0..1.0_f64), 0..4 * n)
    }

    fn go_on(_: u64, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    proptest! {
        #[test]
        fn the_scaled_product_is_the_product_with_the_matrix(edges in edges(20), x in proptest::collection::vec(-1.0..1.0, 20), omega in 0.3..1.9) {
            let (starts, columns, values) = dominant(20, &edges);
            let mut split = SplitMatrix::from_rows(20, &starts, &columns, &values).unwrap();
            let mut level = LevelMatrix::from_rows(20, &starts, &columns, &values).unwrap();
            split.set_shift(0.3).unwrap();
            level.set_shift(0.3).unwrap();
            let mut expected = vec![0.0; 20];
            split.multiply(&x, &mut expected);
            for pivots in [Pivots::Relaxed(RelaxationFactor::new(omega).unwrap()), Pivots::Incomplete { modification: 0.9 }] {
                level.prepare(pivots);
                let scaled: Vec<f64> = level.order.iter().zip(&level.scale).map(|(&old, scale)| x[old as usize] / scale).collect();
                let mut product = vec![0.0; 20];
                level.multiply_scaled(&scaled, &mut product);
                for ((found, &old), scale) in product.iter().zip(&level.order).zip(&level.scale) {
                    prop_assert!((found / scale - expected[old as usize]).abs() < 1e-12);
                }
            }
        }

        /// The same method as plain SSOR-CG, iteration by iteration.
        #[test]
        fn iterates_and_counts_are_those_of_plain_ssor_cg(edges in edges(40), b in proptest::collection::vec(-1.0..1.0, 40), omega in 0.3..1.9) {
            let (starts, columns, values) = dominant(40, &edges);
            let split = SplitMatrix::from_rows(40, &starts, &columns, &values).unwrap();
            let mut level = LevelMatrix::from_rows(40, &starts, &columns, &values).unwrap();
            let omega = RelaxationFactor::new(omega).unwrap();
            level.prepare(Pivots::Relaxed(omega));
            let run = |most_iterations: u64, residual: f64| {
                let goal = Goal { residual, most_iterations };
                let (mut plain, mut ours) = (vec![0.0; 40], vec![0.0; 40]);
                let first = ConjugateGradient::new().solve(&split, &mut Ssor::new(&split, omega).unwrap(), &b, &mut plain, &goal, go_on);
                let second = EisenstatCg::new().solve(&level, &b, &mut ours, &goal, go_on);
                (plain, ours, first, second)
            };
            for most in [1, 3, 6] {
                let (plain, ours, ..) = run(most, 0.0);
                for (a, b) in plain.iter().zip(&ours) {
                    prop_assert!((a - b).abs() < 1e-9, "{} iterations: {} {}", most, a, b);
                }
            }
            let (_, ours, first, second) = run(1000, 1e-8 * norm(&b));
            prop_assert_eq!(second.ending, Ending::Converged);
            // The residual is looked at when the recurrence suggests it, which may be a little late.
            prop_assert!(second.iterations + 1 >= first.iterations && second.iterations <= first.iterations + 3, "{:?} {:?}", first, second);
            let mut residual = vec![0.0; 40];
            split.residual(&ours, &b, &mut residual);
            prop_assert!(norm(&residual) <= 1.01e-8 * norm(&b));
        }
    }

    #[test]
    fn values_that_are_not_symmetric_are_refused_and_change_nothing() {
        let (starts, columns, values) = dominant(3, &[(0, 1, -1.0), (1, 2, -0.5)]);
        let mut level = LevelMatrix::from_rows(3, &starts, &columns, &values).unwrap();
        let mut bad = values.clone();
        bad[1] = 7.0;
        assert!(matches!(level.set_values(&bad), Err(crate::MatrixError::NotSymmetric { row: 0, col: 1 })));
        bad[1] = f64::NAN;
        assert!(matches!(level.set_values(&bad), Err(crate::MatrixError::NotFinite { row: 0, col: 1, .. })));
        level.set_values(&values).unwrap();
        assert!(level.set_shift(-100.0).is_err());
        assert!(LevelMatrix::from_rows(2, &[0, 2, 3], &[0, 1, 1], &[1.0, 0.5, 1.0]).is_err());
    }
}
