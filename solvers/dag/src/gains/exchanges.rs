//! Exchanges of two nodes: `O(q - p)` each.

use super::columns::columns_of_inverse;
use crate::order_change::{Gain, OrderChange};
use crate::order_factor::OrderFactor;
use crate::precedence::Precedence;
use crate::threads::by_rows;

/// What all exchanges are computed from.
struct Exchanges<'a> {
    factor: &'a OrderFactor<'a>,
    variances: Vec<f64>,
    /// The squares of the units by position.
    squares: Vec<f64>,
    columns: Vec<f64>,
}

impl<'a> Exchanges<'a> {
    fn new(factor: &'a OrderFactor<'a>) -> Self {
        Self {
            factor,
            variances: factor.residual_variances(),
            squares: (0..factor.variables()).map(|k| factor.square(k)).collect(),
            columns: columns_of_inverse(factor),
        }
    }

    /// Calls `see(p, gain)` for the exchanges of the node at `q` with every earlier one.
    ///
    /// The end points change as in two re-insertions; a node in between sees the node at `p` leave and the node at `q` arrive: with
    /// `b_k = -L_kk M_kp`, `b_q = sum_{m=p..k-1} L_qm M_mp` and `s = S[k-1,p]`, its variance becomes `c_kk - c_kq^2 / c_qq` with
    /// `c_kk = D_k + b_k^2/s`, `c_kq = L_kk L_qk + b_k b_q/s`, `c_qq = T[q,k] + b_q^2/s`.
    fn with_earlier(&self, q: usize, mut see: impl FnMut(usize, f64)) {
        let (d, variances, squares) = (self.variances.len(), &self.variances, &self.squares);
        let row = self.factor.row(q);
        // Tail sums of the row of q, for every start.
        let mut tails = vec![0.0; q + 1];
        tails[q] = row[q] * row[q];
        for k in (0..q).rev() {
            tails[k] = tails[k + 1] + row[k] * row[k];
        }
        for p in 0..q {
            let column = &self.columns[p * d..(p + 1) * d];
            let mut s = column[p] * column[p];
            let mut b_q = row[p] * column[p];
            let mut gain = variances[p] + variances[q] - tails[p] * squares[q];
            for k in p + 1..q {
                let own = variances[k] / squares[k];
                let l_kk = own.sqrt();
                let b_k = -l_kk * column[k];
                let c_kk = own + b_k * b_k / s;
                let c_kq = l_kk * row[k] + b_k * b_q / s;
                let c_qq = tails[k] + b_q * b_q / s;
                gain += variances[k] - (c_kk - c_kq * c_kq / c_qq) * squares[k];
                s += column[k] * column[k];
                b_q += row[k] * column[k];
            }
            s += column[q] * column[q];
            see(p, 0.5 * (gain - squares[p] / s));
        }
    }
}

/// Calls `see(p, q, gain)` for every exchange of the nodes at positions `p < q`.
pub fn all_exchanges(factor: &OrderFactor<'_>, mut see: impl FnMut(usize, usize, f64)) {
    let exchanges = Exchanges::new(factor);
    for q in 1..factor.variables() {
        exchanges.with_earlier(q, |p, gain| see(p, q, gain));
    }
}

/// The best exchange of every node with an earlier one that gains more than `least`.
pub(crate) fn best_exchanges(factor: &OrderFactor<'_>, precedence: Option<&Precedence>, least: f64) -> Vec<Gain> {
    let limits = precedence.map(|precedence| precedence.ranges(factor.order()));
    let exchanges = Exchanges::new(factor);
    let best = by_rows(factor.variables(), |q| {
        let mut best = None;
        exchanges.with_earlier(q, |p, gain| {
            if limits.as_ref().is_none_or(|limits| limits[q].0 <= p && limits[p].1 >= q) {
                Gain::improve(&mut best, least, gain, || OrderChange::Exchange { first: p, second: q });
            }
        });
        best
    });
    best.into_iter().flatten().collect()
}
