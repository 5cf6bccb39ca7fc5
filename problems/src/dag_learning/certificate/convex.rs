//! Costs of nodes that follow from a convex fit on all earlier nodes that are allowed as parents.

use super::super::moments::Moments;
use super::super::{DagLearning, Sample};
use super::walk::NodeCost;

/// Per node the parents it must not have.
fn forbidden(problem: &DagLearning) -> Vec<Vec<usize>> {
    let mut forbidden = vec![Vec::new(); problem.variables()];
    for &(from, to) in problem.knowledge().forbidden() {
        forbidden[to].push(from);
    }
    forbidden
}

fn allowed(forbidden: &[usize], before: &[usize]) -> Vec<usize> {
    before.iter().copied().filter(|parent| !forbidden.contains(parent)).collect()
}

/// Half the residual variance.
pub(super) struct LeastSquares<'a> {
    moments: &'a Moments,
    forbidden: Vec<Vec<usize>>,
}

impl<'a> LeastSquares<'a> {
    pub(super) fn new(moments: &'a Moments, problem: &DagLearning) -> Self {
        Self { moments, forbidden: forbidden(problem) }
    }
}

impl NodeCost for LeastSquares<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let parents = allowed(&self.forbidden[node], before);
        Some(0.5 * residual_variance(self.moments, node, &parents))
    }

    fn work(&self, before: usize) -> f64 {
        (before as f64).powi(3) / 3.0
    }
}

/// The variance of `node` given `parents`, by eliminating them; a parent that the others explain adds nothing.
pub(super) fn residual_variance(moments: &Moments, node: usize, parents: &[usize]) -> f64 {
    let all: Vec<usize> = parents.iter().copied().chain([node]).collect();
    let w = all.len();
    let mut a: Vec<f64> = all.iter().flat_map(|&i| all.iter().map(move |&j| moments.at(i, j))).collect();
    for k in 0..w - 1 {
        let pivot = a[k * w + k];
        if pivot <= 1e-12 * moments.at(all[k], all[k]) {
            continue;
        }
        for i in k + 1..w {
            let factor = a[i * w + k] / pivot;
            for j in k + 1..w {
                a[i * w + j] -= factor * a[k * w + j];
            }
        }
    }
    a[w * w - 1].max(0.0)
}

/// The value nearest to `value` that an l1 term of weight `threshold` leaves.
fn shrunk(value: f64, threshold: f64) -> f64 {
    if value > threshold {
        value - threshold
    } else if value < -threshold {
        value + threshold
    } else {
        0.0
    }
}

/// Sweeps over the weights before a fit counts as not computed.
const SWEEPS: usize = 20_000;

/// A sweep that moves no weight by more than this, in units of the two deviations, ends a fit.
const STILL: f64 = 1e-10;

/// Half the residual variance and the l1 term, by cyclic coordinate descent.
pub(super) struct Lasso<'a> {
    moments: &'a Moments,
    forbidden: Vec<Vec<usize>>,
    lambda: f64,
}

impl<'a> Lasso<'a> {
    pub(super) fn new(moments: &'a Moments, problem: &DagLearning) -> Self {
        Self { moments, forbidden: forbidden(problem), lambda: problem.score().l1() }
    }
}

impl NodeCost for Lasso<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let m = self.moments;
        let mut parents = allowed(&self.forbidden[node], before);
        parents.retain(|&parent| m.at(parent, parent) > 0.0);
        let own = m.at(node, node);
        let mut weights = vec![0.0; parents.len()];
        for sweep in 0.. {
            let mut moved: f64 = 0.0;
            for a in 0..parents.len() {
                let i = parents[a];
                let fitted: f64 = parents.iter().zip(&weights).map(|(&j, weight)| weight * m.at(i, j)).sum();
                let next = shrunk(m.at(i, node) - fitted + weights[a] * m.at(i, i), self.lambda) / m.at(i, i);
                moved = moved.max((next - weights[a]).abs() * m.at(i, i).sqrt());
                weights[a] = next;
            }
            if moved <= STILL * own.sqrt() {
                break;
            }
            if sweep > SWEEPS {
                return None;
            }
        }
        let mut variance = own;
        for (&i, weight) in parents.iter().zip(&weights) {
            let fitted: f64 = parents.iter().zip(&weights).map(|(&j, other)| other * m.at(i, j)).sum();
            variance += weight * (fitted - 2.0 * m.at(i, node));
        }
        Some(0.5 * variance.max(0.0) + self.lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>())
    }

    fn work(&self, before: usize) -> f64 {
        60.0 * (before as f64).powi(2)
    }
}

/// The mean logistic loss and the l1 term, by coordinate descent on an upper bound: the loss curves by at most a quarter of the squares.
pub(super) struct Logistic<'a> {
    columns: &'a [Vec<f64>],
    /// Mean square of each column.
    squares: Vec<f64>,
    forbidden: Vec<Vec<usize>>,
    lambda: f64,
}

impl<'a> Logistic<'a> {
    pub(super) fn new(problem: &'a DagLearning) -> Self {
        let columns: &[Vec<f64>] = match problem.sample() {
            Sample::Table { columns } => columns,
            Sample::Covariance { .. } => &[],
        };
        let squares = columns.iter().map(|column| column.iter().map(|x| x * x).sum::<f64>() / column.len() as f64).collect();
        Self { columns, squares, forbidden: forbidden(problem), lambda: problem.score().l1() }
    }
}

impl NodeCost for Logistic<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        let target = self.columns.get(node)?;
        let n = target.len() as f64;
        let mut parents = allowed(&self.forbidden[node], before);
        parents.retain(|&parent| self.squares[parent] > 0.0);
        let mut weights = vec![0.0; parents.len()];
        let mut linear = vec![0.0; target.len()];
        for sweep in 0.. {
            let mut moved: f64 = 0.0;
            for (a, &i) in parents.iter().enumerate() {
                let column = &self.columns[i];
                let slope: f64 =
                    column.iter().zip(&linear).zip(target).map(|((x, m), y)| if *x == 0.0 { 0.0 } else { x * (y - sigmoid(*m)) }).sum();
                let curvature = 0.25 * self.squares[i];
                let next = shrunk(slope / n + curvature * weights[a], self.lambda) / curvature;
                let step = next - weights[a];
                if step != 0.0 {
                    weights[a] = next;
                    for (m, x) in linear.iter_mut().zip(column) {
                        *m += step * x;
                    }
                    moved = moved.max(step.abs() * curvature);
                }
            }
            // What moved is the gradient along each weight: at 1e-8 the loss itself is right to about 1e-15.
            if moved <= 1e-8 {
                break;
            }
            if sweep > SWEEPS {
                return None;
            }
        }
        let loss: f64 = linear.iter().zip(target).map(|(&m, &y)| m.max(0.0) + (-m.abs()).exp().ln_1p() - y * m).sum();
        Some(loss / n + self.lambda * weights.iter().map(|weight| weight.abs()).sum::<f64>())
    }

    fn work(&self, before: usize) -> f64 {
        // A hundred sweeps, an exponential counted as ten multiply-adds.
        1000.0 * before as f64 * self.columns.first().map_or(0, Vec::len) as f64
    }
}

fn sigmoid(m: f64) -> f64 {
    1.0 / (1.0 + (-m).exp())
}
