//! Choosing one node's parents among its candidates.

use crate::moments::{Moments, dot};

/// What a set of parents costs, as a function of the residual variance and the number of parents.
pub(crate) struct Criterion<F: Fn(f64) -> f64> {
    /// The price of a residual variance; increasing.
    pub(crate) fit: F,
    /// The price of one parent.
    pub(crate) per_parent: f64,
    /// The largest number of parents.
    pub(crate) most: usize,
}

/// Parents with the Cholesky rows that regress every candidate on them.
struct Forward<'a> {
    moments: &'a Moments,
    node: usize,
    candidates: &'a [usize],
    chosen: Vec<usize>,
    /// Per candidate (and, last, for the node): its coordinates along the chosen parents.
    rows: Vec<Vec<f64>>,
    /// Per candidate (and the node): variance given the chosen parents.
    variances: Vec<f64>,
}

impl<'a> Forward<'a> {
    fn new(moments: &'a Moments, node: usize, candidates: &'a [usize]) -> Self {
        let all = candidates.iter().chain(std::iter::once(&node));
        Self {
            moments,
            node,
            candidates,
            chosen: Vec::new(),
            rows: vec![Vec::new(); candidates.len() + 1],
            variances: all.map(|&i| moments.regular(i, i)).collect(),
        }
    }

    fn residual(&self) -> f64 {
        self.variances[self.candidates.len()].max(0.0)
    }

    fn covariance(&self, c: usize, other: usize, other_node: usize) -> f64 {
        self.moments.regular(self.candidates[c], other_node) - dot(&self.rows[c], &self.rows[other])
    }

    /// The residual variance if candidate `c` joined.
    fn with(&self, c: usize) -> f64 {
        let last = self.candidates.len();
        let floor = 1e-10 * self.moments.regular(self.candidates[c], self.candidates[c]);
        if self.variances[c] <= floor {
            return self.residual();
        }
        let covariance = self.covariance(c, last, self.node);
        (self.residual() - covariance * covariance / self.variances[c]).max(0.0)
    }

    fn add(&mut self, c: usize) {
        let root = self.variances[c].max(f64::MIN_POSITIVE).sqrt();
        let last = self.candidates.len();
        let news: Vec<f64> = (0..=last)
            .map(|other| {
                let node = self.candidates.get(other).copied().unwrap_or(self.node);
                self.covariance(c, other, node) / root
            })
            .collect();
        for (other, value) in news.into_iter().enumerate() {
            self.rows[other].push(value);
            self.variances[other] -= value * value;
        }
        self.chosen.push(c);
    }
}

/// Grows from `required` by the best candidate while the criterion falls, drops the least useful while it falls, until neither helps.
/// Indices come back increasing.
pub(crate) fn grow_shrink<F: Fn(f64) -> f64>(
    moments: &Moments,
    node: usize,
    candidates: &[usize],
    required: &[usize],
    criterion: &Criterion<F>,
) -> Vec<usize> {
    let mut chosen: Vec<usize> = required.to_vec();
    // Each round lowers the criterion; the bound only guards against rounding.
    for _ in 0..20 {
        let mut forward = Forward::new(moments, node, candidates);
        for (c, candidate) in candidates.iter().enumerate() {
            if chosen.contains(candidate) {
                forward.add(c);
            }
        }
        while forward.chosen.len() < criterion.most {
            let best = (0..candidates.len())
                .filter(|c| !forward.chosen.contains(c))
                .map(|c| (c, forward.with(c)))
                .min_by(|a, b| a.1.total_cmp(&b.1));
            let Some((c, variance)) = best else { break };
            let gain = (criterion.fit)(forward.residual()) - (criterion.fit)(variance) - criterion.per_parent;
            if gain.is_nan() || gain <= 1e-9 * criterion.per_parent.max(1e-9 * (criterion.fit)(forward.residual()).abs()) {
                break;
            }
            forward.add(c);
        }
        chosen = forward.chosen.iter().map(|&c| candidates[c]).collect();
        chosen.sort_unstable();
        let kept = backward(moments, node, &chosen, required, criterion);
        let shrunk = kept.len() < chosen.len();
        chosen = kept;
        if !shrunk {
            break;
        }
    }
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
