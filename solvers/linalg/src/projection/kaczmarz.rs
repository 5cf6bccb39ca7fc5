//! Randomised Kaczmarz: projections onto single equations or small blocks of them.

use rand::{Rng, RngExt};

use super::small_system::solve_gram;
use super::{ProjectionEnd, ProjectionGoal};
use crate::sparse_rows::SparseRows;

/// Which equation comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChoice {
    /// Each as likely as any other.
    Uniform,
    /// In proportion to the square of its norm (Strohmer and Vershynin, "A randomized Kaczmarz algorithm with exponential convergence", 2009).
    ByNorm,
}

/// Projections onto blocks of rows. One of a single row costs its entries; the whole residual is formed once in as many projections as touch every row once
/// on average.
#[derive(Debug, Clone)]
pub struct Kaczmarz {
    choice: RowChoice,
    block: usize,
    squares: Vec<f64>,
    /// Sums of `squares` up to each row, for choosing by norm.
    sums: Vec<f64>,
}

impl Kaczmarz {
    /// Projections onto `block` rows at a time (at least one).
    pub fn new(choice: RowChoice, block: usize) -> Self {
        Self { choice, block: block.max(1), squares: Vec::new(), sums: Vec::new() }
    }

    /// Makes `matrix` the one that is solved with.
    pub fn prepare(&mut self, matrix: &SparseRows) {
        self.squares = (0..matrix.rows()).map(|i| matrix.row(i).1.iter().map(|value| value * value).sum()).collect();
        let mut sum = 0.0;
        self.sums = self
            .squares
            .iter()
            .map(|square| {
                sum += square;
                sum
            })
            .collect();
    }

    /// Brings `x` to `||b - A x|| <= goal.residual` if it can, going on from the `x` given, with the matrix that was prepared. Asks `stop` once a sweep.
    pub fn solve(
        &self,
        matrix: &SparseRows,
        b: &[f64],
        x: &mut [f64],
        goal: ProjectionGoal,
        rng: &mut impl Rng,
        stop: &mut dyn FnMut() -> bool,
    ) -> ProjectionEnd {
        let n = matrix.rows();
        let block = self.block.min(n.max(1));
        let sweep = (n.div_ceil(block)).max(1) as u64;
        let mut projections = 0;
        let mut r = vec![0.0; n];
        let mut rows = vec![0; block];
        let (mut gram, mut errors) = (vec![0.0; block * block], vec![0.0; block]);
        let mut scattered = vec![0.0; matrix.columns()];
        loop {
            let residual = residual(matrix, b, x, &mut r);
            if residual <= goal.residual || projections >= goal.max_projections || !residual.is_finite() || n == 0 || stop() {
                return ProjectionEnd { projections, residual };
            }
            for _ in 0..sweep.min(goal.max_projections - projections) {
                if block == 1 {
                    let i = self.draw(rng);
                    if self.squares[i] > 0.0 {
                        let error = b[i] - matrix.row_times(i, x);
                        matrix.add_row(i, error / self.squares[i], x);
                    }
                } else {
                    for row in &mut rows {
                        *row = self.draw(rng);
                    }
                    project(matrix, b, x, &rows, &mut gram, &mut errors, &mut scattered);
                }
                projections += 1;
            }
        }
    }

    fn draw(&self, rng: &mut impl Rng) -> usize {
        match (self.choice, self.sums.last()) {
            (RowChoice::ByNorm, Some(&total)) if total > 0.0 && total.is_finite() => {
                let point = rng.random::<f64>() * total;
                self.sums.partition_point(|&sum| sum <= point).min(self.sums.len() - 1)
            }
            _ => rng.random_range(0..self.squares.len()),
        }
    }
}

/// Projects `x` onto the equations `rows`; one that stands twice counts once, since the small system drops dependent directions.
fn project(matrix: &SparseRows, b: &[f64], x: &mut [f64], rows: &[usize], gram: &mut [f64], errors: &mut [f64], scattered: &mut [f64]) {
    let q = rows.len();
    for (k, &i) in rows.iter().enumerate() {
        errors[k] = b[i] - matrix.row_times(i, x);
        let (columns, values) = matrix.row(i);
        for (&column, &value) in columns.iter().zip(values) {
            scattered[column as usize] = value;
        }
        for (l, &other) in rows.iter().enumerate() {
            gram[l * q + k] = matrix.row_times(other, scattered);
        }
        for &column in columns {
            scattered[column as usize] = 0.0;
        }
    }
    solve_gram(gram, errors);
    for (&i, &factor) in rows.iter().zip(&*errors) {
        matrix.add_row(i, factor, x);
    }
}

/// `r = b - A x`; returns its norm.
pub(super) fn residual(matrix: &SparseRows, b: &[f64], x: &[f64], r: &mut [f64]) -> f64 {
    matrix.multiply(x, r);
    let mut square = 0.0;
    for (r, b) in r.iter_mut().zip(b) {
        *r = b - *r;
        square += *r * *r;
    }
    square.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::GaussianProjection;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn system() -> (SparseRows, Vec<f64>) {
        let rows: Vec<Vec<u32>> = (0..8_u32).map(|i| (i.saturating_sub(1)..(i + 2).min(8)).collect()).collect();
        let mut matrix = SparseRows::new(8, rows.iter().map(Vec::as_slice));
        let mut at = 0;
        for (i, row) in rows.iter().enumerate() {
            for &column in row {
                matrix.values_mut()[at] = if column as usize == i { 3.0 } else { -1.0 };
                at += 1;
            }
        }
        (matrix, (0..8).map(|i| f64::from(i) - 2.0).collect())
    }

    #[test]
    fn every_kind_of_projection_reaches_the_solution_and_tells_its_residual() {
        let (matrix, b) = system();
        let goal = ProjectionGoal { residual: 1e-9, max_projections: 100_000 };
        for (choice, block) in [(RowChoice::Uniform, 1), (RowChoice::ByNorm, 1), (RowChoice::Uniform, 4), (RowChoice::ByNorm, 3)] {
            let mut kaczmarz = Kaczmarz::new(choice, block);
            kaczmarz.prepare(&matrix);
            let mut x = vec![0.0; 8];
            let end = kaczmarz.solve(&matrix, &b, &mut x, goal, &mut ChaCha8Rng::seed_from_u64(1), &mut || false);
            let mut r = vec![0.0; 8];
            assert!(residual(&matrix, &b, &x, &mut r) <= 1e-9 && end.residual <= 1e-9, "{choice:?} {block}: {end:?}");
        }
        for block in [1, 3] {
            let mut x = vec![0.0; 8];
            let end = GaussianProjection::new(block).solve(&matrix, &b, &mut x, goal, &mut ChaCha8Rng::seed_from_u64(1), &mut || false);
            let mut r = vec![0.0; 8];
            assert!(residual(&matrix, &b, &x, &mut r) <= 2e-9 && end.residual <= 1e-9, "gaussian {block}: {end:?}");
        }
    }

    #[test]
    fn the_cap_ends_it_and_a_row_of_zeros_is_passed_over() {
        let mut matrix = SparseRows::new(2, [&[0_u32][..], &[1]]);
        matrix.values_mut().copy_from_slice(&[1.0, 0.0]);
        let mut kaczmarz = Kaczmarz::new(RowChoice::Uniform, 1);
        kaczmarz.prepare(&matrix);
        let mut x = vec![0.0; 2];
        let goal = ProjectionGoal { residual: 0.0, max_projections: 50 };
        let end = kaczmarz.solve(&matrix, &[1.0, 1.0], &mut x, goal, &mut ChaCha8Rng::seed_from_u64(1), &mut || false);
        assert_eq!((end.projections, end.residual), (50, 1.0));
    }
}
