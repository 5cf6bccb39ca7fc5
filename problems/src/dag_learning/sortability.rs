//! How well a trivial sorting of the variables would find the directions of a graph.

use super::certificate::permuted_covariance;
use super::{DagLearning, Edge};
use crate::verdict::{Measure, Verdict};

/// Work (multiply-adds, steps along walks) beyond which the measures are left out.
const WORK: usize = 100_000_000;

/// Share of the directed paths of `edges` (a DAG) along which `criterion` increases; ties count half.
/// Paths of every length count once per pair of ends and length, as in Reisach, Seiler, Weichwald (2021). `None` without an edge.
fn sortability(criterion: &[f64], edges: &[Edge]) -> Option<f64> {
    let d = criterion.len();
    let mut children = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        children[from].push(to);
    }
    let (mut rising, mut all) = (0.0, 0.0);
    // reach[i]: nodes that a walk of the current length from i reaches.
    let mut reach: Vec<Vec<bool>> = (0..d).map(|i| (0..d).map(|j| children[i].contains(&j)).collect()).collect();
    for _ in 0..d {
        let mut any = false;
        for i in 0..d {
            for j in (0..d).filter(|&j| reach[i][j]) {
                any = true;
                all += 1.0;
                let (a, b) = (criterion[i], criterion[j]);
                let tie = (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
                rising += if tie { 0.5 } else { f64::from(u8::from(b > a)) };
            }
        }
        if !any {
            break;
        }
        reach = reach
            .iter()
            .map(|row| {
                let mut next = vec![false; d];
                for j in (0..d).filter(|&j| row[j]) {
                    for &child in &children[j] {
                        next[child] = true;
                    }
                }
                next
            })
            .collect();
    }
    (all > 0.0).then_some(rising / all)
}

/// Share of the directed paths of `edges` along which the marginal variance increases (Reisach, Seiler, Weichwald 2021): 1 means that sorting by variance
/// finds every direction. `None` without an edge.
pub fn varsortability(variances: &[f64], edges: &[Edge]) -> Option<f64> {
    sortability(variances, edges)
}

/// The same with `R^2`, the share of a variable's variance that all others explain (Reisach et al. 2023); it survives rescaling.
/// `None` without an edge or when the covariance (`d x d`, row by row) is singular.
pub fn r2_sortability(covariance: &[f64], edges: &[Edge]) -> Option<f64> {
    let r2: Vec<f64> = correlation_inverse_diagonal(covariance)?.iter().map(|inverse| 1.0 - 1.0 / inverse).collect();
    sortability(&r2, edges)
}

/// The diagonal of the inverse correlation matrix (variance inflation factors), by Gauss-Jordan elimination; `None` for a singular matrix.
fn correlation_inverse_diagonal(covariance: &[f64]) -> Option<Vec<f64>> {
    let d = covariance.len().isqrt();
    let deviations: Vec<f64> = (0..d).map(|j| covariance[j * d + j].sqrt()).collect();
    let mut a: Vec<f64> = (0..d * d).map(|k| covariance[k] / (deviations[k / d] * deviations[k % d])).collect();
    for k in 0..d {
        // Sweeping in place: each pivot becomes its inverse.
        let pivot = a[k * d + k];
        if pivot.is_nan() || pivot <= 1e-10 {
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
    Some((0..d).map(|j| a[j * d + j]).collect())
}

/// The sortabilities of the solution's graph, and of the true graph where it is known.
pub(super) fn measures(problem: &DagLearning, edges: &[Edge], verdict: &mut Verdict) {
    let (n, d) = (problem.sample.observations(), problem.variables());
    let variances = problem.sample.variances();
    let identity: Vec<usize> = (0..d).collect();
    let affordable = n.saturating_mul(d).saturating_mul(d) <= WORK && d.saturating_mul(d).saturating_mul(d) <= WORK;
    let covariance = affordable.then(|| permuted_covariance(problem, &identity));
    for (whose, edges) in [("", Some(edges)), (" of the truth", problem.truth())] {
        let Some(edges) = edges.filter(|edges| edges.len().saturating_mul(d).saturating_mul(d) <= WORK) else { continue };
        let figures = [
            ("varsortability", varsortability(&variances, edges)),
            ("R2-sortability", covariance.as_deref().and_then(|covariance| r2_sortability(covariance, edges))),
        ];
        for (name, value) in figures {
            if let Some(value) = value {
                verdict.measures.push(Measure { name: format!("{name}{whose}"), value });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variances_that_rise_along_every_path_are_fully_sortable() {
        let chain = [(0, 1, 1.0), (1, 2, 1.0)];
        assert_eq!(varsortability(&[1.0, 2.0, 3.0], &chain), Some(1.0));
        assert_eq!(varsortability(&[3.0, 2.0, 1.0], &chain), Some(0.0));
        assert_eq!(varsortability(&[1.0, 1.0, 1.0], &chain), Some(0.5));
        // Paths: 0-1 rises, 1-2 falls, 0-2 rises.
        assert_eq!(varsortability(&[1.0, 3.0, 2.0], &chain), Some(2.0 / 3.0));
        assert_eq!(varsortability(&[1.0], &[]), None);
    }

    #[test]
    fn r2_does_not_depend_on_the_scale() {
        // x2 = x0 + x1 + noise: the common child is the best explained.
        let covariance = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 3.0];
        let scaled: Vec<f64> = (0..9).map(|k| covariance[k] * [1.0, 10.0, 0.1][k / 3] * [1.0, 10.0, 0.1][k % 3]).collect();
        let edges = [(0, 2, 1.0), (1, 2, 1.0)];
        assert_eq!(r2_sortability(&covariance, &edges), Some(1.0));
        assert_eq!(r2_sortability(&scaled, &edges), Some(1.0));
        assert_eq!(r2_sortability(&[1.0, 1.0, 1.0, 1.0], &[(0, 1, 1.0)]), None);
        let inverse = correlation_inverse_diagonal(&covariance).unwrap();
        assert!(inverse.iter().zip([2.0, 2.0, 3.0]).all(|(found, expected)| (found - expected).abs() < 1e-12), "{inverse:?}");
    }
}
