//! Shifts that give the Newton system the inertia of a minimum.

use fathom_opt_linalg::{LdlError, SparseRows};
use nalgebra::DMatrix;

use crate::kkt_system::KktSystem;

/// Shifts until the inertia of `[H + t I, G'; G, -delta I]` is `(n, m, 0)`, which holds just if `H + t I` is positive definite on the null space of `G`
/// (Waechter and Biegler, "On the implementation of an interior-point filter line-search algorithm for large-scale nonlinear programming", 2006, algorithm IC;
/// the constants are theirs).
#[derive(Debug, Clone, Default)]
pub(crate) struct InertiaCorrection {
    /// The last shift that was needed.
    last: f64,
}

const FIRST_SHIFT: f64 = 1e-4;
const SMALLEST_SHIFT: f64 = 1e-20;
const LARGEST_SHIFT: f64 = 1e40;
/// Growth of the shift before any was ever needed, and after.
const FIRST_GROWTH: f64 = 100.0;
const GROWTH: f64 = 8.0;
const DECAY: f64 = 1.0 / 3.0;
/// The shift of the constraints' block where the Jacobian is rank-deficient.
const DUAL_SHIFT: f64 = 1e-8;

/// Whether the system is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Regularized {
    Yes,
    /// No shift up to the largest gives the inertia.
    No,
}

impl InertiaCorrection {
    /// Assembles and factors `system` with the smallest shifts of the scheme that give it the inertia `(n, m, 0)`.
    pub fn regularize(&mut self, system: &mut KktSystem, jacobian: &SparseRows, stop: &dyn Fn() -> bool) -> Result<Regularized, LdlError> {
        let (n, m) = (system.order() - jacobian.rows(), jacobian.rows());
        system.assemble(jacobian.values(), 0.0, 0.0);
        let inertia = system.factor(stop)?;
        if (inertia.positive, inertia.negative) == (n, m) {
            return Ok(Regularized::Yes);
        }
        let dual_shift = if inertia.zero > 0 { DUAL_SHIFT } else { 0.0 };
        if dual_shift > 0.0 {
            system.assemble(jacobian.values(), 0.0, dual_shift);
            let inertia = system.factor(stop)?;
            if (inertia.positive, inertia.negative) == (n, m) {
                return Ok(Regularized::Yes);
            }
        }
        let mut shift = if self.last == 0.0 { FIRST_SHIFT } else { (DECAY * self.last).max(SMALLEST_SHIFT) };
        // Ends: the shift grows by a factor until it exceeds the largest.
        while shift <= LARGEST_SHIFT {
            system.assemble(jacobian.values(), shift, dual_shift);
            let inertia = system.factor(stop)?;
            if (inertia.positive, inertia.negative) == (n, m) {
                self.last = shift;
                return Ok(Regularized::Yes);
            }
            shift *= if self.last == 0.0 { FIRST_GROWTH } else { GROWTH };
        }
        Ok(Regularized::No)
    }
}

/// What the authors' code computes before a step: the shift, the smallest eigenvalue of `G G'`, and the curvature on the null space of `G`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NullSpace {
    /// `t`: zero where `Z' H Z` is positive definite enough, else `xi_B + ||H||_F`.
    pub shift: f64,
    /// The smallest eigenvalue of `G G'`; infinite without constraints.
    pub smallest: f64,
}

/// The dense form of the authors' code: eigenvalues of `G G'` and of `Z' H Z`, with `Z` an orthonormal basis of the null space of `G`.
pub(crate) fn by_null_space(system: &KktSystem, jacobian: &SparseRows, least_curvature: f64, xi: f64) -> NullSpace {
    let (m, n) = (jacobian.rows(), jacobian.columns());
    let mut g = DMatrix::<f64>::zeros(m, n);
    for i in 0..m {
        let (columns, values) = jacobian.row(i);
        for (&j, &value) in columns.iter().zip(values) {
            g[(i, j as usize)] = value;
        }
    }
    let smallest = if m == 0 { f64::INFINITY } else { lowest(&(&g * g.transpose())) };
    if m >= n {
        return NullSpace { shift: 0.0, smallest };
    }
    let h = DMatrix::from_row_slice(n, n, &system.dense_hessian());
    // The eigenvectors of G'G to its n - m smallest eigenvalues span the null space.
    let eigen = (g.transpose() * &g).symmetric_eigen();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
    let basis: Vec<_> = order[..n - m].iter().map(|&k| eigen.eigenvectors.column(k).into_owned()).collect();
    let z = DMatrix::from_columns(&basis);
    let curvature = lowest(&(z.transpose() * h * z));
    NullSpace { shift: if curvature < least_curvature { xi + system.hessian_norm() } else { 0.0 }, smallest }
}

fn lowest(matrix: &DMatrix<f64>) -> f64 {
    matrix.symmetric_eigenvalues().iter().copied().fold(f64::INFINITY, f64::min)
}
