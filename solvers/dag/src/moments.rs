//! The second moments of the data: all that a Gaussian score needs.

use fathom_opt_problems::dag_learning::{DagLearning, Sample};
use rayon::prelude::*;

/// `X'X / n` of the centred data.
#[derive(Debug, Clone)]
pub struct Moments {
    d: usize,
    n: usize,
    /// `d x d`, row by row, as the data give it.
    covariance: Vec<f64>,
    /// The same with a ridge on the diagonal where the data do not determine every regression, so that factorisations exist.
    regular: Vec<f64>,
    /// The diagonal of `regular`, side by side.
    variances: Vec<f64>,
    ridge: f64,
}

/// The ridge, relative to each variable's variance: far above rounding, far below anything a score would notice.
const RIDGE: f64 = 1e-9;

/// A pivot below this share of the variance means that the variable is a linear combination of others, up to rounding.
const SINGULAR: f64 = 1e-11;

impl Moments {
    /// The moments of the problem's sample.
    pub fn of(problem: &DagLearning) -> Self {
        let (d, n) = (problem.variables(), problem.sample().observations());
        let covariance = match problem.sample() {
            Sample::Covariance { matrix, .. } => matrix.clone(),
            Sample::Table { columns } => products(&columns.iter().map(|column| centred(column)).collect::<Vec<_>>(), n),
        };
        Self::from_covariance(covariance, d, n)
    }

    /// The moments given as a `d x d` covariance of `n` observations, row by row.
    pub fn from_covariance(covariance: Vec<f64>, d: usize, n: usize) -> Self {
        let singular = n <= d || !factors(&covariance, d);
        let mut regular = covariance.clone();
        let ridge = if singular { RIDGE } else { 0.0 };
        if singular {
            let largest = (0..d).map(|j| covariance[j * d + j]).fold(0.0, f64::max);
            for j in 0..d {
                let own = covariance[j * d + j];
                // A column that does not vary gets a variance that nobody can gain from.
                regular[j * d + j] += if own > 0.0 { RIDGE * own } else { RIDGE * largest };
            }
        }
        let variances = (0..d).map(|j| regular[j * d + j]).collect();
        Self { d, n, covariance, regular, variances, ridge }
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.d
    }

    /// Number of observations.
    pub fn observations(&self) -> usize {
        self.n
    }

    /// The covariance of `i` and `j`, as the data give it.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.covariance[i * self.d + j]
    }

    /// Row `i` of the covariance that factorisations use.
    pub(crate) fn regular_row(&self, i: usize) -> &[f64] {
        &self.regular[i * self.d..(i + 1) * self.d]
    }

    /// Entry of the covariance that factorisations use.
    pub(crate) fn regular(&self, i: usize, j: usize) -> f64 {
        self.regular[i * self.d + j]
    }

    /// The variances that factorisations use.
    pub(crate) fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// The ridge that had to be added, relative to each variance; 0 when every regression is determined.
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// The mean squared residual of `node` with these parents and weights, from the unchanged covariance.
    pub fn residual_variance(&self, node: usize, parents: &[(usize, f64)]) -> f64 {
        let mut value = self.covariance(node, node);
        for (k, &(i, weight)) in parents.iter().enumerate() {
            value += weight * (weight * self.covariance(i, i) - 2.0 * self.covariance(i, node));
            let cross: f64 = parents[..k].iter().map(|&(j, other)| other * self.covariance(i, j)).sum();
            value += 2.0 * weight * cross;
        }
        value.max(0.0)
    }
}

fn centred(column: &[f64]) -> Vec<f64> {
    let Some(&first) = column.first() else { return Vec::new() };
    let mean = first + column.iter().map(|value| value - first).sum::<f64>() / column.len() as f64;
    column.iter().map(|value| value - mean).collect()
}

/// Observations per block: two blocks of columns stay in the cache.
const BLOCK: usize = 512;

/// `X'X / n`. Each entry is summed block by block in the order of the observations, whatever the number of threads.
fn products(columns: &[Vec<f64>], n: usize) -> Vec<f64> {
    let d = columns.len();
    let mut lower: Vec<Vec<f64>> = (0..d).map(|i| vec![0.0; i + 1]).collect();
    lower.par_iter_mut().enumerate().for_each(|(i, row)| {
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            let own = &columns[i][start..end];
            for (entry, other) in row.iter_mut().zip(columns) {
                *entry += dot(own, &other[start..end]);
            }
        }
    });
    let mut matrix = vec![0.0; d * d];
    for (i, row) in lower.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            matrix[i * d + j] = value / n as f64;
            matrix[j * d + i] = value / n as f64;
        }
    }
    matrix
}

/// Whether Cholesky's algorithm keeps every pivot well above rounding.
fn factors(covariance: &[f64], d: usize) -> bool {
    let mut l = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..i {
            let (head, tail) = l.split_at_mut(i * d);
            tail[j] = (covariance[i * d + j] - dot(&tail[..j], &head[j * d..j * d + j])) / head[j * d + j];
        }
        let row = &l[i * d..i * d + i];
        let pivot = covariance[i * d + i] - dot(row, row);
        if pivot.is_nan() || pivot <= SINGULAR * covariance[i * d + i] {
            return false;
        }
        l[i * d + i] = pivot.sqrt();
    }
    true
}

/// The inner product, in eight sums side by side so that the compiler can use vector instructions.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}
