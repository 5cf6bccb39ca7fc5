//! Re-insertions of one node: `O(d^2)` for all of them.

use crate::order_change::{Gain, OrderChange};
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::threads::{by_columns, by_rows};

/// Calls `see(from, to, gain)` for every re-insertion of every node.
pub fn all_insertions(factor: &OrderFactor<'_>, mut see: impl FnMut(usize, usize, f64)) {
    let d = factor.variables();
    let variances = factor.residual_variances();
    for p in 0..d {
        left_gains(factor.row(p), factor.square(p), &variances, |to, gain| see(p, to, gain));
    }
    right_gains(factor, &variances, 0..d, &mut see);
}

/// All left targets of the node whose row of `L` this is, in a unit of this square, from the nearest on.
fn left_gains(row: &[f64], own: f64, variances: &[f64], mut see: impl FnMut(usize, f64)) {
    let p = row.len() - 1;
    let mut tail = row[p] * row[p];
    let mut gain = 0.0;
    for k in (0..p).rev() {
        let square = row[k] * row[k];
        tail += square;
        gain += square * (variances[k] / tail - own);
        see(k, 0.5 * gain);
    }
}

/// All right targets of the nodes at these positions: down the columns of `M`, side by side.
fn right_gains(factor: &OrderFactor<'_>, variances: &[f64], of: std::ops::Range<usize>, see: &mut impl FnMut(usize, usize, f64)) {
    let (start, width) = (of.start, of.len());
    let mut head = vec![0.0; width];
    let squares: Vec<f64> = of.clone().map(|p| factor.square(p)).collect();
    let mut gain = vec![0.0; width];
    for (k, &variance) in variances.iter().enumerate().skip(start) {
        let row = factor.inverse_row(k);
        let before = k.min(of.end);
        for (i, &entry) in row[start..before].iter().enumerate() {
            let square = entry * entry;
            let earlier = head[i];
            let after = earlier + square;
            head[i] = after;
            gain[i] += square / earlier * (squares[i] / after - variance);
            see(start + i, k, 0.5 * gain[i]);
        }
        if k < of.end {
            head[k - start] = row[k] * row[k];
        }
    }
}

/// The best left and the best right move of every node that gain more than `least`.
pub(crate) fn best_insertions(factor: &OrderFactor<'_>, precedence: Option<&Precedence>, least: f64) -> Vec<Gain> {
    let d = factor.variables();
    let limits = precedence.map(|precedence| precedence.ranges(factor.order()));
    let range = |p: usize| limits.as_ref().map_or((0, d - 1), |limits| limits[p]);
    let variances = factor.residual_variances();
    let left = by_rows(d, |p| {
        let lowest = range(p).0;
        let mut best = None;
        left_gains(factor.row(p), factor.square(p), &variances, |to, gain| {
            if to >= lowest {
                Gain::improve(&mut best, least, gain, || OrderChange::Insert { from: p, to });
            }
        });
        best
    });
    let right = by_columns(d, |columns| {
        let start = columns.start;
        let highest: Vec<usize> = columns.clone().map(|p| range(p).1).collect();
        let mut best: Vec<(f64, usize)> = columns.clone().map(|p| (least, p)).collect();
        right_gains(factor, &variances, columns, &mut |p, to, gain| {
            let known = &mut best[p - start];
            if gain > known.0 && to <= highest[p - start] {
                *known = (gain, to);
            }
        });
        best
    });
    let right = right.into_iter().flatten().enumerate().filter(|&(p, (_, to))| to != p);
    left.into_iter().flatten().chain(right.map(|(from, (gain, to))| Gain { step: OrderChange::Insert { from, to }, gain })).collect()
}
