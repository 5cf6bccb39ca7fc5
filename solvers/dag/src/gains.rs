//! What every move of a node would gain, in closed form from the Cholesky factor and its inverse.
//!
//! With tail sums `T[p,k] = sum_{m=k..p} L_pm^2` (variance of the node at `p` given the first `k - 1`) and head sums
//! `S[k,p] = sum_{m=p..k} M_mp^2` (precision of the node at `p` given all others up to `k`), a re-insertion changes the residual variances as follows:
//!
//! ```text
//! p to the left, to q:   moved node T[p,q];   passed node k:  D_k T[p,k+1] / T[p,k]
//! p to the right, to q:  moved node 1/S[q,p]; passed node k:  D_k S[k,p] / S[k-1,p]
//! ```
//!
//! so one running sum per node gives all its targets. Gains are in units of the score (half the sum of the variances).

use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;

/// One move of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insertion {
    /// Position of the node.
    pub from: usize,
    /// Its position afterwards.
    pub to: usize,
    /// By how much the score falls.
    pub gain: f64,
}

impl Insertion {
    /// First and last position that the move touches.
    pub fn interval(&self) -> (usize, usize) {
        (self.from.min(self.to), self.from.max(self.to))
    }
}

/// Calls `see(from, to, gain)` for every re-insertion of every node: `O(d^2)` in all.
pub fn all_insertions(factor: &OrderFactor<'_>, mut see: impl FnMut(usize, usize, f64)) {
    let d = factor.variables();
    let variances = factor.residual_variances();
    for p in 0..d {
        left_gains(factor.row(p), &variances, |to, gain| see(p, to, gain));
    }
    right_gains(factor, &variances, &mut see);
}

/// All left targets of the node whose row of `L` this is, from the nearest on.
fn left_gains(row: &[f64], variances: &[f64], mut see: impl FnMut(usize, f64)) {
    let p = row.len() - 1;
    let mut tail = row[p] * row[p];
    let mut gain = 0.0;
    for k in (0..p).rev() {
        let square = row[k] * row[k];
        tail += square;
        gain += square * (variances[k] / tail - 1.0);
        see(k, 0.5 * gain);
    }
}

/// All right targets of all nodes: down the columns of `M`, all columns side by side.
fn right_gains(factor: &OrderFactor<'_>, variances: &[f64], see: &mut impl FnMut(usize, usize, f64)) {
    let d = factor.variables();
    let mut head = vec![0.0; d];
    let mut gain = vec![0.0; d];
    for k in 0..d {
        let row = factor.inverse_row(k);
        let variance = variances[k];
        for (p, &entry) in row[..k].iter().enumerate() {
            let square = entry * entry;
            let before = head[p];
            let after = before + square;
            head[p] = after;
            gain[p] += square / before * (1.0 / after - variance);
            see(p, k, 0.5 * gain[p]);
        }
        head[k] = row[k] * row[k];
    }
}

/// The best left and the best right move of every node that gain more than `least`.
pub(crate) fn best_insertions(factor: &OrderFactor<'_>, precedence: Option<&Precedence>, least: f64) -> Vec<Insertion> {
    let d = factor.variables();
    let limits = precedence.map(|precedence| precedence.ranges(factor.order()));
    let range = |p: usize| limits.as_ref().map_or((0, d - 1), |limits| limits[p]);
    let variances = factor.residual_variances();
    let mut found = Vec::new();
    for p in 0..d {
        let lowest = range(p).0;
        let mut best = Insertion { from: p, to: p, gain: least };
        left_gains(factor.row(p), &variances, |to, gain| {
            if gain > best.gain && to >= lowest {
                best = Insertion { from: p, to, gain };
            }
        });
        if best.to != p {
            found.push(best);
        }
    }
    let highest: Vec<usize> = (0..d).map(|p| range(p).1).collect();
    let mut best: Vec<(f64, usize)> = (0..d).map(|p| (least, p)).collect();
    right_gains(factor, &variances, &mut |p, to, gain| {
        if gain > best[p].0 && to <= highest[p] {
            best[p] = (gain, to);
        }
    });
    found.extend(best.iter().enumerate().filter(|&(p, &(_, to))| to != p).map(|(p, &(gain, to))| Insertion { from: p, to, gain }));
    found
}

/// Calls `see(p, q, gain)` for every exchange of the nodes at positions `p < q`: `O(q - p)` each.
///
/// The end points change as in two re-insertions; a node in between sees the node at `p` leave and the node at `q` arrive: with
/// `b_k = -L_kk M_kp`, `b_q = sum_{m=p..k-1} L_qm M_mp` and `s = S[k-1,p]`, its variance becomes `c_kk - c_kq^2 / c_qq` with
/// `c_kk = D_k + b_k^2/s`, `c_kq = L_kk L_qk + b_k b_q/s`, `c_qq = T[q,k] + b_q^2/s`.
pub fn all_exchanges(factor: &OrderFactor<'_>, mut see: impl FnMut(usize, usize, f64)) {
    let d = factor.variables();
    let variances = factor.residual_variances();
    // Columns of M as rows: the inner loop runs down a column.
    let mut columns = vec![0.0; d * d];
    for k in 0..d {
        for (p, &entry) in factor.inverse_row(k).iter().enumerate() {
            columns[p * d + k] = entry;
        }
    }
    // Tail sums of the row of q, for every start.
    let mut tails = vec![0.0; d + 1];
    for q in 1..d {
        let row = factor.row(q);
        tails[q] = row[q] * row[q];
        for k in (0..q).rev() {
            tails[k] = tails[k + 1] + row[k] * row[k];
        }
        for p in 0..q {
            let column = &columns[p * d..(p + 1) * d];
            let mut s = column[p] * column[p];
            let mut b_q = row[p] * column[p];
            let mut gain = variances[p] + variances[q] - tails[p];
            for k in p + 1..q {
                let l_kk = variances[k].sqrt();
                let b_k = -l_kk * column[k];
                let c_kk = variances[k] + b_k * b_k / s;
                let c_kq = l_kk * row[k] + b_k * b_q / s;
                let c_qq = tails[k] + b_q * b_q / s;
                gain += variances[k] - (c_kk - c_kq * c_kq / c_qq);
                s += column[k] * column[k];
                b_q += row[k] * column[k];
            }
            s += column[q] * column[q];
            see(p, q, 0.5 * (gain - 1.0 / s));
        }
    }
}

/// The best collection of moves whose intervals are disjoint: their gains add up exactly, because nobody's set of predecessors changes outside.
/// Weighted interval scheduling, `O(m log m)`. The moves come back by position.
pub(crate) fn best_disjoint(mut moves: Vec<Insertion>) -> Vec<Insertion> {
    moves.sort_by_key(|candidate| {
        let (first, last) = candidate.interval();
        (last, first, candidate.from)
    });
    // best[k]: largest total among the first k moves; taken[k]: whether move k - 1 is in it.
    let mut best = vec![0.0; moves.len() + 1];
    let mut previous = vec![0; moves.len()];
    for (k, candidate) in moves.iter().enumerate() {
        let (first, _) = candidate.interval();
        previous[k] = moves[..k].partition_point(|earlier| earlier.interval().1 < first);
        best[k + 1] = f64::max(best[k], best[previous[k]] + candidate.gain);
    }
    let mut chosen = Vec::new();
    let mut k = moves.len();
    while k > 0 {
        if best[k] > best[k - 1] {
            chosen.push(moves[k - 1]);
            k = previous[k - 1];
        } else {
            k -= 1;
        }
    }
    chosen.reverse();
    chosen
}
