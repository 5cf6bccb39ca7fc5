//! Moves under dense least squares, by eliminating one variable after another.
//!
//! After the nodes before position `k` are regressed out, what is left of the covariance holds the variance of every later node given them: a node that is
//! moved to `k` keeps exactly that, and a node that is passed loses what the moved one explains of it. Nothing here uses a factor or its inverse.

use super::super::moments::{Moments, SINGULAR, inverse};
use super::moves::{Before, Best, Found};

/// Half the sum of the residual variances of `order`; `None` when a pivot is lost to rounding, or it takes more than `allowed` multiply-adds.
pub(super) fn order_score(moments: &Moments, order: &[usize], allowed: f64) -> Option<f64> {
    if (moments.variables() as f64).powi(3) > allowed {
        return None;
    }
    let mut left = Elimination::new(moments.permuted(order));
    let scale: Vec<f64> = order.iter().map(|&node| moments.at(node, node)).collect();
    let mut sum = 0.0;
    for (k, own) in scale.iter().enumerate() {
        let pivot = left.at(k, k);
        if pivot.is_nan() || pivot <= SINGULAR * own {
            return None;
        }
        sum += pivot * moments.square(order[k]);
        left.eliminate(k);
    }
    Some(0.5 * sum)
}

/// The best re-insertion and the best exchange. Exchanges eliminate once more per node: `d^4 / 12` multiply-adds, no more than `allowed`.
pub(super) fn moves(moments: &Moments, order: &[usize], before: &Before, allowed: f64) -> [Found; 2] {
    let d = order.len();
    let left = Leftwards::new(moments, order);
    let mut insertion = Best::default();
    for p in 0..d {
        let mut gain = 0.0;
        for k in (before.lowest(p)..p).rev() {
            gain += left.explained[k * d + p];
            insertion.see(0.5 * (gain - (left.alone[k * d + p] - left.variances[p])), order[p], order[k]);
        }
    }
    if (d as f64).powi(4) / 12.0 > allowed {
        let found = if rightwards(moments, order, before, &left, &mut insertion) {
            Found::All(insertion)
        } else {
            Found::Nothing("the inverse of the covariance does not come out accurately enough to tell".into())
        };
        return [found, Found::Nothing(format!("not decided for {d} variables"))];
    }
    let mut swap = Best::default();
    let mut eliminated = Elimination::new(moments.permuted(order));
    for p in 0..d {
        without(p, eliminated.clone(), &left, order, before, (&mut insertion, &mut swap));
        eliminated.eliminate(p);
    }
    [Found::All(insertion), Found::All(swap)]
}

/// What one elimination from the front tells, in the data's own units.
pub(super) struct Leftwards {
    /// The square of the unit of the node at each position.
    squares: Vec<f64>,
    /// The residual variance of the node at each position.
    variances: Vec<f64>,
    /// `[k * d + j]`: what the node at `j` explains of the node at `k`, given the nodes before `k`.
    explained: Vec<f64>,
    /// `[k * d + j]`: the variance of the node at `j` given the nodes before `k`.
    alone: Vec<f64>,
}

impl Leftwards {
    pub(super) fn new(moments: &Moments, order: &[usize]) -> Self {
        let d = order.len();
        let mut left = Elimination::new(moments.permuted(order));
        let squares: Vec<f64> = order.iter().map(|&node| moments.square(node)).collect();
        let mut found = Self { squares, variances: vec![0.0; d], explained: vec![0.0; d * d], alone: vec![0.0; d * d] };
        for k in 0..d {
            found.variances[k] = left.at(k, k) * found.squares[k];
            for j in k..d {
                found.explained[k * d + j] = left.at(k, j).powi(2) / left.at(j, j) * found.squares[k];
                found.alone[k * d + j] = left.at(j, j) * found.squares[j];
            }
            left.eliminate(k);
        }
        found
    }
}

/// Moves of the node at `p` to the right and its exchanges with later nodes: `eliminated` has the nodes before `p` regressed out, and `p` stays behind
/// as one more row while the later ones go.
pub(super) fn without(
    p: usize,
    mut eliminated: Elimination,
    left: &Leftwards,
    order: &[usize],
    before: &Before,
    best: (&mut Best, &mut Best),
) {
    let d = order.len();
    let (insertion, swap) = best;
    let highest = before.highest(p);
    let (variances, squares) = (&left.variances, &left.squares);
    let mut passed = 0.0;
    // By `q`: what the nodes between `p` and `q` lose when `p` goes and `q` comes before them.
    let mut middle = vec![0.0; d];
    for k in p + 1..=highest {
        let alone = eliminated.at(k, k);
        let moved = (eliminated.at(p, p) - eliminated.at(p, k).powi(2) / alone) * squares[p];
        if before.lowest(k) <= p {
            let gain = variances[p] - left.alone[p * d + k] + middle[k] + variances[k] - moved;
            swap.see(0.5 * gain, order[p], order[k]);
        }
        passed += variances[k] - alone * squares[k];
        insertion.see(0.5 * (passed + variances[p] - moved), order[p], order[k]);
        for (q, sum) in middle.iter_mut().enumerate().skip(k + 1) {
            *sum += variances[k] - (alone - eliminated.at(k, q).powi(2) / eliminated.at(q, q)) * squares[k];
        }
        eliminated.eliminate_keeping(k, p);
    }
}

/// Moves to the right from the precision: regressing its last variables out leaves the precision of the first ones, where a two by two block holds the
/// variance of a node given all others but one. False where rounding leaves nothing to rely on.
pub(super) fn rightwards(moments: &Moments, order: &[usize], before: &Before, left: &Leftwards, insertion: &mut Best) -> bool {
    let d = order.len();
    let backwards: Vec<usize> = order.iter().rev().copied().collect();
    let Some(precision) = inverse(moments.permuted(&backwards)) else { return false };
    let mut right = Elimination::new(precision);
    let slack = 1e-11 * left.variances.iter().sum::<f64>();
    // `[k * d + j]`: variance of the node at `k` given all up to it but `j`, and of the node at `j` given all others up to `k`.
    let (mut alone, mut moved) = (vec![0.0; d * d], vec![0.0; d * d]);
    for k in (0..d).rev() {
        let r = d - 1 - k;
        let own = right.at(r, r);
        let difference = (left.squares[k] / own - left.variances[k]).abs();
        if difference.is_nan() || difference > slack {
            return false;
        }
        for j in 0..k {
            let (other, cross) = (right.at(d - 1 - j, d - 1 - j), right.at(r, d - 1 - j));
            alone[k * d + j] = other / (own * other - cross * cross) * left.squares[k];
            moved[k * d + j] = left.squares[j] / other;
        }
        right.eliminate(r);
    }
    for p in 0..d {
        let mut passed = 0.0;
        for k in p + 1..=before.highest(p) {
            passed += left.variances[k] - alone[k * d + p];
            insertion.see(0.5 * (passed + left.variances[p] - moved[k * d + p]), order[p], order[k]);
        }
    }
    true
}

/// A covariance from which variables are regressed out in place; only what comes after them means anything.
#[derive(Clone)]
pub(super) struct Elimination {
    d: usize,
    entries: Vec<f64>,
}

impl Elimination {
    pub(super) fn new(entries: Vec<f64>) -> Self {
        Self { d: entries.len().isqrt(), entries }
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.entries[i * self.d + j]
    }

    /// Regresses the variable at `k` out of all later ones.
    pub(super) fn eliminate(&mut self, k: usize) {
        let d = self.d;
        let (head, tail) = self.entries.split_at_mut((k + 1) * d);
        let row = &head[k * d..];
        for later in tail.chunks_exact_mut(d) {
            subtract(&mut later[k..], &row[k..]);
        }
    }

    /// The same, and out of the one earlier variable `kept`.
    fn eliminate_keeping(&mut self, k: usize, kept: usize) {
        let d = self.d;
        let factor = self.at(kept, k) / self.at(k, k);
        self.entries[kept * d + kept] -= factor * self.at(kept, k);
        let (head, tail) = self.entries.split_at_mut(k * d);
        for (entry, other) in head[kept * d + k + 1..(kept + 1) * d].iter_mut().zip(&tail[k + 1..d]) {
            *entry -= factor * other;
        }
        self.eliminate(k);
    }
}

/// Takes the pivot row out of another, both from the pivot's column on.
fn subtract(row: &mut [f64], pivot: &[f64]) {
    let factor = row[0] / pivot[0];
    for (entry, other) in row.iter_mut().zip(pivot).skip(1) {
        *entry -= factor * other;
    }
}
