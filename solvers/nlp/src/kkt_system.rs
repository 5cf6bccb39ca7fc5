//! The Newton system of the KKT conditions.

use fathom_opt_linalg::{Inertia, LdlError, LdlOptions, Refined, SparseLdl, SparseRows, SymmetricPattern};
use fathom_opt_problems::expression::Pattern;

/// The matrix `[H + t I, G'; G, -delta I]` of order `n + m`: by rows for products and projections, and by its lower triangle for the factor.
pub(crate) struct KktSystem {
    n: usize,
    m: usize,
    /// Both triangles.
    pub rows: SparseRows,
    pattern: SymmetricPattern,
    values: Vec<f64>,
    /// Positions of the Hessian's and the Jacobian's entries, and of the diagonal, in `values`.
    hessian_at: Vec<usize>,
    jacobian_at: Vec<usize>,
    diagonal_at: Vec<usize>,
    /// For each entry of `rows` its position in `values`.
    rows_at: Vec<usize>,
    /// The Hessian's entries as they were set, for products with `H` alone.
    hessian: Vec<f64>,
    hessian_pattern: Pattern,
    factor: Option<SparseLdl>,
    /// `t` and `delta` as they stand.
    pub shift: f64,
    pub dual_shift: f64,
}

impl KktSystem {
    /// The system of a program with these patterns (lower triangle of the Hessian, Jacobian).
    pub fn new(hessian: &Pattern, jacobian: &Pattern, n: usize) -> Result<Self, LdlError> {
        let m = jacobian.rows();
        let index = |i: usize| u32::try_from(i).map_err(|_| LdlError::Size);
        let mut entries = Vec::with_capacity(hessian.entries() + jacobian.entries() + n + m);
        for i in 0..hessian.rows() {
            for &j in hessian.row(i) {
                entries.push((index(i)?, j));
            }
        }
        for i in 0..m {
            for &j in jacobian.row(i) {
                entries.push((index(n + i)?, j));
            }
        }
        for i in 0..n + m {
            entries.push((index(i)?, index(i)?));
        }
        let (pattern, positions) = SymmetricPattern::from_entries(n + m, &entries)?;
        let (hessian_at, rest) = positions.split_at(hessian.entries());
        let (jacobian_at, diagonal_at) = rest.split_at(jacobian.entries());
        let mut by_row: Vec<Vec<(u32, usize)>> = vec![Vec::new(); n + m];
        for j in 0..n + m {
            for at in pattern.column(j) {
                let i = pattern.rows()[at] as usize;
                by_row[i].push((index(j)?, at));
                if i != j {
                    by_row[j].push((index(i)?, at));
                }
            }
        }
        for row in &mut by_row {
            row.sort_unstable();
        }
        let columns: Vec<Vec<u32>> = by_row.iter().map(|row| row.iter().map(|&(column, _)| column).collect()).collect();
        Ok(Self {
            n,
            m,
            rows: SparseRows::new(n + m, columns.iter().map(Vec::as_slice)),
            values: vec![0.0; pattern.entries()],
            hessian_at: hessian_at.to_vec(),
            jacobian_at: jacobian_at.to_vec(),
            diagonal_at: diagonal_at.to_vec(),
            rows_at: by_row.into_iter().flatten().map(|(_, at)| at).collect(),
            hessian: vec![0.0; hessian.entries()],
            hessian_pattern: hessian.clone(),
            pattern,
            factor: None,
            shift: 0.0,
            dual_shift: 0.0,
        })
    }

    pub fn order(&self) -> usize {
        self.n + self.m
    }

    /// The entries of the Hessian, to be filled before [`KktSystem::assemble`].
    pub fn hessian_mut(&mut self) -> &mut [f64] {
        &mut self.hessian
    }

    /// Puts the matrix together with this Jacobian and these shifts.
    pub fn assemble(&mut self, jacobian: &[f64], shift: f64, dual_shift: f64) {
        (self.shift, self.dual_shift) = (shift, dual_shift);
        self.values.fill(0.0);
        for (&at, value) in self.hessian_at.iter().zip(&self.hessian) {
            self.values[at] += value;
        }
        for (&at, value) in self.jacobian_at.iter().zip(jacobian) {
            self.values[at] += value;
        }
        for (i, &at) in self.diagonal_at.iter().enumerate() {
            self.values[at] += if i < self.n { shift } else { -dual_shift };
        }
        for (value, &at) in self.rows.values_mut().iter_mut().zip(&self.rows_at) {
            *value = self.values[at];
        }
    }

    /// Factors the matrix as it stands.
    pub fn factor(&mut self, stop: &dyn Fn() -> bool) -> Result<Inertia, LdlError> {
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

    /// `y = H x` for the Hessian alone.
    pub fn hessian_times(&self, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        for i in 0..self.hessian_pattern.rows() {
            for (&j, value) in self.hessian_pattern.row(i).iter().zip(&self.hessian[self.hessian_pattern.range(i)]) {
                let j = j as usize;
                y[i] += value * x[j];
                if i != j {
                    y[j] += value * x[i];
                }
            }
        }
    }

    /// The Frobenius norm of the Hessian.
    pub fn hessian_norm(&self) -> f64 {
        let mut square = 0.0;
        for i in 0..self.hessian_pattern.rows() {
            for (&j, value) in self.hessian_pattern.row(i).iter().zip(&self.hessian[self.hessian_pattern.range(i)]) {
                square += value * value * if j as usize == i { 1.0 } else { 2.0 };
            }
        }
        square.sqrt()
    }

    /// The Hessian as a dense matrix, row-major.
    pub fn dense_hessian(&self) -> Vec<f64> {
        let n = self.n;
        let mut dense = vec![0.0; n * n];
        for i in 0..self.hessian_pattern.rows() {
            for (&j, value) in self.hessian_pattern.row(i).iter().zip(&self.hessian[self.hessian_pattern.range(i)]) {
                let j = j as usize;
                dense[i * n + j] = *value;
                dense[j * n + i] = *value;
            }
        }
        dense
    }
}
