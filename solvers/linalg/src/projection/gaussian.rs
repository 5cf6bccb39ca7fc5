//! Gaussian sketches.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::kaczmarz::residual;
use super::small_system::solve_gram;
use super::{ProjectionEnd, ProjectionGoal};
use crate::sparse_rows::SparseRows;

/// Projections with Gaussian vectors (GV) or blocks of them, for symmetric matrices: two products with the matrix for each column of the sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaussianProjection {
    block: usize,
}

/// The residual is updated from step to step; after this many it is formed anew, so that its rounding errors do not add up.
const FRESH: u64 = 50;

impl GaussianProjection {
    /// Sketches of `block` columns (at least one).
    pub fn new(block: usize) -> Self {
        Self { block: block.max(1) }
    }

    /// Brings `x` to `||b - A x|| <= goal.residual` if it can, going on from the `x` given, for a symmetric `A`. Asks `stop` at every projection.
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
        let mut projections = 0;
        let mut r = vec![0.0; n];
        let mut sketch = vec![0.0; n];
        let mut directions = vec![vec![0.0; n]; block];
        let (mut gram, mut errors) = (vec![0.0; block * block], vec![0.0; block]);
        let mut change = vec![0.0; n];
        loop {
            let fresh = residual(matrix, b, x, &mut r);
            if fresh <= goal.residual || projections >= goal.max_projections || !fresh.is_finite() || n == 0 {
                return ProjectionEnd { projections, residual: fresh };
            }
            for _ in 0..FRESH.min(goal.max_projections - projections) {
                if stop() {
                    let residual = residual(matrix, b, x, &mut r);
                    return ProjectionEnd { projections, residual };
                }
                for (k, direction) in directions.iter_mut().enumerate() {
                    for entry in &mut sketch {
                        *entry = StandardNormal.sample(rng);
                    }
                    matrix.multiply(&sketch, direction);
                    errors[k] = sketch.iter().zip(&r).map(|(s, r)| s * r).sum();
                }
                for (k, first) in directions.iter().enumerate() {
                    for (l, second) in directions.iter().enumerate().take(k + 1) {
                        let product: f64 = first.iter().zip(second).map(|(a, b)| a * b).sum();
                        (gram[k * block + l], gram[l * block + k]) = (product, product);
                    }
                }
                solve_gram(&mut gram, &mut errors);
                for (direction, &factor) in directions.iter().zip(&errors) {
                    x.iter_mut().zip(direction).for_each(|(x, d)| *x += factor * d);
                    matrix.multiply(direction, &mut change);
                    r.iter_mut().zip(&change).for_each(|(r, c)| *r -= factor * c);
                }
                projections += 1;
                let square: f64 = r.iter().map(|r| r * r).sum();
                if square.sqrt() <= goal.residual {
                    break;
                }
            }
        }
    }
}
