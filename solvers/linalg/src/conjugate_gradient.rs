//! Preconditioned conjugate gradients.

use std::ops::ControlFlow;

use crate::best_iterate::BestIterate;
use crate::compensated::ResidualNorm;
use crate::ending::{Curvature, Ending, Goal, Solved};
use crate::operator::Operator;
use crate::preconditioner::Preconditioner;
use crate::vector::{dot, norm_of};

/// The preconditioned conjugate gradient method (Hestenes and Stiefel 1952) with its buffers, reused from solve to solve.
///
/// A solve goes in rounds. The first one iterates from the given vector. What it finds is held against the residual in about twice the working precision; while that is not
/// small enough, further rounds solve for a correction (iterative refinement, Wilkinson 1963).
#[derive(Debug, Clone, Default)]
pub struct ConjugateGradient {
    /// Residual, times `scale`.
    r: Vec<f64>,
    z: Vec<f64>,
    p: Vec<f64>,
    /// `A p`.
    q: Vec<f64>,
    /// The vector given, or the correction of a later round.
    other: Vec<f64>,
    best: BestIterate,
}

/// How many rounds in a row may fail to halve the residual.
const MOST_STAGNANT_ROUNDS: u32 = 3;

impl ConjugateGradient {
    /// Without buffers yet; the first solve makes them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Iterates until `||b - A x|| <= goal.residual`, from and into `x`. `matrix` has to be symmetric but for rounding. `watch` is told the number of iterations and the
    /// residual norm before every iteration and may break. All slices have the matrix's dimension.
    ///
    /// The residual of the recurrence only decides when to recompute the true one.
    pub fn solve(
        &mut self,
        matrix: &impl Operator,
        preconditioner: &mut impl Preconditioner,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        mut watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        for buffer in [&mut self.r, &mut self.z, &mut self.p, &mut self.q, &mut self.other] {
            buffer.resize(matrix.dimension(), 0.0);
        }
        let mut iterations = 0;
        let start = norm_of(matrix.residual(x, b, &mut self.r), &self.r);
        let ended = |found: ResidualNorm, iterations, ending| Solved { iterations, residual: found.norm, ending };
        let mut found = ResidualNorm { norm: start, error: f64::INFINITY };
        if !start.is_finite() {
            return ended(found, iterations, Ending::Diverged);
        }
        let mut broke = None;
        if start > goal.residual {
            self.other.copy_from_slice(x);
            self.best.begin(matrix.dimension(), start);
            broke = self.iterate(matrix, preconditioner, x, start, goal, &mut iterations, true, &mut watch);
        }
        found = matrix.accurate_residual(x, b, &mut self.r);
        if !goal.is_met_by(found) && iterations > 0 {
            found = self.best_of_first_round(matrix, b, x, start, found);
        }
        let mut stagnant = 0;
        loop {
            if goal.is_met_by(found) {
                return ended(found, iterations, Ending::Converged);
            }
            if let Some(ending) = broke {
                return ended(found, iterations, ending);
            }
            if stagnant > MOST_STAGNANT_ROUNDS {
                return ended(found, iterations, Ending::Stagnated);
            }
            if !found.norm.is_finite() {
                return ended(found, iterations, Ending::Diverged);
            }
            let mut correction = std::mem::take(&mut self.other);
            correction.fill(0.0);
            broke = self.iterate(matrix, preconditioner, &mut correction, found.norm, goal, &mut iterations, false, &mut watch);
            for (correction, x) in correction.iter_mut().zip(x.iter()) {
                *correction += x;
            }
            self.other = correction;
            let next = matrix.accurate_residual(&self.other, b, &mut self.r);
            stagnant = if next.norm <= 0.5 * found.norm { 0 } else { stagnant + 1 };
            if next.norm < found.norm {
                x.copy_from_slice(&self.other);
                found = next;
            } else {
                matrix.accurate_residual(x, b, &mut self.r);
            }
        }
    }

    /// Makes `x`, the last iterate with the residual `last`, the best of the vectors that the first round met with: it, a copy, or the vector given, which is in `other`.
    fn best_of_first_round(&mut self, matrix: &impl Operator, b: &[f64], x: &mut [f64], start: f64, last: ResidualNorm) -> ResidualNorm {
        let mut found = last;
        if let Some(earlier) = self.best.better_than(last.norm) {
            let norm = matrix.accurate_residual(earlier, b, &mut self.r);
            if norm.norm <= last.norm || last.norm.is_nan() {
                x.copy_from_slice(earlier);
                found = norm;
            }
        }
        if found.norm > start || found.norm.is_nan() {
            x.copy_from_slice(&self.other);
        }
        // The later rounds start from this residual.
        matrix.accurate_residual(x, b, &mut self.r)
    }

    /// Conjugate directions from the residual in `r`, whose norm is `start`, until the recurrence meets the goal (then nothing is returned) or cannot go on. The first
    /// round keeps copies of good iterates.
    #[expect(clippy::too_many_arguments, reason = "the inner half of solve")]
    fn iterate(
        &mut self,
        matrix: &impl Operator,
        preconditioner: &mut impl Preconditioner,
        x: &mut [f64],
        start: f64,
        goal: &Goal,
        iterations: &mut u64,
        first_round: bool,
        watch: &mut impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Option<Ending> {
        let Self { r, z, p, q, best, .. } = self;
        // The recurrence runs on r / start, so that its squares neither vanish nor overflow.
        for r in r.iter_mut() {
            *r /= start;
        }
        let mut residual = start;
        let mut rz = 0.0;
        let mut curvatures = Curvature::default();
        loop {
            if watch(*iterations, residual).is_break() {
                return Some(Ending::Stopped);
            }
            if *iterations >= goal.max_iterations {
                return Some(Ending::Capped);
            }
            preconditioner.apply(r, z);
            let next = dot(r, z);
            if !next.is_finite() {
                return Some(Ending::Diverged);
            }
            if next <= 0.0 {
                return Some(Ending::IndefinitePreconditioner);
            }
            let beta = if rz == 0.0 { 0.0 } else { next / rz };
            rz = next;
            for (p, z) in p.iter_mut().zip(z.iter()) {
                *p = z + if beta == 0.0 { 0.0 } else { beta * *p };
            }
            curvatures.next_direction(rz, beta);
            matrix.multiply(p, q);
            let curvature = dot(p, q);
            if !curvature.is_finite() {
                return Some(Ending::Diverged);
            }
            if first_round {
                best.offer(*iterations, x, residual, curvatures.is_risky(curvature));
            }
            if let Some(fault) = curvatures.fault(curvature) {
                return Some(fault);
            }
            let alpha = rz / curvature;
            let step = alpha * start;
            for (((x, r), p), q) in x.iter_mut().zip(r.iter_mut()).zip(p.iter()).zip(q.iter()) {
                *x += step * p;
                *r -= alpha * q;
            }
            *iterations += 1;
            residual = start * norm_of(dot(r, r), r);
            if residual <= goal.residual {
                return None;
            }
            if !residual.is_finite() {
                return Some(Ending::Diverged);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preconditioner::{Identity, Jacobi, Ssor};
    use crate::relaxation_factor::RelaxationFactor;
    use crate::split_matrix::SplitMatrix;
    use crate::vector::norm;

    fn go_on(_: u64, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn tridiagonal(n: u32, diagonal: f64) -> SplitMatrix {
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for i in 0..n {
            for (column, value) in [(i.wrapping_sub(1), -1.0), (i, diagonal), (i + 1, -1.0)] {
                if column < n {
                    columns.push(column);
                    values.push(value);
                }
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        SplitMatrix::from_rows(n as usize, &starts, &columns, &values).unwrap()
    }

    #[test]
    fn every_preconditioner_leads_to_the_solution() {
        let matrix = tridiagonal(50, 2.5);
        let expected: Vec<f64> = (0..50).map(|i| f64::from(i % 7) - 3.0).collect();
        let mut b = vec![0.0; 50];
        matrix.multiply(&expected, &mut b);
        let goal = Goal { residual: 1e-10 * norm(&b), max_iterations: 200 };
        let mut cg = ConjugateGradient::new();
        let mut check = |solve: &mut dyn FnMut(&mut ConjugateGradient, &mut [f64]) -> Solved| {
            let mut x = vec![0.0; 50];
            let solved = solve(&mut cg, &mut x);
            assert_eq!(solved.ending, Ending::Converged);
            assert!(solved.residual <= 1.01e-10 * norm(&b));
            assert!(x.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-8));
            let again = solve(&mut cg, &mut x);
            assert_eq!(again.iterations, 0);
        };
        check(&mut |cg, x| cg.solve(&matrix, &mut Identity, &b, x, &goal, go_on));
        check(&mut |cg, x| cg.solve(&matrix, &mut Jacobi::new(&matrix).unwrap(), &b, x, &goal, go_on));
        let omega = RelaxationFactor::new(1.2).unwrap();
        check(&mut |cg, x| cg.solve(&matrix, &mut Ssor::new(&matrix, omega).unwrap(), &b, x, &goal, go_on));
    }

    #[test]
    fn a_zero_right_hand_side_needs_no_iteration() {
        let matrix = tridiagonal(5, 2.5);
        let goal = Goal { residual: 0.0, max_iterations: 10 };
        let solved = ConjugateGradient::new().solve(&matrix, &mut Identity, &[0.0; 5], &mut [0.0; 5], &goal, go_on);
        assert_eq!(solved, Solved { iterations: 0, residual: 0.0, ending: Ending::Converged });
    }

    #[test]
    fn indefinite_matrices_caps_and_unattainable_goals_are_told_apart() {
        let indefinite = tridiagonal(5, 0.5);
        let goal = Goal { residual: 1e-10, max_iterations: 100 };
        let b = [1.0, -1.0, 2.0, 0.5, 0.0];
        let solved = ConjugateGradient::new().solve(&indefinite, &mut Identity, &b, &mut [0.0; 5], &goal, go_on);
        assert_eq!(solved.ending, Ending::IndefiniteMatrix);
        let matrix = tridiagonal(50, 2.0);
        let b = vec![1.0; 50];
        let capped = ConjugateGradient::new().solve(
            &matrix,
            &mut Identity,
            &b,
            &mut vec![0.0; 50],
            &Goal { residual: 1e-10, max_iterations: 3 },
            go_on,
        );
        assert_eq!((capped.ending, capped.iterations), (Ending::Capped, 3));
        // The solution is not a vector of doubles.
        let matrix = tridiagonal(50, 2.1);
        let unattainable = Goal { residual: 1e-30, max_iterations: 100_000 };
        let solved = ConjugateGradient::new().solve(&matrix, &mut Identity, &b, &mut vec![0.0; 50], &unattainable, go_on);
        assert_eq!(solved.ending, Ending::Stagnated);
        assert!(solved.residual < 1e-14);
    }
}
