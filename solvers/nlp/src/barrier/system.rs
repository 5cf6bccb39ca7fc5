//! The Newton system of a barrier subproblem, with slacks and bound multipliers eliminated.

use fathom_opt_linalg::{Inertia, LdlError, LdlOptions, Refined, SparseLdl, SymmetricPattern};
use fathom_opt_problems::expression::Pattern;

/// The matrix `[H + P, G'; G, -D]` of order `n + m` with diagonal `P` and `D`, by its lower triangle.
pub(crate) struct CondensedSystem {
    n: usize,
    pattern: SymmetricPattern,
    values: Vec<f64>,
    /// Positions of the Hessian's and the Jacobian's entries, and of the diagonal, in `values`.
    hessian_at: Vec<usize>,
    jacobian_at: Vec<usize>,
    diagonal_at: Vec<usize>,
    factor: Option<SparseLdl>,
}

impl CondensedSystem {
    /// The system for these patterns (lower triangle of the Hessian, Jacobian) in `n` variables.
    pub fn new(hessian: &Pattern, jacobian: &Pattern, n: usize) -> Result<Self, LdlError> {
        let m = jacobian.rows();
        let index = |i: usize| u32::try_from(i).map_err(|_| LdlError::Size);
        let mut entries = Vec::with_capacity(hessian.entries() + jacobian.entries() + n + m);
        for (first, pattern) in [(0, hessian), (n, jacobian)] {
            for i in 0..pattern.rows() {
                for &j in pattern.row(i) {
                    entries.push((index(first + i)?, j));
                }
            }
        }
        for i in 0..n + m {
            entries.push((index(i)?, index(i)?));
        }
        let (pattern, positions) = SymmetricPattern::from_entries(n + m, &entries)?;
        let (hessian_at, rest) = positions.split_at(hessian.entries());
        let (jacobian_at, diagonal_at) = rest.split_at(jacobian.entries());
        Ok(Self {
            n,
            values: vec![0.0; pattern.entries()],
            hessian_at: hessian_at.to_vec(),
            jacobian_at: jacobian_at.to_vec(),
            diagonal_at: diagonal_at.to_vec(),
            pattern,
            factor: None,
        })
    }

    /// Puts the matrix together and factors it. `hessian` may be empty for none.
    pub fn factor(
        &mut self,
        hessian: &[f64],
        jacobian: &[f64],
        primal: &[f64],
        dual: &[f64],
        stop: &dyn Fn() -> bool,
    ) -> Result<Inertia, LdlError> {
        self.values.fill(0.0);
        for (&at, value) in self.hessian_at.iter().zip(hessian) {
            self.values[at] += value;
        }
        for (&at, value) in self.jacobian_at.iter().zip(jacobian) {
            self.values[at] += value;
        }
        let (of_x, of_l) = self.diagonal_at.split_at(self.n);
        for (&at, value) in of_x.iter().zip(primal) {
            self.values[at] += value;
        }
        for (&at, value) in of_l.iter().zip(dual) {
            self.values[at] -= value;
        }
        let factor = match &mut self.factor {
            Some(factor) => factor,
            slot @ None => slot.insert(SparseLdl::analyse(self.pattern.clone(), &self.values, LdlOptions::default())?),
        };
        factor.factor(&self.values, stop)
    }

    /// Solves with the last factor, refined.
    pub fn solve(&self, b: &[f64], d: &mut [f64]) -> Option<Refined> {
        self.factor.as_ref().map(|factor| factor.solve_refined(b, d))
    }
}
