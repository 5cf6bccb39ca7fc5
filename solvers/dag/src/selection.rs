//! Choosing one node's parents among its candidates.

use crate::family::{Criterion, Family};
use crate::moments::{Moments, dot};

/// Grows from `required` by the best candidate while the criterion falls, drops the least useful while it falls, until neither helps.
/// Indices come back increasing.
pub(crate) fn grow_shrink<F: Fn(f64) -> f64>(
    moments: &Moments,
    node: usize,
    candidates: &[usize],
    required: &[usize],
    criterion: &Criterion<F>,
) -> Vec<usize> {
    let mut family = Family::new(moments, node);
    for &parent in required {
        family.add(moments, parent);
    }
    family.improve(moments, &candidates.iter().copied(), required, criterion);
    let mut chosen = family.parents().to_vec();
    chosen.sort_unstable();
    chosen
}

/// Drops the least useful parent while the criterion falls: one inverse, then `O(k^2)` per parent dropped.
pub(crate) fn backward<F: Fn(f64) -> f64>(
    moments: &Moments,
    node: usize,
    parents: &[usize],
    required: &[usize],
    criterion: &Criterion<F>,
) -> Vec<usize> {
    let k = parents.len();
    let mut inverse = invert(moments, parents);
    let mut weights: Vec<f64> = (0..k).map(|a| (0..k).map(|b| inverse[a * k + b] * moments.regular(parents[b], node)).sum()).collect();
    let mut variance = moments.regular(node, node) - (0..k).map(|a| weights[a] * moments.regular(parents[a], node)).sum::<f64>();
    let mut alive: Vec<usize> = (0..k).collect();
    loop {
        let increase = |a: usize| weights[a] * weights[a] / inverse[a * k + a];
        let weakest =
            alive.iter().copied().filter(|&a| !required.contains(&parents[a])).min_by(|&a, &b| increase(a).total_cmp(&increase(b)));
        let Some(a) = weakest else { break };
        let without = variance.max(0.0) + increase(a).max(0.0);
        if alive.len() <= criterion.most && (criterion.fit)(without) - (criterion.fit)(variance.max(0.0)) >= criterion.per_parent {
            break;
        }
        variance = without;
        alive.retain(|&b| b != a);
        let pivot = inverse[a * k + a];
        let row: Vec<f64> = inverse[a * k..(a + 1) * k].to_vec();
        let own = weights[a];
        for &b in &alive {
            let factor = row[b] / pivot;
            weights[b] -= factor * own;
            for &c in &alive {
                inverse[b * k + c] -= factor * row[c];
            }
        }
    }
    alive.into_iter().map(|a| parents[a]).collect()
}

/// The least-squares weights of `node` on `parents`.
pub(crate) fn regress(moments: &Moments, node: usize, parents: &[usize]) -> Vec<f64> {
    let k = parents.len();
    let l = factor(moments, parents);
    let mut weights: Vec<f64> = parents.iter().map(|&i| moments.regular(i, node)).collect();
    for i in 0..k {
        let sum = dot(&l[i * k..i * k + i], &weights[..i]);
        weights[i] = (weights[i] - sum) / l[i * k + i];
    }
    for i in (0..k).rev() {
        let sum: f64 = (i + 1..k).map(|j| l[j * k + i] * weights[j]).sum();
        weights[i] = (weights[i] - sum) / l[i * k + i];
    }
    weights
}

/// The variance of `node` given `parents`.
pub(crate) fn conditional_variance(moments: &Moments, node: usize, parents: &[usize]) -> f64 {
    let k = parents.len();
    let l = factor(moments, parents);
    let mut row: Vec<f64> = parents.iter().map(|&i| moments.regular(i, node)).collect();
    for i in 0..k {
        let sum = dot(&l[i * k..i * k + i], &row[..i]);
        row[i] = (row[i] - sum) / l[i * k + i];
    }
    (moments.regular(node, node) - dot(&row, &row)).max(0.0)
}

fn factor(moments: &Moments, nodes: &[usize]) -> Vec<f64> {
    let k = nodes.len();
    let mut l = vec![0.0; k * k];
    for i in 0..k {
        let (head, tail) = l.split_at_mut(i * k);
        for j in 0..i {
            let other = &head[j * k..=j * k + j];
            tail[j] = (moments.regular(nodes[i], nodes[j]) - dot(&tail[..j], &other[..j])) / other[j];
        }
        let own = moments.regular(nodes[i], nodes[i]);
        tail[i] = (own - dot(&tail[..i], &tail[..i])).max(1e-14 * own).max(f64::MIN_POSITIVE).sqrt();
    }
    l
}

fn invert(moments: &Moments, nodes: &[usize]) -> Vec<f64> {
    let k = nodes.len();
    let l = factor(moments, nodes);
    let mut m = vec![0.0; k * k];
    let mut row = vec![0.0; k];
    for i in 0..k {
        row[..i].fill(0.0);
        for j in 0..i {
            let factor = l[i * k + j];
            for (entry, other) in row[..=j].iter_mut().zip(&m[j * k..=j * k + j]) {
                *entry -= factor * other;
            }
        }
        let scale = l[i * k + i].recip();
        for (entry, sum) in m[i * k..i * k + i].iter_mut().zip(&row) {
            *entry = sum * scale;
        }
        m[i * k + i] = scale;
    }
    let mut inverse = vec![0.0; k * k];
    for r in 0..k {
        let row = &m[r * k..=r * k + r];
        for (i, &a) in row.iter().enumerate() {
            for (entry, &b) in inverse[i * k..].iter_mut().zip(row) {
                *entry += a * b;
            }
        }
    }
    inverse
}
