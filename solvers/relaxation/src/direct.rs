//! The direct arm: a sparse Cholesky factor with refinement.

use fathom_linalg::{Ending, Goal, LevelMatrix, Solved, SparseCholesky, norm};

use crate::cost_model::CostModel;

/// A sparse factor, analysed when the portfolio asks for it.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    cholesky: Option<SparseCholesky>,
    tried: bool,
    residual: Vec<f64>,
    correction: Vec<f64>,
}

/// Refinements with one factor; each gains many digits or none.
const MOST_REFINEMENTS: u64 = 10;

impl Direct {
    pub(crate) fn is_analysed(&self) -> bool {
        self.tried
    }

    /// Finds the pattern of the factor; returns what a solve with it will cost, or nothing when it would be too large.
    pub(crate) fn analyse(&mut self, matrix: &LevelMatrix, most_entries: usize, costs: &CostModel) -> Option<f64> {
        self.tried = true;
        self.cholesky = SparseCholesky::analyse(matrix, most_entries).ok();
        self.cholesky.as_ref().map(|cholesky| {
            let entries = cholesky.factor_entries() as f64;
            costs.factorization(entries) + costs.factor_solve(entries) + 2.0 * costs.product()
        })
    }

    /// Factors and refines, from and into `x`.
    pub(crate) fn solve(
        &mut self,
        matrix: &LevelMatrix,
        b: &[f64],
        x: &mut [f64],
        goal: &Goal,
        cost: &mut f64,
        costs: &CostModel,
    ) -> Solved {
        self.residual.resize(b.len(), 0.0);
        self.correction.resize(b.len(), 0.0);
        matrix.residual(x, b, &mut self.residual);
        let mut residual = norm(&self.residual);
        let ended = |iterations, residual, ending| Solved { iterations, residual, ending };
        let Some(cholesky) = self.cholesky.as_mut() else { return ended(0, residual, Ending::IndefinitePreconditioner) };
        if residual <= goal.residual {
            return ended(0, residual, Ending::Converged);
        }
        let entries = cholesky.factor_entries() as f64;
        *cost += costs.factorization(entries);
        if cholesky.factor(matrix).is_err() {
            return ended(0, residual, Ending::IndefiniteMatrix);
        }
        for refinement in 1..=MOST_REFINEMENTS {
            *cost += costs.factor_solve(entries) + 2.0 * costs.product();
            cholesky.solve(matrix, &self.residual, &mut self.correction);
            for (x, correction) in x.iter_mut().zip(&self.correction) {
                *x += correction;
            }
            matrix.residual(x, b, &mut self.residual);
            let next = norm(&self.residual);
            if next <= goal.residual {
                return ended(refinement, next, Ending::Converged);
            }
            if next.is_nan() || next > 0.5 * residual {
                return ended(refinement, next, Ending::Stagnated);
            }
            residual = next;
        }
        ended(MOST_REFINEMENTS, residual, Ending::Stagnated)
    }
}
