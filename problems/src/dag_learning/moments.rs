//! The second moments of the data, as the checker takes them.

use super::DagLearning;
use super::check::dot;
use super::sample::{Sample, mean};

/// `X'X / n` of the centred data.
pub(super) struct Moments {
    d: usize,
    n: usize,
    matrix: Vec<f64>,
}

/// Multiply-adds that may be spent on sums of squares (`n d^2`).
const WORK: usize = 10_000_000_000;

impl Moments {
    /// The moments of the problem's data; `None` where they would take too long.
    pub(super) fn of(problem: &DagLearning) -> Option<Self> {
        let (n, d) = (problem.sample.observations(), problem.variables());
        let matrix = match &problem.sample {
            Sample::Covariance { matrix, .. } => matrix.clone(),
            Sample::Table { columns } => {
                if n.saturating_mul(d).saturating_mul(d) > WORK {
                    return None;
                }
                products(columns, n, d)
            }
        };
        Some(Self { d, n, matrix })
    }

    pub(super) fn variables(&self) -> usize {
        self.d
    }

    pub(super) fn observations(&self) -> usize {
        self.n
    }

    pub(super) fn at(&self, i: usize, j: usize) -> f64 {
        self.matrix[i * self.d + j]
    }

    /// The whole matrix, row by row.
    pub(super) fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// The matrix with rows and columns in the order's sequence.
    pub(super) fn permuted(&self, order: &[usize]) -> Vec<f64> {
        order.iter().flat_map(|&i| order.iter().map(move |&j| self.at(i, j))).collect()
    }
}

/// Observations per block, so that two columns stay in the cache.
const BLOCK: usize = 1024;

fn products(columns: &[Vec<f64>], n: usize, d: usize) -> Vec<f64> {
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mean = mean(column);
            column.iter().map(|value| value - mean).collect()
        })
        .collect();
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
        if pivot.is_nan() || pivot <= 1e-10 * scale[k] {
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
