//! The score of a weighted graph.

use fathom_opt_problems::dag_learning::{DagLearning, Edge, Sample, ScoreKind};

use crate::local_score::PERFECT;
use crate::moments::{Moments, centred};
use crate::number::{Number as _, Twofold};
use crate::numbering::Numbering;
use crate::products::dot;

/// The problem's score of the graph with these weights: from the moments, or from the data where those lose too many digits.
pub(crate) fn evaluate(problem: &DagLearning, moments: &Moments, numbering: Option<&Numbering>, edges: &[Edge]) -> f64 {
    let (n, d) = (moments.observations(), moments.variables());
    let score = problem.score();
    let mut parents: Vec<Vec<(usize, f64)>> = vec![Vec::new(); d];
    for &(from, to, weight) in edges {
        parents[to].push((from, weight));
    }
    let l1: f64 = score.l1() * edges.iter().map(|edge| edge.2.abs()).sum::<f64>();
    let per_edge = score.per_edge(n, d) * edges.len() as f64;
    if let (ScoreKind::Logistic, Sample::Table { columns }) = (score.kind(), problem.sample()) {
        return l1 + (0..d).map(|node| logistic_loss(columns, node, &parents[node])).sum::<f64>();
    }
    let variable = |node: usize| numbering.map_or(node, |numbering| numbering.variables()[node]);
    let mut variances: Vec<f64> = match problem.sample() {
        Sample::Table { columns } if !moments.is_reliable() => residual_variances(columns, numbering, &parents),
        _ => (0..d).map(|node| moments.residual_variance(node, &parents[node])).collect(),
    };
    if let Sample::Table { columns } = problem.sample() {
        for (node, variance) in variances.iter_mut().enumerate() {
            let size: f64 = parents[node].iter().map(|&(parent, weight)| (weight * moments.unit(parent) / moments.unit(node)).abs()).sum();
            if size > CANCELLING {
                let column = |node: usize| columns[variable(node)].as_slice();
                let parents: Vec<(f64, &[f64])> = parents[node].iter().map(|&(parent, weight)| (weight, column(parent))).collect();
                *variance = precise_residual_variance(column(node), &parents, moments.unit(node)) * moments.square(node);
            }
        }
    }
    let sum: f64 = variances.iter().sum();
    let total: f64 = (0..d).map(|j| moments.covariance(j, j)).sum();
    match score.kind() {
        ScoreKind::EvEbic => (n * d) as f64 * (sum.max(PERFECT * total) / d as f64).ln() + per_edge,
        ScoreKind::NvBic => {
            let log = |(node, &variance): (usize, &f64)| {
                let own = moments.covariance(node, node);
                if own > 0.0 { variance.max(PERFECT * own).ln() } else { 0.0 }
            };
            n as f64 * variances.iter().enumerate().map(log).sum::<f64>() + per_edge
        }
        ScoreKind::Ev | ScoreKind::L1 | ScoreKind::Logistic => 0.5 * sum + l1,
    }
}

/// Weights that add up to more than this, in the variables' units, cancel digits of products of them that covariances do not have.
const CANCELLING: f64 = 1e3;

/// The mean squared residual, in this unit: observation by observation, with twice the digits.
fn precise_residual_variance(own: &[f64], parents: &[(f64, &[f64])], unit: f64) -> f64 {
    let entry = |r: usize| {
        let term = |(weight, column): &(f64, &[f64])| Twofold::product_of(-weight, column[r] / unit);
        parents.iter().map(term).fold(Twofold::new(own[r] / unit), |sum, term| sum + term)
    };
    let entries: Vec<Twofold> = (0..own.len()).map(entry).collect();
    let count = own.len() as f64;
    let mean = entries.iter().copied().sum::<Twofold>() / Twofold::new(count);
    entries.iter().map(|&entry| (entry - mean).value().powi(2)).sum::<f64>() / count
}

/// The mean squared residual of every node, observation by observation.
fn residual_variances(columns: &[Vec<f64>], numbering: Option<&Numbering>, parents: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let columns: Vec<Vec<f64>> = columns.iter().map(|column| centred(column)).collect();
    let column = |node: usize| &columns[numbering.map_or(node, |numbering| numbering.variables()[node])];
    parents
        .iter()
        .enumerate()
        .map(|(node, parents)| {
            let mut residual = column(node).clone();
            for &(parent, weight) in parents {
                for (value, entry) in residual.iter_mut().zip(column(parent)) {
                    *value -= weight * entry;
                }
            }
            dot(&residual, &residual) / residual.len() as f64
        })
        .collect()
}

fn logistic_loss(columns: &[Vec<f64>], node: usize, parents: &[(usize, f64)]) -> f64 {
    let target = &columns[node];
    let mut mixed = vec![0.0; target.len()];
    for &(parent, weight) in parents {
        for (m, x) in mixed.iter_mut().zip(&columns[parent]) {
            *m += weight * x;
        }
    }
    let loss: f64 = mixed.iter().zip(target).map(|(&m, &x)| m.max(0.0) + (-m.abs()).exp().ln_1p() - x * m).sum();
    loss / target.len() as f64
}
