//! Sparse Cholesky factors.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, MatMut, Par, Side};

use crate::level_matrix::LevelMatrix;
use crate::preconditioner::Preconditioner;

/// Why there is no factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CholeskyError {
    /// The factor would need more memory than allowed or available.
    #[error("the sparse factor needs more memory than allowed")]
    Memory,
    /// A pivot is not positive.
    #[error("the matrix is not positive definite: pivot {pivot} is not positive")]
    NotPositiveDefinite {
        /// Which pivot, in elimination order.
        pivot: usize,
    },
}

/// A sparse factor `A = L L^T` of a [`LevelMatrix`], by faer: the fill-reducing order and the symbolic part are found once per pattern, the values again and again.
pub struct SparseCholesky {
    symbolic: SymbolicCholesky<u32>,
    /// The lower triangle by rows, which is the upper one by columns.
    starts: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f64>,
    factor: Vec<f64>,
    rhs: Vec<f64>,
    memory: MemBuffer,
    factored: bool,
}

impl std::fmt::Debug for SparseCholesky {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SparseCholesky")
            .field("factor_entries", &self.factor.len())
            .field("factored", &self.factored)
            .finish_non_exhaustive()
    }
}

impl SparseCholesky {
    /// Finds the order and the pattern of the factor, which may hold at most `most_entries` numbers.
    ///
    /// # Errors
    /// [`CholeskyError::Memory`].
    pub fn analyse(matrix: &LevelMatrix, most_entries: usize) -> Result<Self, CholeskyError> {
        let n = matrix.dimension();
        let lower = &matrix.pattern().lower;
        let (mut starts, mut columns) = (vec![0], Vec::with_capacity(lower.columns.len() + n));
        for (row, entries) in (0_u32..).zip(lower.rows()) {
            columns.extend_from_slice(&lower.columns[entries]);
            columns.push(row);
            starts.push(u32::try_from(columns.len()).map_err(|_| CholeskyError::Memory)?);
        }
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &starts, None, &columns);
        let symbolic = factorize_symbolic_cholesky(pattern, Side::Upper, SymmetricOrdering::Amd, CholeskySymbolicParams::default())
            .map_err(|_| CholeskyError::Memory)?;
        if symbolic.len_val() > most_entries {
            return Err(CholeskyError::Memory);
        }
        let scratch: StackReq = symbolic
            .factorize_numeric_llt_scratch::<f64>(Par::Seq, faer::Spec::default())
            .or(symbolic.solve_in_place_scratch::<f64>(1, Par::Seq));
        let memory = MemBuffer::try_new(scratch).map_err(|_| CholeskyError::Memory)?;
        let values = vec![0.0; columns.len()];
        let factor = vec![0.0; symbolic.len_val()];
        Ok(Self { symbolic, starts, columns, values, factor, rhs: vec![0.0; n], memory, factored: false })
    }

    /// Numbers in the factor.
    pub fn factor_entries(&self) -> usize {
        self.factor.len()
    }

    /// Whether the factor is worked on in dense blocks, which is many times faster per operation.
    pub fn is_supernodal(&self) -> bool {
        matches!(self.symbolic.raw(), SymbolicCholeskyRaw::Supernodal(_))
    }

    /// Multiplications, each with its addition, of one numeric factorization.
    pub fn operations(&self) -> f64 {
        operations(&self.symbolic)
    }

    /// Whether there is a factor.
    pub fn is_factored(&self) -> bool {
        self.factored
    }

    /// Factors `matrix`, which has the pattern that was analysed.
    ///
    /// # Errors
    /// [`CholeskyError::NotPositiveDefinite`]; there is no factor then.
    pub fn factor(&mut self, matrix: &LevelMatrix) -> Result<(), CholeskyError> {
        self.factored = false;
        matrix.lower_values_with_diagonal(&mut self.values);
        let n = matrix.dimension();
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &self.starts, None, &self.columns);
        let matrix = SparseColMatRef::new(pattern, &self.values);
        self.symbolic
            .factorize_numeric_llt(
                &mut self.factor,
                matrix,
                Side::Upper,
                LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut self.memory),
                faer::Spec::default(),
            )
            .map_err(|error| match error {
                faer::linalg::cholesky::llt::factor::LltError::NonPositivePivot { index } => {
                    CholeskyError::NotPositiveDefinite { pivot: index }
                }
            })?;
        self.factored = true;
        Ok(())
    }

    /// `x = (L L^T)^-1 b` with the last factor; both in the order of the matrix given to [`LevelMatrix::from_rows`]. Zero without a factor.
    pub fn solve(&mut self, matrix: &LevelMatrix, b: &[f64], x: &mut [f64]) {
        if !self.factored {
            x.fill(0.0);
            return;
        }
        let mut rhs = std::mem::take(&mut self.rhs);
        for (own, &old) in rhs.iter_mut().zip(&matrix.pattern().order) {
            *own = b[old as usize];
        }
        self.solve_in_place(&mut rhs);
        for (own, &old) in rhs.iter().zip(&matrix.pattern().order) {
            x[old as usize] = *own;
        }
        self.rhs = rhs;
    }

    /// In level order.
    fn solve_in_place(&mut self, x: &mut [f64]) {
        let n = x.len();
        let x = MatMut::from_column_major_slice_mut(x, n, 1);
        LltRef::new(&self.symbolic, &self.factor).solve_in_place_with_conj(Conj::No, x, Par::Seq, MemStack::new(&mut self.memory));
    }
}

/// For vectors in level order.
impl Preconditioner for SparseCholesky {
    fn apply(&mut self, r: &[f64], z: &mut [f64]) {
        if !self.factored {
            z.fill(0.0);
            return;
        }
        z.copy_from_slice(r);
        self.solve_in_place(z);
    }
}

/// Multiplications and additions of a numeric factorization with this pattern.
fn operations(symbolic: &SymbolicCholesky<u32>) -> f64 {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Simplicial(columns) => columns.col_ptr().windows(2).map(|ends| f64::from(ends[1] - ends[0]).powi(2)).sum(),
        SymbolicCholeskyRaw::Supernodal(supernodes) => {
            let widths = supernodes.supernode_begin().iter().zip(supernodes.supernode_end());
            let below = supernodes.col_ptr_for_row_idx().windows(2);
            widths
                .zip(below)
                .map(|((begin, end), ends)| {
                    let (width, below) = (f64::from(end - begin), f64::from(ends[1] - ends[0]));
                    width * (width * width / 3.0 + width * below + below * below)
                })
                .sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tridiagonal(n: u32, diagonal: f64) -> LevelMatrix {
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
        LevelMatrix::from_rows(n as usize, &starts, &columns, &values).unwrap()
    }

    #[test]
    fn the_factor_solves_the_system_again_and_again() {
        let mut matrix = tridiagonal(30, 2.0);
        let mut cholesky = SparseCholesky::analyse(&matrix, 1000).unwrap();
        for shift in [0.5, 0.1, 2.0] {
            matrix.set_shift(shift).unwrap();
            cholesky.factor(&matrix).unwrap();
            let b: Vec<f64> = (0..30).map(|i| f64::from(i % 5)).collect();
            let mut x = vec![0.0; 30];
            cholesky.solve(&matrix, &b, &mut x);
            for i in 0..30 {
                let neighbours = if i > 0 { x[i - 1] } else { 0.0 } + if i < 29 { x[i + 1] } else { 0.0 };
                assert!(((2.0 + shift) * x[i] - neighbours - b[i]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn indefinite_matrices_and_large_factors_are_refused() {
        let matrix = tridiagonal(10, 0.5);
        let mut cholesky = SparseCholesky::analyse(&matrix, 1000).unwrap();
        assert!(matches!(cholesky.factor(&matrix), Err(CholeskyError::NotPositiveDefinite { .. })));
        assert!(!cholesky.is_factored());
        assert_eq!(SparseCholesky::analyse(&matrix, 3).unwrap_err(), CholeskyError::Memory);
    }
}
