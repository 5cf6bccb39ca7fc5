//! What to know about the data before trusting a graph.

use super::{DagLearning, Sample, ScoreKind};

/// A residual variance below this share of the variance is a perfect fit, up to rounding.
pub(super) const PERFECT: f64 = 1e-12;

/// Variances that differ by less than this share are those of standardised columns.
const STANDARDISED: f64 = 0.01;

/// Pairs of columns are compared up to this many variables.
const COMPARED: usize = 1000;

pub(super) fn warnings(problem: &DagLearning) -> Vec<String> {
    let mut warnings = Vec::new();
    let variances = problem.sample.variances();
    let (n, d) = (problem.sample.observations(), problem.variables());
    let constant: Vec<usize> = (0..d).filter(|&j| variances[j] == 0.0).collect();
    if !constant.is_empty() {
        warnings.push(format!("{} constant: nothing can be learned about {}", columns(problem, &constant), pronoun(&constant)));
    }
    let copies = duplicates(problem, &variances);
    if !copies.is_empty() {
        let pairs: Vec<String> =
            copies.iter().take(3).map(|&(a, b)| format!("`{}` and `{}`", problem.names[a], problem.names[b])).collect();
        warnings.push(format!(
            "columns hold the same information ({}{}): directions between them are arbitrary",
            pairs.join(", "),
            more(copies.len(), 3)
        ));
    }
    let kind = problem.score.kind();
    let compares_scales = matches!(kind, ScoreKind::Ev | ScoreKind::EvEbic | ScoreKind::L1);
    let (smallest, largest) = variances
        .iter()
        .filter(|&&variance| variance > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &variance| (low.min(variance), high.max(variance)));
    if compares_scales && d > 1 && largest > 0.0 && largest <= smallest * (1.0 + STANDARDISED) {
        warnings.push(format!(
            "the columns look standardised (all variances equal), but the score `{}` finds directions by comparing variances (varsortability): \
             its best graph is not to be trusted here; use the score `nv-bic`, which does not depend on the scale, or the data in their own units",
            kind.name()
        ));
    }
    if n <= d && kind != ScoreKind::Logistic {
        warnings.push(format!(
            "{n} observations of {d} variables: least squares fit perfectly with enough parents, so orders differ by little but noise"
        ));
    }
    warnings
}

fn columns(problem: &DagLearning, which: &[usize]) -> String {
    let names: Vec<String> = which.iter().take(5).map(|&j| format!("`{}`", problem.names[j])).collect();
    let noun = if which.len() == 1 { "the column" } else { "the columns" };
    let verb = if which.len() == 1 { "is" } else { "are" };
    format!("{noun} {}{} {verb}", names.join(", "), more(which.len(), 5))
}

fn pronoun(which: &[usize]) -> &'static str {
    if which.len() == 1 { "it" } else { "them" }
}

fn more(count: usize, shown: usize) -> String {
    if count > shown { format!(" and {} more", count - shown) } else { String::new() }
}

/// Pairs of columns whose correlation is 1 or -1.
fn duplicates(problem: &DagLearning, variances: &[f64]) -> Vec<(usize, usize)> {
    let d = problem.variables();
    if d > COMPARED {
        return Vec::new();
    }
    match &problem.sample {
        Sample::Covariance { matrix, .. } => pairs(d, |a, b| {
            let product = variances[a] * variances[b];
            product > 0.0 && matrix[a * d + b].powi(2) >= product * (1.0 - PERFECT)
        }),
        Sample::Table { columns } => {
            // One pass over few rows first: unrelated columns part there, and only the rest is compared in full.
            let standard: Vec<(f64, f64)> =
                columns.iter().zip(variances).map(|(column, &variance)| (super::sample::mean(column), variance.sqrt())).collect();
            let scaled = |j: usize, r: usize| (columns[j][r] - standard[j].0) / standard[j].1;
            let n = problem.sample.observations();
            if n < 3 {
                return Vec::new();
            }
            pairs(d, |a, b| {
                if variances[a] == 0.0 || variances[b] == 0.0 {
                    return false;
                }
                let sign = if scaled(a, 0) * scaled(b, 0) >= 0.0 { 1.0 } else { -1.0 };
                (0..n).all(|r| (scaled(a, r) - sign * scaled(b, r)).abs() <= 1e-9)
            })
        }
    }
}

fn pairs(d: usize, same: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for a in 0..d {
        for b in a + 1..d {
            if same(a, b) {
                found.push((a, b));
            }
        }
    }
    found
}
