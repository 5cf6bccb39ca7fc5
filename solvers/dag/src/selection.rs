//! Choosing one node's parents among its candidates.

use crate::family::{Criterion, Family};
use crate::gram::Gram;
use crate::number::Number;

/// Grows from `required` by the best candidate while the criterion falls, drops the least useful while it falls, until neither helps.
/// Indices come back increasing.
pub(crate) fn grow_shrink<N: Number, F: Fn(f64) -> f64>(
    gram: Gram<'_, N>,
    node: usize,
    candidates: &[usize],
    required: &[usize],
    criterion: &Criterion<F>,
) -> Vec<usize> {
    let mut family = Family::new(gram, node);
    for &parent in required {
        family.add(gram, parent);
    }
    family.improve(gram, &candidates.iter().copied(), required, criterion);
    let mut chosen = family.parents().to_vec();
    chosen.sort_unstable();
    chosen
}

/// Drops the least useful parent while the criterion falls: one inverse, then `O(k^2)` per parent dropped.
pub(crate) fn backward<F: Fn(f64) -> f64>(
    gram: Gram<'_, f64>,
    node: usize,
    parents: &[usize],
    required: &[usize],
    criterion: &Criterion<F>,
) -> Vec<usize> {
    let k = parents.len();
    let mut inverse = invert(gram, parents);
    let mut weights: Vec<f64> = (0..k).map(|a| (0..k).map(|b| inverse[a * k + b] * gram.at(parents[b], node)).sum()).collect();
    let mut variance = gram.at(node, node) - (0..k).map(|a| weights[a] * gram.at(parents[a], node)).sum::<f64>();
    let mut alive: Vec<usize> = (0..k).collect();
    loop {
        // A parent that earlier ones explain has no part in the inverse, and costs nothing to leave out.
        let increase = |a: usize| if inverse[a * k + a] == 0.0 { 0.0 } else { weights[a] * weights[a] / inverse[a * k + a] };
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
        if pivot == 0.0 {
            continue;
        }
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

/// The least-squares weights of `node` on `parents`, in the variables' units; 0 for a parent that earlier ones explain.
pub(crate) fn regress<N: Number>(gram: Gram<'_, N>, node: usize, parents: &[usize]) -> Vec<f64> {
    let k = parents.len();
    let l = factor(gram, parents);
    let mut weights: Vec<N> = parents.iter().map(|&i| gram.at(i, node)).collect();
    for i in 0..k {
        weights[i] = solved(weights[i], inner(&l[i * k..i * k + i], &weights[..i]), l[i * k + i]);
    }
    for i in (0..k).rev() {
        let sum: N = (i + 1..k).map(|j| l[j * k + i] * weights[j]).sum();
        weights[i] = solved(weights[i], sum, l[i * k + i]);
    }
    weights.into_iter().map(Number::value).collect()
}

/// The variance of `node` given `parents`, in its unit.
pub(crate) fn conditional_variance<N: Number>(gram: Gram<'_, N>, node: usize, parents: &[usize]) -> f64 {
    let k = parents.len();
    let l = factor(gram, parents);
    let mut row: Vec<N> = parents.iter().map(|&i| gram.at(i, node)).collect();
    for i in 0..k {
        row[i] = solved(row[i], inner(&l[i * k..i * k + i], &row[..i]), l[i * k + i]);
    }
    (gram.at(node, node) - inner(&row, &row)).value().max(0.0)
}

/// `(value - known) / pivot`, or 0 where the pivot says that there is nothing new.
fn solved<N: Number>(value: N, known: N, pivot: N) -> N {
    if pivot.value() == 0.0 { N::ZERO } else { (value - known) / pivot }
}

/// The inner product, in eight sums side by side so that the compiler can use vector instructions.
fn inner<N: Number>(a: &[N], b: &[N]) -> N {
    let mut sums = [N::ZERO; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: N = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(&x, &y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for k in 0..8 {
            sums[k] = sums[k] + x[k] * y[k];
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// The Cholesky factor of the nodes' covariance, row by row; a node that earlier ones explain has a pivot of 0.
fn factor<N: Number>(gram: Gram<'_, N>, nodes: &[usize]) -> Vec<N> {
    let k = nodes.len();
    let mut l = vec![N::ZERO; k * k];
    for i in 0..k {
        let (head, tail) = l.split_at_mut(i * k);
        for j in 0..i {
            let other = &head[j * k..=j * k + j];
            tail[j] = solved(gram.at(nodes[i], nodes[j]), inner(&tail[..j], &other[..j]), other[j]);
        }
        let own = gram.at(nodes[i], nodes[i]);
        let left = own - inner(&tail[..i], &tail[..i]);
        tail[i] = if gram.is_explained(nodes[i], left) { N::ZERO } else { left.sqrt() };
    }
    l
}

fn invert(gram: Gram<'_, f64>, nodes: &[usize]) -> Vec<f64> {
    let k = nodes.len();
    let l = factor(gram, nodes);
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
        // A node that earlier ones explain takes no part: its row is left out.
        let scale = if l[i * k + i] == 0.0 { 0.0 } else { l[i * k + i].recip() };
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
