//! Successive over-relaxation.

use std::ops::ControlFlow;

use crate::best_iterate::BestIterate;
use crate::compensated::ResidualNorm;
use crate::ending::{Ending, Goal, Solved};
use crate::relaxation_factor::RelaxationFactor;
use crate::split_matrix::SplitMatrix;
use crate::triangle::minus_row;
use crate::vector::norm_of;

/// Successive over-relaxation: `x <- x + (D/omega + L)^-1 (b - A x)` (Young 1954), with its buffers.
///
/// The correction `e` and the residual follow each other: after `(D/omega + L) e = r` the next residual is `(1/omega - 1) D e - U e`, so a sweep and the norm
/// that decides whether it was needed take one pass over the matrix together. What the recurrence takes for a solution is held against the residual in about twice the
/// working precision, from which the sweeps start again where that is needed.
#[derive(Debug, Clone, Default)]
pub struct Sor {
    correction: Vec<f64>,
    given: Vec<f64>,
    best: BestIterate,
}

/// Residuals beyond this multiple of the first one will not come back (transients of convergent sweeps stay far below).
const DIVERGED: f64 = 1e15;

impl Sor {
    /// Without buffers yet; the first solve makes them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sweeps until `||b - A x|| < goal.residual` (strictly, as the experiments of the source paper do), from and into `x`. `watch` is told the number of sweeps and
    /// the residual norm before every sweep and may break. All slices have the matrix's dimension.
    pub fn solve(
        &mut self,
        matrix: &SplitMatrix,
        omega: RelaxationFactor,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        self.correction.resize(matrix.dimension(), 0.0);
        self.given.clear();
        self.given.extend_from_slice(x);
        let start = norm_of(matrix.residual(x, b, &mut self.correction), &self.correction);
        self.best.begin(matrix.dimension(), start);
        let mut solved = self.sweep_until(matrix, omega, b, x, goal, start, watch);
        if solved.ending == Ending::Converged {
            return solved;
        }
        // The best vector that was met with.
        let Self { correction, given, best, .. } = self;
        if let Some(earlier) = best.better_than(solved.residual) {
            let found = matrix.accurate_residual(earlier, b, correction).norm;
            if found <= solved.residual || solved.residual.is_nan() {
                x.copy_from_slice(earlier);
                solved.residual = found;
            }
        }
        if solved.residual > start || solved.residual.is_nan() {
            x.copy_from_slice(given);
            solved.residual = matrix.accurate_residual(x, b, correction).norm;
        }
        solved
    }

    /// Sweeps from the residual in `correction`, whose norm is `start`; the last iterate is in `x`.
    #[expect(clippy::too_many_arguments, reason = "the inner half of solve")]
    fn sweep_until(
        &mut self,
        matrix: &SplitMatrix,
        omega: RelaxationFactor,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        start: f64,
        mut watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        let mut iterations = 0;
        let mut stopped = false;
        let mut previous: Option<(u64, f64)> = None;
        let mut found = ResidualNorm { norm: start, error: f64::INFINITY };
        if start == 0.0 || start < goal.residual {
            found = matrix.accurate_residual(x, b, &mut self.correction);
        }
        loop {
            let ended = |ending| Solved { iterations, residual: found.norm, ending };
            if goal.is_met_by(found) {
                return ended(Ending::Converged);
            }
            if !found.norm.is_finite() || found.norm > DIVERGED * start {
                return ended(Ending::Diverged);
            }
            if stopped || watch(iterations, found.norm).is_break() {
                return ended(Ending::Stopped);
            }
            if iterations >= goal.max_iterations {
                return ended(Ending::Capped);
            }
            if previous.is_some_and(|(at, residual)| iterations - at < STAGNANT_SWEEPS && found.norm > 0.5 * residual) {
                return ended(Ending::Stagnated);
            }
            previous = Some((iterations, found.norm));
            let scale = found.norm;
            forward_solve(matrix, omega, &mut self.correction);
            loop {
                iterations += 1;
                let residual = scale * self.sweep(matrix, omega, x, scale.recip());
                if residual < goal.residual || !residual.is_finite() || residual > DIVERGED * start || iterations >= goal.max_iterations {
                    break;
                }
                if watch(iterations, residual).is_break() {
                    stopped = true;
                    break;
                }
                self.best.offer(iterations, x, residual, false);
            }
            found = matrix.accurate_residual(x, b, &mut self.correction);
        }
    }

    /// Adds the pending correction to `x` and replaces it by the next one; returns the norm, times `scale`, of the residual in between.
    fn sweep(&mut self, matrix: &SplitMatrix, omega: RelaxationFactor, x: &mut [f64], scale: f64) -> f64 {
        let omega = omega.get();
        let over = 1.0 / omega - 1.0;
        let correction = self.correction.as_mut_slice();
        let mut square = 0.0;
        let rows = matrix.lower.rows().zip(matrix.upper.rows()).zip(&matrix.diagonal).zip(&matrix.inverse_diagonal);
        for (row, ((((lower, upper), &d), &inverse), x)) in rows.zip(x.iter_mut()).enumerate() {
            let own = correction[row];
            *x += own;
            let residual = minus_row(upper, correction, over * d * own);
            // Scaled, so that squares neither vanish nor overflow.
            square += (scale * residual).powi(2);
            correction[row] = omega * inverse * minus_row(lower, correction, residual);
        }
        square.sqrt()
    }
}

/// Fewer sweeps than this between two recomputed residuals of one size: the recurrence sees convergence where rounding leaves none.
const STAGNANT_SWEEPS: u64 = 3;

/// `r <- (D/omega + L)^-1 r`.
fn forward_solve(matrix: &SplitMatrix, omega: RelaxationFactor, r: &mut [f64]) {
    let omega = omega.get();
    for (row, (lower, &inverse)) in matrix.lower.rows().zip(&matrix.inverse_diagonal).enumerate() {
        r[row] = omega * inverse * minus_row(lower, r, r[row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::norm;

    fn go_on(_: u64, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The worked example of the Wikipedia article on successive over-relaxation; its second row has a negative diagonal.
    fn example() -> (SplitMatrix, [f64; 4]) {
        let columns: Vec<u32> = (0..4).flat_map(|_| 0..4).collect();
        let values = [4.0, -1.0, -6.0, 0.0, -5.0, -4.0, 10.0, 8.0, 0.0, 9.0, 4.0, -2.0, 1.0, 0.0, -7.0, 5.0];
        (SplitMatrix::from_rows(4, &[0, 4, 8, 12, 16], &columns, &values).unwrap(), [2.0, 21.0, -12.0, -6.0])
    }

    #[test]
    fn one_sweep_relaxes_each_unknown_in_turn() {
        let (matrix, b) = example();
        let mut x = [0.0; 4];
        let goal = Goal { residual: 0.0, max_iterations: 1 };
        let solved = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &b, &mut x, &goal, go_on);
        assert_eq!((solved.iterations, solved.ending), (1, Ending::Capped));
        for (found, expected) in x.iter().zip([0.25, -2.78125, 1.628_906_25, 0.515_234_375]) {
            assert!((found - expected).abs() < 1e-14, "{x:?}");
        }
    }

    #[test]
    fn sweeps_converge_to_the_solution() {
        let (matrix, b) = example();
        let mut x = [0.0; 4];
        let goal = Goal { residual: 1e-10, max_iterations: 1000 };
        let solved = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &b, &mut x, &goal, go_on);
        assert_eq!(solved.ending, Ending::Converged);
        for (found, expected) in x.iter().zip([3.0, -2.0, 2.0, 1.0]) {
            assert!((found - expected).abs() < 1e-9, "{x:?}");
        }
        let again = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &b, &mut x, &goal, go_on);
        assert_eq!(again.iterations, 0);
    }

    #[test]
    fn divergence_stagnation_and_stops_are_told_apart() {
        let indefinite = SplitMatrix::from_rows(2, &[0, 2, 4], &[0, 1, 0, 1], &[1.0, 3.0, 3.0, 1.0]).unwrap();
        let goal = Goal { residual: 1e-8, max_iterations: 10_000 };
        let omega = RelaxationFactor::GAUSS_SEIDEL;
        let solved = Sor::new().solve(&indefinite, omega, &[1.0, 2.0], &mut [0.0; 2], &goal, go_on);
        assert_eq!(solved.ending, Ending::Diverged);
        let (matrix, b) = example();
        let unattainable = Goal { residual: 1e-300, max_iterations: 10_000 };
        let mut x = [0.1; 4];
        let solved = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &b, &mut x, &unattainable, go_on);
        assert!(matches!(solved.ending, Ending::Stagnated | Ending::Converged | Ending::Capped), "{solved:?}");
        let stop = |iterations, _| if iterations == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let mut x = [0.0; 4];
        let solved = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &b, &mut x, &goal, stop);
        assert_eq!((solved.iterations, solved.ending), (3, Ending::Stopped));
        let mut residual = [0.0; 4];
        matrix.residual(&x, &b, &mut residual);
        assert!((norm(&residual) / solved.residual - 1.0).abs() < 1e-14);
    }

    #[test]
    fn tiny_right_hand_sides_are_solved_to_the_same_relative_residual() {
        let (matrix, b) = example();
        let tiny: Vec<f64> = b.iter().map(|b| b * 1e-250).collect();
        let mut x = [0.0; 4];
        let goal = Goal { residual: 1e-8 * norm(&tiny), max_iterations: 1000 };
        let solved = Sor::new().solve(&matrix, RelaxationFactor::new(0.5).unwrap(), &tiny, &mut x, &goal, go_on);
        assert_eq!(solved.ending, Ending::Converged);
        assert!((x[0] * 1e250 - 3.0).abs() < 1e-6);
    }
}
