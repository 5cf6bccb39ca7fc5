//! The second moments of the data, as the checker takes them.

use super::instance::DagLearning;
use super::observed::Observed;
use super::products::dot;
use super::sample::Sample;

/// `X'X / n` of the centred data, every variable in its own unit.
pub(super) struct Moments {
    d: usize,
    n: usize,
    matrix: Vec<f64>,
    units: Vec<f64>,
}

/// Multiply-adds that may be spent on sums of squares (`n d^2`).
const WORK: usize = 10_000_000_000;

/// A pivot below this share of the variance is lost to rounding.
pub(super) const SINGULAR: f64 = 1e-10;

/// A variable of whose variance the others leave less than this share makes regressions on covariances lose more digits than the tolerances allow.
pub(super) const REGULAR: f64 = 1e-6;

impl Moments {
    /// The moments of the problem's data; `None` where they would take too long.
    pub(super) fn of(problem: &DagLearning) -> Option<Self> {
        Self::of_observed(problem, &Observed::of(problem))
    }

    /// The moments of data that are centred already; `None` where they would take too long.
    pub(super) fn of_observed(problem: &DagLearning, observed: &Observed<'_>) -> Option<Self> {
        let (n, d) = (problem.sample().observations(), problem.variables());
        let units = observed.units().to_vec();
        let matrix = match problem.sample() {
            Sample::Covariance { matrix, .. } => (0..d * d).map(|k| matrix[k] / units[k / d] / units[k % d]).collect(),
            Sample::Table { .. } => {
                if n.saturating_mul(d).saturating_mul(d) > WORK {
                    return None;
                }
                products(observed.vectors(), n, d)
            }
        };
        Some(Self { d, n, matrix, units })
    }

    pub(super) fn variables(&self) -> usize {
        self.d
    }

    pub(super) fn observations(&self) -> usize {
        self.n
    }

    /// The covariance of two variables in their units.
    pub(super) fn at(&self, i: usize, j: usize) -> f64 {
        self.matrix[i * self.d + j]
    }

    /// The square of a variable's unit: what a variance in that unit has to be multiplied by.
    pub(super) fn square(&self, j: usize) -> f64 {
        self.units[j] * self.units[j]
    }

    /// The unit of a variable.
    pub(super) fn unit(&self, j: usize) -> f64 {
        self.units[j]
    }

    /// The matrix with rows and columns in the order's sequence.
    pub(super) fn permuted(&self, order: &[usize]) -> Vec<f64> {
        order.iter().flat_map(|&i| order.iter().map(move |&j| self.at(i, j))).collect()
    }

    /// The share of every variable's variance that all others leave; `None` where rounding leaves nothing to rely on, or `d^3` steps are too many.
    pub(super) fn unexplained(&self) -> Option<Vec<f64>> {
        if self.d > INVERTED {
            return None;
        }
        let inverse = inverse(self.matrix.clone())?;
        Some((0..self.d).map(|j| 1.0 / (inverse[j * self.d + j] * self.at(j, j))).collect())
    }

    /// Whether all others leave at least this share of every variable's variance: the digits of regressions on the covariances depend on it.
    pub(super) fn leave(&self, least: f64) -> bool {
        self.n > self.d && self.unexplained().is_some_and(|shares| shares.iter().all(|&share| share >= least))
    }
}

/// The inverse of the covariance is taken up to this many variables.
const INVERTED: usize = 1500;

/// Observations per block, so that two columns stay in the cache.
const BLOCK: usize = 1024;

fn products(centred: &[Vec<f64>], n: usize, d: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; d * d];
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        for a in 0..d {
            for b in 0..=a {
                matrix[a * d + b] += dot(&centred[a][start..end], &centred[b][start..end]);
            }
        }
    }
    for a in 0..d {
        for b in 0..=a {
            matrix[a * d + b] /= n as f64;
            matrix[b * d + a] = matrix[a * d + b];
        }
    }
    matrix
}

/// The inverse of a `d x d` covariance, by Gauss-Jordan elimination in place; `None` when a pivot is lost to rounding.
pub(super) fn inverse(mut a: Vec<f64>) -> Option<Vec<f64>> {
    let d = a.len().isqrt();
    let scale: Vec<f64> = (0..d).map(|k| a[k * d + k]).collect();
    for k in 0..d {
        let pivot = a[k * d + k];
        if pivot.is_nan() || pivot <= SINGULAR * scale[k] {
            return None;
        }
        let row: Vec<f64> = a[k * d..(k + 1) * d].iter().map(|entry| entry / pivot).collect();
        for i in (0..d).filter(|&i| i != k) {
            let factor = a[i * d + k];
            if factor != 0.0 {
                for (entry, other) in a[i * d..(i + 1) * d].iter_mut().zip(&row) {
                    *entry -= factor * other;
                }
                a[i * d + k] = -factor / pivot;
            }
        }
        a[k * d..(k + 1) * d].copy_from_slice(&row);
        a[k * d + k] = 1.0 / pivot;
    }
    Some(a)
}
