//! Conjugate gradients on a matrix in level order with preconditioners that Eisenstat's form does not cover.

use std::ops::ControlFlow;

#[cfg(feature = "cholesky")]
use crate::cholesky::SparseCholesky;
use crate::conjugate_gradient::ConjugateGradient;
use crate::ending::{Goal, Solved};
use crate::incomplete_cholesky::IncompleteCholesky;
use crate::level_matrix::LevelMatrix;
use crate::operator::InLevelOrder;
use crate::preconditioner::Preconditioner;

/// Preconditioned conjugate gradients for a [`LevelMatrix`], with buffers and an incomplete factor that are made when first needed and reused from then on.
#[derive(Debug, Default)]
pub struct LevelCg {
    cg: ConjugateGradient,
    incomplete: Option<IncompleteCholesky>,
    b: Vec<f64>,
    x: Vec<f64>,
}

impl LevelCg {
    /// Without buffers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Factors `matrix` incompletely, without fill; the next [`LevelCg::solve_incomplete`] uses this factor. Returns how often it was tried with growing shifts.
    /// One pattern per `LevelCg`.
    pub fn factor_incomplete(&mut self, matrix: &LevelMatrix) -> u32 {
        match &mut self.incomplete {
            Some(factor) => {
                factor.refactor_in_level_order(matrix);
                factor.attempts()
            }
            None => self.incomplete.insert(IncompleteCholesky::in_level_order(matrix)).attempts(),
        }
    }

    /// Iterates with the last incomplete factor until `||b - A x||_2 <= goal.residual`, from and into `x`. `watch` is told the number of iterations and the
    /// residual norm before every iteration and may break. `b` and `x` are in the order of the given matrix.
    pub fn solve_incomplete(
        &mut self,
        matrix: &mut LevelMatrix,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        let mut factor = self.incomplete.take().unwrap_or_else(|| IncompleteCholesky::in_level_order(matrix));
        let solved = self.solve(matrix, &mut factor, b, x, goal, watch);
        self.incomplete = Some(factor);
        solved
    }

    /// The same with the sparse factor of an earlier matrix of this pattern. Without a factor the preconditioner is zero, and nothing is done.
    #[cfg(feature = "cholesky")]
    pub fn solve_with_factor(
        &mut self,
        matrix: &mut LevelMatrix,
        factor: &mut SparseCholesky,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        self.solve(matrix, factor, b, x, goal, watch)
    }

    fn solve(
        &mut self,
        matrix: &mut LevelMatrix,
        preconditioner: &mut impl Preconditioner,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        watch: impl FnMut(u64, f64) -> ControlFlow<()>,
    ) -> Solved {
        let n = matrix.dimension();
        self.b.resize(n, 0.0);
        self.x.resize(n, 0.0);
        for ((own_b, own_x), &old) in self.b.iter_mut().zip(&mut self.x).zip(&matrix.pattern().order) {
            *own_b = b[old as usize];
            *own_x = x[old as usize];
        }
        let solved = self.cg.solve(&InLevelOrder::of(matrix), preconditioner, &self.b, &mut self.x, goal, watch);
        for (own, &old) in self.x.iter().zip(&matrix.pattern().order) {
            x[old as usize] = *own;
        }
        solved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::Ending;
    use crate::split_matrix::SplitMatrix;
    use crate::vector::norm;

    /// A strip of triangles with weights that vary, in compressed rows.
    fn strip(n: usize, shift: f64) -> (Vec<u32>, Vec<u32>, Vec<f64>) {
        let weight = |i: usize, j: usize| 1.0 + ((i.min(j) * 7 + i.max(j)) % 5) as f64;
        let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::new(), Vec::new());
        for i in 0..n {
            let neighbours = (0..n).filter(|&j| j != i && i.abs_diff(j) <= 2);
            let sum: f64 = neighbours.map(|j| weight(i, j)).sum();
            for j in i.saturating_sub(2)..(i + 3).min(n) {
                columns.push(u32::try_from(j).unwrap());
                values.push(if i == j { sum + shift } else { -weight(i, j) });
            }
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        (starts, columns, values)
    }

    fn go_on(_: u64, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn the_incomplete_factor_in_level_order_takes_as_many_iterations_as_in_the_given_order() {
        let (starts, columns, values) = strip(200, 0.01);
        let split = SplitMatrix::from_rows(200, &starts, &columns, &values).unwrap();
        let mut level = LevelMatrix::from_rows(200, &starts, &columns, &values).unwrap();
        assert!(level.has_triangles() && level.is_dominant_m_matrix());
        let b: Vec<f64> = (0..200).map(|i| f64::from(i).sin()).collect();
        let goal = Goal { residual: 1e-10 * norm(&b), max_iterations: 1000 };
        let (mut plain, mut ours) = (vec![0.0; 200], vec![0.0; 200]);
        let mut factor = IncompleteCholesky::new(&split).unwrap();
        let first = ConjugateGradient::new().solve(&split, &mut factor, &b, &mut plain, &goal, go_on);
        let mut cg = LevelCg::new();
        cg.factor_incomplete(&level);
        let second = cg.solve_incomplete(&mut level, &b, &mut ours, &goal, go_on);
        assert_eq!((first.ending, second.ending), (Ending::Converged, Ending::Converged));
        assert!(first.iterations.abs_diff(second.iterations) <= 1, "{first:?} {second:?}");
        assert!(plain.iter().zip(&ours).all(|(a, b)| (a - b).abs() < 1e-7 * norm(&plain)));
    }

    #[cfg(feature = "cholesky")]
    #[test]
    fn the_factor_of_an_earlier_matrix_is_a_good_preconditioner() {
        let (starts, columns, values) = strip(300, 0.1);
        let mut level = LevelMatrix::from_rows(300, &starts, &columns, &values).unwrap();
        let mut factor = SparseCholesky::analyse(&level, 100_000).unwrap();
        factor.factor(&level).unwrap();
        let b: Vec<f64> = (0..300).map(|i| f64::from(i).cos()).collect();
        let goal = Goal { residual: 1e-10 * norm(&b), max_iterations: 100 };
        let mut cg = LevelCg::new();
        for (shift, most) in [(0.0, 1), (0.01, 8), (0.1, 15)] {
            level.set_shift(shift).unwrap();
            let mut x = vec![0.0; 300];
            let solved = cg.solve_with_factor(&mut level, &mut factor, &b, &mut x, &goal, go_on);
            assert_eq!(solved.ending, Ending::Converged);
            assert!(solved.iterations <= most, "shift {shift}: {solved:?}");
            let mut r = vec![0.0; 300];
            assert!(level.residual(&x, &b, &mut r).sqrt() <= 1.01 * goal.residual);
        }
    }
}
