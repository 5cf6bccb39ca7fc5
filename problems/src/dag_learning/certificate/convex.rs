//! Costs of nodes that follow from a convex fit on all earlier nodes that are allowed as parents.

use std::cell::{Cell, RefCell};

use super::super::instance::DagLearning;
use super::super::moments::Moments;
use super::super::sample::Sample;
use super::all_sets::SetCost;
use super::parent_sets::ParentSets;
use super::regressions::Regressions;
use super::walk::NodeCost;

/// Half the residual variance.
pub(super) struct LeastSquares<'a> {
    regressions: &'a Regressions<'a>,
    sets: &'a ParentSets,
}

impl<'a> LeastSquares<'a> {
    pub(super) fn new(regressions: &'a Regressions<'a>, sets: &'a ParentSets) -> Self {
        Self { regressions, sets }
    }
}

impl SetCost for LeastSquares<'_> {
    fn of(&self, node: usize, parents: &[usize]) -> Option<f64> {
        Some(0.5 * self.regressions.moments().square(node) * self.regressions.residual_variance(node, parents)?)
    }

    fn work(&self, parents: usize) -> f64 {
        self.regressions.work(parents as f64)
    }
}

impl NodeCost for LeastSquares<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        self.of(node, &self.sets.candidates(node, before))
    }

    fn work(&self, before: usize) -> f64 {
        SetCost::work(self, before)
    }
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

/// How many times the work that was counted on fits may take: where sweeps crawl, the checker gives up instead of taking longer than a solve.
const PATIENCE: f64 = 4.0;

/// Multiply-adds that are left for fits.
struct Budget(Cell<f64>);

impl Budget {
    fn new(allowed: f64) -> Self {
        Self(Cell::new(PATIENCE * allowed))
    }

    /// Takes `work` out; none where that is more than is left.
    fn spend(&self, work: f64) -> Option<()> {
        self.0.set(self.0.get() - work);
        (self.0.get() >= 0.0).then_some(())
    }
}

/// Half the residual variance and the l1 term, by cyclic coordinate descent from where the node's last fit ended.
pub(super) struct Lasso<'a> {
    moments: &'a Moments,
    sets: &'a ParentSets,
    lambda: f64,
    /// By node and parent: the last weights, in the units of the two.
    last: RefCell<Vec<Vec<f64>>>,
    budget: Budget,
}

impl<'a> Lasso<'a> {
    pub(super) fn new(moments: &'a Moments, sets: &'a ParentSets, problem: &DagLearning, allowed: f64) -> Self {
        let d = moments.variables();
        Self { moments, sets, lambda: problem.score().l1(), last: RefCell::new(vec![vec![0.0; d]; d]), budget: Budget::new(allowed) }
    }

    /// Sweeps until the weights stand still; none where they do not.
    fn descend(&self, node: usize, parents: &[usize], penalties: &[f64], weights: &mut [f64]) -> Option<Vec<f64>> {
        let m = self.moments;
        // The covariance of every parent with the residual.
        let mut pulls: Vec<f64> = parents
            .iter()
            .map(|&i| m.at(i, node) - parents.iter().zip(&*weights).map(|(&j, weight)| weight * m.at(i, j)).sum::<f64>())
            .collect();
        for _ in 0..SWEEPS {
            self.budget.spend((parents.len() * parents.len()) as f64)?;
            let mut moved: f64 = 0.0;
            for (a, &i) in parents.iter().enumerate() {
                let own = m.at(i, i);
                let next = shrunk(pulls[a] + weights[a] * own, penalties[a]) / own;
                let step = next - weights[a];
                if step != 0.0 {
                    weights[a] = next;
                    for (pull, &j) in pulls.iter_mut().zip(parents) {
                        *pull -= step * m.at(i, j);
                    }
                    moved = moved.max(step.abs() * own.sqrt());
                }
            }
            if moved <= STILL * m.at(node, node).sqrt() {
                return Some(pulls);
            }
        }
        None
    }
}

impl SetCost for Lasso<'_> {
    fn of(&self, node: usize, parents: &[usize]) -> Option<f64> {
        let m = self.moments;
        let parents: Vec<usize> = parents.iter().copied().filter(|&parent| m.at(parent, parent) > 0.0).collect();
        let penalties: Vec<f64> = parents.iter().map(|&i| self.lambda / (m.unit(i) * m.unit(node))).collect();
        let mut weights: Vec<f64> = parents.iter().map(|&i| self.last.borrow()[node][i]).collect();
        let pulls = self.descend(node, &parents, &penalties, &mut weights)?;
        let mut variance = m.at(node, node);
        for ((&i, weight), pull) in parents.iter().zip(&weights).zip(&pulls) {
            // var(y - w'x) = var(y) - w' cov(x, y) - w' cov(x, residual).
            variance -= weight * (m.at(i, node) + pull);
            self.last.borrow_mut()[node][i] = *weight;
        }
        let penalty: f64 = weights.iter().zip(&penalties).map(|(weight, penalty)| penalty * weight.abs()).sum();
        Some(m.square(node) * (0.5 * variance.max(0.0) + penalty))
    }

    fn work(&self, parents: usize) -> f64 {
        10.0 * (parents as f64).powi(2) + 20.0
    }
}

impl NodeCost for Lasso<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        self.of(node, &self.sets.candidates(node, before))
    }

    fn work(&self, before: usize) -> f64 {
        SetCost::work(self, before)
    }
}

/// The mean logistic loss and the l1 term, by coordinate descent on an upper bound: the loss curves by at most a quarter of the squares.
pub(super) struct Logistic<'a> {
    columns: &'a [Vec<f64>],
    /// Mean square of each column.
    squares: Vec<f64>,
    sets: &'a ParentSets,
    lambda: f64,
    budget: Budget,
}

impl<'a> Logistic<'a> {
    pub(super) fn new(problem: &'a DagLearning, sets: &'a ParentSets, allowed: f64) -> Self {
        let columns: &[Vec<f64>] = match problem.sample() {
            Sample::Table { columns } => columns,
            Sample::Covariance { .. } => &[],
        };
        let squares = columns.iter().map(|column| column.iter().map(|x| x * x).sum::<f64>() / column.len() as f64).collect();
        Self { columns, squares, sets, lambda: problem.score().l1(), budget: Budget::new(allowed) }
    }
}

impl SetCost for Logistic<'_> {
    fn of(&self, node: usize, parents: &[usize]) -> Option<f64> {
        let target = self.columns.get(node)?;
        let n = target.len() as f64;
        let parents: Vec<usize> = parents.iter().copied().filter(|&parent| self.squares[parent] > 0.0).collect();
        let mut weights = vec![0.0; parents.len()];
        let mut linear = vec![0.0; target.len()];
        for sweep in 0.. {
            // An exponential counts as ten multiply-adds.
            self.budget.spend(10.0 * n * parents.len() as f64)?;
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

    fn work(&self, parents: usize) -> f64 {
        // A hundred sweeps, an exponential counted as ten multiply-adds.
        1000.0 * parents as f64 * self.columns.first().map_or(0, Vec::len) as f64
    }
}

impl NodeCost for Logistic<'_> {
    fn cost(&self, node: usize, before: &[usize]) -> Option<f64> {
        self.of(node, &self.sets.candidates(node, before))
    }

    fn work(&self, before: usize) -> f64 {
        SetCost::work(self, before)
    }
}

fn sigmoid(m: f64) -> f64 {
    1.0 / (1.0 + (-m).exp())
}
