//! How well a trivial sorting of the variables would find the directions of a graph.

use fixedbitset::FixedBitSet;

use super::instance::DagLearning;
use super::moments::inverse;
use super::solution::Edge;
use crate::verdict::Measure;

/// Steps beyond which a measure is left out.
const WORK: usize = 2_000_000_000;

/// Share of the directed paths of `edges` (a DAG) along which `criterion` increases; ties count half.
/// Paths of every length count once per pair of ends and length, as in Reisach, Seiler, Weichwald (2021). `None` without an edge, and where counting
/// would take too long.
fn sortability(criterion: &[f64], edges: &[Edge]) -> Option<f64> {
    let d = criterion.len();
    let mut children = vec![Vec::new(); d];
    for &(from, to, _) in edges {
        children[from].push(to);
    }
    let (mut rising, mut all) = (0.0, 0.0);
    // reach[i]: nodes that a walk of the current length from i reaches.
    let mut reach: Vec<FixedBitSet> = vec![FixedBitSet::with_capacity(d); d];
    for (row, children) in reach.iter_mut().zip(&children) {
        row.extend(children.iter().copied());
    }
    let mut work = 0;
    for _ in 0..d {
        let before = all;
        for (i, row) in reach.iter().enumerate() {
            for j in row.ones() {
                all += 1.0;
                let (a, b) = (criterion[i], criterion[j]);
                let tie = (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
                rising += if tie { 0.5 } else { f64::from(u8::from(b > a)) };
            }
        }
        if all == before {
            break;
        }
        work += edges.len() * (d / 64 + 1) + d * d;
        if work > WORK {
            return None;
        }
        // One step to a child, then a walk of the current length.
        reach = children
            .iter()
            .map(|children| {
                let mut next = FixedBitSet::with_capacity(d);
                for &child in children {
                    next.union_with(&reach[child]);
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

/// The diagonal of the inverse correlation matrix (variance inflation factors); `None` for a singular matrix.
fn correlation_inverse_diagonal(covariance: &[f64]) -> Option<Vec<f64>> {
    let d = covariance.len().isqrt();
    let deviations: Vec<f64> = (0..d).map(|j| covariance[j * d + j].sqrt()).collect();
    let correlation = (0..d * d).map(|k| covariance[k] / (deviations[k / d] * deviations[k % d])).collect();
    let inverse = inverse(correlation)?;
    Some((0..d).map(|j| inverse[j * d + j]).collect())
}

/// The sortabilities of a graph over the problem's variables, called after `whose` graph it is. `unexplained` is the share of every variable's variance
/// that all others leave, where it is known.
pub(super) fn measures(problem: &DagLearning, edges: &[Edge], whose: &str, unexplained: Option<&[f64]>) -> Vec<Measure> {
    let r2 = |shares: &[f64]| sortability(&shares.iter().map(|share| 1.0 - share).collect::<Vec<_>>(), edges);
    let figures = [("varsortability", varsortability(&problem.sample().variances(), edges)), ("R2-sortability", unexplained.and_then(r2))];
    let measure = |(name, value): (&str, Option<f64>)| Some(Measure { name: format!("{name}{whose}"), value: value? });
    figures.into_iter().filter_map(measure).collect()
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
